/** Files into the store, one after the other, in memory that does not grow with them. */
import { createHash } from 'node:crypto';
import { basename, dirname, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { readArchive } from '../../archive/archive.ts';
import type { TableMapping } from '../../archive/text-mapping.ts';
import { ApiError, type ApiErrorCode } from '../../model/api-error.ts';
import { MAX_BATCH_ROWS, rowsOfKind } from '../../model/flow-batch.ts';
import type { SiteConflict } from '../../store/sites.ts';
import type { StoredSource } from '../../store/sources.ts';
import { Store } from '../../store/store.ts';
import { FileSource } from './file-source.ts';
import { walkFiles, type ImportCandidate } from './walk.ts';
import { loadElements, packageVersion } from '../resources.ts';

const HASH_BLOCK = 1 << 20;

export interface ImportOptions {
  /** The site of all exporters in these files; without it each exporter address is a site of its own. */
  readonly site?: string | undefined;
  /** What the columns of tables mean that are none of the known ones. */
  readonly mapping?: TableMapping | undefined;
  /** Bytes done of all, after each block and each chunk. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** How far each file is, after each block and each chunk, and what became of it. */
  readonly onFile?: ((file: FileProgress) => void) | undefined;
  /** The name that a file is kept under, by its path; without it, its path. */
  readonly nameOf?: ((path: string) => string) | undefined;
  /** Stops between two chunks; what is stored stays, and the next import goes on from there. */
  readonly signal?: AbortSignal | undefined;
}

/** How far one file is. */
export interface FileProgress {
  readonly path: string;
  readonly done: number;
  readonly addedRows: number;
  /** What became of it, when it is done with. */
  readonly report?: FileReport | undefined;
}

/** What became of one file. */
export interface FileReport {
  readonly path: string;
  /** `stopped`: the signal came in the middle of it. `left-out`: found in a folder, and no flow archive. */
  readonly outcome: 'added' | 'already' | 'failed' | 'stopped' | 'left-out';
  /** The source as it is in the store now; absent where nothing of the file got there. */
  readonly source?: StoredSource;
  /** Rows that this import added: flows, and with them aggregates. */
  readonly addedRows: number;
  /** Of the rows, sums over flows (NetFlow v8), which are no flows. */
  readonly addedAggregates: number;
  /** True where an interrupted import was taken up again. */
  readonly resumed: boolean;
  readonly siteConflicts: readonly SiteConflict[];
  /** Why it failed, or was left out. */
  readonly error?: ApiError;
}

export interface ImportReport {
  readonly files: readonly FileReport[];
  /** Files that were not tried, because of the signal or of a store that takes no more. */
  readonly untried: number;
}

/**
 * Imports files and folders (walked, by name) into the store in `folder`, which is made with the first file that can be
 * read. A file that cannot be read does not stop the others; a store that cannot be written does. Nothing is thrown for
 * either: the report says so.
 */
export async function importIntoFolder(
  folder: string,
  paths: readonly string[],
  options: ImportOptions = {},
): Promise<ImportReport> {
  let opened: Store | undefined;
  const store = (): Store => (opened ??= Store.open(folder, { create: true }));
  try {
    const report = await importAll(store, folder, paths, options);
    if (opened && !options.signal?.aborted) mergeQuietly(opened);
    return report;
  } finally {
    opened?.close();
  }
}

/** Files of a few minutes make small segments. Where the disk refuses to have them put together, they can wait. */
function mergeQuietly(store: Store): void {
  try {
    store.mergeSegments('written');
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

async function importAll(
  store: () => Store,
  folder: string,
  paths: readonly string[],
  options: ImportOptions,
): Promise<ImportReport> {
  const candidates = walkFiles(paths, folder);
  const total = candidates.reduce((sum, candidate) => sum + candidate.bytes, 0);
  const files: FileReport[] = [];
  let before = 0;
  for (const candidate of candidates) {
    const { path, bytes } = candidate;
    const report = await importFile(store, candidate, options, (done, addedRows) => {
      options.onProgress?.(before + Math.min(done, bytes), total);
      options.onFile?.({ path, done: Math.min(done, bytes), addedRows });
    });
    before += bytes;
    if (report) options.onFile?.({ path, done: bytes, addedRows: report.addedRows, report });
    if (report) files.push(report);
    if (options.signal?.aborted || (report?.error && !fileFaults.has(report.error.code))) break;
  }
  return { files, untried: candidates.length - files.length };
}

/** Faults of one file; those of the store every further file would meet again. */
const fileFaults: ReadonlySet<ApiErrorCode> = new Set([
  'unreadable-file',
  'unsupported-file',
  'not-an-archive',
  'damaged-store',
]);

/** Undefined where the signal came before anything of the file was stored. */
async function importFile(
  store: () => Store,
  candidate: ImportCandidate,
  options: ImportOptions,
  progress: (done: number, addedRows: number) => void,
): Promise<FileReport | undefined> {
  const { path } = candidate;
  const nothing = { path, addedRows: 0, addedAggregates: 0, resumed: false, siteConflicts: [] };
  try {
    if (candidate.error) throw candidate.error;
    using file = new FileSource(path);
    // The bytes go through twice: half of the bar for the hash, half for the flows.
    const sha256 = await hashFile(file, options.signal, (done) => progress(done / 2, 0));
    if (sha256 === undefined) return undefined;
    return await importHashed(store, file, sha256, options, (done, addedRows) =>
      progress((file.size + done) / 2, addedRows),
    );
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const leftOut = candidate.walked && error.code === 'not-an-archive';
    return { ...nothing, outcome: leftOut ? 'left-out' : 'failed', error };
  }
}

async function importHashed(
  openStore: () => Store,
  file: FileSource,
  sha256: string,
  options: ImportOptions,
  progress: (done: number, addedRows: number) => void,
): Promise<FileReport> {
  const { path } = file;
  const { mapping } = options;
  const chunks = readArchive(file, { elements: loadElements(), batchRows: MAX_BATCH_ROWS, mapping });
  // The first chunk before anything is stored: a file that is no archive leaves no trace.
  let step = namingFile(path, () => chunks.next());
  const store = openStore();
  const begun = store.beginImport(
    { name: options.nameOf?.(path) ?? path, sha256, bytes: file.size, decoder: decoderVersion(mapping) },
    { site: options.site, fallbackSite: folderName(path) },
  );
  if ('already' in begun) {
    const { already, siteConflicts } = begun;
    const nothing = { addedRows: 0, addedAggregates: 0, resumed: false };
    return { path, outcome: 'already', source: already, ...nothing, siteConflicts };
  }
  using session = begun;
  let ordinal = 0;
  let addedRows = 0;
  let addedAggregates = 0;
  const report = (): Omit<FileReport, 'outcome'> => ({
    path,
    addedRows,
    addedAggregates,
    resumed: session.source.chunks > 0,
    siteConflicts: session.siteConflicts,
  });
  while (!step.done) {
    const chunk = step.value;
    if (session.add(ordinal++, chunk)) {
      addedRows += chunk.batch.count;
      addedAggregates += rowsOfKind(chunk.batch, 'aggregate').size;
    }
    progress(chunk.bytesRead, addedRows);
    // Lets the signal, and whoever else shares the thread, come through.
    await setImmediate();
    if (options.signal?.aborted) {
      return { ...report(), outcome: 'stopped', source: store.findSource(sha256) ?? session.source };
    }
    step = chunks.next();
  }
  return { ...report(), outcome: 'added', source: session.finish(step.value) };
}

async function hashFile(
  file: FileSource,
  signal: AbortSignal | undefined,
  progress: (done: number) => void,
): Promise<string | undefined> {
  const hash = createHash('sha256');
  const block = new Uint8Array(HASH_BLOCK);
  let done = 0;
  for (let count = file.pull(block); count > 0; count = file.pull(block)) {
    hash.update(block.subarray(0, count));
    done += count;
    progress(done);
    await setImmediate();
    if (signal?.aborted) return undefined;
  }
  file.rewind();
  return hash.digest('hex');
}

/** The reader knows bytes only; the person knows the file by its name. */
function namingFile<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ApiError) || error.message.startsWith(path)) throw error;
    throw new ApiError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}

function folderName(path: string): string {
  return basename(dirname(resolve(path))) || '/';
}

let version: string | undefined;

/**
 * Chunks are cut the same way by the same version with the same mapping; an interrupted import by another one starts
 * anew.
 */
function decoderVersion(mapping: TableMapping | undefined): string {
  version ??= packageVersion();
  if (!mapping) return version;
  const hash = createHash('sha256').update(JSON.stringify(mapping)).digest('hex');
  return `${version}+${hash.slice(0, 16)}`;
}
