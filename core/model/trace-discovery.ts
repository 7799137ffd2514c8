/** What `backtrail discover --format json` prints: logins that carry other logins, which nobody reported. */
import type { ConnectionView } from './trace-result.ts';

export interface SteppingStone {
  /** The login that entered the stepping stone, and the one that left it. */
  readonly upstream: ConnectionView;
  readonly downstream: ConnectionView;
  /** `login`: both touch the host between. `inferred`: they agree, and no exporter saw what links them. */
  readonly kind: 'login' | 'inferred';
  /** The machine between; absent where it is inferred. */
  readonly host?: string;
  readonly hostSite?: string;
  readonly scoreNats: number;
  /** False findings to be expected among all pairs asked about that score as much or more. */
  readonly eValue: number;
  readonly reading: 'boundaries' | 'chaff-upstream' | 'chaff-downstream';
  /** From the downstream login's time to the upstream login's, ms. */
  readonly lagMs: number;
  readonly matched: number;
  readonly boundaries: number;
  readonly cpf: number;
  readonly activityOverlap: number;
  /** How much earlier the upstream login opened, and how much later it closed, ms; null where no record shows it. */
  readonly opensBeforeMs: number | null;
  readonly closesAfterMs: number | null;
}

export interface Discovery {
  /** Best first. */
  readonly found: readonly SteppingStone[];
  /** How many were found; `found` holds the best of them. */
  readonly total: number;
  /** False ones to be expected in `found`. */
  readonly expectedFalse: number;
  readonly connections: number;
  /** Logins with silences enough to be compared. */
  readonly comparable: number;
  /** Pairs whose score was computed. */
  readonly pairsScored: number;
  /** What bounds the answer, in sentences. */
  readonly notes: readonly string[];
}
