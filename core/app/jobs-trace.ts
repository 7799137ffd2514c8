/** Traces in a thread of their own, which is ended where nobody waits for the answer any more. */
import { Worker } from 'node:worker_threads';
import { ApiError, type ApiErrorCode } from '../model/api-error.ts';
import type { LoginsRequest, NearbyLogins } from './jobs-trace-logins.ts';
import type { TraceRequest } from './trace-store.ts';
import type { ConnectionName, TraceExplanation } from '../model/trace-explanation.ts';
import type { TraceResult } from '../model/trace-result.ts';

/** What a thread can be asked. */
export interface TraceTasks {
  run: { request: TraceRequest; answer: TraceResult };
  explain: { request: TraceRequest & { readonly explain: ConnectionName }; answer: TraceExplanation };
  logins: { request: LoginsRequest; answer: NearbyLogins };
}

export type TraceTask = {
  [K in keyof TraceTasks]: { readonly task: K; readonly request: TraceTasks[K]['request'] };
}[keyof TraceTasks];

export type TraceThreadData = TraceTask & { readonly folder: string };

export type FromTraceThread =
  | { readonly kind: 'answer'; readonly answer: unknown }
  | { readonly kind: 'refused'; readonly code: ApiErrorCode; readonly message: string };

export type StartTraceThread = (workerData: TraceThreadData) => Worker;

/** Starts a thread from this folder's source, as plain Node does. */
const startTraceThread: StartTraceThread = (workerData) =>
  new Worker(new URL('./jobs-trace-worker.ts', import.meta.url), { workerData });

/**
 * Answers beside the host's thread. Throws ApiError as `traceStore` does. The signal ends the thread where it is: it only
 * reads.
 */
export async function traceInThread<K extends keyof TraceTasks>(
  folder: string,
  task: K,
  request: TraceTasks[K]['request'],
  signal: AbortSignal,
  start: StartTraceThread = startTraceThread,
): Promise<TraceTasks[K]['answer']> {
  signal.throwIfAborted();
  const worker = start({ folder, task, request } as TraceThreadData);
  const end = (): void => void worker.terminate();
  signal.addEventListener('abort', end);
  try {
    return await new Promise((resolve, reject) => {
      worker.on('error', (error) => reject(error instanceof Error ? error : new Error(String(error))));
      worker.on('exit', () => reject(new Error('the trace ended without an answer')));
      worker.on('message', (message: FromTraceThread) => {
        if (message.kind === 'answer') resolve(message.answer as TraceTasks[K]['answer']);
        else reject(new ApiError(message.code, message.message));
      });
    });
  } finally {
    signal.removeEventListener('abort', end);
  }
}
