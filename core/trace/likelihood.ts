/**
 * How much likelier are the boundaries of two logins at one lag if the one carries the other than if they are strangers?
 * The formula stands in pair-score.ts, which searches the lag; this takes it apart, boundary by boundary.
 */
import { lowerBound, nearestDistance } from '../math/search.ts';
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

/** How often a boundary recurs, how many the candidate has of its own, as a part of what is usual, and how it is delayed. */
export interface Setting {
  readonly p: number;
  readonly kf: number;
  readonly jitterS: number;
}

const mostCarried: Setting = { p: 0.9, kf: 0.1, jitterS: 0.25 };
/** Nearly all boundaries carried; most of them, with some chaff; half of them, much chaff; most of them, held back. */
const SETTINGS: readonly Setting[] = [
  mostCarried,
  { p: 0.75, kf: 0.4, jitterS: 0.25 },
  { p: 0.5, kf: 0.9, jitterS: 0.25 },
  { p: 0.75, kf: 0.4, jitterS: 1 },
];
const TAIL_S = 2;

export interface Likelihood {
  /** Logarithm of the mean likelihood ratio over the settings. */
  readonly nats: number;
  /** The setting that is likeliest: its number, itself, and the logarithm of its likelihood ratio. */
  readonly index: number;
  readonly setting: Setting;
  readonly settingNats: number;
  readonly targets: number;
  readonly matched: number;
  readonly doubtful: number;
}

/** Hears what each boundary in the common window is worth under every setting, one entry a setting. */
export interface TermListener {
  readonly ofTarget: (kind: BoundaryKind, i: number, nats: ArrayLike<number>) => void;
  readonly ofCandidate: (kind: BoundaryKind, i: number, nats: ArrayLike<number>) => void;
}

/** A boundary of the candidate: `ratio` is how much likelier it is where it was carried. */
function candidateTerm(isDoubtful: boolean, ratio: number, { p, kf }: Setting): number {
  return isDoubtful ? Math.log(0.5 + 0.5 * p * ratio) : Math.log(kf + p * ratio) + 1 - kf;
}

/** What it costs to expect a boundary of the target on the candidate. */
const targetTerm = (isDoubtful: boolean, { p }: Setting): number => (isDoubtful ? -p / 2 : -p);

/** Where packets are sampled, a boundary recurs only where both saw the activity, and what one missed is the other's own. */
function settingsFor(x: Side, y: Side): readonly Setting[] {
  const seen = x.seen * y.seen;
  return seen === 1
    ? SETTINGS
    : SETTINGS.map(({ p, kf, jitterS }) => ({ p: p * seen, kf: Math.max(kf, 1 - seen), jitterS }));
}

/** Density of a distance, per second. */
function phi(distance: number, b: number): number {
  return (0.9 / (2 * b)) * Math.exp(-distance / b) + (distance <= TAIL_S ? 0.1 / (2 * TAIL_S) : 0);
}

/** Logarithm of the mean of exponentials. */
function logMeanExp(values: readonly number[], most: number): number {
  return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0) / values.length);
}

/** A boundary this close to one of the other side counts as matched, ms. */
export const matchReach = (x: Side, y: Side): number =>
  (2 * Math.max(mostCarried.jitterS, x.timingErrorMs / 1000, y.timingErrorMs / 1000) + 0.5) * 1000;

export function likelihood(x: Side, y: Side, lagMs: number, listener?: TermListener): Likelihood {
  const settings = settingsFor(x, y);
  const errorS = Math.max(x.timingErrorMs, y.timingErrorMs) / 1000;
  const nearMs = matchReach(x, y);
  const from = Math.max(x.boundaries.start, y.boundaries.start - lagMs);
  const to = Math.min(x.boundaries.end, y.boundaries.end - lagMs);
  const sums = settings.map(() => 0);
  const terms = settings.map(() => 0);
  let [targets, matched, doubtful] = [0, 0, 0];
  for (const kind of boundaryKinds) {
    const xs = x.boundaries.time[kind];
    const ys = y.boundaries.time[kind];
    const [xFrom, xTo] = [lowerBound(xs, from), lowerBound(xs, to)];
    const [yFrom, yTo] = [lowerBound(ys, from + lagMs), lowerBound(ys, to + lagMs)];
    for (let i = xFrom; i < xTo; i++) {
      const isDoubtful = x.boundaries.doubtful[i] !== 0;
      if (isDoubtful) doubtful++;
      if (nearestDistance(ys, (xs[i] ?? 0) + lagMs, yFrom, yTo) <= nearMs) matched++;
      for (const [s, setting] of settings.entries()) {
        terms[s] = targetTerm(isDoubtful, setting);
        sums[s] = (sums[s] ?? 0) + (terms[s] ?? 0);
      }
      listener?.ofTarget(kind, i, terms);
    }
    targets += xTo - xFrom;
    for (let i = yFrom; i < yTo; i++) {
      const distance = nearestDistance(xs, (ys[i] ?? 0) - lagMs, xFrom, xTo) / 1000;
      const rate = y.rates[kind][i] ?? 1;
      const isDoubtful = y.boundaries.doubtful[i] !== 0;
      let [b, ratio] = [0, 0];
      for (let s = 0; s < settings.length; s++) {
        const setting = settings[s] ?? mostCarried;
        const width = Math.max(setting.jitterS, errorS);
        if (width !== b) [b, ratio] = [width, phi(distance, width) / rate];
        terms[s] = candidateTerm(isDoubtful, ratio, setting);
        sums[s] = (sums[s] ?? 0) + (terms[s] ?? 0);
      }
      listener?.ofCandidate(kind, i, terms);
    }
  }
  const settingNats = Math.max(...sums);
  const index = sums.indexOf(settingNats);
  return {
    nats: logMeanExp(sums, settingNats),
    index,
    setting: settings[index] ?? mostCarried,
    settingNats,
    targets,
    matched,
    doubtful,
  };
}
