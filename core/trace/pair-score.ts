/**
 * How much more likely are two connections' silences if one carries the other than if they are strangers?
 *
 * For target X, candidate Y and lag D, over the window W in which both lived, summed over both kinds of boundary:
 *
 *     L(D) = sum_{y in Y} ln[(k_y + p max_x phi(y - x - D)) / lambda_y]  -  p |X|  +  (1 - kf) |Y|
 *     k_y = kf lambda_y;   phi = 0.9 Laplace(b) + 0.1 Uniform(-2 s, 2 s);   b = max(jitter, timing error)
 *
 * a ratio of two Poisson models: each boundary of X reappears in Y with probability p, and Y has boundaries of its own at
 * the rate k. The likelihoods of four settings of (p, kf, jitter) are averaged. The score is the logarithm of that, less
 * what the lag costs by its prior, and never more than what is left after taking off the best *wrong* lag (sidelobe
 * guard): what a rhythm matches at any lag is no evidence. A boundary that lost datagrams may have made weighs as "present
 * with even odds": it can gain, and costs half a nat at most.
 *
 * Chaff on one hop hides most of its boundaries, and leaves the silences that remain inside those of the other hop
 * (containment.ts). The score is the best of the three readings (boundaries carried; chaff upstream; chaff downstream),
 * each less the logarithm of its prior: one half, and a quarter each. Scores are natural logarithms (nats).
 */
import { scoreContainment, type Containment } from './containment.ts';
import { likelihood, type Side } from './likelihood.ts';
import { lowerBound } from '../math/search.ts';
import { median } from '../math/statistics.ts';
import { keepOneBeat } from './periodicity.ts';
import { boundaryKinds, type Boundaries } from './population.ts';

/** What the score rests on: boundaries that recur, or silences of one side that lie within the other's. */
export type Reading = 'boundaries' | 'chaff-upstream' | 'chaff-downstream';

export interface PairScore {
  readonly reading: Reading;
  /** Guarded score in nats. */
  readonly scoreNats: number;
  /** Before the sidelobe guard. */
  readonly unguardedNats: number;
  /** What the best wrong lag scored (0 where none scored above 0). */
  readonly wrongLagNats: number;
  /** Time from the target's boundary to the candidate's, ms. */
  readonly lagMs: number;
  /** Silence boundaries of X in the common window, and how many of them recur in Y. */
  readonly targetBoundaries: number;
  readonly matched: number;
  /** Silences tested for containment, and how many are contained; 0 where the reading is `boundaries`. */
  readonly tested: number;
  readonly contained: number;
  /** Boundaries of X that lost datagrams make doubtful. */
  readonly doubtful: number;
}

const BIN_MS = 500;
/** Lags searched for candidates whose clocks are tied to the collector's, and for all others. */
const TIED_LAG_MS = 5000;
const FREE_LAG_MS = 180_000;
/** Wrong lags are looked for this far out. */
export const FAR_LAG_MS = 300_000;
/** A lag this close to the best one is not another lag. */
const SAME_LAG_MS = 2500;
/** Half of the prior on lags lies within the first of these, a quarter beyond it and within the second. */
const NEAREST_LAG_MS = 500;
const NEAR_LAG_MS = 2000;
const WRONG_LAGS = 4;

const BINS = (2 * FAR_LAG_MS) / BIN_MS + 2;
const histogram = new Int32Array(BINS);

/**
 * Scores candidate `y` against target `x`; undefined where they never lived at one time or either has no silences. Two
 * connections that keep one beat score 0 at most, whatever else agrees. A reading by containment that cannot reach more than
 * `leastNats` is not looked into.
 */
export function scorePair(x: Side, y: Side, leastNats = Number.NEGATIVE_INFINITY): PairScore | undefined {
  const carried = scoreBoundaries(x, y);
  if (carried && carried.scoreNats > 0 && keepOneBeat(x.boundaries, y.boundaries))
    return { ...carried, scoreNats: 0 };
  // A silence between packets that were picked is none: sampled flows contain nothing.
  if (!carried || !x.clockTied || !y.clockTied || x.seen < 1 || y.seen < 1) return carried;
  const least = Math.max(carried.scoreNats, leastNats) + CHAFF_COST;
  const upstream = readContainment(
    carried,
    'chaff-upstream',
    scoreContainment(y.boundaries, x.boundaries, least),
  );
  // The lag runs from the target to the candidate; here the candidate is the outer side.
  const downstream = readContainment(
    carried,
    'chaff-downstream',
    scoreContainment(x.boundaries, y.boundaries, least),
    -1,
  );
  return [upstream, downstream].reduce(
    (best, reading) => (reading.scoreNats > best.scoreNats ? reading : best),
    carried,
  );
}

/** What the readings cost by their priors: boundaries that recur, and chaff on either side. */
export const RECURRENCE_COST = Math.log(2);
export const CHAFF_COST = Math.log(4);

