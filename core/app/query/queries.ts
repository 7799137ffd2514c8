/**
 * Questions to a store, answered by a small pool of threads.
 *
 * The host lists the segments that the question's time leaves over and hands them out, a few at a time, to whichever
 * thread is free: that bounds what a cancelled question still costs, and no thread waits for the slowest. What one thread
 * concludes from the partial results of all is the answer, or a further pass. A store with few flows is read in place,
 * before a thread could start.
 */
import type {
  AnswerNotes,
  FlowDetail,
  FlowListOpened,
  FlowListQuestion,
  FlowRow,
  FlowSelection,
  QueryProgress,
  SeriesAnswer,
  SeriesQuestion,
  TopAnswer,
  TopQuestion,
} from '../../model/query.ts';
import { ApiError } from '../../model/api-error.ts';
import { segmentKey } from '../../store/segment-info.ts';
import { mayOverlap, SegmentsMoved, type StoredSegment } from '../../store/segment-reader.ts';
import { Store } from '../../store/store.ts';
import { mayHoldDuplicates } from '../../query/duplicates.ts';
import { kernelNamed, type AnswerOf, type KernelName, type QuestionOf } from '../../query/kernels.ts';
import { DuplicateBook, type DroppedRows } from './duplicates.ts';
import { parseRowId } from './describe.ts';
import { QueryEngine } from './engine.ts';
import { compileFilter } from './filter.ts';
import { databaseNotes, databasesFor } from './places.ts';
import { findRow, OpenLists, pageParts, placeRows, relocate } from './lists.ts';
import { defaultThreads, QueryPool, ThreadLost } from './pool.ts';
import { rangeOf, runQuestion } from './run.ts';
import { startQueryThread, type EngineCaller, type StartQueryThread } from './threads.ts';

/** How a question is watched while it is answered. */
export interface Running<A> {
  /** Ends the work within some tens of milliseconds; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: QueryProgress) => void) | undefined;
  /** What is known so far, twice a second, of computations that can say it. */
  readonly onPartial?: ((answer: A) => void) | undefined;
}

export interface QueriesOptions {
  /** Who bundles the program hands in how its query threads are started. */
  readonly startThread?: StartQueryThread | undefined;
  /** As many as the machine has processors, from 2 to 4. */
  readonly threads?: number | undefined;
  /** Awaited before a question to the present: what has come in is in the store afterwards. */
  readonly flush?: (() => Promise<void>) | undefined;
  /** Stores with fewer flows in question are read in place. */
  readonly inPlaceRows?: number | undefined;
  /** False for who asks everything once: flows are not kept from one question to the next. */
  readonly keep?: boolean | undefined;
}

/** What has come in is stored for questions at most so often. */
const FLUSH_EVERY_MS = 250;
/** A flow is exported some time after it ended: a question about so long ago concerns what comes in now. */
const PRESENT_MS = 3_600_000;
/** Threads would not be quicker with fewer flows. */
const IN_PLACE_ROWS = 200_000;
/** To start the threads takes as long as to read so many times as many. */
const START_FACTOR = 3;
/** Segments judged before others have their turn. */
const NARROWED_AT_A_TIME = 32;
/** What is kept of the flows from one question to the next: by all threads together, and in place. */
const CACHE_BYTES = 144 * 2 ** 20;
const CACHE_IN_PLACE_BYTES = 64 * 2 ** 20;
/** How often a question begins again where the store changed under it, or a thread was lost. */
const MAX_ATTEMPTS = 5;
const MAX_PAGE = 10_000;
/** Selections whose duplicates are remembered. */
const KEPT_SELECTIONS = 4;

/**
 * Opens a store for questions; `close` must be called. Every question rejects with ApiError: `usage` and `bad-filter` (a
 * question that cannot be met), and those of opening a store. Damage is no error: it is told in `damages`.
 */
export function openQueries(folder: string, options: QueriesOptions = {}): Queries {
  return new Queries(folder, options);
}

export class Queries {
  readonly #folder: string;
  readonly #store: Store;
  readonly #pool: QueryPool;
  readonly #inPlace: EngineCaller;
  readonly #engine: QueryEngine;
  readonly #inPlaceRows: number;
  readonly #flush: QueriesOptions['flush'];
  #flushed = { at: Number.NEGATIVE_INFINITY, done: Promise.resolve() };
  readonly #lists = new OpenLists();
  readonly #duplicates = new DuplicateBook();
  readonly #dropped = new Map<string, DroppedRows>();
  /** Selections whose duplicates are being looked for. */
  readonly #finding = new Map<string, Promise<void>>();

