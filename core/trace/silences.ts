/**
 * Fingerprints: when a connection fell silent and when it spoke again.
 *
 * An exporter with inactive timeout T reports both ends of every silence longer than T exactly, whatever its active
 * timeout and cache do; so silences clearly longer than the larger timeout of two exporters can be compared. Silences that
 * a known loss of datagrams could have made are marked as doubtful: a lost record looks like silence.
 */
import { intersectIntervals, meetsIntervals, uniteIntervals } from '../math/intervals.ts';
import type { Observation } from './connection-table.ts';
import type { Observer } from './observers.ts';
import type { Records } from './records.ts';

/** All silences of one connection, ascending. Times in epoch ms; a connection's own start and end are not among them. */
export interface Fingerprint {
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** 1 where lost datagrams may have made the silence. */
  readonly doubtful: Uint8Array;
  /** Flat pairs [from, to] of activity. */
  readonly active: readonly number[];
  /** The largest inactive timeout behind these silences, ms: shorter ones are not all here. */
  readonly timeoutMs: number;
  readonly timingErrorMs: number;
  readonly clockTied: boolean;
  /** Flat pairs [from, to]: when lost datagrams may have hidden activity. */
  readonly lossy: readonly number[];
  /** The coarsest sampling behind it, one packet in so many; and the chance that an activity shows at all. */
  readonly samplingInterval: number;
  readonly seen: number;
}

const noWindows: number[] = [];
/** Gaps below this are cuts by the active timeout, not silences. */
export const SHORTEST_SILENCE_MS = 500;
/** Fuzz of idle expiry, as seen on softflowd and nfprobe. */
const EXPIRY_FUZZ_MS = 3000;

/**
 * The silences that some observations of one login show together. Exporters of about the same timeout are united (one
 * fills what another lost, and an exporter that sees one direction only is completed by its other view); those of a
 * clearly longer timeout cannot tell shorter silences and are left aside.
 */
export function fingerprint(
  records: Records,
  observations: readonly Observation[],
  observers: readonly Observer[],
): Fingerprint {
  const finest = observations.reduce(
    (least, o) => Math.min(least, observers[o.observer]?.inactiveTimeoutMs ?? 0),
    Number.POSITIVE_INFINITY,
  );
  const chosen = observations.filter(
    (o) => (observers[o.observer]?.inactiveTimeoutMs ?? 0) <= finest * 1.5 + 1000,
  );
  const pairs: number[] = [];
  let timeoutMs = 0;
  let timingErrorMs = 0;
  let clockTied = true;
  let lossy: number[] | undefined;
  let samplingInterval = 1;
  let packets = 0;
  for (const observation of chosen) {
    const observer = observers[observation.observer];
    if (!observer) continue;
    for (const i of observation.records) pairs.push(records.start[i] ?? 0, records.end[i] ?? 0);
    packets += observation.packets[0] + observation.packets[1];
    samplingInterval = Math.max(samplingInterval, observer.samplingInterval);
    timeoutMs = Math.max(timeoutMs, observer.inactiveTimeoutMs);
    timingErrorMs = Math.max(timingErrorMs, observer.timingErrorMs);
    clockTied &&= observer.clockTied !== null;
    const mayHide = hiddenActivity(observer);
    lossy = lossy ? intersectIntervals(lossy, mayHide) : mayHide;
  }
  const active = uniteIntervals(pairs, SHORTEST_SILENCE_MS);
  const count = Math.max(0, active.length / 2 - 1);
  const [from, to] = [new Float64Array(count), new Float64Array(count)];
  const doubtful = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    from[i] = active[2 * i + 1] ?? 0;
    to[i] = active[2 * i + 2] ?? 0;
    doubtful[i] = meetsIntervals(lossy ?? noWindows, from[i] ?? 0, to[i] ?? 0) ? 1 : 0;
  }
  const sampled = samplingInterval > 1 ? sampledActivity(packets, active) : { seen: 1, timingErrorMs: 0 };
  return {
    from,
    to,
    doubtful,
    active,
    timeoutMs,
    timingErrorMs: Math.max(timingErrorMs, sampled.timingErrorMs),
    clockTied,
    lossy: lossy ?? noWindows,
    samplingInterval,
    seen: sampled.seen,
  };
}

/** Beyond this the time of a packet that was not picked is not known anyhow. */
const MOST_SAMPLING_ERROR_MS = 2000;

/**
 * How likely an activity shows in sampled flows, and how far its ends may be from the packets that were picked. Of an
 * activity with a mean of m packets picked (Poisson) one in exp(-m) shows none, so the mean of those that do show is
 * m / (1 - exp(-m)), which is solved for m.
 */
function sampledActivity(
  packets: number,
  active: readonly number[],
): { seen: number; timingErrorMs: number } {
  const periods = active.length / 2;
  const shown = packets / Math.max(1, periods);
  let mean = Math.max(shown - 1, 0.05);
  for (let round = 0; round < 30; round++) mean = Math.max(0.05, shown * (1 - Math.exp(-mean)));
  let duration = 0;
  for (let i = 0; i < active.length; i += 2) duration += (active[i + 1] ?? 0) - (active[i] ?? 0);
  const spacing = duration / Math.max(1, packets - periods);
  return { seen: 1 - Math.exp(-mean), timingErrorMs: Math.min(MOST_SAMPLING_ERROR_MS, spacing) };
}

/** When activity may have gone unreported: a lost record was exported within a loss window, one timeout after its end. */
export function hiddenActivity(observer: Observer): number[] {
  const { windows } = observer.loss;
  if (windows.length === 0) return noWindows;
  const widened = windows.map((time, i) =>
    i % 2 === 0 ? time - observer.inactiveTimeoutMs - EXPIRY_FUZZ_MS : time,
  );
  return uniteIntervals(widened);
}
