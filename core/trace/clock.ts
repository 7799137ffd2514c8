/**
 * When did a packet really pass? Exporters say it in ways that err by up to a second, by a skewed clock, or both.
 *
 * NetFlow v9 and IPFIX headers carry whole seconds, and v9 records count milliseconds since boot. The boot time read off
 * one datagram (export time - sysUpTime) is therefore too early by the part of a second that the header dropped, a
 * different part each time. Its upper envelope over many datagrams is the boot time itself (Trammell et al. 2011), so
 * each datagram's records are moved by what its own reading lacks. A reboot starts a new envelope.
 *
 * Where the collector noted when datagrams came in, the exporter's clock is compared with the collector's: network
 * delay only ever makes an exporter look late, so a high quantile of (export time - received) is the clock offset, and a
 * robust line through the largest differences of each stretch of time (the upper envelope) is its drift.
 */
import { fitRobustLine, type RobustLine } from '../math/robust-line.ts';
import { median, quantile } from '../math/statistics.ts';
import { slidingMaximum } from '../math/sliding.ts';

/** One exporter's datagram headers in the order of export; one entry a datagram in each array. */
export interface DatagramTimes {
  readonly exportMs: Float64Array;
  /** NaN where the header has none (IPFIX). */
  readonly sysUpTimeMs: Float64Array;
  /** NaN where nobody noted it. */
  readonly receivedMs: Float64Array;
}

/** A boot time that falls or rises by more than this is another boot, or a clock set by hand. */
const REBOOT_MS = 2500;
/** Half the span over which the boot time is taken as constant: at 100 ppm of drift it moves by 30 ms. */
const ENVELOPE_MS = 300_000;
/** Differences that vary by more come from a replay at another pace, and tell nothing of a clock. */
const REPLAY_SPREAD_MS = 60_000;
/** Offsets below this are not told from delay and rounding, and not corrected. */
const SKEW_FLOOR_MS = 1500;

/** True where every header time falls on a whole second, which no millisecond clock does. */
export function hasWholeSecondHeaders(times: DatagramTimes): boolean {
  return times.exportMs.length > 0 && times.exportMs.every((time) => time % 1000 === 0);
}

/**
 * Milliseconds to add to all record times of each datagram to undo the header's dropped part of a second.
 * Zeros where the headers are finer than seconds or carry no uptime.
 */
export function headerCorrections(times: DatagramTimes): Float64Array {
  const count = times.exportMs.length;
  const corrections = new Float64Array(count);
  if (!hasWholeSecondHeaders(times) || Number.isNaN(times.sysUpTimeMs[0] ?? Number.NaN)) return corrections;
  const boot = times.exportMs.map((time, i) => time - (times.sysUpTimeMs[i] ?? 0));
  let from = 0;
  for (let i = 1; i <= count; i++) {
    if (i < count && Math.abs((boot[i] ?? 0) - (boot[i - 1] ?? 0)) < REBOOT_MS) continue;
    const envelope = slidingMaximum(times.exportMs.subarray(from, i), boot.subarray(from, i), ENVELOPE_MS);
    for (let k = from; k < i; k++) corrections[k] = (envelope[k - from] ?? 0) - (boot[k] ?? 0);
    from = i;
  }
  return corrections;
}

/** A clock against another: `aheadMs + drift (t - centreMs)` ahead of it at time t (its own), ms. */
export interface ClockFit {
  readonly aheadMs: number;
  /** Milliseconds gained per millisecond; 0 where none is told from noise. */
  readonly drift: number;
  readonly centreMs: number;
  readonly aheadErrorMs: number | null;
  readonly driftError: number | null;
  readonly observations: number;
}

