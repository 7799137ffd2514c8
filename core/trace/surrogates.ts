/**
 * The E-value, checked on the data themselves.
 *
 * A login shifted in time by five minutes or more carries nobody, yet has the silences of a real one: what it scores
 * against real candidates is what chance scores. Shifts are circular within the login's own life, so that it stays among
 * the same candidates. Above zero the model promises that chance reaches a score s with exp(-s); where enough surrogates
 * score above zero, their number and their mean excess say what chance really does (the exponential tail of Pickands
 * 1975), and otherwise those that reach the score are counted.
 */
import type { Side } from './likelihood.ts';
import { scorePair } from './pair-score.ts';
import { boundaryKinds, type Boundaries } from './population.ts';

/** Scores of shifted copies against real candidates. */
export interface Surrogates {
  /** Those above zero, best first. */
  readonly positive: Float64Array;
  readonly total: number;
}

/** Shifts are no shorter; so a login must have lived twice as long for one. */
const LEAST_SHIFT_MS = 300_000;
const SHIFTS = 24;
/** Pairs scored for one login: some 50 ms. */
const MOST_PAIRS = 800;
/** Fewer tell nothing of one in a hundred. */
const LEAST_PAIRS = 100;
const LEAST_BOUNDARIES = 3;
/** Surrogates above zero from which a tail is drawn. */
const TAIL_COUNT = 20;
/** The part of the golden ratio that spreads shifts evenly, however many are taken. */
const GOLDEN = 0.618_033_988_749_895;

/** Scores shifted copies of `x` against `candidates`; undefined where they are too few to say. */
export function scoreSurrogates(x: Side, candidates: readonly Side[]): Surrogates | undefined {
  const { start, end, lifeMs, count } = x.boundaries;
  const room = lifeMs - 2 * LEAST_SHIFT_MS;
  if (!(room > 0) || count < LEAST_BOUNDARIES) return undefined;
  const alive = candidates.filter(
    ({ boundaries: b }) => b.count >= LEAST_BOUNDARIES && b.start < end && b.end > start,
  );
  const perShift = Math.min(alive.length, Math.ceil(MOST_PAIRS / SHIFTS));
  const positive: number[] = [];
  let total = 0;
  for (let k = 0; k < SHIFTS; k++) {
    const shiftMs = LEAST_SHIFT_MS + room * (((k + 1) * GOLDEN) % 1);
    const shifted = { ...x, boundaries: rotate(x.boundaries, shiftMs) };
    for (let c = 0; c < perShift; c++) {
      const y = alive[(k * perShift + c) % alive.length];
      const score = y && scorePair(shifted, y, 0);
      if (!score) continue;
      total++;
      if (score.scoreNats > 0) positive.push(score.scoreNats);
    }
  }
  if (total < LEAST_PAIRS) return undefined;
  return { positive: Float64Array.from(positive).sort().reverse(), total };
}

/**
 * False findings with such a score to be expected among `alternatives`; null where the surrogates are too few to say: none
 * of them reached it, and hardly any scored above zero.
 */
export function expectFalse(
  { positive, total }: Surrogates,
  scoreNats: number,
  alternatives: number,
): number | null {
  if (scoreNats <= 0) return null;
  const reached = positive.findLastIndex((score) => score >= scoreNats) + 1;
  if (reached > 0) return (alternatives * reached) / total;
  if (positive.length < TAIL_COUNT) return null;
  const excess = positive.reduce((sum, score) => sum + score, 0) / positive.length;
  return alternatives * (positive.length / total) * Math.exp(-scoreNats / excess);
}

/** Moves all silences by `shiftMs` around the login's life; one that would span its end is left out. */
function rotate(boundaries: Boundaries, shiftMs: number): Boundaries {
  const { start, lifeMs, count, time, since, doubtful } = boundaries;
  const moved = (at: number): number => start + ((at - start + shiftMs) % lifeMs);
  const order = Array.from({ length: count }, (_, i) => i)
    .filter((i) => moved(time.E[i] ?? 0) <= moved(time.S[i] ?? 0))
    .sort((a, b) => moved(time.E[a] ?? 0) - moved(time.E[b] ?? 0));
  const [E, S] = boundaryKinds.map((kind) => Float64Array.from(order, (i) => moved(time[kind][i] ?? 0)));
  return {
    ...boundaries,
    count: order.length,
    time: { E: E ?? new Float64Array(), S: S ?? new Float64Array() },
    since: {
      E: Float64Array.from(order, (i) => since.E[i] ?? 0),
      S: Float64Array.from(order, (i) => since.S[i] ?? 0),
    },
    doubtful: Uint8Array.from(order, (i) => doubtful[i] ?? 0),
  };
}
