/** Takes a pair's score apart: what each silence was worth, what was subtracted, and why. Nothing is scored anew. */
import type {
  ExplainedBoundary,
  ExplainedLogin,
  ExplainedSilence,
  ExplanationTerm,
  TraceExplanation,
} from '../model/trace-explanation.ts';
import { containmentAt, scoreContainment } from './containment.ts';
import { correlationPointFunction, durations } from './cpf.ts';
import { explainedTerms, type Parts } from './explanation-terms.ts';
import { likelihood, matchReach, type Likelihood, type Side } from './likelihood.ts';
import { lagCost, lagReach, type PairScore } from './pair-score.ts';
import { boundaryKinds, MAYBE_LOST, type Boundaries, type BoundaryKind } from './population.ts';
import type { Gathered } from './records.ts';
import { showConnection } from './views.ts';
import type { Suspect } from './suspects.ts';
import { isCoarse, neededNats, refusalOf, type Comparison } from './witness.ts';

export interface Pair {
  readonly about: 'hop' | 'candidate';
  readonly upstream: Suspect;
  readonly downstream: Suspect;
  /** What an inferred hop costs, or 0. */
  readonly costNats: number;
  /** Logins that could have stood here. */
  readonly alternatives: number;
}

/**
 * Explains the score of one pair; undefined where the two never lived at one time, or either shows no silences. The
 * terms sum to the score.
 */
export function explainPair(
  gathered: Gathered,
  compare: Comparison,
  pair: Pair,
): TraceExplanation | undefined {
  const { upstream, downstream, about, costNats, alternatives } = pair;
  const score = compare.score(downstream, upstream);
  if (!score) return undefined;
  const [x, y] = compare.sides(downstream, upstream);
  const carried = likelihood(x, y, score.lagMs);
  const { xs, ys } = explainBoundaries(x, y, score, carried);
  const silences = explainSilences(x, y, score);
  const parts: Parts = {
    score,
    xs,
    ys,
    silences,
    carried,
    lagCostNats: lagCostOf(x, y, score),
    costNats,
    isSampled: x.seen * y.seen < 1,
    isCoarse: isCoarse(upstream) || isCoarse(downstream),
    chance: compare.surrogates(downstream),
    alternatives,
  };
  const terms = explainedTerms(parts);
  const totalNats = terms.reduce((sum, term) => sum + term.nats, 0);
  const potential = compare.potential(downstream, upstream);
  return {
    about,
    upstream: showSide(gathered, upstream, ys),
    downstream: showSide(gathered, downstream, xs),
    reading: score.reading,
    lagMs: score.lagMs,
    thresholdMs: Math.max(upstream.fingerprint.timeoutMs, downstream.fingerprint.timeoutMs),
    silences,
    terms,
    totalNats,
    potentialNats: potential,
    neededNats: neededNats(alternatives),
    cpf: correlationPointFunction(durations(downstream.fingerprint), durations(upstream.fingerprint)),
    conclusion: conclude(
      terms,
      totalNats,
      neededNats(alternatives),
      refusalOf(compare, downstream, upstream, alternatives),
    ),
  };
}

function lagCostOf(x: Side, y: Side, { reading, lagMs }: PairScore): number {
  if (reading === 'boundaries') return lagCost(lagMs, lagReach(x, y));
  const [inner, outer] = insideOut(x, y, reading);
  return scoreContainment(inner, outer)?.lagCost ?? 0;
}

/** The side whose silences lie within the other's, first. */
const insideOut = (x: Side, y: Side, reading: PairScore['reading']): [Boundaries, Boundaries] =>
  reading === 'chaff-upstream' ? [y.boundaries, x.boundaries] : [x.boundaries, y.boundaries];

