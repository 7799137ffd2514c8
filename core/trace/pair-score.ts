/**
 * How much more likely are two connections' silences if one carries the other than if they are strangers?
 *
 * For target X, candidate Y and lag D, over the window W in which both lived, summed over both kinds of boundary:
 *
 *     L(D) = sum_{y in Y} ln[(k_y + p max_x phi(y - x - D)) / lambda_y]  -  p |X|  +  (1 - kf) |Y|
 *     k_y = kf lambda_y;   phi = 0.9 Laplace(b) + 0.1 Uniform(-2 s, 2 s);   b = max(0.25 s, timing error)
 *
 * a ratio of two Poisson models: each boundary of X reappears in Y with probability p, and Y has boundaries of its own at
 * the rate k. The score is the best of three settings of (p, kf), less ln 3, less the logarithm of the lags searched, and
 * never more than what is left after taking off the best *wrong* lag (sidelobe guard): what a rhythm matches at any lag is
 * no evidence. A boundary that lost datagrams may have made weighs as "present with even odds": it can gain, and costs
 * half a nat at most.
 *
 * Chaff on one hop hides most of its boundaries, and leaves the silences that remain inside those of the other hop
 * (containment.ts). The score is the best of the three readings (boundaries carried; chaff upstream; chaff downstream),
 * less ln 3. Scores are natural logarithms (nats).
 */
import { scoreContainment, type Containment } from './containment.ts';
import { lowerBound, nearestDistance } from '../math/search.ts';
import { median } from '../math/statistics.ts';
import { keepOneBeat } from './periodicity.ts';
import { boundaryKinds, type Boundaries, type BoundaryKind } from './population.ts';

/** One side of a comparison. */
export interface Side {
  readonly boundaries: Boundaries;
  /** Expected rate at each boundary, per second (see population.ts). */
  readonly rates: Readonly<Record<BoundaryKind, Float64Array>>;
  readonly timingErrorMs: number;
  readonly clockTied: boolean;
  /** The chance that an activity shows at all: 1 but for sampled flows (see silences.ts). */
  readonly seen: number;
}

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

/** How often a boundary recurs, and how many the candidate has of its own, as a part of what is usual. */
export interface Setting {
  readonly p: number;
  readonly kf: number;
}

const mostCarried: Setting = { p: 0.9, kf: 0.1 };
/** Nearly all boundaries carried; most of them, with some chaff; half of them, much chaff. */
const SETTINGS: readonly Setting[] = [mostCarried, { p: 0.75, kf: 0.4 }, { p: 0.5, kf: 0.9 }];
const MINIMUM_JITTER_S = 0.25;
const TAIL_S = 2;
const BIN_MS = 500;
/** Lags searched for candidates whose clocks are tied to the collector's, and for all others. */
const TIED_LAG_MS = 5000;
const FREE_LAG_MS = 180_000;
/** Wrong lags are looked for this far out. */
const FAR_LAG_MS = 300_000;
/** A lag this close to the best one is not another lag. */
const SAME_LAG_MS = 2500;
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
  const least = Math.max(carried.scoreNats, leastNats) + READINGS_COST;
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

const READINGS = 3;

/** What choosing the best of the settings and readings costs, and the best of the readings alone. */
export const SETTINGS_COST = Math.log(SETTINGS.length * READINGS);
export const READINGS_COST = Math.log(READINGS);

