/**
 * Does a connection keep a beat?
 *
 * The times at which silences end, taken modulo a period P, fall on one phase where something speaks every P seconds,
 * also when only some of its beats show. The concentration R(P) = |sum exp(2 pi i t / P)| / n is 1 for a perfect beat and
 * small for a person (Rayleigh's test). Two connections that keep one beat match at any lag of a multiple of it, and
 * where exporters join or lose the same beats, at one lag better than at the others: nothing tells them apart.
 */
import type { Boundaries } from './population.ts';

/** Beats slower than this are too few in any session to be told; faster ones lie below idle timeouts. */
const LONGEST_PERIOD_S = 120;
const SHORTEST_PERIOD_S = 4;
/** A beat with a jitter of a tenth of its period. */
const CONCENTRATED = 0.85;
/** A follower is on the beat at this concentration, with this many boundaries. */
const FOLLOWING = 0.95;
const LEAST_FOLLOWING = 4;
/** ln of the chance at which a person's boundaries may pass for a beat at some period (n R^2 is exponential under chance). */
const SURPRISE_NATS = 4;
/** More tell no more, and each frequency costs a pass over them. */
const MOST_BOUNDARIES = 200;

/** Frequencies tried at most: enough for the first 200 boundaries of a day. */
const MOST_FREQUENCIES = 200_000;

const periods = new WeakMap<Boundaries, number | null>();

/** The longest period that the silences' ends keep, in seconds; null for none. Computed once. */
function findPeriod(boundaries: Boundaries): number | null {
  let period = periods.get(boundaries);
  if (period === undefined) {
    period = searchPeriod(boundaries);
    periods.set(boundaries, period);
  }
  return period;
}

/**
 * True where one keeps a beat and the other falls on it: with the period given, a few boundaries suffice to tell.
 */
export function keepOneBeat(x: Boundaries, y: Boundaries): boolean {
  return fallsOnBeatOf(x, y) || fallsOnBeatOf(y, x);
}

function fallsOnBeatOf(follower: Boundaries, leader: Boundaries): boolean {
  const period = findPeriod(leader);
  if (period === null || follower.count < LEAST_FOLLOWING) return false;
  return concentration(follower, period) >= FOLLOWING;
}

function searchPeriod(boundaries: Boundaries): number | null {
  const times = boundaries.time.S.subarray(0, MOST_BOUNDARIES);
  const span = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000;
  // Frequencies are independent when they move the last beat by a whole turn; they are tried at tenths of it.
  const independent = Math.max(1, span * (1 / SHORTEST_PERIOD_S - 1 / LONGEST_PERIOD_S));
  const needed = (SURPRISE_NATS + Math.log(independent)) / Math.max(1, times.length);
  if (needed > 1) return null;
  const least = Math.max(CONCENTRATED, Math.sqrt(needed));
  const step = Math.max(0.1 / Math.max(span, 1), 1 / SHORTEST_PERIOD_S / MOST_FREQUENCIES);
  const found = spectrum(times, 1 / LONGEST_PERIOD_S, step).findIndex((value) => value >= least);
  return found < 0 ? null : 1 / (1 / LONGEST_PERIOD_S + found * step);
}

/** Concentrations at `first`, `first + step` ... up to the shortest period's frequency (Hz); each a turn of the one before. */
function spectrum(times: Float64Array, first: number, step: number): Float64Array {
  const count = Math.floor((1 / SHORTEST_PERIOD_S - first) / step) + 1;
  const [re, im] = [new Float64Array(count), new Float64Array(count)];
  for (const time of times) {
    const seconds = (time - (times[0] ?? 0)) / 1000;
    const turn = 2 * Math.PI * seconds;
    const [stepX, stepY] = [Math.cos(turn * step), Math.sin(turn * step)];
    let [x, y] = [Math.cos(turn * first), Math.sin(turn * first)];
    for (let k = 0; k < count; k++) {
      re[k] = (re[k] ?? 0) + x;
      im[k] = (im[k] ?? 0) + y;
      const turned = x * stepX - y * stepY;
      y = x * stepY + y * stepX;
      x = turned;
    }
  }
  return re.map((x, k) => Math.hypot(x, im[k] ?? 0) / Math.max(1, times.length));
}

function concentration({ time: { S } }: Boundaries, periodSeconds: number): number {
  const times = S.subarray(0, MOST_BOUNDARIES);
  const start = times[0] ?? 0;
  const turn = (2 * Math.PI) / (periodSeconds * 1000);
  let [x, y] = [0, 0];
  for (const time of times) {
    x += Math.cos((time - start) * turn);
    y += Math.sin((time - start) * turn);
  }
  return Math.hypot(x, y) / Math.max(1, times.length);
}
