/** Sorted lists that stay as they were: references to rows, found again wherever their segments have gone. */
import { ApiError } from '../../model/api-error.ts';
import type { FlowRow } from '../../model/query.ts';
import type { ListAnswer } from '../../query/list.ts';
import type { SegmentPart } from '../../store/day-file.ts';
import type { StoredSegment } from '../../store/segment-reader.ts';
import type { RowReference } from './describe.ts';
import type { SegmentRows } from './engine.ts';

/** Lists kept open for one store, and what their references may take; past them the least recently used are closed. */
const MAX_LISTS = 16;
const MAX_BYTES = 128 * 2 ** 20;

export interface OpenList extends Pick<ListAnswer, 'segments' | 'rows'> {
  /** By the numbers in the references. */
  readonly queried: readonly StoredSegment[];
  /** Every segment of the store at that time. */
  readonly all: readonly StoredSegment[];
}

export class OpenLists {
  readonly #lists = new Map<string, OpenList>();
  #made = 0;

  add(list: OpenList): string {
    const name = `list-${++this.#made}`;
    this.#lists.set(name, list);
    let bytes = 0;
    for (const one of this.#lists.values()) bytes += bytesOf(one);
    for (const [oldest, one] of this.#lists) {
      if (oldest === name || (this.#lists.size <= MAX_LISTS && bytes <= MAX_BYTES)) break;
      this.#lists.delete(oldest);
      bytes -= bytesOf(one);
    }
    return name;
  }

  get(name: string): OpenList {
    const list = this.#lists.get(name);
    if (!list) throw new ApiError('no-such-flow', 'This list is closed: ask for it again.');
    this.#lists.delete(name);
    this.#lists.set(name, list);
    return list;
  }

  close(name: string): void {
    this.#lists.delete(name);
  }

  /** The segments of the store when each list was opened, the latest first. */
  snapshots(): (readonly StoredSegment[])[] {
    return [...this.#lists.values()].map(({ all }) => all).reverse();
  }
}

const bytesOf = ({ rows, segments }: OpenList): number => rows.byteLength + segments.byteLength;

/** A page by segments, so that each is read once. `places[i]` is where the i-th of the rows stands in the page. */
export function pageParts(
  list: OpenList,
  offset: number,
  limit: number,
): { readonly parts: readonly SegmentRows[]; readonly places: readonly number[] } {
  const bySegment = new Map<number, { readonly rows: number[]; readonly places: number[] }>();
  for (let at = offset; at < Math.min(offset + limit, list.rows.length); at++) {
    const number = list.segments[at] ?? 0;
    let part = bySegment.get(number);
    if (!part) bySegment.set(number, (part = { rows: [], places: [] }));
    part.rows.push(list.rows[at] ?? 0);
    part.places.push(at - offset);
  }
  const ordered = [...bySegment].sort(([a], [b]) => a - b);
  return {
    parts: ordered.flatMap(([number, { rows }]) => {
      const segment = list.queried[number];
      return segment ? [{ segment, offset: 0, rows, as: segment }] : [];
    }),
    places: ordered.flatMap(([, { places }]) => places),
  };
}

export function placeRows(rows: readonly FlowRow[], places: readonly number[]): FlowRow[] {
  const page: FlowRow[] = [];
  for (const [i, row] of rows.entries()) page[places[i] ?? 0] = row;
  return page;
}

/**
 * The same rows where they are now: a segment that was put together of others tells which chunks of which source it has,
 * in the order of its rows. `before` has the rows of each chunk. Throws ApiError `no-such-flow` where they are gone.
 */
export function relocate(
  { segment, rows, as }: SegmentRows,
  before: readonly StoredSegment[],
  now: readonly StoredSegment[],
  partsOf: (segment: StoredSegment) => readonly SegmentPart[],
): SegmentRows {
  for (const holder of now) {
    if (holder.day !== segment.day || holder.rows < segment.rows) continue;
    let first = 0;
    for (const part of partsOf(holder)) {
      if (part.source === segment.source && part.ordinal <= segment.ordinal && part.last >= segment.ordinal) {
        const offset = first + rowsBetween(before, segment, part.ordinal);
        if (offset + segment.rows <= holder.rows) return { segment: holder, offset, rows, as };
      }
      first += part.rows;
    }
  }
  throw new ApiError(
    'no-such-flow',
    `The flows of ${segment.day} are no longer where they were: list them again.`,
  );
}

/**
 * The row of a reference where it is now; undefined where nobody knows. `snapshots` have the segments of earlier moments.
 * Throws ApiError `no-such-flow` where it is gone.
 */
export function findRow(
  asked: RowReference,
  snapshots: readonly (readonly StoredSegment[])[],
  now: readonly StoredSegment[],
  partsOf: (segment: StoredSegment) => readonly SegmentPart[],
): SegmentRows | undefined {
  const rows = [asked.row];
  for (const [i, segments] of [now, ...snapshots].entries()) {
    const segment = segments.find(
      ({ day, source, ordinal }) => day === asked.day && source === asked.source && ordinal === asked.ordinal,
    );
    if (!segment) continue;
    if (asked.row >= segment.rows) return undefined;
    const part = { segment, offset: 0, rows, as: segment };
    return i === 0 ? part : relocate(part, segments, now, partsOf);
  }
  // Of a chunk that begins a part of another segment the place of its rows is known.
  for (const segment of now) {
    if (segment.day !== asked.day) continue;
    let offset = 0;
    for (const part of partsOf(segment)) {
      const begins = part.source === asked.source && part.ordinal === asked.ordinal;
      if (begins && asked.row < part.rows) return { segment, offset, rows, as: asked };
      offset += part.rows;
    }
  }
  return undefined;
}

/** Rows of the same source from the chunk `ordinal` to the one of the segment. */
function rowsBetween(before: readonly StoredSegment[], segment: StoredSegment, ordinal: number): number {
  let rows = 0;
  for (const other of before) {
    const same = other.day === segment.day && other.source === segment.source;
    if (same && other.ordinal >= ordinal && other.ordinal < segment.ordinal) rows += other.rows;
  }
  return rows;
}
