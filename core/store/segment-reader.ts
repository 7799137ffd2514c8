/** Segments one by one for whoever computes over them: what a visitor does not read is not decoded. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '../model/api-error.ts';
import type { Exporter, SitedBatch } from '../model/flow-batch.ts';
import type { SegmentSummary } from '../model/segment-summary.ts';
import { mayHoldAddress } from './address-filter.ts';
import { SqlError, type Database } from './database.ts';
import { DayFile } from './day-file.ts';
import { dayFileName, flowSpans, UNDATED, type DayName } from './flow-time.ts';
import { defineLazily } from './lazy-batch.ts';
import { holdsPort } from './port-set.ts';
import type { PartKeeper, SegmentCache } from './segment-cache.ts';
import type { SegmentInfo } from './segment-info.ts';
import {
  decodeAddressFilter,
  decodeExporterIds,
  decodePortSet,
  decodeSegment,
  type SegmentColumns,
} from './segment.ts';
import { gatherBatch, WantedRows } from './wanted-rows.ts';
import { listExporters, type StoredExporter } from './sites.ts';
import { DamagedColumn } from './varint.ts';

/** Half-open; a flow counts where it was there at any moment of it. */
export interface TimeBounds {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Something that the store holds and cannot give any more. */
export interface StoreDamage {
  /** Path of the day file. */
  readonly file: string;
  /** Flows that are lost with it; null where nobody knows. */
  readonly rows: number | null;
  /** What is damaged, for the person. */
  readonly message: string;
}

/** A segment and where it is. */
export interface StoredSegment extends SegmentInfo {
  readonly day: DayName;
}

/** A stored segment, or the rows of it that were asked for. */
export interface StoredBatch extends SitedBatch {
  /** Catalogue id of the file that it was imported from. */
  readonly source: number;
}

/** Which rows of a segment are wanted. */
export interface RowSelector {
  /** Another one for other rows: by it what was selected is known again. */
  readonly key: string;
  /** Those of the rows (undefined: all) that are wanted, ascending as they are. */
  select(batch: StoredBatch, rows: Uint32Array | undefined): Uint32Array;
}

export interface VisitOptions extends TimeBounds {
  readonly wanted?: RowSelector | undefined;
  readonly onDamage?: ((damage: StoreDamage) => void) | undefined;
}

/**
 * `rows` are those that are wanted, ascending; undefined: all of the batch. Of a segment of which few rows are wanted the
 * batch has these alone, and `rowNumbers` says where in the segment they are. Whatever of the batch is needed must be read
 * before the first number is taken over: where a column is damaged, its getter throws, and the segment counts as not
 * seen. The batch must not be kept: its buffers are filled again for the next segment. What is made of the segment's
 * parts can be kept with them, where there is a keeper.
 */
export type SegmentVisitor = (
  batch: StoredBatch,
  rows: Uint32Array | undefined,
  keeper: PartKeeper | undefined,
  rowNumbers: (() => Uint32Array) | undefined,
) => void;

/** The store is no longer as it was when its segments were listed: small ones were put together, or a day is gone. */
export class SegmentsMoved extends Error {}

/** Reads segments of a store that were listed before; keeps their day files as they are, until it is closed. */
export class SegmentReader implements Disposable {
  readonly #folder: string;
  readonly #catalog: Database;
  readonly #cache: SegmentCache | undefined;
  #exporters: ReadonlyMap<number, StoredExporter> | undefined;
  #day: { readonly name: DayName; readonly file: DayFile } | undefined;

  constructor(folder: string, catalog: Database, cache: SegmentCache | undefined) {
    this.#folder = folder;
    this.#catalog = catalog;
    this.#cache = cache;
    cache?.beginQuestion();
  }

