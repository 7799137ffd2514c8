/**
 * Small segments of an hour become large ones. Only segments that at least double the largest of them are put together:
 * however often that is done, a flow is written again a few times at most, and an hour keeps a handful of segments.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_BATCH_ROWS } from '../model/flow-batch.ts';
import { ColumnEncoder } from './column-encoder.ts';
import { isDamage, SqlError } from './database.ts';
import type { DayContext } from './day-drops.ts';
import type { DayFile } from './day-file.ts';
import { dayFileName, type DayName } from './flow-time.ts';
import type { SegmentInfo } from './segment-info.ts';
import { DamagedColumn } from './varint.ts';

export const HOUR_MS = 3_600_000;

/**
 * Which segments (their ids in the order of their rows) are to become one each. Those that begin at or after `closed`
 * (epoch ms) wait.
 */
export function planMerges(segments: readonly SegmentInfo[], closed = Number.POSITIVE_INFINITY): number[][] {
  const hours = new Map<number | null, SegmentInfo[]>();
  for (const segment of segments) {
    if (segment.rows > MAX_BATCH_ROWS / 2 || (segment.minStart ?? 0) >= closed) continue;
    const hour = segment.minStart === null ? null : Math.floor(segment.minStart / HOUR_MS);
    const together = hours.get(hour);
    if (together) together.push(segment);
    else hours.set(hour, [segment]);
  }
  return [...hours.values()].flatMap(planHour);
}

function planHour(segments: readonly SegmentInfo[]): number[][] {
  const plans: number[][] = [];
  let group: SegmentInfo[] = [];
  let rows = 0;
  const take = (): void => {
    for (let last = group.at(-1); last && rows < 2 * last.rows; last = group.at(-1)) {
      rows -= last.rows;
      group.pop();
    }
    if (group.length > 1) plans.push(group.map(({ id }) => id).sort((a, b) => a - b));
    group = [];
    rows = 0;
  };
  for (const segment of segments.toSorted((a, b) => a.rows - b.rows || a.id - b.id)) {
    if (rows + segment.rows > MAX_BATCH_ROWS) take();
    group.push(segment);
    rows += segment.rows;
  }
  take();
  return plans;
}

/** Puts them together; undefined where a damaged one among them keeps all as they are: its rest can still be read. */
export function mergeWhole(
  file: DayFile,
  ids: readonly number[],
  encoder: ColumnEncoder,
): { readonly id: number; readonly rows: number } | undefined {
  try {
    return file.merge(ids, encoder);
  } catch (error) {
    if (error instanceof DamagedColumn) return undefined;
    throw error;
  }
}

/**
 * Puts the small segments of each hour of those days together, where they may be. Returns how many segments became how
 * many.
 */
export function mergeDays(
  { folder, dayFiles }: DayContext,
  days: readonly DayName[],
  mayMerge: (segment: SegmentInfo, file: DayFile) => boolean,
): { readonly before: number; readonly after: number } {
  const encoder = new ColumnEncoder();
  let before = 0;
  let after = 0;
  for (const day of days) {
    const path = join(folder, dayFileName(day));
    if (!existsSync(path)) continue;
    try {
      const file = dayFiles.open(path);
      const small = file.segments(() => undefined).filter((segment) => mayMerge(segment, file));
      for (const ids of planMerges(small)) {
        if (!mergeWhole(file, ids, encoder)) continue;
        before += ids.length;
        after++;
      }
    } catch (error) {
      // Whoever reads a damaged day, or verifies it, is told.
      if (!(error instanceof SqlError && isDamage(error))) throw error;
    }
  }
  return { before, after };
}