function readContainment(
  carried: PairScore,
  reading: Reading,
  found: Containment | undefined,
  sign = 1,
): PairScore {
  if (!found) return carried;
  const unguardedNats = found.rawNats - found.lagCost - CHAFF_COST;
  return {
    ...carried,
    reading,
    scoreNats: found.oneBeat ? 0 : found.nats - CHAFF_COST,
    unguardedNats,
    wrongLagNats: found.wrongLagNats,
    lagMs: found.lagMs * sign,
    tested: found.tested,
    contained: found.contained,
  };
}

/** The score of the boundaries alone: no chaff, and no look at rhythms. Undefined as for `scorePair`. */
export function scoreBoundaries(x: Side, y: Side): PairScore | undefined {
  fillHistogram(x.boundaries, y.boundaries);
  const reach = lagReach(x, y);
  const best = bestBin(-reach, reach);
  if (best === undefined) return undefined;
  const lagMs = refine(x.boundaries, y.boundaries, best);
  const at = likelihood(x, y, lagMs);
  const unguarded = at.nats - RECURRENCE_COST - lagCost(lagMs, reach);
  let wrong = 0;
  // What does not agree at the best lag is no evidence, whatever the wrong lags say.
  for (let left = unguarded > 0 ? WRONG_LAGS : 0; left > 0; left--) {
    const bin = bestBin(-FAR_LAG_MS, FAR_LAG_MS, lagMs);
    if (bin === undefined) break;
    const wrongLag = refine(x.boundaries, y.boundaries, bin);
    if (Math.abs(wrongLag - lagMs) >= SAME_LAG_MS) {
      const { nats } = likelihood(x, y, wrongLag);
      wrong = Math.max(wrong, nats - RECURRENCE_COST - lagCost(lagMs, reach));
    }
    clearBins(bin);
  }
  return {
    reading: 'boundaries',
    scoreNats: unguarded - wrong,
    unguardedNats: unguarded,
    wrongLagNats: wrong,
    lagMs,
    targetBoundaries: at.targets,
    matched: at.matched,
    tested: 0,
    contained: 0,
    doubtful: at.doubtful,
  };
}

/** The score that a perfect copy of `x` would reach: below the threshold, no candidate could convince. */
export function potentialNats(x: Side): number {
  return likelihood(x, x, 0).nats - RECURRENCE_COST - lagCost(0, lagReach(x, x));
}

/** How far the lag between two logins is searched, ms. */
export const lagReach = (x: Side, y: Side): number =>
  x.clockTied && y.clockTied ? TIED_LAG_MS : FREE_LAG_MS;

/** Half of the prior on lags is next to zero, a quarter near it, and a quarter spread over the rest. */
export function lagCost(lagMs: number, reach: number): number {
  const bins = (halfWidth: number): number => (2 * halfWidth) / BIN_MS;
  const distance = Math.abs(lagMs);
  if (distance <= NEAREST_LAG_MS) return Math.log(2 * bins(NEAREST_LAG_MS));
  return Math.log(4 * bins(distance <= NEAR_LAG_MS ? NEAR_LAG_MS : reach));
}

function fillHistogram(x: Boundaries, y: Boundaries): void {
  histogram.fill(0);
  for (const kind of boundaryKinds) {
    const xs = x.time[kind];
    for (const time of y.time[kind]) {
      const to = lowerBound(xs, time + FAR_LAG_MS);
      for (let i = lowerBound(xs, time - FAR_LAG_MS); i < to; i++) {
        const bin = Math.floor((time - (xs[i] ?? 0) + FAR_LAG_MS) / BIN_MS);
        histogram[bin] = (histogram[bin] ?? 0) + 1;
      }
    }
  }
}

/** The lower of the best two adjacent bins within [from, to], away from `except`; the one nearest zero among equals. */
function bestBin(from: number, to: number, except = Number.NaN): number | undefined {
  let best: number | undefined;
  let most = 0;
  const last = Math.floor((to + FAR_LAG_MS) / BIN_MS);
  for (let bin = Math.floor((from + FAR_LAG_MS) / BIN_MS); bin < last; bin++) {
    const count = (histogram[bin] ?? 0) + (histogram[bin + 1] ?? 0);
    if (count < most || count === 0) continue;
    const lag = binLag(bin);
    if (Math.abs(lag - except) < SAME_LAG_MS) continue;
    if (count > most || best === undefined || Math.abs(lag) < Math.abs(binLag(best))) best = bin;
    most = count;
  }
  return best;
}

const binLag = (bin: number): number => (bin + 1) * BIN_MS - FAR_LAG_MS;

function clearBins(bin: number): void {
  const width = Math.ceil(SAME_LAG_MS / BIN_MS);
  histogram.fill(0, Math.max(0, bin - width), Math.min(BINS, bin + width + 2));
}

/** The median of the differences that fall into the two bins, a bin's half beyond included. */
function refine(x: Boundaries, y: Boundaries, bin: number): number {
  const centre = binLag(bin);
  const differences: number[] = [];
  for (const kind of boundaryKinds) {
    const xs = x.time[kind];
    for (const time of y.time[kind]) {
      const to = lowerBound(xs, time - centre + 1.5 * BIN_MS);
      for (let i = lowerBound(xs, time - centre - 1.5 * BIN_MS); i < to; i++)
        differences.push(time - (xs[i] ?? 0));
    }
  }
  return differences.length > 0 ? median(differences) : centre;
}
