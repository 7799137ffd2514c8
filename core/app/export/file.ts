/** An export into a file that is there whole or not at all. */
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { ApiError } from '../../model/api-error.ts';
import { exportFlows, type ExportOptions, type ExportQuestion, type ExportSummary } from './flows.ts';

export interface ExportFileOptions extends ExportOptions {
  /** Put the new file in the place of one that is there. */
  readonly force: boolean;
}

/**
 * Exports into the file `path`, which gets its name when it is complete. Throws ApiError `cannot-write` where it is there
 * already (unless `force`) or cannot be written; nothing of it is left then.
 */
export async function exportFile(
  folder: string,
  question: ExportQuestion,
  path: string,
  options: ExportFileOptions,
): Promise<ExportSummary> {
  if (!options.force && existsSync(path)) throw isThere(path);
  const draft = `${path}.${process.pid}.part`;
  const descriptor = told(path, () => openSync(draft, 'w'));
  let open = true;
  try {
    const summary = await exportFlows(
      folder,
      question,
      {
        write: (bytes) => told(path, () => writeAll(descriptor, bytes, null)),
        replaceHead: (bytes) => told(path, () => writeAll(descriptor, bytes, 0)),
      },
      options,
    );
    told(path, () => {
      fsyncSync(descriptor);
      open = false;
      closeSync(descriptor);
      nameNew(draft, path, options.force);
    });
    return summary;
  } finally {
    if (open) closeSync(descriptor);
    rmSync(draft, { force: true });
  }
}

function writeAll(descriptor: number, bytes: Uint8Array, position: number | null): void {
  for (let at = 0; at < bytes.length;) {
    at += writeSync(descriptor, bytes, at, bytes.length - at, position === null ? null : position + at);
  }
}

/** Names the file: without `force` never over one that was made meanwhile. */
export function nameNew(draft: string, path: string, force: boolean): void {
  if (force) return renameSync(draft, path);
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw isThere(path);
    // Some file systems know no second names.
    renameSync(draft, path);
  }
}

function isThere(path: string): ApiError {
  return new ApiError(
    'cannot-write',
    `${path} is there already: write to another file, or over it with --force.`,
  );
}

/** Runs `work`; what the system refuses is ApiError `cannot-write`. */
export function told<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ApiError || !isSystemError(error)) throw error;
    throw new ApiError('cannot-write', `${path} cannot be written: ${error.message}.`, { cause: error });
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error;
