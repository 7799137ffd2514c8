/**
 * What `backtrail trace --method cpf --format json` prints: the published NetFlow traceback (Wang, Reeves & Wu 2002; Kim,
 * Kang & Kim 2015), its own quantities and no others. Times in epoch ms, durations in ms.
 */
import type { ConnectionView } from './trace-result.ts';

export interface CpfCandidate {
  readonly connection: ConnectionView;
  /** Correlation point function of the two fingerprints, 0 to 1. */
  readonly cpf: number;
  /**
   * Coefficient of variation of the candidate's durations over the target's, position by position: 0 where one is the
   * other stretched. Null below two positions.
   */
  readonly cv: number | null;
  /** Durations that both have, which is as far as they were compared. */
  readonly positions: number;
  /** How much earlier than the target it opened; negative where it opened later. */
  readonly opensBeforeMs: number;
  /** `same-chain` where the CPF is above the threshold. */
  readonly verdict: 'same-chain' | 'unrelated';
  /** ON and OFF durations in turn, ON first. */
  readonly fingerprint: readonly number[];
}

export interface CpfTrace {
  readonly method: 'cpf';
  readonly threshold: number;
  readonly target: ConnectionView;
  readonly fingerprint: readonly number[];
  /** By rising coefficient of variation, those of the chain first. */
  readonly candidates: readonly CpfCandidate[];
  /** The connections of the chain and the target, by the time at which they opened: the attacker's first. */
  readonly chain: readonly ConnectionView[];
  /** How many connections lived at the target's time and were compared. */
  readonly compared: number;
  /** What bounds the answer, in sentences. */
  readonly notes: readonly string[];
}
