/** What a filter is compiled to: predicates that narrow row numbers, joined by and, or and not. */
import type { SitedBatch } from '../model/flow-batch.ts';
import type { SegmentSummary } from '../model/segment-summary.ts';

/** Row numbers, ascending; undefined stands for every row of the batch. */
export type Rows = Uint32Array | undefined;

export interface Predicate {
  /** Which of several goes first in an `and`: the lower, the cheaper and more selective. */
  readonly cost: number;
  /** False only where no row of the segment can pass. */
  mayPass(segment: SegmentSummary): boolean;
  /** False only where no row of the segment can fail. */
  mayFail(segment: SegmentSummary): boolean;
  /** The rows among `rows` that pass, ascending. */
  select(batch: SitedBatch, rows: Rows): Uint32Array;
}

/** A predicate of which nothing is known before a segment is read. */
export function opaque(cost: number, select: Predicate['select']): Predicate {
  return { cost, mayPass: () => true, mayFail: () => true, select };
}

export const noRows = new Uint32Array(0);

/** Every row among `rows`. */
export function everyRow(batch: SitedBatch, rows: Rows): Uint32Array {
  return rows ?? Uint32Array.from({ length: batch.count }, (_, row) => row);
}

export const everything: Predicate = {
  cost: 0,
  mayPass: (segment) => segment.rows > 0,
  mayFail: () => false,
  select: everyRow,
};

export function both(predicates: readonly Predicate[]): Predicate {
  const ordered = predicates.toSorted((a, b) => a.cost - b.cost);
  return {
    cost: ordered[0]?.cost ?? 0,
    mayPass: (segment) => ordered.every((one) => one.mayPass(segment)),
    mayFail: (segment) => ordered.some((one) => one.mayFail(segment)),
    select(batch, rows) {
      let left = rows;
      for (const one of ordered) {
        left = one.select(batch, left);
        if (left.length === 0) break;
      }
      return left ?? everyRow(batch, rows);
    },
  };
}

export function either(predicates: readonly Predicate[]): Predicate {
  const ordered = predicates.toSorted((a, b) => a.cost - b.cost);
  return {
    cost: ordered.at(-1)?.cost ?? 0,
    mayPass: (segment) => ordered.some((one) => one.mayPass(segment)),
    mayFail: (segment) => ordered.every((one) => one.mayFail(segment)),
    select(batch, rows) {
      let left = rows;
      let found: Uint32Array = noRows;
      for (const one of ordered) {
        const more = one.select(batch, left);
        if (more.length === 0) continue;
        found = merged(found, more);
        // Leaving out what is found costs a pass, which pays where much is found.
        const total = rows?.length ?? batch.count;
        if (found.length * 2 > total) left = without(batch, rows, found);
        if (left?.length === 0) break;
      }
      return found;
    },
  };
}

export function inverse(predicate: Predicate): Predicate {
  return {
    cost: predicate.cost + 1,
    mayPass: (segment) => predicate.mayFail(segment),
    mayFail: (segment) => predicate.mayPass(segment),
    select: (batch, rows) => without(batch, rows, predicate.select(batch, rows)),
  };
}

/** The rows of either list, ascending as both are. */
function merged(a: Uint32Array, b: Uint32Array): Uint32Array {
  if (a.length === 0) return b;
  const all = new Uint32Array(a.length + b.length);
  let n = 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const one = i < a.length ? (a[i] as number) : Number.POSITIVE_INFINITY;
    const other = j < b.length ? (b[j] as number) : Number.POSITIVE_INFINITY;
    all[n++] = Math.min(one, other);
    if (one <= other) i++;
    if (other <= one) j++;
  }
  return n === all.length ? all : all.slice(0, n);
}

/** `rows` but those of `gone`, which is a part of them. */
function without(batch: SitedBatch, rows: Rows, gone: Uint32Array): Uint32Array {
  const total = rows?.length ?? batch.count;
  const left = new Uint32Array(total - gone.length);
  let next = 0;
  let n = 0;
  for (let i = 0; i < total; i++) {
    const row = rows ? (rows[i] as number) : i;
    if (next < gone.length && gone[next] === row) next++;
    else left[n++] = row;
  }
  return left;
}
