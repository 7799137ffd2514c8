/**
 * Fingerprints: when a connection fell silent and when it spoke again.
 *
 * An exporter with inactive timeout T reports both ends of every silence longer than T exactly, whatever its active
 * timeout and cache do; so silences clearly longer than the larger timeout of two exporters can be compared. Silences that
 * a known loss of datagrams could have made are marked as doubtful: a lost record looks like silence.
 */
import { intersectIntervals, uniteIntervals } from '../math/intervals.ts';
import type { Observation } from './connections.ts';
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
}

/** Gaps below this are cuts by the active timeout, not silences. */
const SHORTEST_SILENCE_MS = 500;
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
  const finest = Math.min(...observations.map((o) => observers[o.observer]?.inactiveTimeoutMs ?? 0));
  const chosen = observations.filter(
    (o) => (observers[o.observer]?.inactiveTimeoutMs ?? 0) <= finest * 1.5 + 1000,
  );
  const pairs: number[] = [];
  let timeoutMs = 0;
  let timingErrorMs = 0;
  let clockTied = true;
  let lossy: number[] | undefined;
  for (const observation of chosen) {
    const observer = observers[observation.observer];
    if (!observer) continue;
    for (const i of observation.records) pairs.push(records.start[i] ?? 0, records.end[i] ?? 0);
    timeoutMs = Math.max(timeoutMs, observer.inactiveTimeoutMs);
    timingErrorMs = Math.max(timingErrorMs, observer.timingErrorMs);
    clockTied &&= observer.clockTied !== null;
    const mayHide = hiddenActivity(observer);
    lossy = lossy ? intersectIntervals(lossy, mayHide) : mayHide;
  }
  const active = uniteIntervals(pairs, SHORTEST_SILENCE_MS);
  const count = Math.max(0, active.length / 2 - 1);
  const from = new Float64Array(count);
  const to = new Float64Array(count);
  const doubtful = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    from[i] = active[2 * i + 1] ?? 0;
    to[i] = active[2 * i + 2] ?? 0;
    doubtful[i] = intersectIntervals([from[i] ?? 0, to[i] ?? 0], lossy ?? []).length > 0 ? 1 : 0;
  }
  return { from, to, doubtful, active, timeoutMs, timingErrorMs, clockTied };
}

/** When activity may have gone unreported: a lost record was exported within a loss window, one timeout after its end. */
function hiddenActivity(observer: Observer): number[] {
  const { windows } = observer.loss;
  const widened = windows.map((time, i) =>
    i % 2 === 0 ? time - observer.inactiveTimeoutMs - EXPIRY_FUZZ_MS : time,
  );
  return uniteIntervals(widened);
}
