/** Arithmetic of time ranges. */
import type { TimeRange } from './view-url.ts';

/** The shortest range that can be chosen, ms: below it there is nothing to see in flow records. */
const SHORTEST = 1;

/** `range` made `factor` times as long around `centre` (its middle where none is given), whole milliseconds. */
export function scaleRange(
  range: TimeRange,
  factor: number,
  centre = (range.from + range.to) / 2,
): TimeRange {
  const span = Math.max(SHORTEST, (range.to - range.from) * factor);
  const before = ((centre - range.from) / (range.to - range.from)) * span;
  const from = Math.floor(centre - before);
  return { from, to: Math.max(from + SHORTEST, Math.ceil(from + span)) };
}

export const shiftRange = (range: TimeRange, ms: number): TimeRange => ({
  from: Math.round(range.from + ms),
  to: Math.round(range.to + ms),
});

/** What the timeline shows: what was chosen, or the range with half its length around it, or all that is stored. */
export function windowOf(
  chosen: TimeRange | null,
  range: TimeRange | null,
  stored: TimeRange | null,
): TimeRange | null {
  if (chosen) return chosen;
  if (!range) return stored;
  return scaleRange(range, 2);
}
