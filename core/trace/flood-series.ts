/** Traffic in windows of equal length, the last of which is the flood's, and what was usual before it. */
import { median } from '../math/statistics.ts';
import type { FloodBaseline, FloodMeasure } from '../model/flood-trace.ts';

/** The windows of a question: `count` of them, the last one ends at `end`. */
export interface Windows {
  readonly count: number;
  readonly lengthMs: number;
  readonly end: number;
}

export class FloodSeries {
  readonly packets: Float64Array;
  readonly octets: Float64Array;

  constructor(count: number) {
    this.packets = new Float64Array(count);
    this.octets = new Float64Array(count);
  }

  /** Spreads a flow's counters evenly over its life; what lies outside of the windows is left out. */
  add({ count, lengthMs, end }: Windows, from: number, to: number, packets: number, octets: number): void {
    const start = end - count * lengthMs;
    const life = Math.max(to - from, 1);
    const last = Math.min(count - 1, Math.floor((from + life - start) / lengthMs));
    for (let k = Math.max(0, Math.floor((from - start) / lengthMs)); k <= last; k++) {
      const opens = start + k * lengthMs;
      const part = Math.max(0, Math.min(from + life, opens + lengthMs) - Math.max(from, opens)) / life;
      this.packets[k] = (this.packets[k] ?? 0) + packets * part;
      this.octets[k] = (this.octets[k] ?? 0) + octets * part;
    }
  }

  addAll(other: FloodSeries): void {
    for (let k = 0; k < this.packets.length; k++) {
      this.packets[k] = (this.packets[k] ?? 0) + (other.packets[k] ?? 0);
      this.octets[k] = (this.octets[k] ?? 0) + (other.octets[k] ?? 0);
    }
  }
}

/** Fewer windows before the flood than this are no baseline. */
const LEAST_WINDOWS = 3;
/** Above the median by so many deviations, and at least a quarter of the flood, is part of the flood. */
const RISE_DEVIATIONS = 5;
const RISE_SHARE = 0.25;
/** The highest windows may be earlier floods, and a few of those would make the next one look usual. */
const OTHER_FLOODS = 0.05;

/** The window in which traffic rose to the flood: `values` end with it. `covered` says for which windows there are records. */
export function findRise(values: Float64Array, covered: Uint8Array): number {
  const before = values.filter((_, k) => k < values.length - 1 && covered[k] === 1);
  const middle = before.length > 0 ? median(before) : 0;
  const spread = before.length > 0 ? 1.4826 * median(before.map((value) => Math.abs(value - middle))) : 0;
  const least = Math.max(middle + RISE_DEVIATIONS * spread, (values.at(-1) ?? 0) * RISE_SHARE);
  let rise = values.length - 1;
  while (rise > 0 && (values[rise - 1] ?? 0) > least) rise--;
  return rise;
}

/** Mean and deviation over the covered windows that end before `rise`, the highest 5 % left out; null where there are too few. */
export function findBaseline(series: FloodSeries, covered: Uint8Array, rise: number): FloodBaseline | null {
  const usual: number[] = [];
  // The window before the rise may hold its first seconds.
  for (let k = 0; k < rise - 1; k++) if (covered[k] === 1) usual.push(k);
  if (usual.length < LEAST_WINDOWS) return null;
  const [packets, octets] = [meanAndDeviation(series.packets, usual), meanAndDeviation(series.octets, usual)];
  return {
    mean: { packets: packets.mean, octets: octets.mean },
    deviation: { packets: packets.deviation, octets: octets.deviation },
    windows: usual.length,
  };
}

function meanAndDeviation(values: Float64Array, at: readonly number[]): { mean: number; deviation: number } {
  const usual = at.map((k) => values[k] ?? 0).sort((a, b) => a - b);
  usual.length -= Math.floor(usual.length * OTHER_FLOODS);
  const mean = usual.reduce((sum, value) => sum + value, 0) / usual.length;
  const squares = usual.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (usual.length - 1)) };
}

/**
 * How many deviations an excess is above the mean. Where the usual traffic hardly varied, the deviation is that of
 * counting it (packets), or a tenth of the mean.
 */
export function deviationsAbove(excess: number, baseline: FloodBaseline, measure: FloodMeasure): number {
  const { mean, deviation } = baseline;
  const floor = Math.max(measure === 'packets' ? Math.sqrt(mean.packets) : 0, mean[measure] / 10, 1);
  return excess / Math.max(deviation[measure], floor);
}
