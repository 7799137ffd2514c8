/**
 * Sorted lists of flows, as references to stored rows: segment and row, eight bytes each.
 *
 * A thread keeps the first rows of the order and cuts its buffer back when it is half as long again; once it was cut,
 * rows behind the last kept one are not even taken in. So any number of flows can be sorted in bounded memory, and the
 * list holds the first MAX_LISTED of them (or `limit`), or the last ones: two lists hold ten million rows.
 */
import { ApiError } from '../model/api-error.ts';
import { NO_DATAGRAM, type SitedBatch } from '../model/flow-batch.ts';
import type { FlowListQuestion, FlowSort } from '../model/query.ts';
import type { Accumulator, Conclusion, Kernel, SelectedRows } from './kernel.ts';
import { sortedOrder } from './sorted-order.ts';

/** What a list can hold at most. */
const MAX_LISTED = 5 << 20;
/** Rows that are gathered at least before they are cut back. */
const MIN_BUFFER = 1 << 16;

export interface ListPartial {
  /** Ascending, whatever the order of the list. */
  readonly keys: Float64Array;
  readonly segments: Uint32Array;
  readonly rows: Uint32Array;
  readonly total: number;
}

export interface ListAnswer {
  /** Rows that were selected; the references are of the first of them, or of the last. */
  readonly total: number;
  readonly segments: Uint32Array;
  readonly rows: Uint32Array;
}

export const listKernel: Kernel<FlowListQuestion, ListPartial, ListAnswer> = {
  kinds: ['flow', 'event', 'sample'],
  begin: (question) => new ListAccumulator(question),
  conclude: (question, partials) => conclude(limitOf(question), question.fromEnd === true, partials),
};

function limitOf({ limit }: FlowListQuestion): number {
  if (limit !== undefined && !(limit >= 1)) throw new ApiError('usage', 'A list has one row or more.');
  return Math.min(limit ?? MAX_LISTED, MAX_LISTED);
}

class ListAccumulator implements Accumulator<ListPartial> {
  readonly #sort: FlowSort;
  readonly #sign: 1 | -1;
  readonly #limit: number;
  readonly #fromEnd: boolean;
  #keys = new Float64Array(MIN_BUFFER);
  #segments = new Uint32Array(MIN_BUFFER);
  #rows = new Uint32Array(MIN_BUFFER);
  #count = 0;
  #total = 0;
  /** Where the buffer was cut: a row at or behind it is none of the first, one before it none of the last. */
  #cut = Number.NaN;

  constructor(question: FlowListQuestion) {
    this.#sort = question.sort;
    this.#sign = question.descending ? -1 : 1;
    this.#limit = limitOf(question);
    this.#fromEnd = question.fromEnd === true;
  }

