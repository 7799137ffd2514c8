/** The windows of time in which duplicates are looked for, the same for every question to one store. */
import { DUPLICATE_MARGIN_MS } from '../../query/duplicates.ts';
import { UNDATED } from '../../store/flow-time.ts';
import { segmentKey } from '../../store/segment-info.ts';
import { mayOverlap, type StoredSegment, type TimeBounds } from '../../store/segment-reader.ts';

/** Rows that one window should have, judged by the segments that begin in it. */
const WINDOW_ROWS = 1_250_000;

export interface DuplicateWindow {
  readonly from: number;
  readonly to: number;
  /** The segments that may hold rows of it, or of the margin around it. */
  readonly around: readonly StoredSegment[];
  /** Says which window of which segments it is. */
  readonly key: string;
}

/** From the beginning on, so that later flows change the last ones alone. */
export function windowsOf(segments: readonly StoredSegment[]): DuplicateWindow[] {
  const dated = segments
    .filter(({ day, minStart }) => day !== UNDATED && minStart !== null)
    .sort((a, b) => (a.minStart ?? 0) - (b.minStart ?? 0));
  const windows: DuplicateWindow[] = [];
  let from = dated[0]?.minStart ?? 0;
  let until = from;
  let rows = 0;
  for (const segment of dated) {
    const start = segment.minStart ?? 0;
    if (rows > 0 && rows + segment.rows > WINDOW_ROWS && start > from) {
      windows.push(windowOf(segments, from, start));
      from = start;
      rows = 0;
    }
    rows += segment.rows;
    until = Math.max(until, segment.maxStart ?? start);
  }
  if (dated.length > 0) windows.push(windowOf(segments, from, until + 1));
  return windows;
}

function windowOf(segments: readonly StoredSegment[], from: number, to: number): DuplicateWindow {
  const bounds = { from: from - DUPLICATE_MARGIN_MS, to: to + DUPLICATE_MARGIN_MS };
  const around = segments.filter((segment) => mayOverlap(segment, bounds));
  return { from, to, around, key: [from, to, ...around.map(segmentKey)].join('\n') };
}

/** Whether a flow of the segment may begin in the window. */
export function inWindow({ minStart, maxStart }: StoredSegment, { from, to }: DuplicateWindow): boolean {
  return minStart !== null && minStart < to && (maxStart ?? minStart) >= from;
}

/** Whether the bounds leave out nothing of the window and of the margin around it. */
export function isUnbounded({ from, to, around }: DuplicateWindow, bounds: TimeBounds): boolean {
  const first = around.reduce((least, { minStart }) => Math.min(least, minStart ?? least), Infinity);
  const last = around.reduce((most, { maxStart }) => Math.max(most, maxStart ?? most), -Infinity);
  const fromAll = bounds.from === undefined || bounds.from <= Math.max(from - DUPLICATE_MARGIN_MS, first);
  const toAll = bounds.to === undefined || bounds.to > Math.min(to + DUPLICATE_MARGIN_MS, last);
  return fromAll && toAll;
}
