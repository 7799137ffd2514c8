/**
 * The published measure: the correlation point function of two lists of ON and OFF durations, compared position by
 * position (Wang, Reeves & Wu 2002; for NetFlow ON/OFF fingerprints, 2015, with a verdict above 0.8).
 *
 *     CPF(f, g) = sum_i min(f_i, g_i) / sum_i max(f_i, g_i)
 *
 * One lost or split record shifts every later position; it is shown because investigators know it, and never decides.
 */
import { intersectIntervals, measureIntervals, uniteIntervals } from '../math/intervals.ts';
import type { Fingerprint } from './silences.ts';

/** ON and OFF durations in turn, ms, ON first. */
export function durations(fingerprint: Fingerprint): Float64Array {
  const { active } = fingerprint;
  const list = new Float64Array(Math.max(0, active.length - 1));
  for (let i = 0; i < list.length; i++) list[i] = (active[i + 1] ?? 0) - (active[i] ?? 0);
  return list;
}

/** CPF over the positions that both lists have, 0 to 1; 0 where either has none. */
export function correlationPointFunction(f: Float64Array, g: Float64Array): number {
  let least = 0;
  let most = 0;
  for (let i = 0; i < Math.min(f.length, g.length); i++) {
    least += Math.min(f[i] ?? 0, g[i] ?? 0);
    most += Math.max(f[i] ?? 0, g[i] ?? 0);
  }
  return most > 0 ? least / most : 0;
}

/** Half a second around each activity, so that instants count. */
const PAD_MS = 250;

/**
 * Overlap of ON time at a lag: intersection over union of both activities, each padded by 0.25 s, within the time that
 * both connections lived. A second witness where timeouts are short; keepalives look always-on where they are long.
 */
export function activityOverlap(x: Fingerprint, y: Fingerprint, lagMs: number): number {
  const padded = (active: readonly number[], shift: number): number[] =>
    uniteIntervals(active.map((time, i) => time - shift + (i % 2 === 0 ? -PAD_MS : PAD_MS)));
  const a = padded(x.active, 0);
  const b = padded(y.active, lagMs);
  const from = Math.max(a[0] ?? 0, b[0] ?? 0);
  const to = Math.min(a.at(-1) ?? 0, b.at(-1) ?? 0);
  const shared = measureIntervals(intersectIntervals(a, b), from, to);
  const total = measureIntervals(a, from, to) + measureIntervals(b, from, to) - shared;
  return total > 0 ? shared / total : 0;
}
