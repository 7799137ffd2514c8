/** The threads that trace: a few at work, and the last that traced kept with their data, so that they can say why. */
import { ApiError } from '../../model/api-error.ts';
import {
  startTraceThread,
  TraceThread,
  type Asked,
  type ExplainRequest,
  type StartTraceThread,
  type TraceTasks,
} from './trace.ts';
import type { TraceExplanation } from '../../model/trace-explanation.ts';
import type { TraceResult } from '../../model/trace-result.ts';
import type { TraceRequest } from '../trace/store.ts';

/** Each may hold the flows of a day in memory. */
const MAX_AT_WORK = 4;
const MAX_KEPT = 2;
/** How long a trace is kept that nobody asks about, ms. */
const KEPT_MS = 10 * 60_000;

interface Kept {
  readonly key: string;
  readonly thread: TraceThread;
  timer: NodeJS.Timeout;
}

export class TraceThreads {
  readonly #folder: () => string;
  readonly #start: StartTraceThread;
  #kept: Kept[] = [];
  #atWork = 0;

  constructor(folder: () => string, start: StartTraceThread = startTraceThread) {
    this.#folder = folder;
    this.#start = start;
  }

  /** Traces anew, and keeps what is needed to explain the answer. Throws ApiError as `traceStore` does. */
  async run(question: TraceRequest, asked: Asked): Promise<TraceResult> {
    this.#forget(this.#keyOf(question));
    return this.#opening(question, 'run', question, asked);
  }

  /** From the kept trace of this question, or else from a new one. Throws ApiError as `traceStore` does. */
  async explain(request: ExplainRequest, asked: Asked): Promise<TraceExplanation> {
    const key = this.#keyOf(request.question);
    const kept = this.#kept.find((one) => one.key === key && one.thread.isAlive);
    if (!kept) return this.#opening(request.question, 'explain', request, asked);
    kept.timer.refresh();
    // Whoever gives up does not wait for the answer; the kept trace is not ended for it.
    const answer = kept.thread.ask('explain', request, { signal: new AbortController().signal });
    return Promise.race([answer, whenAborted(asked.signal)]);
  }

  /** In a thread that ends with the answer. */
  async once<K extends keyof TraceTasks>(
    task: K,
    request: TraceTasks[K]['request'],
    asked: Asked,
  ): Promise<TraceTasks[K]['answer']> {
    return this.#working(async (thread) => {
      try {
        return await thread.ask(task, request, asked);
      } finally {
        thread.close();
      }
    });
  }

  /** Ends what is kept: the store is another one now, or the program ends. */
  close(): void {
    for (const { thread, timer } of this.#kept.splice(0)) {
      clearTimeout(timer);
      thread.close();
    }
  }

  async #opening<K extends 'run' | 'explain'>(
    question: TraceRequest,
    task: K,
    request: TraceTasks[K]['request'],
    asked: Asked,
  ): Promise<TraceTasks[K]['answer']> {
    return this.#working(async (thread) => {
      try {
        const answer = await thread.ask(task, request, asked);
        this.#keep(this.#keyOf(question), thread);
        return answer;
      } catch (error) {
        thread.close();
        throw error;
      }
    });
  }

  async #working<T>(work: (thread: TraceThread) => Promise<T>): Promise<T> {
    if (this.#atWork >= MAX_AT_WORK) {
      throw new ApiError('usage', `${MAX_AT_WORK} traces run already: wait for one of them, or cancel it.`);
    }
    this.#atWork++;
    try {
      return await work(new TraceThread(this.#start({ folder: this.#folder() })));
    } finally {
      this.#atWork--;
    }
  }

  #keep(key: string, thread: TraceThread): void {
    this.#forget(key);
    const timer = setTimeout(() => this.#forget(key), KEPT_MS).unref();
    this.#kept.push({ key, thread, timer });
    for (const old of this.#kept.slice(0, Math.max(0, this.#kept.length - MAX_KEPT))) this.#forget(old.key);
  }

  #forget(key: string): void {
    for (const { thread, timer } of this.#kept.filter((one) => one.key === key)) {
      clearTimeout(timer);
      thread.close();
    }
    this.#kept = this.#kept.filter((one) => one.key !== key);
  }

  #keyOf({ victim, from, at, site, within }: TraceRequest): string {
    return JSON.stringify([this.#folder(), victim.address, victim.port, from, at, site, within]);
  }
}

async function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const give = (): void => reject(new Error('nobody waits for the answer any more'));
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}
