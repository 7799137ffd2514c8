/**
 * Connections that carried about as much, about when the target did: what a trace can still say where the target hardly
 * ever fell silent (transfers, tunnels, bots). A weaker class of evidence than silences, and never mixed with it.
 */
import type { ConnectionView } from './trace-result.ts';

export interface VolumeCandidate {
  readonly evidence: 'volume';
  readonly connection: ConnectionView;
  /** `carries`: chance explains it in one question of a hundred at most. */
  readonly verdict: 'carries' | 'unrelated';
  /** It entered the host that the target left from. */
  readonly entersHost: boolean;
  /** Connections that chance lets agree as well, by the connections at hand. */
  readonly eValue: number;
  /** How many connections were asked about. */
  readonly alternatives: number;
  /** How much earlier it opened and later it closed, ms; null where no record shows it or the clocks cannot be compared. */
  readonly opensBeforeMs: number | null;
  readonly closesAfterMs: number | null;
  /** Its octets over the target's, in the direction in which the target carried most. */
  readonly totalsRatio: number;
  /** Correlation of the changes of log volume from bin to bin; null below the bins that tell. */
  readonly correlation: number | null;
  /** Independent bins that the correlation is worth, and its Fisher z in standard errors. */
  readonly effectiveBins: number;
  readonly fisherZ: number | null;
  /** The furthest that its running total was from the target's, as a part of the total. */
  readonly cumulativeGap: number;
}

export interface VolumeEvidence {
  readonly evidence: 'volume';
  readonly direction: 'to-victim' | 'from-victim';
  readonly binMs: number;
  /** Those that carried first, by rising E-value. */
  readonly candidates: readonly VolumeCandidate[];
  readonly notes: readonly string[];
}
