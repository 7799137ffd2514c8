/** The thread of an import job. */
import { relative, sep } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { parseMapping } from '../../archive/text-mapping.ts';
import { ApiError } from '../../model/api-error.ts';
import type { JobFile } from '../../wire/contract-workspace.ts';
import { importIntoFolder, type FileProgress, type FileReport } from '../import/files.ts';
import { walkFiles } from '../import/walk.ts';
import type { FromImportThread, ImportThreadData } from './import.ts';
import { loadElements } from '../resources.ts';

/** The shortest time between two messages on the same file. */
const TELL_MS = 50;

const { folder, parts, mapping, root } = workerData as ImportThreadData;
const tell = (message: FromImportThread): void => parentPort?.postMessage(message);
const controller = new AbortController();
parentPort?.on('message', () => controller.abort());

const shortName = (path: string): string =>
  root !== undefined && path.startsWith(root) ? relative(root, path).replaceAll(sep, '/') : path;
/** Sentences name the file as the person knows it. */
const shortText = (text: string): string =>
  root === undefined ? text : text.replaceAll(`${root}${sep}`, '');

const files: JobFile[] = [];
const indexOf = new Map<string, number>();
let total = 0;
let toldAt = Number.NEGATIVE_INFINITY;

function note(path: string, bytes: number): void {
  indexOf.set(path, files.length);
  total += bytes;
  files.push({
    name: shortName(path),
    bytes,
    done: 0,
    outcome: 'waiting',
    addedFlows: 0,
    flows: 0,
    kind: null,
    resumed: false,
    skipped: {},
    issues: {},
    issueExamples: [],
    brokeAt: null,
    siteConflicts: [],
    error: null,
  });
}

function onFile({ path, done, addedRows, report }: FileProgress): void {
  const index = indexOf.get(path);
  const before = index === undefined ? undefined : files[index];
  if (index === undefined || !before) return;
  const file: JobFile = {
    ...before,
    done,
    addedFlows: addedRows,
    ...(report ? conclude(report) : { outcome: 'running' }),
  };
  files[index] = file;
  const now = performance.now();
  if (!report && now - toldAt < TELL_MS) return;
  toldAt = now;
  tell({ kind: 'file', index, file });
  tell({ kind: 'progress', done: files.reduce((sum, { done: part }) => sum + part, 0), total });
}

function conclude({ outcome, source, resumed, siteConflicts, error }: FileReport): Partial<JobFile> {
  return {
    outcome,
    resumed,
    siteConflicts: [...siteConflicts],
    error: error ? { code: error.code, message: shortText(error.message) } : null,
    ...(source && {
      flows: source.rows,
      kind: source.kind,
      skipped: { ...source.skipped },
      issues: { ...source.issues },
      issueExamples: source.issueExamples.map(({ code, message, offset }) => ({ code, message, offset })),
      brokeAt: source.brokeAt,
    }),
  };
}

try {
  const columns = mapping === undefined ? undefined : parseMapping(mapping, loadElements());
  for (const { paths } of parts) for (const { path, bytes } of walkFiles(paths, folder)) note(path, bytes);
  tell({ kind: 'files', files });
  for (const { paths, site } of parts) {
    if (controller.signal.aborted) break;
    const nameOf = root === undefined ? undefined : shortName;
    await importIntoFolder(folder, paths, {
      site,
      mapping: columns,
      signal: controller.signal,
      nameOf,
      onFile,
    });
  }
  for (const [index, file] of files.entries()) {
    if (file.outcome !== 'waiting' && file.outcome !== 'running') continue;
    tell({ kind: 'file', index, file: { ...file, outcome: 'stopped' } });
  }
  tell({ kind: 'ended', stopped: controller.signal.aborted });
} catch (error) {
  if (!(error instanceof ApiError)) throw error;
  tell({ kind: 'refused', code: error.code, message: shortText(error.message) });
} finally {
  parentPort?.close();
}