/** A drift is believed when it is so many standard errors from zero, moves times by so much, and no more than crystals do. */
const DRIFT_ERRORS = 4;
const LEAST_DRIFT_MS = 50;
const LARGEST_DRIFT = 1e-3;
/** Stretches of time whose largest difference is taken, and the datagrams that each needs. */
const MOST_STRETCHES = 32;
const LEAST_STRETCHES = 6;
const STRETCH_DATAGRAMS = 8;
const LEAST_SPAN_MS = 600_000;

/**
 * The exporter's clock against the collector's, from the arrival of its datagrams (`shifts` as `headerCorrections` gives
 * them); an offset within delay and rounding counts as 0. Undefined where no datagram's arrival was noted, or where
 * arrivals keep no pace with the exports.
 */
export function fitClock(times: DatagramTimes, shifts: Float64Array): ClockFit | undefined {
  const noted = Array.from(times.receivedMs.keys()).filter((i) => !Number.isNaN(times.receivedMs[i]));
  if (noted.length === 0) return undefined;
  const at = Float64Array.from(noted, (i) => times.exportMs[i] ?? 0);
  const ahead = Float64Array.from(noted, (i) => (times.exportMs[i] ?? 0) - (times.receivedMs[i] ?? 0));
  if (quantile(ahead, 0.98) - quantile(ahead, 0.02) > REPLAY_SPREAD_MS) return undefined;
  const line = fitEnvelope(
    at,
    Float64Array.from(noted, (i, k) => (ahead[k] ?? 0) + (shifts[i] ?? 0)),
  );
  const centreMs = line?.centre ?? median(at);
  const drift = line && isDrift(line, spanOf(at)) ? line.slope : 0;
  const level = quantile(
    ahead.map((value, k) => value - drift * ((at[k] ?? 0) - centreMs)),
    0.98,
  );
  return {
    aheadMs: withoutNoise(level),
    drift,
    centreMs,
    aheadErrorMs: line?.levelError ?? null,
    driftError: line?.slopeError ?? null,
    observations: noted.length,
  };
}

/** True where a line's slope is told from noise over a span of time, and is one that a clock may have. */
export function isDrift({ slope, slopeError }: RobustLine, spanMs: number): boolean {
  const size = Math.abs(slope);
  return size > DRIFT_ERRORS * slopeError && size * spanMs >= LEAST_DRIFT_MS && size <= LARGEST_DRIFT;
}

const spanOf = (times: Float64Array): number => (times.at(-1) ?? 0) - (times[0] ?? 0);

/** A line through the largest value of each stretch of time; undefined where there are too few, or the span is short. */
function fitEnvelope(at: Float64Array, values: Float64Array): RobustLine | undefined {
  const span = spanOf(at);
  const stretches = Math.min(MOST_STRETCHES, Math.floor(at.length / STRETCH_DATAGRAMS));
  if (stretches < LEAST_STRETCHES || !(span >= LEAST_SPAN_MS)) return undefined;
  const best = new Map<number, number>();
  for (const [i, time] of at.entries()) {
    const stretch = Math.min(stretches - 1, Math.floor(((time - (at[0] ?? 0)) / span) * stretches));
    const known = best.get(stretch);
    if (known === undefined || (values[i] ?? 0) > (values[known] ?? 0)) best.set(stretch, i);
  }
  const tops = [...best.values()];
  if (tops.length < LEAST_STRETCHES) return undefined;
  return fitRobustLine(
    tops.map((i) => at[i] ?? 0),
    tops.map((i) => values[i] ?? 0),
  );
}

/** 0 for an offset within delay and rounding. */
export const withoutNoise = (offset: number): number => (Math.abs(offset) < SKEW_FLOOR_MS ? 0 : offset);

/** Exporters that all differ from the collector by more than this were replayed to it later: their own time is meant. */
const REPLAY_MS = 600_000;

/** What is common to the offsets of exporters whose datagrams were recorded at another time than they were received. */
export function replayOffset(offsets: readonly (number | undefined)[]): number {
  const common = median(offsets.filter((offset) => offset !== undefined));
  return Math.abs(common) > REPLAY_MS ? common : 0;
}
