/** What one thread does of a question: opens the segments of its share, selects their rows, hands them to the kernel. */
import { createHash } from 'node:crypto';
import { ApiError } from '../../model/api-error.ts';
import type { Exporter } from '../../model/flow-batch.ts';
import type { FlowDetail, FlowRow, FlowSelection } from '../../model/query.ts';
import type { Conclusion, KernelHelp } from '../../query/kernel.ts';
import { kernelNamed, type KernelName } from '../../query/kernels.ts';
import { DuplicateFinder, MAX_WINDOW_ROWS, mayHoldDuplicates } from '../../query/duplicates.ts';
import { DuplicateMarks } from '../../query/duplicate-marks.ts';
import { rowsOf } from '../../query/row-bits.ts';
import {
  mayOverlap,
  type SegmentReader,
  type StoredBatch,
  type StoredSegment,
} from '../../store/segment-reader.ts';
import { SegmentCache } from '../../store/segment-cache.ts';
import { Store } from '../../store/store.ts';
import { placeBook } from '../geo/book.ts';
import type { ReadDatabases } from '../geo/files.ts';
import { addSegment, type OpenJob } from './add-segment.ts';
import { describeRow, detailRow, rowId } from './describe.ts';
import { compileFilter, selectsBySite } from './filter.ts';
import { NumberBook } from './numbers.ts';
import { samplerIntervals } from './samplers.ts';
import { loadElements } from '../resources.ts';
import { noKinds, type KindCounts } from './rows.ts';

/** How much is kept of what filters leave of segments, for each byte that is kept of segments. */
const SELECTED = 1 / 6;
/** Rows of one window and its margin, before which it is halved; some ten bytes each. */
const MAX_MARKED_ROWS = 6_000_000;

/** One pass of a question, as every thread that shares it is told. */
export interface QueryJob {
  readonly kernel: KernelName;
  readonly question: FlowSelection;
  readonly range: KernelHelp['range'];
  readonly severalSites: boolean;
  /** The databases of places, where the question names countries. */
  readonly places: ReadDatabases | undefined;
  readonly carry: unknown;
}

/** A segment and its number in the question. */
export interface NumberedSegment {
  readonly number: number;
  readonly segment: StoredSegment;
  /** Rows that are duplicates of others (row-bits.ts). */
  readonly dropped?: Uint8Array | undefined;
  /** Where duplicates are looked for: the only rows that can be some; undefined: any. */
  readonly suspects?: Uint8Array | undefined;
}

/** A window of time in which duplicates are looked for, among all flows or those of a selection. */
export interface DuplicateJob {
  readonly selection?: Pick<FlowSelection, 'filter' | 'from' | 'to'> | undefined;
  readonly window: { readonly from: number; readonly to: number };
  /** How much of the time around it is looked at. */
  readonly margin: number;
}

/** Rows of a segment that begin in the window, as sets (row-bits.ts): to be left out, and seen by several exporters. */
export interface SegmentDuplicates {
  readonly dropped: Uint8Array | undefined;
  readonly doubled: Uint8Array | undefined;
}

/** Rows of a segment as it is now, which may be made of several that were there before. */
export interface SegmentRows {
  readonly segment: StoredSegment;
  /** Where the rows of the segment that was asked for begin. */
  readonly offset: number;
  readonly rows: readonly number[];
  /** The segment that was asked for, which the rows' ids go by. */
  readonly as: { readonly day: string; readonly source: number; readonly ordinal: number };
}

/** What a share of the segments brought beside its partial result. */
export interface ShareNotes {
  readonly damages: readonly string[];
  /** Rows of exporters that sample. */
  readonly sampled: number;
  /** Those of them that did not say how. */
  readonly unknownSampling: number;
  readonly duplicates: number;
  readonly leftOut: KindCounts;
}

export class QueryEngine implements Disposable {
  readonly #folder: string;
  readonly #jobs = new Map<number, OpenJob>();
  readonly #cache: SegmentCache;
  readonly #numbers: NumberBook;
  #opened: Store | undefined;

  /** `cacheBytes`: what it may keep of whole segments from one question to the next. */
  constructor(folder: string, cacheBytes: number) {
    this.#folder = folder;
    this.#cache = new SegmentCache(cacheBytes, new SegmentCache(cacheBytes * SELECTED));
    this.#numbers = new NumberBook(this.#cache);
  }

  /** Throws ApiError: a question or filter that cannot be met. */
  begin(id: number, job: QueryJob): void {
    const filter = compileFilter(job.question.filter);
    const accumulator = kernelNamed(job.kernel).begin(job.question, helpFor(job), job.carry);
    if (this.#jobs.size === 0) this.#numbers.beginQuestion();
    this.#jobs.set(id, {
      job,
      numbers: this.#numbers,
      accumulator,
      wanted: filter && {
        key: this.#keyOf(job.question.filter ?? ''),
        select: (batch, rows) => filter.select(batch, rows),
      },
      reader: this.#store().reader(this.#cache),
      samplers: samplerIntervals(this.#store()),
      damages: [],
      leftOut: noKinds(),
      sampled: 0,
      unknownSampling: 0,
      duplicates: 0,
    });
  }

  /** Takes segments in; returns how many of their rows were looked at. Throws SegmentsMoved. */
  add(id: number, segments: readonly NumberedSegment[]): number {
    const open = this.#job(id);
    let rows = 0;
    for (const numbered of segments) rows += addSegment(open, numbered);
    return rows;
  }

  /** What can be shown so far; undefined where the kernel has nothing to show before its end. */
  peek(id: number): unknown {
    return this.#jobs.get(id)?.accumulator.peek?.();
  }

