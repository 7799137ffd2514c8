/** Long work that outlives the request that began it: imports, one after the other, watched by whoever wants to. */
import { randomUUID } from 'node:crypto';
import { ApiError } from '../../model/api-error.ts';
import type { Job, JobFile } from '../../wire/contract-workspace.ts';
import { Changes, pause } from '../workspace/live-changes.ts';

/** Ended jobs that are still told of. */
const KEPT = 20;
/** The shortest time between two words to a watcher. */
const WATCH_MS = 100;

/** What the work tells of itself; all of it may be called at any rate. */
export interface JobReporter {
  readonly signal: AbortSignal;
  progress(done: number, total: number): void;
  /** All files, before the first of them. */
  files(files: readonly JobFile[]): void;
  file(index: number, file: JobFile): void;
}

/** `stopped`: the signal ended it. */
export type JobWork = (reporter: JobReporter) => Promise<'finished' | 'stopped'>;

interface Running {
  job: Job;
  files: JobFile[];
  readonly controller: AbortController;
  readonly changes: Changes;
  readonly work: JobWork;
  readonly afterwards: () => void;
}

export class Jobs {
  readonly #changes: Changes;
  readonly #jobs = new Map<string, Running>();
  readonly #onFault: (error: unknown) => void;
  #busy: Promise<void> = Promise.resolve();

  /** `changes` is announced with every change of any job. */
  constructor(changes: Changes, onFault: (error: unknown) => void) {
    this.#changes = changes;
    this.#onFault = onFault;
  }

  list(): readonly Job[] {
    return [...this.#jobs.values()].map(({ job }) => job);
  }

  get active(): boolean {
    return this.list().some(({ state }) => state === 'waiting' || state === 'running');
  }

  /** Puts work behind what runs already and returns its id. `afterwards` is called whatever became of it. */
  begin(kind: Job['kind'], title: string, work: JobWork, afterwards: () => void = () => undefined): string {
    const id = randomUUID();
    const job: Job = {
      id,
      kind,
      title,
      state: 'waiting',
      done: 0,
      total: 0,
      startedMs: Date.now(),
      endedMs: null,
      addedFlows: 0,
      error: null,
    };
    const controller = new AbortController();
    const running: Running = {
      job,
      files: [],
      controller,
      changes: new Changes(this.#changes),
      work,
      afterwards,
    };
    this.#jobs.set(id, running);
    this.#forgetOld();
    this.#busy = this.#busy.then(async () => this.#run(running));
    this.#changes.announce();
    return id;
  }

  /** Does nothing where it has ended. Throws ApiError `usage` for a job that is not known. */
  cancel(id: string): void {
    this.#find(id).controller.abort();
  }

  /** The job at once and while it changes, a few times a second, until it has ended. */
  async *watch(id: string, signal: AbortSignal): AsyncGenerator<{ job: Job; files: JobFile[] }> {
    const running = this.#find(id);
    while (!signal.aborted) {
      const seen = running.changes.version;
      yield { job: running.job, files: [...running.files] };
      if (running.job.endedMs !== null) return;
      await pause(WATCH_MS, signal);
      await running.changes.after(seen, signal, 1000);
    }
  }

  /** Cancels everything and waits until it has ended. */
  async close(): Promise<void> {
    for (const { controller } of this.#jobs.values()) controller.abort();
    await this.#busy;
  }

  async #run(running: Running): Promise<void> {
    const { controller } = running;
    const { signal } = controller;
    const change = (part: Partial<Job>): void => {
      running.job = { ...running.job, ...part };
      running.changes.announce();
    };
    const counted = (): number => running.files.reduce((sum, file) => sum + file.addedFlows, 0);
    try {
      if (signal.aborted) change({ state: 'cancelled' });
      else {
        change({ state: 'running', startedMs: Date.now() });
        const ended = await running.work({
          signal,
          progress: (done, total) => change({ done, total }),
          files: (files) => {
            running.files = [...files];
            change({});
          },
          file: (index, file) => {
            running.files[index] = file;
            change({ addedFlows: counted() });
          },
        });
        change({ state: ended === 'stopped' ? 'cancelled' : 'done' });
      }
    } catch (error) {
      if (!(error instanceof ApiError)) this.#onFault(error);
      const { code, message } =
        error instanceof ApiError
          ? error
          : { code: 'internal', message: 'The program has made a mistake: its log says more.' };
      change({ state: signal.aborted ? 'cancelled' : 'failed', error: { code, message } });
    } finally {
      running.afterwards();
      change({ endedMs: Date.now() });
    }
  }

  #find(id: string): Running {
    const running = this.#jobs.get(id);
    if (!running) throw new ApiError('usage', 'This job is not known any more: it ended some time ago.');
    return running;
  }

  #forgetOld(): void {
    const ended = [...this.#jobs.values()].filter(({ job }) => job.endedMs !== null);
    for (const { job } of ended.slice(0, Math.max(0, ended.length - KEPT))) this.#jobs.delete(job.id);
  }
}
