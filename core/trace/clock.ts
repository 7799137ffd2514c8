/**
 * When did a packet really pass? Exporters say it in ways that err by up to a second, by a skewed clock, or both.
 *
 * NetFlow v9 and IPFIX headers carry whole seconds, and v9 records count milliseconds since boot. The boot time read off
 * one datagram (export time - sysUpTime) is therefore too early by the part of a second that the header dropped, a
 * different part each time. Its upper envelope over many datagrams is the boot time itself (Trammell et al. 2011), so
 * each datagram's records are moved by what its own reading lacks. A reboot starts a new envelope.
 *
 * Where the collector noted when datagrams came in, the exporter's clock is compared with the collector's: network
 * delay only ever makes an exporter look late, so a high quantile of (export time - received) is the clock offset.
 */
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

/**
 * How far the exporter's clock runs ahead of the collector's (negative: behind), in milliseconds; 0 where it is within
 * delay and rounding, undefined where no datagram's arrival was noted,
 * or where arrivals keep no pace with the exports.
 */
export function clockOffset(times: DatagramTimes): number | undefined {
  const differences = times.exportMs
    .map((time, i) => time - (times.receivedMs[i] ?? Number.NaN))
    .filter((difference) => !Number.isNaN(difference));
  if (differences.length === 0) return undefined;
  const offset = quantile(differences, 0.98);
  if (offset - quantile(differences, 0.02) > REPLAY_SPREAD_MS) return undefined;
  return withoutNoise(offset);
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