  add({ batch, rows, segment, rowNumbers }: SelectedRows): void {
    const values = sortValues(batch, this.#sort);
    const numbers = rowNumbers?.();
    const count = rows?.length ?? batch.count;
    this.#total += count;
    for (let i = 0; i < count; i++) {
      const row = rows ? (rows[i] ?? 0) : i;
      let key = this.#sign * (values[row] ?? Number.NaN);
      if (Number.isNaN(key)) key = Number.POSITIVE_INFINITY;
      // Of equal keys the row that was stored first is the first: such a one may belong to the last.
      if (this.#fromEnd ? key < this.#cut : key >= this.#cut) continue;
      if (this.#count === this.#keys.length) this.#makeRoom();
      const at = this.#count++;
      this.#keys[at] = key;
      this.#segments[at] = segment;
      this.#rows[at] = numbers ? (numbers[row] as number) : row;
    }
  }

  finish(): ListPartial {
    this.#order();
    return {
      keys: this.#keys.slice(0, this.#count),
      segments: this.#segments.slice(0, this.#count),
      rows: this.#rows.slice(0, this.#count),
      total: this.#total,
    };
  }

  #makeRoom(): void {
    const most = Math.max(Math.ceil(this.#limit * 1.5), MIN_BUFFER);
    if (this.#keys.length >= most) {
      this.#order();
      return;
    }
    const length = Math.min(this.#keys.length * 2, most);
    const keys = new Float64Array(length);
    keys.set(this.#keys);
    this.#keys = keys;
    this.#segments = enlarged(this.#segments, length);
    this.#rows = enlarged(this.#rows, length);
  }

  /** Sorts what is there and cuts it back to the limit. */
  #order(): void {
    const keys = this.#keys.slice(0, this.#count);
    const order = sortedOrder(keys);
    const kept = Math.min(this.#count, this.#limit);
    const segments = this.#segments.slice(0, this.#count);
    const rows = this.#rows.slice(0, this.#count);
    const first = this.#fromEnd ? this.#count - kept : 0;
    for (let i = 0; i < kept; i++) {
      const from = order[first + i] ?? 0;
      this.#keys[i] = keys[from] ?? 0;
      this.#segments[i] = segments[from] ?? 0;
      this.#rows[i] = rows[from] ?? 0;
    }
    if (kept === this.#limit) this.#cut = this.#keys[this.#fromEnd ? 0 : kept - 1] ?? Number.NaN;
    this.#count = kept;
  }
}

function enlarged(from: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(length);
  to.set(from);
  return to;
}

function sortValues(batch: SitedBatch, sort: FlowSort): Float64Array {
  const { columns } = batch;
  switch (sort) {
    case 'start':
      return knownTimes(batch, columns.flowStartMilliseconds, () => columns.flowEndMilliseconds);
    case 'end':
      return knownTimes(batch, columns.flowEndMilliseconds, () => columns.flowStartMilliseconds);
    case 'bytes':
      return columns.octetDeltaCount;
    case 'packets':
      return columns.packetDeltaCount;
    case 'duration': {
      const ends = columns.flowEndMilliseconds;
      return columns.flowStartMilliseconds.map((start, row) => (ends[row] ?? Number.NaN) - start);
    }
  }
}

function holdsNaN(values: Float64Array): boolean {
  for (let row = 0; row < values.length; row++) if (Number.isNaN(values[row])) return true;
  return false;
}

/** Times; where one is missing the other one, and then when the record was collected or exported. */
function knownTimes(batch: SitedBatch, times: Float64Array, others: () => Float64Array): Float64Array {
  if (!holdsNaN(times)) return times;
  const { collectionTimeMilliseconds, datagram } = batch.columns;
  const second = others();
  return times.map((time, row) => {
    const candidates = [
      time,
      second[row],
      collectionTimeMilliseconds[row],
      batch.datagrams[datagram[row] ?? NO_DATAGRAM]?.exportTime,
    ];
    return candidates.find((candidate) => candidate !== undefined && !Number.isNaN(candidate)) ?? Number.NaN;
  });
}

/** Merges what is sorted already; of equal keys the row that was stored first. */
function conclude(
  limit: number,
  fromEnd: boolean,
  partials: readonly ListPartial[],
): Conclusion<ListAnswer, never> {
  const total = partials.reduce((sum, partial) => sum + partial.total, 0);
  const held = partials.reduce((sum, { keys }) => sum + keys.length, 0);
  const count = Math.min(held, limit);
  const segments = new Uint32Array(count);
  const rows = new Uint32Array(count);
  const heads = partials.map(() => 0);
  for (let at = fromEnd ? count - held : 0; at < count; at++) {
    let best = -1;
    for (let p = 0; p < partials.length; p++) if (isBefore(partials, heads, p, best)) best = p;
    const head = heads[best] ?? 0;
    heads[best] = head + 1;
    if (at < 0) continue;
    segments[at] = partials[best]?.segments[head] ?? 0;
    rows[at] = partials[best]?.rows[head] ?? 0;
  }
  return { answer: { total, segments, rows } };
}

function isBefore(
  partials: readonly ListPartial[],
  heads: readonly number[],
  p: number,
  best: number,
): boolean {
  const mine = partials[p];
  const i = heads[p] ?? 0;
  if (!mine || i >= mine.keys.length) return false;
  const other = partials[best];
  if (!other) return true;
  const j = heads[best] ?? 0;
  const a = mine.keys[i] ?? 0;
  const b = other.keys[j] ?? 0;
  if (a !== b) return a < b;
  // A segment is in one share: two shares never meet in one.
  return (mine.segments[i] ?? 0) < (other.segments[j] ?? 0);
}
