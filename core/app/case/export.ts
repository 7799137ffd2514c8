/** A case as one evidence bundle, which is there whole or not at all. */
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { once } from 'node:events';
import { Zip, ZipDeflate } from 'fflate';
import { ApiError } from '../../model/api-error.ts';
import type { CaseItem, KeptFlows } from '../../model/case.ts';
import { CaseBook } from '../../store/cases.ts';
import { sourcesOf, type KeptTrace } from './desk.ts';
import { renderCase, renderKeptTrace } from './report.ts';
import { TRACE_FLOWS, writeKeptFlows, writeTraceFlows } from './flows.ts';
import { SEAL, type BundledFlows, type BundleManifest } from '../../model/case-bundle.ts';
import { nameNew, told } from '../export/file.ts';
import { packageVersion } from '../resources.ts';
import { isAlive } from '../workspace/uploads.ts';

export interface CaseExportOptions {
  /** Put the bundle in the place of a file that is there. */
  readonly force: boolean;
  readonly signal?: AbortSignal | undefined;
  /** What the log calls the bundle; absent: the name of its file. */
  readonly fileName?: string | undefined;
  /** What is done now, in a few words. */
  readonly onPhase?: ((phase: string) => void) | undefined;
  /** A trace that read more flows than this is bundled with those of the machines that it names; absent: `TRACE_FLOWS`. */
  readonly traceFlows?: number | undefined;
}

/** What was exported. */
export interface CaseExport {
  /** Of the whole bundle: to be written down where nobody can change it. */
  readonly sha256: string;
  readonly bytes: number;
  readonly files: number;
  /** What could not be put in, a sentence each. */
  readonly notes: readonly string[];
}

/** A zip file without the extension for large ones. */
const MAX_ZIP_BYTES = 0xffff_ffff;

/**
 * Writes the bundle of a case into the file `path`, which gets its name when it is complete. That the case was exported is
 * a step of its log: begun within the bundle, and with the bundle's hash behind it. Throws ApiError `cannot-write`, those
 * of a store, and the signal's reason.
 */
