/**
 * Does one connection fall silent only where the other is silent?
 *
 * Whoever types into a chain wakes every hop of it, so a silence of the upstream hop lies within one of the downstream
 * hop, whatever else the upstream hop carries; chaff adds activity and breaks the boundaries, but not this (and the other
 * way round for chaff further down). A stranger's silence of length l lies within one of X's by chance with probability
 * pi(l) = sum_i max(0, L_i - l) / W, so each tested silence is worth ln(q / pi) where it is contained and
 * ln((1 - q) / (1 - pi)) where it is not. Neighbouring silences are not independent, so the best of many wrong lags is
 * taken off: what clumps at any lag is no evidence. Two rhythms of one period are in step at a few lags and out of it at
 * all others, so between them the part that the best wrong lag contains is the chance, and not pi.
 */
import { lowerBound } from '../math/search.ts';
import { median } from '../math/statistics.ts';
import { keepOneBeat } from './periodicity.ts';
import { MAYBE_LOST, MAYBE_UNSPLIT, type Boundaries } from './population.ts';

export interface Containment {
  readonly nats: number;
  readonly wrongLagNats: number;
  readonly lagMs: number;
  readonly contained: number;
  readonly tested: number;
  /** At the best lag, before anything is taken off. */
  readonly rawNats: number;
  readonly lagCost: number;
  /** Both keep one beat: the wrong lags were not asked, and nothing is left. */
  readonly oneBeat: boolean;
}

/** Hears what each tested silence of the inner side is worth. */
export type SilenceListener = (i: number, isInside: boolean, chance: number, nats: number) => void;

/** Chance that a hop's silence shows as one of the other's, loss and timing taken together. */
const KEPT = 0.95;
/** The same for silences so short that the other exporter may not have split there. */
const KEPT_SHORT = 0.9;
/** Jitter at each end of a silence. */
const MARGIN_MS = 350;
const LAG_STEP_MS = 250;
const REACH_MS = 2000;
const WRONG_FROM_MS = 5000;
const WRONG_TO_MS = 120_000;
const WRONG_STEP_MS = 125;
/** Periods this close to their median, as a part of it, are one period. */
const SAME_PERIOD = 0.2;
const LEAST_CHANCE = 1e-4;
/** Below this at the best lag the wrong lags are not worth a look. */
const PROMISING_NATS = 6;

/**
 * Tests the silences of `inner` against those of `outer`; `lagMs` runs from outer's time to inner's. Undefined where they
 * never lived at one time, or where more than `leastNats` cannot come of it.
 */
export function scoreContainment(
  inner: Boundaries,
  outer: Boundaries,
  leastNats = Number.NEGATIVE_INFINITY,
): Containment | undefined {
  const chances = chancesAt(inner, outer);
  if (!chances) return undefined;
  let [lagMs, most] = [0, Number.NEGATIVE_INFINITY];
  for (let lag = -REACH_MS; lag <= REACH_MS; lag += LAG_STEP_MS) {
    const { nats } = containmentAt(inner, outer, lag, { chances });
    if (nats > most) [lagMs, most] = [lag, nats];
  }
  const best = { ...containmentAt(inner, outer, lagMs), lagMs };
  const cost = Math.log((2 * REACH_MS) / LAG_STEP_MS);
  if (best.nats - cost <= leastNats) return undefined;
  const told = { ...best, rawNats: best.nats, lagCost: cost };
  if (keepOneBeat(inner, outer)) return { ...told, nats: 0, wrongLagNats: 0, oneBeat: true };
  let wrong = 0;
  let chance = LEAST_CHANCE;
  const rhythmic = keepsRhythm(inner) && keepsRhythm(outer);
  if (best.nats >= PROMISING_NATS) {
    for (let distance = WRONG_FROM_MS; distance <= WRONG_TO_MS; distance += WRONG_STEP_MS) {
      for (const lag of [distance, -distance]) {
        const at = containmentAt(inner, outer, lag, { chances });
        wrong = Math.max(wrong, at.nats);
        if (best.nats - wrong - cost <= leastNats) return undefined;
        if (rhythmic && at.tested * 2 >= best.tested) chance = Math.max(chance, at.contained / at.tested);
      }
    }
  }
  const nats =
    Math.min(best.nats - wrong, containmentAt(inner, outer, best.lagMs, { leastChance: chance }).nats) - cost;
  return { ...told, nats, wrongLagNats: wrong, oneBeat: false };
}

