/** Marks of a time axis that fall on round times. */
import { epochMs, formatTime } from '../model/time.ts';

const SECOND = 1000;
const steps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
  604_800,
].map((seconds) => seconds * SECOND);

export interface TimeMark {
  readonly ms: number;
  readonly label: string;
}

/** At most `most` marks between two times, with clock times in UTC; days where they lie a day or more apart. */
export function timeMarks(fromMs: number, toMs: number, most: number): TimeMark[] {
  const span = Math.max(1, toMs - fromMs);
  const step =
    steps.find((width) => span / width <= most) ?? Math.ceil(span / most / 86_400_000) * 86_400_000;
  const marks: TimeMark[] = [];
  for (let ms = Math.ceil(fromMs / step) * step; ms <= toMs; ms += step) {
    const text = formatTime(epochMs(ms));
    const label = step >= 86_400_000 ? text.slice(5, 10) : text.slice(11, step < 60_000 ? 19 : 16);
    marks.push({ ms, label });
  }
  return marks;
}
