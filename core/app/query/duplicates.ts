/** Which rows are another exporter's observation of a flow that is counted already, found before the question is run. */
import { DUPLICATE_MARGIN_MS } from '../../query/duplicates.ts';
import { UNDATED } from '../../store/flow-time.ts';
import { mayOverlap, type StoredSegment } from '../../store/segment-reader.ts';
import type { Running } from './queries.ts';
import type { DuplicateJob, NumberedSegment } from './engine.ts';
import type { EngineCaller } from './threads.ts';

/** Rows that one window should have, judged by the segments that begin in it. */
const WINDOW_ROWS = 500_000;
/** Narrower ones are not halved: what is in them is left as it is. */
const MIN_WINDOW_MS = 1000;

/** Rows to leave out, ascending, by the number of their segment. */
export type DroppedRows = ReadonlyMap<number, Uint32Array>;

interface Window {
  readonly from: number;
  readonly to: number;
}

/** Finds them, window by window, on all engines. Rejects like `runQuestion`. */
export async function findDuplicateRows(
  engines: readonly EngineCaller[],
  asked: Pick<DuplicateJob, 'question' | 'kinds'>,
  segments: readonly StoredSegment[],
  running: Pick<Running<never>, 'signal'>,
): Promise<DroppedRows> {
  const windows = windowsOf(segments);
  const dropped = new Map<number, Uint32Array[]>();
  const work = async (engine: EngineCaller): Promise<void> => {
    for (let window = windows.pop(); window; window = windows.pop()) {
      running.signal?.throwIfAborted();
      const found = await engine.call('duplicates', { ...asked, window }, around(segments, window));
      if (found) {
        for (const [number, rows] of found) dropped.set(number, [...(dropped.get(number) ?? []), rows]);
      } else if (window.to - window.from > MIN_WINDOW_MS) {
        const middle = (window.from + window.to) / 2;
        windows.push({ from: window.from, to: middle }, { from: middle, to: window.to });
      }
    }
  };
  const done = await Promise.allSettled(engines.map(work));
  for (const result of done) if (result.status === 'rejected') throw result.reason;
  return new Map(Array.from(dropped, ([number, parts]) => [number, joined(parts)]));
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  const rows = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    rows.set(part, at);
    at += part.length;
  }
  return rows.sort();
}

function windowsOf(segments: readonly StoredSegment[]): Window[] {
  const dated = segments
    .filter(({ day, minStart }) => day !== UNDATED && minStart !== null)
    .sort((a, b) => (a.minStart ?? 0) - (b.minStart ?? 0));
  const windows: Window[] = [];
  let from = dated[0]?.minStart ?? 0;
  let until = from;
  let rows = 0;
  for (const segment of dated) {
    const start = segment.minStart ?? 0;
    if (rows > 0 && rows + segment.rows > WINDOW_ROWS && start > from) {
      windows.push({ from, to: start });
      from = start;
      rows = 0;
    }
    rows += segment.rows;
    until = Math.max(until, segment.maxStart ?? start);
  }
  if (dated.length > 0) windows.push({ from, to: until + 1 });
  return windows;
}

function around(segments: readonly StoredSegment[], { from, to }: Window): NumberedSegment[] {
  const bounds = { from: from - DUPLICATE_MARGIN_MS, to: to + DUPLICATE_MARGIN_MS };
  return segments.flatMap((segment, number) => (mayOverlap(segment, bounds) ? [{ number, segment }] : []));
}