  /**
   * Visits a segment unless nothing of it is wanted; returns how many of its rows were in the bounds. What is damaged is
   * told, and the segment left out; what the cache has of it is read without its file. Throws SegmentsMoved.
   */
  visit(segment: StoredSegment, options: VisitOptions, visit: SegmentVisitor): number {
    if (!mayOverlap(segment, options)) return 0;
    const keeper = this.#cache?.segment(segment);
    const columns = keptNames(this.#columnsLater(segment), keeper);
    const batch = openBatch(segment, columns, (id) => this.#exporterOf(id), keeper);
    const within = isWithin(segment, options);
    const inBounds = (): Uint32Array | undefined => (within ? undefined : rowsWithin(batch, options));
    const { wanted } = options;
    try {
      if (!wanted) {
        const rows = inBounds();
        if (rows?.length !== 0) visit(batch, rows, keeper, undefined);
        return rows?.length ?? segment.rows;
      }
      const which = within ? wanted.key : `${options.from} ${options.to} ${wanted.key}`;
      const rows = new WantedRows(segment.rows, this.#cache?.selection(segment, which), () => {
        const looked = inBounds();
        const selected = looked?.length === 0 ? looked : wanted.select(batch, looked);
        return { looked: looked?.length ?? segment.rows, selected };
      });
      if (rows.areFew) visit(gatherBatch(batch, rows, keeper), undefined, keeper, () => rows.numbers);
      else if (rows.count > 0) visit(batch, rows.numbers, keeper, undefined);
      return rows.looked;
    } catch (error) {
      const path = join(this.#folder, dayFileName(segment.day));
      const what = `segment ${segment.id} with ${segment.rows} flows is damaged and left out`;
      const message = `In the day file ${path} ${what}: ${damageOf(error)}.`;
      options.onDamage?.({ file: path, rows: segment.rows, message });
      return 0;
    }
  }

  /**
   * Whether `mayMatch` leaves the segment over; a damaged one is left over, and told where it is visited. What the cache has
   * of the segment is asked without its file. Throws SegmentsMoved.
   */
  leavesOver(segment: StoredSegment, mayMatch: (segment: SegmentSummary) => boolean): boolean {
    try {
      const keeper = this.#cache?.segment(segment);
      return mayMatch(summarize(segment, keptNames(this.#columnsLater(segment), keeper), keeper));
    } catch (error) {
      void damageOf(error);
      return true;
    }
  }

  close(): void {
    this.#day?.file.close();
    this.#day = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The segment's columns; its file is opened when the first of them is read. */
  #columnsLater(segment: StoredSegment): SegmentColumns {
    let stored: SegmentColumns | undefined;
    const read = (): SegmentColumns => (stored ??= this.#columns(segment));
    return {
      rows: segment.rows,
      get names() {
        return read().names;
      },
      column: (name) => read().column(name),
    };
  }

  #columns(segment: StoredSegment): SegmentColumns {
    const path = join(this.#folder, dayFileName(segment.day));
    const file = this.#open(segment.day, path);
    if (!file.has(segment)) throw new SegmentsMoved(`segment ${segment.id} of ${path} is gone`);
    return file.columns(segment);
  }

  #open(name: DayName, path: string): DayFile {
    if (this.#day?.name !== name) {
      this.close();
      if (!existsSync(path)) throw new SegmentsMoved(`${path} is gone`);
      const file = new DayFile(path);
      // A collector may put small segments together meanwhile.
      file.holdStill();
      this.#day = { name, file };
    }
    return this.#day.file;
  }

  #exporterOf(id: number): StoredExporter {
    let known = this.#exporters?.get(id);
    if (!known) {
      this.#exporters = new Map(listExporters(this.#catalog).map((exporter) => [exporter.id, exporter]));
      known = this.#exporters.get(id);
    }
    if (!known) throw new DamagedColumn(`the catalogue does not know its exporter ${id}`);
    return known;
  }
}

/** The day file; undefined where it is missing or damaged, which is told. */
export function openDayFile(path: string, onDamage: (damage: StoreDamage) => void): DayFile | undefined {
  const tell = (message: string): undefined => {
    onDamage({ file: path, rows: null, message });
  };
  if (!existsSync(path)) return tell(`The day file ${path} is missing: its flows are left out.`);
  try {
    return new DayFile(path);
  } catch (error) {
    if (error instanceof ApiError) return tell(error.message);
    return tell(`The day file ${path} is damaged: its flows are left out (${damageOf(error)}).`);
  }
}

/** What a damaged file said; any other fault is a bug and goes on. */
export function damageOf(error: unknown): string {
  if (error instanceof DamagedColumn || error instanceof SqlError) return error.message;
  throw error;
}

/** A segment as a batch, decoded as it is read. */
export function openBatch(
  info: SegmentInfo,
  columns: SegmentColumns,
  exporterOf: (id: number) => StoredExporter,
  keeper?: PartKeeper,
): StoredBatch {
  const exporters = defineLazily<{ readonly all: readonly StoredExporter[] }>({
    all: () => Array.from(decodeExporterIds(columns, keeper), exporterOf),
  });
  const describe = (id: number): Exporter => {
    const { address, port, observationDomainId } = exporterOf(id);
    return { address, port, observationDomainId };
  };
  const batch = decodeSegment(columns, describe, keeper);
  return defineLazily<StoredBatch>({
    count: () => batch.count,
    columns: () => batch.columns,
    addresses: () => batch.addresses,
    extras: () => batch.extras,
    layouts: () => batch.layouts,
    exporters: () => batch.exporters,
    datagrams: () => batch.datagrams,
    sites: () => exporters.all.map((exporter) => exporter.site),
    source: () => info.source,
  });
}

/** What a filter may ask of a segment that is not read yet. */
export function summarize(info: SegmentInfo, columns: SegmentColumns, keeper?: PartKeeper): SegmentSummary {
  let filter: Uint8Array | undefined;
  let ports: Uint8Array | null | undefined;
  return {
    ...info,
    mayHoldPort(first, last) {
      if (ports === undefined) ports = decodePortSet(columns, keeper);
      return ports === null || holdsPort(ports, first, last);
    },
    mayHoldAddress: (address) => mayHoldAddress((filter ??= decodeAddressFilter(columns, keeper)), address),
  };
}

function keptNames(columns: SegmentColumns, keeper: PartKeeper | undefined): SegmentColumns {
  if (!keeper) return columns;
  return {
    rows: columns.rows,
    get names() {
      return keeper.keep('names', () => columns.names);
    },
    column: (name) => columns.column(name),
  };
}

/** The rows of the batch in the bounds, ascending. */
export function rowsWithin(batch: StoredBatch, bounds: TimeBounds): Uint32Array {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = bounds;
  const { flowStartMilliseconds, flowEndMilliseconds } = batch.columns;
  let starts = flowStartMilliseconds;
  let ends = flowEndMilliseconds;
  // A missing time has a substitute, which costs two more columns.
  if (holdsNaN(starts) || holdsNaN(ends)) ({ starts, ends } = flowSpans(batch));
  const rows = new Uint32Array(batch.count);
  let count = 0;
  for (let row = 0; row < rows.length; row++) {
    const start = starts[row] ?? 0;
    const end = ends[row] ?? 0;
    // An exporter that swaps first and last makes flows that end before they begin: both ends count.
    if ((start < to || end < to) && (start >= from || end >= from)) rows[count++] = row;
  }
  return rows.subarray(0, count);
}

function holdsNaN(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return true;
  return false;
}

export function isBounded(bounds: TimeBounds): boolean {
  return bounds.from !== undefined || bounds.to !== undefined;
}

/** False where no flow of the segment can be in the bounds. */
export function mayOverlap(info: SegmentInfo, bounds: TimeBounds): boolean {
  return !isBounded(bounds) || overlaps({ start: info.minStart, end: info.maxEnd }, bounds);
}

/** True where every flow of the segment is in the bounds. Undated ones may have no time at all. */
function isWithin(info: StoredSegment, { from, to }: TimeBounds): boolean {
  if (from === undefined && to === undefined) return true;
  if (info.day === UNDATED || info.minStart === null || info.maxStart === null) return false;
  return (from === undefined || info.minStart >= from) && (to === undefined || info.maxStart < to);
}

/** Whether something from `start` to `end` was there in the half-open range; false where nothing says when. */
export function overlaps(span: { start: number | null; end: number | null }, range: TimeBounds): boolean {
  if (span.start === null || span.end === null || Number.isNaN(span.start)) return false;
  const first = Math.min(span.start, span.end);
  const last = Math.max(span.start, span.end);
  return (range.to === undefined || first < range.to) && (range.from === undefined || last >= range.from);
}