function explainBoundaries(
  x: Side,
  y: Side,
  { lagMs, reading }: PairScore,
  { index }: Likelihood,
): { xs: ExplainedBoundary[]; ys: ExplainedBoundary[] } {
  const xs = listBoundaries(x.boundaries);
  const ys = listBoundaries(y.boundaries);
  const counts = reading === 'boundaries' ? 1 : 0;
  const compared = { x: new Map<number, number>(), y: new Map<number, number>() };
  const code = (kind: BoundaryKind, i: number): number => 2 * i + (kind === 'S' ? 1 : 0);
  likelihood(x, y, lagMs, {
    ofTarget: (kind, i, nats) => {
      compared.x.set(code(kind, i), counts * (nats[index] ?? 0));
    },
    ofCandidate: (kind, i, nats) => {
      compared.y.set(code(kind, i), counts * (nats[index] ?? 0));
    },
  });
  const nearMs = matchReach(x, y);
  const match = (
    one: Listed,
    others: readonly Listed[],
    shift: number,
    known: ReadonlyMap<number, number>,
  ) => {
    let [at, misses] = [-1, Number.POSITIVE_INFINITY];
    for (const [k, other] of others.entries()) {
      const miss = one.timeMs + shift - other.timeMs;
      if (other.kind !== one.kind || !known.has(other.code) || Math.abs(miss) >= Math.abs(misses)) continue;
      [at, misses] = [k, miss];
    }
    return Math.abs(misses) <= nearMs
      ? { matchedWith: at, missesByMs: misses }
      : { matchedWith: null, missesByMs: null };
  };
  const show = (
    list: readonly Listed[],
    others: readonly Listed[],
    shift: number,
    own: ReadonlyMap<number, number>,
    theirs: ReadonlyMap<number, number>,
  ) =>
    list.map((one): ExplainedBoundary => {
      const nats = own.get(one.code);
      const { kind, timeMs, doubtful } = one;
      return nats === undefined
        ? { kind, timeMs, doubtful, matchedWith: null, missesByMs: null, nats: 0, compared: false }
        : { kind, timeMs, doubtful, ...match(one, others, shift, theirs), nats, compared: true };
    });
  return {
    xs: show(xs, ys, lagMs, compared.x, compared.y),
    ys: show(ys, xs, -lagMs, compared.y, compared.x),
  };
}

interface Listed {
  readonly kind: BoundaryKind;
  /** 2 i for silence i's start, 2 i + 1 for its end: ascends with time. */
  readonly code: number;
  readonly timeMs: number;
  readonly doubtful: ExplainedBoundary['doubtful'];
}

function listBoundaries({ count, time, doubtful }: Boundaries): Listed[] {
  return Array.from({ length: count }, (_, i) => i).flatMap((i) =>
    boundaryKinds.map((kind): Listed => {
      const doubt = doubtful[i] === 0 ? null : doubtful[i] === MAYBE_LOST ? 'loss' : 'short';
      return { kind, code: 2 * i + (kind === 'S' ? 1 : 0), timeMs: time[kind][i] ?? 0, doubtful: doubt };
    }),
  );
}

function explainSilences(x: Side, y: Side, { reading, lagMs }: PairScore): ExplainedSilence[] {
  if (reading === 'boundaries') return [];
  const [inner, outer] = insideOut(x, y, reading);
  const silences: ExplainedSilence[] = [];
  const lag = reading === 'chaff-upstream' ? lagMs : -lagMs;
  containmentAt(inner, outer, lag, {
    listener: (i, contained, chance, nats) => {
      silences.push({ fromMs: inner.time.E[i] ?? 0, toMs: inner.time.S[i] ?? 0, contained, chance, nats });
    },
  });
  return silences;
}

function showSide(
  gathered: Gathered,
  suspect: Suspect,
  boundaries: readonly ExplainedBoundary[],
): ExplainedLogin {
  const { fingerprint, login, principal } = suspect;
  return {
    views: login.views.map((view) => showConnection(gathered, view)),
    principal: showConnection(gathered, principal),
    boundaries,
    activity: fingerprint.active,
    lossyWindows: fingerprint.lossy,
    cpfVector: [...durations(fingerprint)],
    inactiveTimeoutMs: fingerprint.timeoutMs,
    timingErrorMs: fingerprint.timingErrorMs,
    samplingInterval: fingerprint.samplingInterval,
  };
}

function conclude(
  terms: readonly ExplanationTerm[],
  total: number,
  needed: number,
  refusal: string | null,
): string {
  if (refusal !== null) return `${refusal.charAt(0).toUpperCase()}${refusal.slice(1)}`;
  const score = `${total.toFixed(1)} nats, where ${needed.toFixed(1)} convince`;
  if (total >= needed) return `The silences of one recur on the other: ${score}.`;
  if (terms.some(({ what }) => what === 'rhythm'))
    return `Both keep one beat, so nothing tells them apart: ${score}.`;
  const before = terms.filter(({ what }) => what !== 'wrong-lag').reduce((sum, { nats }) => sum + nats, 0);
  return before >= needed
    ? `They agree about as well at a wrong lag, as rhythms do, so nothing tells them apart: ${score}.`
    : `They do not agree better than strangers may: ${score}.`;
}
