/**
 * An exporter's inactive timeout, read off its records.
 *
 * Between two records of one connection lies a silence longer than the timeout, unless the earlier record was cut by the
 * active timeout (maximum life) or by a full cache. Those cuts make records near the longest life the exporter allows, so
 * gaps after such records are left out, and so are gaps under a second; the timeout is a low percentile of the rest. Timeouts are fuzzy by a second or
 * two (softflowd at 3 s splits some gaps of 3 to 4 s and not others).
 */
import { quantile } from '../math/statistics.ts';
import type { ConnectionTable } from './connection-table.ts';
import type { Observer } from './observers.ts';
import type { Records } from './records.ts';

/** Taken where an exporter's records show too few gaps; a common default of probes. */
const DEFAULT_TIMEOUT_MS = 15_000;
const ENOUGH_GAPS = 8;
/** No exporter's inactive timeout is shorter; such gaps come from cuts. */
const SHORTEST_TIMEOUT_MS = 1000;
/** Low, since every longer pause is a gap too; not the least, since one unexplained cut would then decide. */
const LOW_PERCENTILE = 0.02;

/** Sets `inactiveTimeoutMs` of every observer. */
export function estimateTimeouts(
  records: Records,
  connections: ConnectionTable,
  observers: readonly Observer[],
): void {
  const gaps: number[][] = observers.map(() => []);
  const longest = new Float64Array(observers.length);
  const { order, first, observer: observerOf } = connections;
  const observations = connections.observations[connections.count] ?? 0;
  for (let o = 0; o < observations; o++) {
    const observer = observerOf[o] ?? 0;
    for (let k = first[o] ?? 0; k < (first[o + 1] ?? 0); k++) {
      const i = order[k] ?? 0;
      longest[observer] = Math.max(longest[observer] ?? 0, (records.end[i] ?? 0) - (records.start[i] ?? 0));
    }
  }
  for (let o = 0; o < observations; o++) {
    const observer = observerOf[o] ?? 0;
    if ((first[o + 1] ?? 0) - (first[o] ?? 0) < 2) continue;
    collectGaps(records, connections.recordsOf(o), (longest[observer] ?? 0) * 0.9, gaps[observer] ?? []);
  }
  for (const [o, observer] of observers.entries()) {
    const found = gaps[o] ?? [];
    observer.inactiveTimeoutMs =
      found.length < ENOUGH_GAPS ? DEFAULT_TIMEOUT_MS : quantile(found, LOW_PERCENTILE);
  }
}

function collectGaps(records: Records, list: Uint32Array, activeLife: number, gaps: number[]): void {
  let end = Number.NaN;
  let cut = false;
  for (const i of list) {
    const start = records.start[i] ?? 0;
    if (start - end > SHORTEST_TIMEOUT_MS && !cut) gaps.push(start - end);
    const life = (records.end[i] ?? 0) - start;
    if (!(end >= (records.end[i] ?? 0))) {
      end = records.end[i] ?? 0;
      cut = life >= activeLife;
    }
  }
}
