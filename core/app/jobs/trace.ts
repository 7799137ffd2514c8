/** Traces, and what else reads the flows of a time whole, in threads of their own. */
import { Worker } from 'node:worker_threads';
import { ApiError, type ApiErrorCode } from '../../model/api-error.ts';
import type { CpfTrace } from '../../model/cpf-trace.ts';
import type { Discovery } from '../../model/trace-discovery.ts';
import type { ConnectionName, TraceExplanation } from '../../model/trace-explanation.ts';
import type { TraceResult } from '../../model/trace-result.ts';
import type { DiscoverRequest } from '../trace/discover.ts';
import type { ExporterHealthAnswer, HealthRequest } from '../health.ts';
import type { LoginsRequest, NearbyLogins } from './trace-logins.ts';
import type { StorageReport } from '../store-upkeep.ts';
import type { TraceRequest } from '../trace/store.ts';

/** What a thread can be asked. */
export interface TraceTasks {
  run: { request: TraceRequest; answer: TraceResult };
  cpf: { request: TraceRequest; answer: CpfTrace };
  explain: { request: ExplainRequest; answer: TraceExplanation };
  logins: { request: LoginsRequest; answer: NearbyLogins };
  discover: { request: DiscoverRequest; answer: Discovery };
  exporters: { request: HealthRequest; answer: ExporterHealthAnswer };
  storage: { request: Record<string, never>; answer: StorageReport };
}

export interface ExplainRequest {
  readonly question: TraceRequest;
  readonly upstream: ConnectionName;
}

export type TraceTask = {
  [K in keyof TraceTasks]: { readonly task: K; readonly request: TraceTasks[K]['request'] };
}[keyof TraceTasks];

/** What a thread works over. */
export interface TraceThreadData {
  readonly folder: string;
}

/** Where the work is. */
export interface TraceProgress {
  /** What is done, in a few words: `reading`, then what the engine says of its steps. */
  readonly phase: string;
  /** Flows that were read so far. */
  readonly flows: number;
  /** Of this phase, 0 to 1, where it is known. */
  readonly share?: number;
}

export type FromTraceThread =
  | { readonly kind: 'answer'; readonly answer: unknown }
  | { readonly kind: 'refused'; readonly code: ApiErrorCode; readonly message: string }
  | { readonly kind: 'progress'; readonly progress: TraceProgress };

export type StartTraceThread = (workerData: TraceThreadData) => Worker;

export interface Asked {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: TraceProgress) => void;
}

/** Starts a thread from this folder's source, as plain Node does. */
export const startTraceThread: StartTraceThread = (workerData) =>
  new Worker(new URL('./jobs-trace-worker.ts', import.meta.url), { workerData });

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: ((progress: TraceProgress) => void) | undefined;
}

/** One thread: it answers in the order of the questions, and keeps the trace that it ran last. */
export class TraceThread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #fault: Error | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('error', (error) => this.#end(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => this.#end(new Error('the trace ended without an answer')));
    worker.on('message', (message: FromTraceThread) => this.#take(message));
  }

  get isAlive(): boolean {
    return this.#fault === undefined;
  }

  /** Throws ApiError as the task does. The signal ends the whole thread where it is: it only reads. */
  async ask<K extends keyof TraceTasks>(
    task: K,
    request: TraceTasks[K]['request'],
    { signal, onProgress }: Asked,
  ): Promise<TraceTasks[K]['answer']> {
    signal.throwIfAborted();
    if (this.#fault) throw this.#fault;
    const end = (): void => this.close();
    signal.addEventListener('abort', end);
    this.#worker.ref();
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.push({ resolve, reject, onProgress });
        this.#worker.postMessage({ task, request });
      });
    } finally {
      signal.removeEventListener('abort', end);
      if (this.#waiting.length === 0) this.#worker.unref();
    }
  }

  close(): void {
    this.#end(new Error('the trace was ended'));
    void this.#worker.terminate();
  }

  #take(message: FromTraceThread): void {
    if (message.kind === 'progress') {
      this.#waiting[0]?.onProgress?.(message.progress);
      return;
    }
    const waiting = this.#waiting.shift();
    if (message.kind === 'answer') waiting?.resolve(message.answer as never);
    else waiting?.reject(new ApiError(message.code, message.message));
  }

  #end(fault: Error): void {
    this.#fault ??= fault;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#fault);
  }
}
