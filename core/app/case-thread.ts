/** Exports a case in a thread of its own. */
import { Worker } from 'node:worker_threads';
import { ApiError, type ApiErrorCode } from '../model/api-error.ts';
import type { CaseExport } from './case-export.ts';

export interface CaseThreadData {
  /** The store. */
  readonly folder: string;
  readonly id: string;
  /** The bundle. */
  readonly path: string;
}

export type FromCaseThread =
  | { readonly kind: 'phase'; readonly phase: string }
  | { readonly kind: 'done'; readonly done: CaseExport }
  | { readonly kind: 'refused'; readonly code: ApiErrorCode; readonly message: string };

export interface CaseThreadOptions {
  readonly signal: AbortSignal;
  readonly onPhase: (phase: string) => void;
}

/** Throws ApiError as `exportCase` does, and `usage` where the signal ended it. */
export async function exportCaseInThread(
  data: CaseThreadData,
  { signal, onPhase }: CaseThreadOptions,
): Promise<CaseExport> {
  const worker = new Worker(new URL('./case-worker.ts', import.meta.url), { workerData: data });
  const stop = (): void => worker.postMessage('stop');
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      worker.on('message', (message: FromCaseThread) => {
        if (message.kind === 'phase') onPhase(message.phase);
        else if (message.kind === 'done') resolve(message.done);
        else reject(new ApiError(message.code, message.message));
      });
      worker.on('error', reject);
      worker.on('exit', () => reject(new Error('the export ended without an answer')));
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
