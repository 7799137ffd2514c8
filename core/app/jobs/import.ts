/** An import as a job: it runs in a thread of its own, so that the host stays free. */
import { Worker } from 'node:worker_threads';
import { ApiError, type ApiErrorCode } from '../../model/api-error.ts';
import type { JobFile } from '../../wire/contract-workspace.ts';
import type { JobWork } from './jobs.ts';

/** Files that belong to one site. */
export interface ImportPart {
  readonly paths: readonly string[];
  readonly site: string | undefined;
}

export interface ImportThreadData {
  readonly folder: string;
  readonly parts: readonly ImportPart[];
  /** JSON of a mapping. */
  readonly mapping: string | undefined;
  /** Files below this folder are named by their path within it. */
  readonly root: string | undefined;
}

export type FromImportThread =
  | { readonly kind: 'files'; readonly files: readonly JobFile[] }
  | { readonly kind: 'file'; readonly index: number; readonly file: JobFile }
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'ended'; readonly stopped: boolean }
  | { readonly kind: 'refused'; readonly code: ApiErrorCode; readonly message: string };

export type StartImportThread = (workerData: ImportThreadData) => Worker;

/** Starts the thread from this folder's source, as plain Node does. */
const startImportThread: StartImportThread = (workerData) =>
  new Worker(new URL('./jobs-import-worker.ts', import.meta.url), { workerData });

/** The work of an import job. Told to end, it stops between two chunks: what is stored stays. */
export function importWork(data: ImportThreadData, start: StartImportThread = startImportThread): JobWork {
  return async ({ signal, ...reporter }) =>
    new Promise((resolve, reject) => {
      const worker = start(data);
      const stop = (): void => worker.postMessage('stop');
      const finish = (): void => signal.removeEventListener('abort', stop);
      signal.addEventListener('abort', stop);
      worker.on('error', (error) => {
        finish();
        reject(error instanceof Error ? error : new Error(String(error)));
      });
      worker.on('message', (message: FromImportThread) => {
        if (message.kind === 'files') reporter.files(message.files);
        else if (message.kind === 'file') reporter.file(message.index, message.file);
        else if (message.kind === 'progress') reporter.progress(message.done, message.total);
        else {
          finish();
          if (message.kind === 'ended') resolve(message.stopped ? 'stopped' : 'finished');
          else reject(new ApiError(message.code, message.message));
        }
      });
    });
}
