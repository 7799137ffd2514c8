/** Traces in a thread of their own, which is ended where nobody waits for the answer any more. */
import { Worker } from 'node:worker_threads';
import { ApiError, type ApiErrorCode } from '../model/api-error.ts';
import type { TraceResult } from '../model/trace-result.ts';
import type { TraceRequest } from './trace-store.ts';

export interface TraceThreadData {
  readonly folder: string;
  readonly request: TraceRequest;
}

export type FromTraceThread =
  | { readonly kind: 'answer'; readonly answer: TraceResult }
  | { readonly kind: 'refused'; readonly code: ApiErrorCode; readonly message: string };

export type StartTraceThread = (workerData: TraceThreadData) => Worker;

/** Starts the thread from this folder's source, as plain Node does. */
export const startTraceThread: StartTraceThread = (workerData) =>
  new Worker(new URL('./jobs-trace-worker.ts', import.meta.url), { workerData });

/** Answers as `traceStore` does, beside the host's thread. The signal ends the thread where it is: it only reads. */
export async function traceInThread(
  data: TraceThreadData,
  signal: AbortSignal,
  start: StartTraceThread = startTraceThread,
): Promise<TraceResult> {
  signal.throwIfAborted();
  const worker = start(data);
  const end = (): void => void worker.terminate();
  signal.addEventListener('abort', end);
  try {
    return await new Promise((resolve, reject) => {
      worker.on('error', (error) => reject(error instanceof Error ? error : new Error(String(error))));
      worker.on('exit', () => reject(new Error('the trace ended without an answer')));
      worker.on('message', (message: FromTraceThread) => {
        if (message.kind === 'answer') resolve(message.answer);
        else reject(new ApiError(message.code, message.message));
      });
    });
  } finally {
    signal.removeEventListener('abort', end);
  }
}