  constructor(folder: string, options: QueriesOptions) {
    this.#folder = folder;
    this.#store = Store.open(folder, { create: false });
    const start = options.startThread ?? startQueryThread;
    const threads = options.threads ?? defaultThreads();
    const kept = options.keep === false ? 0 : 1;
    this.#pool = new QueryPool(start, { folder, cacheBytes: (kept * CACHE_BYTES) / threads }, threads);
    this.#flush = options.flush;
    this.#inPlaceRows = options.inPlaceRows ?? IN_PLACE_ROWS;
    const engine = new QueryEngine(folder, kept * CACHE_IN_PLACE_BYTES);
    this.#engine = engine;
    this.#inPlace = callInPlace(engine);
  }

  top(question: TopQuestion, running?: Running<TopAnswer>): Promise<TopAnswer> {
    return this.run('top', question, running);
  }

  series(question: SeriesQuestion, running?: Running<SeriesAnswer>): Promise<SeriesAnswer> {
    return this.run('series', question, running);
  }

  /** Any computation of core/query/kernels.ts. */
  async run<K extends KernelName>(
    kernel: K,
    question: QuestionOf<K>,
    running: Running<AnswerOf<K>> = {},
  ): Promise<AnswerOf<K>> {
    const { answer, notes } = await this.#answer(kernel, question, running as Running<unknown>);
    return { ...(answer as object), ...notes } as AnswerOf<K>;
  }

