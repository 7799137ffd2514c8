/** A login ready for comparison: the view whose silences are known best stands for all of its views. */
import type { Connection } from './connections.ts';
import type { Observer } from './observers.ts';
import type { Records } from './records.ts';
import { potentialNats, scorePair, type PairScore, type Side } from './pair-score.ts';
import { Population, takeBoundaries } from './population.ts';
import { fingerprint, type Fingerprint } from './silences.ts';
import type { Login } from './twins.ts';

export interface Suspect {
  readonly login: Login;
  readonly principal: Connection;
  readonly fingerprint: Fingerprint;
  /** Earliest opening and latest closing over all views. */
  readonly start: number;
  readonly end: number;
  readonly openCensored: boolean;
  readonly endCensored: boolean;
}

/** Silences must be longer than both timeouts by the fuzz of idle expiry before they recur on the other hop. */
const TIMEOUT_GUARD_MS = 2000;
/** Thresholds are rounded up to this step, so that few populations serve all pairs. */
const THRESHOLD_STEP_MS = 500;

/** Chooses each login's principal view and fingerprint. */
export function makeSuspects(
  records: Records,
  observers: readonly Observer[],
  logins: readonly Login[],
): Suspect[] {
  return logins.map((login) => {
    const views = login.views.map((view) => ({ view, print: fingerprint(records, view, observers) }));
    const best = views.reduce((a, b) => (preference(b.view, b.print) > preference(a.view, a.print) ? b : a));
    return {
      login,
      principal: best.view,
      fingerprint: best.print,
      start: best.view.start,
      end: best.view.end,
      openCensored: best.view.openCensored,
      endCensored: best.view.endCensored,
    };
  });
}

/** Both directions seen, then the finest timeout, then the fewest doubtful silences, then the most silences. */
function preference(view: Connection, print: Fingerprint): number {
  const both = view.observations.some(({ packets }) => packets[0] > 0 && packets[1] > 0) ? 1 : 0;
  const doubtful = print.doubtful.reduce((sum, flag) => sum + flag, 0) / Math.max(1, print.doubtful.length);
  return (
    both * 1e6 -
    Math.round(print.timeoutMs / 2000) * 1e3 -
    doubtful * 100 +
    Math.min(99, print.from.length) / 100
  );
}

/** Compares suspects pairwise, with the populations and rates that this takes made once. */
export class Comparison {
  readonly #suspects: readonly Suspect[];
  readonly #populations = new Map<number, Population>();
  readonly #sides = new Map<string, Side>();

  constructor(suspects: readonly Suspect[]) {
    this.#suspects = suspects;
  }

  /** Scores upstream candidate `y` against downstream target `x`. */
  score(x: Suspect, y: Suspect): PairScore | undefined {
    const threshold = thresholdOf(Math.max(x.fingerprint.timeoutMs, y.fingerprint.timeoutMs));
    return scorePair(this.#side(x, threshold), this.#side(y, threshold));
  }

  /** What a perfect copy of `x` would score with an exporter of `y`'s timeout. */
  potential(x: Suspect, y: Suspect = x): number {
    return potentialNats(
      this.#side(x, thresholdOf(Math.max(x.fingerprint.timeoutMs, y.fingerprint.timeoutMs))),
    );
  }

  #side(suspect: Suspect, threshold: number): Side {
    const key = `${suspect.login.id} ${threshold}`;
    let side = this.#sides.get(key);
    if (!side) {
      const boundaries = takeBoundaries(suspect.fingerprint, threshold);
      const { timingErrorMs, clockTied } = suspect.fingerprint;
      side = { boundaries, rates: this.#population(threshold).rates(boundaries), timingErrorMs, clockTied };
      this.#sides.set(key, side);
    }
    return side;
  }

  #population(threshold: number): Population {
    let population = this.#populations.get(threshold);
    if (!population) {
      population = new Population(this.#suspects.map((s) => takeBoundaries(s.fingerprint, threshold)));
      this.#populations.set(threshold, population);
    }
    return population;
  }
}

const thresholdOf = (timeoutMs: number): number =>
  Math.ceil((timeoutMs + TIMEOUT_GUARD_MS) / THRESHOLD_STEP_MS) * THRESHOLD_STEP_MS;

/** False findings that a search may expect before its best hit is believed. */
const EXPECTED_FALSE = 0.001;

/** True where a score is beyond what the best of `candidates` strangers would reach by chance. */
export function isRelated(scoreNats: number, candidates: number): boolean {
  return candidates * Math.exp(-scoreNats) <= EXPECTED_FALSE;
}