  finish(id: number): { readonly partial: unknown; readonly notes: ShareNotes } {
    const open = this.#job(id);
    this.drop(id);
    const { damages, sampled, unknownSampling, duplicates, leftOut } = open;
    return {
      partial: open.accumulator.finish(),
      notes: { damages, sampled, unknownSampling, duplicates, leftOut },
    };
  }

  /** Those of the segments that may hold a flow that matches, judged without reading flows. Throws SegmentsMoved. */
  narrow(text: string, segments: readonly StoredSegment[]): readonly StoredSegment[] {
    const filter = compileFilter(text);
    if (!filter) return segments;
    using reader = this.#store().reader(this.#cache);
    return segments.filter((segment) => reader.leavesOver(segment, (summary) => filter.mayMatch(summary)));
  }

  /**
   * What several exporters saw of the segments, by the segments' numbers; undefined where the window has too many
   * rows. What is damaged is told when the question itself is run. Throws SegmentsMoved.
   */
  duplicates(
    { selection, window, margin }: DuplicateJob,
    segments: readonly NumberedSegment[],
  ): (readonly [number, SegmentDuplicates])[] | undefined {
    using reader = this.#store().reader(this.#cache);
    const filter = compileFilter(selection?.filter);
    if (!mayHoldDuplicates(exportersOf(reader, segments))) return [];
    const bounds = {
      from: Math.max(window.from - margin, selection?.from ?? Number.NEGATIVE_INFINITY),
      to: Math.min(window.to + margin, selection?.to ?? Number.POSITIVE_INFINITY),
    };
    const looked = segments.filter(({ segment }) => mayOverlap(segment, bounds));
    const rows = looked.reduce((sum, { segment }) => sum + segment.rows, 0);
    if (rows > MAX_MARKED_ROWS) return undefined;
    const marks = new DuplicateMarks(rows);
    for (const { number, segment, suspects } of looked) {
      reader.visit(segment, bounds, (batch, bounded) => {
        const able = suspects ? rowsOf(suspects, bounded, batch.count, true) : bounded;
        if (able?.length === 0) return;
        marks.add(batch, number, filter ? filter.select(batch, able) : able);
      });
    }
    const suspected = looked
      .map(({ number, segment }) => ({ number, segment, rows: marks.suspects(number) }))
      .filter(({ rows: some }) => some.length > 0);
    const total = suspected.reduce((sum, { rows: some }) => sum + some.length, 0);
    if (total > MAX_WINDOW_ROWS) return undefined;
    const finder = new DuplicateFinder({ ...window, rows: total });
    for (const { number, segment, rows: some } of suspected) {
      reader.visit(segment, {}, (batch) => finder.add(batch, number, some));
    }
    const { dropped, doubled } = finder.finish();
    return Array.from(doubled, ([number, bits]) => [number, { dropped: dropped.get(number), doubled: bits }]);
  }

  conclude(job: QueryJob, partials: readonly unknown[]): Conclusion<unknown, unknown> {
    return kernelNamed(job.kernel).conclude(job.question, partials, helpFor(job), job.carry);
  }

  /** Rows of segments as objects, in the order asked. Throws SegmentsMoved, and ApiError `damaged-store`. */
  describe(asked: readonly SegmentRows[]): FlowRow[] {
    using reader = this.#store().reader(this.#cache);
    return asked.flatMap((part) => readRows(reader, part, (batch, row, id) => describeRow(batch, row, id)));
  }

  /** All that is known of one row. */
  detail(asked: SegmentRows): FlowDetail[] {
    using reader = this.#store().reader();
    const source = this.#store()
      .sources()
      .find(({ id }) => id === asked.as.source);
    return readRows(reader, asked, (batch, row, id) => detailRow(batch, row, id, source?.name ?? ''));
  }

  drop(id: number): void {
    this.#jobs.get(id)?.reader.close();
    this.#jobs.delete(id);
  }

  close(): void {
    for (const id of this.#jobs.keys()) this.drop(id);
    this.#opened?.close();
    this.#opened = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #job(id: number): OpenJob {
    const open = this.#jobs.get(id);
    if (!open) throw new Error(`job ${id} was not begun`);
    return open;
  }

  /** Another one where the same filter selects other rows; short, since each segment's parts are kept by it. */
  #keyOf(filter: string): string {
    const hash = createHash('sha256').update(filter);
    if (selectsBySite(filter)) {
      const sites = this.#store().exporters();
      hash.update(JSON.stringify(sites.map(({ id, site }) => [id, site])));
    }
    return hash.digest('base64');
  }

  #store(): Store {
    return (this.#opened ??= Store.open(this.#folder, { create: false }));
  }
}

/** Of the segments, without reading flows; what is damaged is told when the question itself is run. */
function exportersOf(reader: SegmentReader, segments: readonly NumberedSegment[]): Exporter[] {
  const exporters: Exporter[] = [];
  for (const { segment } of segments) {
    reader.visit(segment, {}, (batch) => {
      for (const exporter of batch.exporters) exporters.push(exporter);
    });
  }
  return exporters;
}

function readRows<T>(
  reader: SegmentReader,
  { segment, offset, rows, as }: SegmentRows,
  make: (batch: StoredBatch, row: number, id: string) => T,
): T[] {
  const made: T[] = [];
  let damage = '';
  reader.visit(segment, { onDamage: ({ message }) => (damage = message) }, (batch) => {
    for (const row of rows) made.push(make(batch, row + offset, rowId(as, row)));
  });
  if (damage !== '') throw new ApiError('damaged-store', damage);
  return made;
}

function helpFor({ range, severalSites, places }: QueryJob): KernelHelp {
  const elements = loadElements();
  const book = places && placeBook(places);
  return {
    range,
    severalSites,
    isElement: (name) => elements.byName(name) !== undefined,
    countryOf: book && ((address) => book.countryOf(address)),
  };
}