  /** Sorts what is selected now; `page` reads from it until `closeList`, whatever is collected meanwhile. */
  async openList(question: FlowListQuestion, running: Running<never> = {}): Promise<FlowListOpened> {
    const { answer, notes, queried, all } = await this.#answer('list', question, {
      signal: running.signal,
      onProgress: running.onProgress,
    });
    const { total, segments, rows } = answer as AnswerOf<'list'>;
    const list = this.#lists.add({ segments, rows, queried, all });
    const listed = rows.length;
    const cut = question.limit === undefined && listed < total;
    const sentence = `The list holds the first ${listed} of ${total} flows: ask for a shorter time, or filter.`;
    return { ...notes, notes: cut ? [...notes.notes, sentence] : notes.notes, list, total, listed };
  }

  /** Rows `offset` to `offset + limit` of a list; fewer at its end. Rejects with `no-such-flow` for a closed list. */
  async page(list: string, offset: number, limit: number): Promise<readonly FlowRow[]> {
    if (!(
      Number.isInteger(offset) &&
      offset >= 0 &&
      Number.isInteger(limit) &&
      limit >= 0 &&
      limit <= MAX_PAGE
    )) {
      throw new ApiError('usage', `A page begins at row 0 or later and has at most ${MAX_PAGE} rows.`);
    }
    const open = this.#lists.get(list);
    const { parts, places } = pageParts(open, offset, limit);
    try {
      return placeRows(await this.#inPlace.call('describe', parts), places);
    } catch (error) {
      if (!(error instanceof SegmentsMoved)) throw error;
      const now = this.#segments();
      const moved = parts.map((part) =>
        relocate(part, open.all, now, (segment) => this.#store.partsOf(segment)),
      );
      return placeRows(await this.#inPlace.call('describe', moved), places);
    }
  }

  closeList(list: string): void {
    this.#lists.close(list);
  }

  /** Everything known of a row, by its `id`. Rejects with `no-such-flow` where it is gone. */
  async detail(id: string): Promise<FlowDetail> {
    const asked = parseRowId(id);
    const gone = `The flow ${id} is no longer where it was: list the flows again.`;
    if (!asked) throw new ApiError('usage', `"${id}" is no flow of a list.`);
    const part = findRow(asked, this.#lists.snapshots(), this.#segments(), (segment) =>
      this.#store.partsOf(segment),
    );
    if (!part) throw new ApiError('no-such-flow', gone);
    const [detail] = await this.#inPlace.call('detail', part);
    if (!detail) throw new ApiError('no-such-flow', gone);
    return detail;
  }

  async close(): Promise<void> {
    this.#engine.close();
    this.#store.close();
    await this.#pool.close();
  }

  async #answer(
    kernel: KernelName,
    question: FlowSelection,
    running: Running<unknown>,
  ): Promise<{
    readonly answer: unknown;
    readonly notes: AnswerNotes;
    readonly queried: readonly StoredSegment[];
    readonly all: readonly StoredSegment[];
  }> {
    if (question.from !== undefined && question.to !== undefined && question.from >= question.to) {
      throw new ApiError('usage', 'The range is empty: its beginning must be before its end.');
    }
    // Refused here, with the place in the text, before anything is read.
    compileFilter(question.filter);
    await this.#storePresent(question);
    const places = await databasesFor(this.#folder, kernel, question);
    const lost: string[] = [];
    for (let attempt = 1; ; attempt++) {
      running.signal?.throwIfAborted();
      const damages: string[] = [];
      const all = this.#segments(damages);
      const inTime = all.filter((segment) => mayOverlap(segment, question));
      try {
        const queried = await this.#narrow(inTime, question.filter, running);
        const engines = this.#enginesFor(queried);
        const range = rangeOf(inTime, question);
        const severalSites = this.#store.sites().length > 1;
        const dropped = await this.#duplicatesOf(engines, kernel, question, { queried, all }, running);
        const asked = { kernel, question, severalSites, places, range, dropped };
        const done = await runQuestion(engines, asked, queried, running);
        const notes = { ...done.notes, damages: [...damages, ...done.notes.damages] };
        const sentences = [...lost, ...notes.notes, ...databaseNotes(places)];
        return { answer: done.answer, notes: { ...notes, notes: sentences }, queried, all };
      } catch (error) {
        const again = error instanceof SegmentsMoved || error instanceof ThreadLost;
        if (!again || attempt >= MAX_ATTEMPTS) throw error;
        this.#store.relist();
        if (error instanceof ThreadLost) {
          lost.push(`A query thread ended unexpectedly (${error.message}); the question was asked again.`);
        }
      }
    }
  }

  /** Has what came in until now stored, if the question reaches to now: panels that ask together wait for one flush. */
  #storePresent({ to }: FlowSelection): Promise<void> {
    if (!this.#flush || (to !== undefined && to < Date.now() - PRESENT_MS)) return Promise.resolve();
    const now = performance.now();
    if (now - this.#flushed.at >= FLUSH_EVERY_MS) this.#flushed = { at: now, done: this.#flush() };
    return this.#flushed.done;
  }

  /** The segments that may hold what the filter asks for. */
  async #narrow(
    segments: readonly StoredSegment[],
    filter: string | undefined,
    running: Running<unknown>,
  ): Promise<readonly StoredSegment[]> {
    if (filter === undefined || filter.trim() === '') return segments;
    const left: StoredSegment[] = [];
    for (let at = 0; at < segments.length; at += NARROWED_AT_A_TIME) {
      running.signal?.throwIfAborted();
      const some = segments.slice(at, at + NARROWED_AT_A_TIME);
      left.push(...(await this.#inPlace.call('narrow', filter, some)));
    }
    return left;
  }

  #enginesFor(segments: readonly StoredSegment[]): readonly EngineCaller[] {
    const rows = segments.reduce((sum, segment) => sum + segment.rows, 0);
    const most = this.#pool.started ? this.#inPlaceRows : this.#inPlaceRows * START_FACTOR;
    return rows <= most ? [this.#inPlace] : this.#pool.threads();
  }

  /** The rows that are not counted; undefined where nothing can be seen twice, or everything counts. */
  async #duplicatesOf(
    engines: readonly EngineCaller[],
    kernel: KernelName,
    question: FlowSelection,
    segments: { readonly queried: readonly StoredSegment[]; readonly all: readonly StoredSegment[] },
    running: Running<unknown>,
  ): Promise<DroppedRows | undefined> {
    const kinds = question.kind === undefined ? kernelNamed(kernel).kinds : [question.kind];
    if (question.everyObservation === true || !kinds.includes('flow')) return undefined;
    const exporters = this.#store.exporters();
    if (!mayHoldDuplicates(exporters)) return undefined;
    const { filter, from, to } = question;
    const sites = exporters.map(({ site }) => site);
    const key = JSON.stringify([filter, from, to, sites, segments.queried.map(segmentKey)]);
    // The panels of a screen ask of one selection at the same time: one looks, and another where that one gives up.
    for (let finding = this.#finding.get(key); finding; finding = this.#finding.get(key)) {
      await finding;
      running.signal?.throwIfAborted();
    }
    const known = this.#dropped.get(key);
    if (known) return known;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#finding.set(key, promise);
    try {
      const dropped = await this.#duplicates.dropped(
        engines,
        { question, exporters, ...segments },
        running.signal,
      );
      for (const oldest of this.#dropped.keys()) {
        if (this.#dropped.size < KEPT_SELECTIONS) break;
        this.#dropped.delete(oldest);
      }
      this.#dropped.set(key, dropped);
      return dropped;
    } finally {
      this.#finding.delete(key);
      resolve();
    }
  }

  #segments(damages: string[] = []): StoredSegment[] {
    return this.#store.segments({}, ({ message }) => damages.push(message));
  }
}

/** An engine of this thread, which comes to its next call only after others had their turn. */
function callInPlace(engine: QueryEngine): EngineCaller {
  return {
    call: async (method, ...args) => {
      await new Promise((resolve) => setImmediate(resolve));
      const work = engine[method].bind(engine) as (...values: readonly unknown[]) => never;
      return work(...args);
    },
  };
}