/** True where most silences end one period after the one before: then they are in step, or out of it, all together. */
function keepsRhythm({ count, time: { S } }: Boundaries): boolean {
  const periods = Array.from({ length: Math.max(0, count - 1) }, (_, i) => (S[i + 1] ?? 0) - (S[i] ?? 0));
  const period = median(periods);
  return periods.filter((one) => Math.abs(one - period) <= period * SAME_PERIOD).length * 2 > periods.length;
}

/**
 * The chance that a stranger's silence of each of `inner`'s lengths is contained, in the time that both lived; a lag of
 * seconds or a minute or two hardly moves it. Undefined where they never lived at one time.
 */
function chancesAt(inner: Boundaries, outer: Boundaries): Float64Array | undefined {
  const [from, to] = [Math.max(outer.start, inner.start), Math.min(outer.end, inner.end)];
  if (to <= from) return undefined;
  return Float64Array.from({ length: inner.count }, (_, i) => {
    const length = (inner.time.S[i] ?? 0) - (inner.time.E[i] ?? 0) - 2 * MARGIN_MS;
    return roomFor(outer, length, from, to) / (to - from);
  });
}

interface ContainmentOptions {
  /** What is known already of the chance that a stranger's silence is contained. */
  readonly leastChance?: number;
  /** That chance for each silence, where the window at another lag has told it. */
  readonly chances?: Float64Array;
  readonly listener?: SilenceListener;
}

export function containmentAt(
  inner: Boundaries,
  outer: Boundaries,
  lagMs: number,
  { leastChance = LEAST_CHANCE, chances, listener }: ContainmentOptions = {},
): { nats: number; contained: number; tested: number } {
  const from = Math.max(outer.start, inner.start - lagMs);
  const to = Math.min(outer.end, inner.end - lagMs);
  const window = to - from;
  let [nats, contained, tested] = [0, 0, 0];
  if (window <= 0) return { nats, contained, tested };
  for (let i = 0; i < inner.count; i++) {
    const begin = (inner.time.E[i] ?? 0) - lagMs + MARGIN_MS;
    const end = (inner.time.S[i] ?? 0) - lagMs - MARGIN_MS;
    if (begin < from || end > to || inner.doubtful[i] === MAYBE_LOST) continue;
    const kept = inner.doubtful[i] === MAYBE_UNSPLIT ? KEPT_SHORT : KEPT;
    const stranger = chances?.[i] ?? roomFor(outer, end - begin, from, to) / window;
    const chance = Math.min(0.99, Math.max(leastChance, stranger));
    const k = lowerBound(outer.time.S, end);
    const inside = k < outer.count && (outer.time.E[k] ?? 0) <= begin;
    const worth = inside ? Math.log(kept / chance) : Math.log((1 - kept) / (1 - chance));
    nats += worth;
    listener?.(i, inside, chance, worth);
    if (inside) contained++;
    tested++;
  }
  return { nats, contained, tested };
}

/** In how much of the window a silence of this length may begin and lie within one of `outer`'s. */
function roomFor(outer: Boundaries, length: number, from: number, to: number): number {
  let room = 0;
  for (let i = 0; i < outer.count; i++) {
    const span = Math.min(outer.time.S[i] ?? 0, to) - Math.max(outer.time.E[i] ?? 0, from);
    if (span > length) room += span - length;
  }
  return room;
}
