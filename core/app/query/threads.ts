/** The threads that answer questions: how they are started, and what is said to them. */
import { Worker } from 'node:worker_threads';
import type { ApiErrorCode } from '../../model/api-error.ts';
import type { QueryEngine } from './engine.ts';

export interface QueryThreadData {
  /** The store. */
  readonly folder: string;
  /** What the thread may keep of the flows from one question to the next. */
  readonly cacheBytes: number;
}

/** Starts a thread. Who bundles the program hands in another: its worker files lie elsewhere. */
export type StartQueryThread = (workerData: QueryThreadData) => Worker;

/** Starts a thread from this folder's source, as plain Node does. */
export const startQueryThread: StartQueryThread = (workerData) =>
  new Worker(new URL('./query-worker.ts', import.meta.url), { workerData });

/** What an engine can be asked, by name. */
export type EngineMethod =
  'narrow' | 'begin' | 'add' | 'peek' | 'finish' | 'conclude' | 'duplicates' | 'drop' | 'describe' | 'detail';

export interface ToQueryThread {
  readonly call: number;
  readonly method: EngineMethod;
  readonly args: readonly unknown[];
}

export type FromQueryThread =
  | { readonly call: number; readonly result: unknown }
  | { readonly call: number; readonly fault: ThreadFault };

/** An error on its way to another thread. `moved`: the store changed under the question, which begins again. */
export interface ThreadFault {
  readonly code: ApiErrorCode | 'moved' | 'bug';
  readonly message: string;
  readonly stack?: string | undefined;
}

/** An engine in this thread or in another one. */
export interface EngineCaller {
  call<M extends EngineMethod>(
    method: M,
    ...args: Parameters<QueryEngine[M]>
  ): Promise<Awaited<ReturnType<QueryEngine[M]>>>;
}

/** The buffers in plain values, which may move to another thread instead of being copied. */
export function buffersOf(value: unknown, found = new Set<ArrayBuffer>()): Set<ArrayBuffer> {
  if (ArrayBuffer.isView(value)) {
    const { buffer } = value;
    if (buffer instanceof ArrayBuffer && value.byteLength === buffer.byteLength) found.add(buffer);
  } else if (Array.isArray(value)) {
    for (const item of value) buffersOf(item, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) buffersOf(item, found);
  }
  return found;
}
