/** The terms of a score, each with its sentence. Their nats sum to the score. */
import { range } from '../math/statistics.ts';
import type {
  ExplainedBoundary,
  ExplainedSilence,
  ExplanationTerm,
  TermKind,
} from '../model/trace-explanation.ts';
import type { Likelihood } from './likelihood.ts';
import { CHAFF_COST, RECURRENCE_COST, type PairScore } from './pair-score.ts';
import { expectFalse, type Surrogates } from './surrogates.ts';

export interface Parts {
  readonly score: PairScore;
  readonly xs: readonly ExplainedBoundary[];
  readonly ys: readonly ExplainedBoundary[];
  readonly silences: readonly ExplainedSilence[];
  readonly carried: Likelihood;
  readonly lagCostNats: number;
  /** What an inferred hop costs, or 0. */
  readonly costNats: number;
  readonly isSampled: boolean;
  readonly isCoarse: boolean;
  readonly chance: Surrogates | undefined;
  readonly alternatives: number;
}

export function explainedTerms(parts: Parts): ExplanationTerm[] {
  const { score, carried, lagCostNats, costNats, isSampled, isCoarse } = parts;
  const isBoundaries = score.reading === 'boundaries';
  const terms = isBoundaries ? boundaryTerms(parts) : silenceTerms(parts);
  terms.push(
    isBoundaries
      ? term(
          'settings',
          carried.nats - carried.settingNats - RECURRENCE_COST,
          `Four settings of how much is carried were weighed together (likeliest here: ${percent(carried.setting.p)} of the moments recur), and this is one reading of three, with half of the prior.`,
        )
      : term(
          'settings',
          -CHAFF_COST,
          'This is one reading of three (moments that recur, chaff upstream, chaff downstream), with a quarter of the prior.',
        ),
    term('lag-search', -lagCostNats, `The lag was searched for, and came out at ${seconds(score.lagMs)}.`),
  );
  // What the guard left over: the score itself may also have been set to zero for a beat or for coarse sampling.
  const before = sum(terms);
  const guarded = before - score.wrongLagNats;
  terms.push(
    term(
      'wrong-lag',
      guarded - before,
      score.wrongLagNats > 0
        ? `The best wrong lag scores ${score.wrongLagNats.toFixed(1)} nats; what matches there is no evidence here.`
        : 'No wrong lag scores above zero.',
    ),
  );
  const lost = score.scoreNats - guarded;
  if (Math.abs(lost) > 1e-6) {
    if (isCoarse)
      terms.push(
        term(
          'sampling',
          lost,
          'Sampling of 1 packet in 50 or coarser shows no silences that could convince.',
        ),
      );
    else if (score.scoreNats === 0)
      terms.push(
        term('rhythm', lost, 'Both keep one beat, which matches at every multiple of it: nothing is left.'),
      );
    else
      terms.push(
        term(
          'wrong-lag',
          lost,
          'Between two rhythms of one period, what the best wrong lag contains is the chance.',
        ),
      );
  }
  if (isSampled)
    terms.push(
      term(
        'sampling',
        0,
        'Packets were sampled, so fewer moments are expected to recur, and each is timed less well.',
      ),
    );
  if (costNats > 0)
    terms.push(
      term(
        'inferred-hop',
        -costNats,
        'No exporter saw what links the two logins: the hop between is inferred.',
      ),
    );
  terms.push(surrogateTerm(parts, sum(terms)));
  return terms;
}

function boundaryTerms({ xs, ys, carried: { setting } }: Parts): ExplanationTerm[] {
  const compared = ys.filter((one) => one.compared);
  const certain = compared.filter(({ doubtful }) => doubtful === null);
  const matched = certain.filter(({ matchedWith }) => matchedWith !== null);
  const unmatched = certain.filter(({ matchedWith }) => matchedWith === null);
  const doubtful = compared.filter((one) => one.doubtful !== null);
  const expected = xs.filter((one) => one.compared);
  const missing = expected.filter(({ matchedWith }) => matchedWith === null).length;
  return [
    term(
      'matched',
      sum(matched),
      `${moments(matched.length)} of the upstream login agree with one of the downstream login${rangeOf(matched)}.`,
    ),
    term(
      'unmatched',
      sum(unmatched),
      `${moments(unmatched.length)} of the upstream login agree with none${rangeOf(unmatched)}.`,
    ),
    term(
      'missing',
      sum(expected),
      `Each of the ${moments(expected.length)} of the downstream login is expected upstream with a chance of ${percent(setting.p)}, which is the price of each; ${missing} did not recur.`,
    ),
    ...(doubtful.length === 0
      ? []
      : [
          term(
            'doubtful',
            sum(doubtful),
            `${moments(doubtful.length)} of the upstream login lie in lossy time or near the idle timeout, and count as there or not with even odds${rangeOf(doubtful)}.`,
          ),
        ]),
  ];
}

function silenceTerms({ silences, score }: Parts): ExplanationTerm[] {
  const [inner, outer] =
    score.reading === 'chaff-upstream' ? ['upstream', 'downstream'] : ['downstream', 'upstream'];
  const inside = silences.filter(({ contained }) => contained);
  const broken = silences.filter(({ contained }) => !contained);
  return [
    term(
      'contained',
      sum(inside),
      `${inside.length} silences of the ${inner} login lie within silences of the ${outer} login${rangeOf(inside)}.`,
    ),
    term('broken', sum(broken), `${broken.length} silences of the ${inner} login do not${rangeOf(broken)}.`),
  ];
}

function surrogateTerm({ chance, alternatives }: Parts, total: number): ExplanationTerm {
  if (!chance)
    return term(
      'surrogates',
      0,
      'Too few time-shifted copies could be made to check the E-value on: the login lived less than ten minutes, or among too few others.',
    );
  const reached = chance.positive.filter((score) => score >= total).length;
  const expected = expectFalse(chance, total, alternatives);
  const outcome =
    expected === null
      ? 'too few above zero to say more'
      : `from which ${expected.toExponential(0)} false ones are expected here`;
  return term(
    'surrogates',
    0,
    `Of ${chance.total} pairs with copies shifted by five minutes or more, ${chance.positive.length} score above zero and ${reached} as much as this: ${outcome}.`,
  );
}

const term = (what: TermKind, nats: number, sentence: string): ExplanationTerm => ({ what, nats, sentence });
const sum = (list: readonly { readonly nats: number }[]): number =>
  list.reduce((total, { nats }) => total + nats, 0);
const percent = (part: number): string => `${(part * 100).toFixed(0)} %`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const moments = (count: number): string => `${count} moment${count === 1 ? '' : 's'}`;

/** `, worth 0.4 to 5.1 nats each`; nothing for an empty list. */
function rangeOf(list: readonly { readonly nats: number }[]): string {
  if (list.length === 0) return '';
  const { least, most } = range(list.map(({ nats }) => nats));
  return `, worth ${least.toFixed(1)} to ${most.toFixed(1)} nats each`;
}
