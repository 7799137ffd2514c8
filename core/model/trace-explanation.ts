/**
 * Why a verdict: the terms of one pair's score, and the two fingerprints that they rest on. `backtrail trace --explain
 * --format json` prints it. All times are corrected, in epoch ms; all scores are natural logarithms (nats).
 */
import type { ConnectionView } from './trace-result.ts';

/** A connection as a person writes it: addresses in the text form of `formatAddress`. */
export interface ConnectionName {
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
}

/** E: a silence starts. S: a silence ends. */
export type BoundaryLetter = 'E' | 'S';

/** `loss`: lost datagrams may have made the silence. `short`: so near the idle timeout that the other side may not show it. */
export type BoundaryDoubt = 'loss' | 'short';

export interface ExplainedBoundary {
  readonly kind: BoundaryLetter;
  readonly timeMs: number;
  /** Index into the other login's `boundaries`; null where nothing there agrees. */
  readonly matchedWith: number | null;
  /** After lag correction: how much later than its match it is, ms; null without one. */
  readonly missesByMs: number | null;
  /** What it adds to the score; on the downstream side what its absence upstream would cost, counted upstream. */
  readonly nats: number;
  readonly doubtful: BoundaryDoubt | null;
  /** False where it lies outside the time that both logins lived, and so was not compared. */
  readonly compared: boolean;
}

/** A silence that was tested for lying within one of the other login's (the chaff readings). */
export interface ExplainedSilence {
  readonly fromMs: number;
  readonly toMs: number;
  readonly contained: boolean;
  /** The chance that a stranger's silence of this length is contained. */
  readonly chance: number;
  readonly nats: number;
}

export interface ExplainedLogin {
  /** All views of the login, attacker's side first. */
  readonly views: readonly ConnectionView[];
  /** The view whose exporters speak for the login. */
  readonly principal: ConnectionView;
  /** Ascending by time. */
  readonly boundaries: readonly ExplainedBoundary[];
  /** When it was active: flat pairs [from, to], ascending. All silences of the strip lie between them. */
  readonly activity: readonly number[];
  /** When records may have been lost: flat pairs [from, to], ascending. */
  readonly lossyWindows: readonly number[];
  /** The published fingerprint: ON and OFF durations in turn, ON first, ms. */
  readonly cpfVector: readonly number[];
  readonly inactiveTimeoutMs: number;
  readonly timingErrorMs: number;
  /** One packet in this many was counted. */
  readonly samplingInterval: number;
}

/**
 * What a term is about. `matched`, `unmatched`, `missing` and `doubtful` are boundaries; `contained` and `broken` are
 * silences of the chaff readings; all others are subtracted for what was tried, or what else would explain it.
 */
export type TermKind =
  | 'matched'
  | 'unmatched'
  | 'missing'
  | 'doubtful'
  | 'contained'
  | 'broken'
  | 'settings'
  | 'lag-search'
  | 'wrong-lag'
  | 'rhythm'
  | 'sampling'
  | 'inferred-hop'
  | 'surrogates';

export interface ExplanationTerm {
  readonly what: TermKind;
  readonly nats: number;
  readonly sentence: string;
}

export interface TraceExplanation {
  /** Where it was asked: a hop towards the next one, or a candidate against the target. */
  readonly about: 'hop' | 'candidate';
  readonly upstream: ExplainedLogin;
  readonly downstream: ExplainedLogin;
  readonly reading: 'boundaries' | 'chaff-upstream' | 'chaff-downstream';
  /** From the downstream login's time to the upstream login's, ms. */
  readonly lagMs: number;
  /** Silences at least this long were compared: both exporters' idle timeouts. */
  readonly thresholdMs: number;
  /** Empty where the reading is `boundaries`. */
  readonly silences: readonly ExplainedSilence[];
  /** Their nats sum to `totalNats`. */
  readonly terms: readonly ExplanationTerm[];
  readonly totalNats: number;
  /** What a perfect copy of the downstream login would score, and what is needed to convince. */
  readonly potentialNats: number;
  readonly neededNats: number;
  readonly cpf: number;
  /** The verdict in one sentence, with its reason. */
  readonly conclusion: string;
}
