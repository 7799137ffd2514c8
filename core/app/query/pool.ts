/** The query threads of a store: started when they are first needed, replaced when one dies. */
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { ApiError } from '../../model/api-error.ts';
import { SegmentsMoved } from '../../store/segment-reader.ts';
import {
  buffersOf,
  type EngineCaller,
  type FromQueryThread,
  type QueryThreadData,
  type StartQueryThread,
  type ThreadFault,
  type ToQueryThread,
} from './threads.ts';

/** More threads wait for each other's memory. */
const MAX_THREADS = 4;

export const defaultThreads = (): number => Math.max(2, Math.min(availableParallelism(), MAX_THREADS));

/** A thread ended in the middle of its work; what it did is lost, and can be done again. */
export class ThreadLost extends Error {}

export class QueryPool {
  readonly #start: StartQueryThread;
  readonly #data: QueryThreadData;
  readonly #threads: (QueryThread | undefined)[];

  constructor(start: StartQueryThread, data: QueryThreadData, threads: number) {
    this.#start = start;
    this.#data = data;
    this.#threads = Array.from({ length: threads });
  }

  get started(): boolean {
    return this.#threads.some((thread) => thread?.alive);
  }

  /** All threads, started where they are not. */
  threads(): EngineCaller[] {
    return this.#threads.map((thread, i) => {
      if (thread?.alive) return thread;
      const started = new QueryThread(this.#start(this.#data));
      this.#threads[i] = started;
      return started;
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.flatMap((thread) => (thread ? [thread.close()] : [])));
  }
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

class QueryThread implements EngineCaller {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  alive = true;

  constructor(worker: Worker) {
    this.#worker = worker;
    // An idle pool keeps no program from ending.
    worker.unref();
    worker.on('message', (message: FromQueryThread) => this.#settle(message));
    worker.on('error', (error) => this.#lose(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => this.#lose(`it ended with code ${code}`));
  }

  call: EngineCaller['call'] = (method, ...args) =>
    new Promise((resolve, reject) => {
      if (!this.alive) {
        reject(new ThreadLost('the thread has ended'));
        return;
      }
      if (this.#waiting.size === 0) this.#worker.ref();
      const call = ++this.#calls;
      this.#waiting.set(call, { resolve, reject });
      const message: ToQueryThread = { call, method, args };
      this.#worker.postMessage(message, method === 'conclude' ? [...buffersOf(args)] : []);
    });

  async close(): Promise<void> {
    this.alive = false;
    await this.#worker.terminate();
  }

  #settle(message: FromQueryThread): void {
    const waiting = this.#waiting.get(message.call);
    this.#waiting.delete(message.call);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ('fault' in message) waiting?.reject(errorOf(message.fault));
    else waiting?.resolve(message.result as never);
  }

  #lose(why: string): void {
    this.alive = false;
    for (const waiting of this.#waiting.values()) waiting.reject(new ThreadLost(why));
    this.#waiting.clear();
  }
}

function errorOf({ code, message, stack }: ThreadFault): Error {
  if (code === 'moved') return new SegmentsMoved(message);
  if (code !== 'bug') return new ApiError(code, message);
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
