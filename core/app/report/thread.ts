/** A report in a thread of its own: drawing pages takes seconds in which the host must go on answering. */
import { Worker } from 'node:worker_threads';
import { ApiError, type ApiErrorCode } from '../../model/api-error.ts';
import type { PaperSize } from '../../model/report.ts';
import type { CaseReportRequest } from './case.ts';
import type { MonthRequest } from './month.ts';
import type { TraceReportRequest } from './trace.ts';

export type ReportOrder =
  | { readonly what: 'month'; readonly request: MonthRequest }
  | { readonly what: 'trace'; readonly request: TraceReportRequest }
  | { readonly what: 'case'; readonly request: CaseReportRequest };

export interface ReportThreadData {
  readonly folder: string;
  readonly order: ReportOrder;
  readonly paper: PaperSize;
  /** The PDF goes here, its tables into the folder `tables`, and nothing is sent. */
  readonly out?: string | undefined;
  readonly tables?: string | undefined;
}

/** A report's PDF, and its tables as one zip archive. */
export interface MadeReport {
  readonly title: string;
  readonly answer: string;
  readonly pdf: Uint8Array;
  readonly tables: Uint8Array;
  readonly pages: number;
}

export interface ReportProgress {
  /** Parts of the asking that are done, of all. `drawing`: the store has answered. */
  readonly phase: 'asking' | 'drawing';
  readonly done: number;
  readonly of: number;
}

export type FromReportThread =
  | ({ readonly kind: 'progress' } & ReportProgress)
  | { readonly kind: 'made'; readonly made: MadeReport | null }
  | { readonly kind: 'refused'; readonly code: ApiErrorCode; readonly message: string };

export type StartReportThread = (workerData: ReportThreadData) => Worker;

/** Starts a thread from this folder's source, as plain Node does. */
const startReportThread: StartReportThread = (workerData) =>
  new Worker(new URL('./report-worker.ts', import.meta.url), { workerData });

/**
 * Makes a report. Null where it went into a file. Rejects with the ApiErrors of making it, and with the signal's reason;
 * the thread is gone then.
 */
export async function makeReport(
  data: ReportThreadData,
  watching: {
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: ((progress: ReportProgress) => void) | undefined;
  } = {},
  start: StartReportThread = startReportThread,
): Promise<MadeReport | null> {
  const { signal, onProgress } = watching;
  signal?.throwIfAborted();
  const worker = start(data);
  const { promise, resolve, reject } = Promise.withResolvers<MadeReport | null>();
  const onAbort = (): void => reject(signal?.reason as Error);
  signal?.addEventListener('abort', onAbort, { once: true });
  worker.on('message', (message: FromReportThread) => {
    if (message.kind === 'progress') onProgress?.(message);
    else if (message.kind === 'made') resolve(message.made);
    else reject(new ApiError(message.code, message.message));
  });
  worker.on('error', (error) => reject(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => reject(new Error('the report thread ended before it had answered')));
  try {
    return await promise;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}
