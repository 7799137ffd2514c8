/** When a flow passed, and the day file it belongs to. */
import { NO_DATAGRAM, type FlowBatch } from '../model/flow-batch.ts';

const DAY_MS = 86_400_000;
/** Times outside these are an exporter without a clock or a hostile file: at most 36,525 day files can come of the rest. */
const FIRST_DAY = Date.UTC(2000, 0, 1);
const LAST_DAY_END = Date.UTC(2100, 0, 1);
/** Days that one chunk may touch; the rows of further days are filed as undated. */
const MAX_DAYS_A_CHUNK = 64;

/** The file of flows whose time is unknown or cannot be true. */
export const UNDATED = 'undated';

/** `2026-11-20`, or `undated`. */
export type DayName = string;

/** The UTC day of a time. */
function dayOf(time: number): DayName {
  return time >= FIRST_DAY && time < LAST_DAY_END ? new Date(time).toISOString().slice(0, 10) : UNDATED;
}

/** The path of a day's file below the store's folder. */
export function dayFileName(day: DayName): string {
  return day === UNDATED ? 'flows/undated.sqlite' : `flows/${day.slice(0, 7)}/${day}.sqlite`;
}

/** From when to when every flow of the batch lasted, NaN where nothing says. */
export interface FlowSpans {
  /** First that is known of: start, end, collection time, export time of the datagram. */
  readonly starts: Float64Array;
  /** The end, or the start where there is none. */
  readonly ends: Float64Array;
}

export function flowSpans(batch: FlowBatch): FlowSpans {
  const { flowStartMilliseconds, flowEndMilliseconds, collectionTimeMilliseconds, datagram } = batch.columns;
  const starts = new Float64Array(batch.count);
  const ends = new Float64Array(batch.count);
  for (let row = 0; row < batch.count; row++) {
    const end = flowEndMilliseconds[row] ?? Number.NaN;
    let start = flowStartMilliseconds[row] ?? Number.NaN;
    if (Number.isNaN(start)) start = end;
    if (Number.isNaN(start)) start = collectionTimeMilliseconds[row] ?? Number.NaN;
    if (Number.isNaN(start)) {
      const index = datagram[row] ?? NO_DATAGRAM;
      start = batch.datagrams[index]?.exportTime ?? Number.NaN;
    }
    starts[row] = start;
    ends[row] = Number.isNaN(end) ? start : end;
  }
  return { starts, ends };
}

/** The rows and datagram headers of one day, both ascending. */
export interface DayPart {
  readonly day: DayName;
  readonly rows: readonly number[];
  /** Headers without rows of their own (options, templates) whose export time is in this day. */
  readonly datagrams: readonly number[];
}

/**
 * Splits a batch by UTC day. The same batch gives the same parts, which is what lets an interrupted import resume. Past
 * MAX_DAYS_A_CHUNK days, those with the fewest rows go to the undated part.
 */
export function splitByDay(batch: FlowBatch, spans: FlowSpans): DayPart[] {
  const parts = new Map<DayName, { rows: number[]; datagrams: number[] }>();
  const partOf = (day: DayName): { rows: number[]; datagrams: number[] } => {
    let part = parts.get(day);
    if (!part) parts.set(day, (part = { rows: [], datagrams: [] }));
    return part;
  };
  const withRows = new Uint8Array(batch.datagrams.length);
  let dayStart = Number.NaN;
  let rows: number[] = [];
  for (let row = 0; row < batch.count; row++) {
    const start = spans.starts[row] ?? Number.NaN;
    if (!(start >= dayStart && start < dayStart + DAY_MS)) {
      rows = partOf(dayOf(start)).rows;
      const dated = start >= FIRST_DAY && start < LAST_DAY_END;
      dayStart = dated ? Math.floor(start / DAY_MS) * DAY_MS : Number.NaN;
    }
    rows.push(row);
    const datagram = batch.columns.datagram[row] ?? NO_DATAGRAM;
    if (datagram < withRows.length) withRows[datagram] = 1;
  }
  for (const [index, header] of batch.datagrams.entries()) {
    if (withRows[index] === 0) partOf(dayOf(header.exportTime)).datagrams.push(index);
  }
  const ordered = [...parts].sort(([a], [b]) => (a < b ? -1 : 1));
  if (ordered.length <= MAX_DAYS_A_CHUNK) return ordered.map(([day, part]) => ({ day, ...part }));
  const byRows = ordered
    .filter(([day]) => day !== UNDATED)
    .sort(([, a], [, b]) => b.rows.length - a.rows.length);
  const outliers = byRows.slice(MAX_DAYS_A_CHUNK - 1);
  const undated = {
    rows: [...(parts.get(UNDATED)?.rows ?? [])],
    datagrams: [...(parts.get(UNDATED)?.datagrams ?? [])],
  };
  for (const [, part] of outliers) {
    for (const row of part.rows) undated.rows.push(row);
    for (const index of part.datagrams) undated.datagrams.push(index);
  }
  undated.rows.sort((a, b) => a - b);
  undated.datagrams.sort((a, b) => a - b);
  const kept = byRows.slice(0, MAX_DAYS_A_CHUNK - 1).map(([day, part]) => ({ day, ...part }));
  return [...kept, { day: UNDATED, ...undated }];
}