function readContainment(
  carried: PairScore,
  reading: Reading,
  found: Containment | undefined,
  sign = 1,
): PairScore {
  if (!found) return carried;
  const unguardedNats = found.rawNats - found.lagCost - READINGS_COST;
  return {
    ...carried,
    reading,
    scoreNats: found.oneBeat ? 0 : found.nats - READINGS_COST,
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
  const unguarded = at.nats - SETTINGS_COST - lagCost(lagMs, reach);
  let wrong = 0;
  // What does not agree at the best lag is no evidence, whatever the wrong lags say.
  for (let left = unguarded > 0 ? WRONG_LAGS : 0; left > 0; left--) {
    const bin = bestBin(-FAR_LAG_MS, FAR_LAG_MS, lagMs);
    if (bin === undefined) break;
    const wrongLag = refine(x.boundaries, y.boundaries, bin);
    if (Math.abs(wrongLag - lagMs) >= SAME_LAG_MS) {
      const { nats } = likelihood(x, y, wrongLag);
      wrong = Math.max(wrong, nats - SETTINGS_COST - lagCost(lagMs, reach));
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
  return likelihood(x, x, 0).nats - SETTINGS_COST - lagCost(0, lagReach(x, x));
}

/** How far the lag between two logins is searched, ms. */
export const lagReach = (x: Side, y: Side): number =>
  x.clockTied && y.clockTied ? TIED_LAG_MS : FREE_LAG_MS;

/** Half of the prior on lags near zero, half spread over the rest. */
export function lagCost(lagMs: number, reach: number): number {
  return Math.log((2 * 2 * (Math.abs(lagMs) <= NEAR_LAG_MS ? NEAR_LAG_MS : reach)) / BIN_MS);
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

interface Likelihood {
  readonly nats: number;
  readonly setting: Setting;
  readonly targets: number;
  readonly matched: number;
  readonly doubtful: number;
}

/** Hears what each boundary in the common window is worth under every setting. */
export interface TermListener {
  readonly ofTarget: (kind: BoundaryKind, i: number, isMatched: boolean) => void;
  readonly ofCandidate: (kind: BoundaryKind, i: number, distanceMs: number, ratio: number) => void;
}

/** A boundary of the candidate: `ratio` is how much likelier it is where it was carried. */
export function candidateTerm(isDoubtful: boolean, ratio: number, { p, kf }: Setting): number {
  return isDoubtful ? Math.log(0.5 + 0.5 * p * ratio) : Math.log(kf + p * ratio) + 1 - kf;
}

/** What it costs to expect a boundary of the target on the candidate. */
export const targetTerm = (isDoubtful: boolean, { p }: Setting): number => (isDoubtful ? -p / 2 : -p);

/** Where packets are sampled, a boundary recurs only where both saw the activity, and what one missed is the other's own. */
function settingsFor(x: Side, y: Side): readonly Setting[] {
  const seen = x.seen * y.seen;
  return seen === 1 ? SETTINGS : SETTINGS.map(({ p, kf }) => ({ p: p * seen, kf: Math.max(kf, 1 - seen) }));
}

export function likelihood(x: Side, y: Side, lagMs: number, listener?: TermListener): Likelihood {
  const settings = settingsFor(x, y);
  const b = Math.max(MINIMUM_JITTER_S, x.timingErrorMs / 1000, y.timingErrorMs / 1000);
  const peak = 0.9 / (2 * b);
  const tail = 0.1 / (2 * TAIL_S);
  const nearMs = (2 * b + 0.5) * 1000;
  const from = Math.max(x.boundaries.start, y.boundaries.start - lagMs);
  const to = Math.min(x.boundaries.end, y.boundaries.end - lagMs);
  const sums = [0, 0, 0];
  let [targets, matched, doubtful] = [0, 0, 0];
  for (const kind of boundaryKinds) {
    const xs = x.boundaries.time[kind];
    const ys = y.boundaries.time[kind];
    const [xFrom, xTo] = [lowerBound(xs, from), lowerBound(xs, to)];
    const [yFrom, yTo] = [lowerBound(ys, from + lagMs), lowerBound(ys, to + lagMs)];
    let certain = 0;
    for (let i = xFrom; i < xTo; i++) {
      if (x.boundaries.doubtful[i]) doubtful++;
      else certain++;
      const isMatched = nearestDistance(ys, (xs[i] ?? 0) + lagMs, yFrom, yTo) <= nearMs;
      if (isMatched) matched++;
      listener?.ofTarget(kind, i, isMatched);
    }
    targets += xTo - xFrom;
    for (const [s, setting] of settings.entries()) {
      sums[s] =
        (sums[s] ?? 0) +
        certain * targetTerm(false, setting) +
        (xTo - xFrom - certain) * targetTerm(true, setting);
    }
    for (let i = yFrom; i < yTo; i++) {
      const distanceMs = nearestDistance(xs, (ys[i] ?? 0) - lagMs, xFrom, xTo);
      const distance = distanceMs / 1000;
      const phi = peak * Math.exp(-distance / b) + (distance <= TAIL_S ? tail : 0);
      const ratio = phi / (y.rates[kind][i] ?? 1);
      listener?.ofCandidate(kind, i, distanceMs, ratio);
      const isDoubtful = y.boundaries.doubtful[i] !== 0;
      for (let s = 0; s < settings.length; s++) {
        sums[s] = (sums[s] ?? 0) + candidateTerm(isDoubtful, ratio, settings[s] ?? mostCarried);
      }
    }
  }
  const best = sums.indexOf(Math.max(...sums));
  return { nats: sums[best] ?? 0, setting: settings[best] ?? mostCarried, targets, matched, doubtful };
}
