/** Does one login lie around another, and do they agree well enough? */
import type { PairScore } from './pair-score.ts';
import type { Suspect } from './suspects.ts';
import { livesTogether, type Comparison } from './witness.ts';

/** A hop is taken when at most this many false ones are to be expected. */
export const LOGIN_EXPECTED_FALSE = 0.01;
const NESTING_SLACK_MS = 2000;

export interface Scored {
  readonly upstream: Suspect;
  readonly score: PairScore;
}

export interface Supported extends Scored {
  readonly supportNats: number;
}

export function isConvincing({ score, supportNats }: Supported, alternatives: number): boolean {
  const nats = Math.max(score.scoreNats, supportNats);
  return nats > 0 && alternatives * Math.exp(-nats) <= LOGIN_EXPECTED_FALSE;
}

/** The score of an upstream login that nests around the downstream one. */
export function scoreNested(
  upstream: Suspect,
  downstream: Suspect,
  compare: Comparison,
): PairScore | undefined {
  if (upstream === downstream || !livesTogether(upstream, downstream)) return undefined;
  const score = compare.score(downstream, upstream);
  return score && isNested(upstream, downstream, score.lagMs) ? score : undefined;
}

/** Upstream opens first and closes last, as far as openings and closings were seen. */
function isNested(upstream: Suspect, downstream: Suspect, lagMs: number): boolean {
  const slack = NESTING_SLACK_MS + upstream.fingerprint.timingErrorMs + downstream.fingerprint.timingErrorMs;
  const opens = upstream.openCensored || upstream.start - lagMs <= downstream.start + slack;
  const closes =
    upstream.endCensored || downstream.endCensored || upstream.end - lagMs >= downstream.end - slack;
  return opens && closes;
}