export async function exportCase(
  folder: string,
  id: string,
  path: string,
  options: CaseExportOptions,
): Promise<CaseExport> {
  if (!options.force && existsSync(path)) {
    throw new ApiError(
      'cannot-write',
      `${path} is there already: write to another file, or over it with --force.`,
    );
  }
  removeLeft(path);
  const staging = `${path}.${process.pid}.part`;
  try {
    for (const part of ['', 'traces', 'flows', 'screenshots', 'reports']) {
      told(path, () => mkdirSync(join(staging, part), { recursive: true, mode: 0o700 }));
    }
    using book = CaseBook.open(folder, false);
    if (!book) throw new ApiError('usage', `The store ${folder} has no cases.`);
    const staged = await stage(book, folder, id, staging, options);
    options.onPhase?.('packing');
    const draft = join(staging, 'bundle');
    const files = ['manifest.json', ...staged.files.map((file) => file.path)];
    const { sha256, bytes } = await pack(staging, files, draft, path, options.signal);
    told(path, () => nameNew(draft, path, options.force));
    book.append(id, 'case-exported', { file: options.fileName ?? basename(path), sha256, bytes });
    return { sha256, bytes, files: files.length, notes: staged.flows.flatMap(({ notes }) => notes) };
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Writes everything that goes into the bundle below `staging`. */
async function stage(
  book: CaseBook,
  folder: string,
  id: string,
  staging: string,
  { signal, onPhase, traceFlows = TRACE_FLOWS }: CaseExportOptions,
): Promise<BundleManifest> {
  const program = `backtrail ${packageVersion()}`;
  const { name, reference, examiner, openedMs } = book.info(id);
  const paths: string[] = [];
  const put = (path: string, content: string | Uint8Array): void => {
    told(path, () => writeFileSync(join(staging, path), content, { mode: 0o600 }));
    paths.push(path);
  };
  const items = book.items(id).filter(({ withdrawn }) => withdrawn === null);
  const flows: BundledFlows[] = [];
  for (const item of items) {
    signal?.throwIfAborted();
    onPhase?.(item.title);
    const bundled = await flowsOf(item, { folder, staging, item: item.id, signal }, traceFlows);
    if (bundled) {
      flows.push(bundled);
      paths.push(bundled.csv, ...bundled.sites.map((site) => site.path));
    }
    if (item.kind === 'trace') {
      put(`traces/${item.id}.json`, JSON.stringify(item.content));
      put(`reports/${item.id}.pdf`, await renderKeptTrace(folder, item, 'a4'));
    }
    const picture = item.kind === 'screenshot' ? book.octetsOf(item.id) : undefined;
    if (picture) put(`screenshots/${item.id}.png`, picture.octets);
  }
  signal?.throwIfAborted();
  onPhase?.('the report on the case');
  put('reports/case.pdf', await renderCase(folder, id, 'a4'));
  put('case.json', `${JSON.stringify(items.map(listed), null, 1)}\n`);
  put('sources.json', `${JSON.stringify(sourcesOf(folder), null, 1)}\n`);
  book.append(id, 'export-begun', { program, items: items.map((item) => item.id) });
  const steps = book.steps(id);
  put('log.jsonl', steps.map((step) => `${JSON.stringify(step)}\n`).join(''));
  const files: BundleManifest['files'] = [];
  for (const path of paths) files.push({ path, ...(await measure(join(staging, path))) });
  const manifest: BundleManifest = {
    format: 'backtrail-case',
    version: 1,
    program,
    exportedMs: Date.now(),
    case: { id, name, reference, examiner, openedMs },
    steps: steps.length,
    head: steps.at(-1)?.hash ?? '',
    files,
    flows,
  };
  writeFileSync(join(staging, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`, { mode: 0o600 });
  return manifest;
}

async function flowsOf(
  item: CaseItem,
  files: Parameters<typeof writeKeptFlows>[0],
  traceFlows: number,
): Promise<BundledFlows | undefined> {
  if (item.kind === 'flows') return writeKeptFlows(files, item.content as KeptFlows);
  if (item.kind === 'trace') return writeTraceFlows(files, item.content as KeptTrace, traceFlows);
  return undefined;
}

/** An item as `case.json` has it. */
const listed = ({ id, kind, title, note, addedMs, sha256, content }: CaseItem) => ({
  id,
  kind,
  title,
  note,
  addedMs,
  sha256,
  content: kind === 'trace' ? null : content,
});

async function measure(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Times are nothing that a zip file could be trusted with: all of its files have the same. */
const ZIP_TIME = new Date(1980, 0, 1);

/** Packs the staged files into `draft`, a piece at a time, and seals it. */
async function pack(
  staging: string,
  files: readonly string[],
  draft: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<{ sha256: string; bytes: number }> {
  const output = createWriteStream(draft, { mode: 0o600, flush: true });
  let failure: Error | undefined;
  output.on('error', (error) => (failure = error));
  const hash = createHash('sha256');
  let bytes = 0;
  let ready: Uint8Array[] = [];
  const zip = new Zip((error, piece) => {
    if (error) failure = error;
    else ready.push(piece);
  });
  const write = async (piece: Uint8Array): Promise<void> => {
    hash.update(piece);
    bytes += piece.length;
    if (bytes > MAX_ZIP_BYTES) {
      throw new ApiError('cannot-write', `${path} would be larger than 4 GiB: keep fewer flows in the case.`);
    }
    if (!output.write(piece)) await once(output, 'drain');
  };
  const drain = async (): Promise<void> => {
    const pieces = ready;
    ready = [];
    for (const piece of pieces) await write(piece);
    if (failure)
      throw new ApiError('cannot-write', `${path} cannot be written: ${failure.message}.`, {
        cause: failure,
      });
  };
  try {
    for (const name of files) {
      const entry = new ZipDeflate(name, { level: 6 });
      entry.mtime = ZIP_TIME;
      zip.add(entry);
      for await (const piece of createReadStream(join(staging, name)) as AsyncIterable<Buffer>) {
        signal?.throwIfAborted();
        entry.push(Uint8Array.from(piece));
        await drain();
      }
      entry.push(new Uint8Array(0), true);
      await drain();
    }
    zip.end();
    const last = ready.pop();
    if (!last) throw new Error('a zip file without a directory');
    await drain();
    await write(withSeal(last, hash));
    output.end();
    await once(output, 'close');
    await drain();
  } finally {
    output.destroy();
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** The end of a zip file (its last two octets are the length of the comment) with the seal as its comment. */
function withSeal(end: Uint8Array, before: ReturnType<typeof createHash>): Buffer {
  const sealed = Buffer.alloc(end.length + SEAL.length + 64);
  sealed.set(end);
  sealed.writeUInt16LE(SEAL.length + 64, end.length - 2);
  const sum = before.copy().update(sealed.subarray(0, end.length)).digest('hex');
  sealed.write(`${SEAL}${sum}`, end.length, 'latin1');
  return sealed;
}

/** What exports to this file left that were killed. */
function removeLeft(path: string): void {
  const folder = dirname(path);
  const begin = `${basename(path)}.`;
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (!name.startsWith(begin) || !name.endsWith('.part')) continue;
    if (!isAlive(Number(name.slice(begin.length, -'.part'.length)))) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}
