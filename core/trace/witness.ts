/** A login ready for comparison: the site that knows its silences best speaks for all of its views. */
import type { Connection, Observation } from './connections.ts';
import type { Observer } from './observers.ts';
import type { Records } from './records.ts';
import { FAR_LAG_MS, potentialNats, scorePair, type PairScore, type Side } from './pair-score.ts';
import { Population, takeBoundaries } from './population.ts';
import { makeTable, sharedThreshold, type PrintTable } from './print-table.ts';
import { LoginSearch } from './search.ts';
import { fingerprint, type Fingerprint } from './silences.ts';
import { expectFalse, scoreSurrogates, type Surrogates } from './surrogates.ts';
import type { Login } from './twins.ts';

export interface Suspect {
  readonly login: Login;
  readonly principal: Connection;
  readonly fingerprint: Fingerprint;
  /** The life of the login by all who saw it: what one lost of its opening or its closing another may have kept. */
  readonly start: number;
  readonly end: number;
  readonly openCensored: boolean;
  readonly endCensored: boolean;
}

/**
 * Chooses, for each login, the site whose exporters saw its silences best. The views of one site are united: its
 * exporters share a clock, the path between them is short, and what one lost another may have kept.
 */
export function makeSuspects(
  records: Records,
  observers: readonly Observer[],
  logins: readonly Login[],
): Suspect[] {
  return logins.map((login) => {
    const [only] = login.views;
    if (only && login.views.length === 1 && only.observations.length === 1) {
      const { start, end, openCensored, endCensored } = only;
      const print = fingerprint(records, only.observations, observers);
      return { login, principal: only, fingerprint: print, start, end, openCensored, endCensored };
    }
    const bySite = new Map<string, { view: Connection; observation: Observation }[]>();
    for (const view of login.views) {
      for (const observation of view.observations) {
        const site = observers[observation.observer]?.site ?? '';
        const seen = bySite.get(site);
        if (seen) seen.push({ view, observation });
        else bySite.set(site, [{ view, observation }]);
      }
    }
    const vantages = [...bySite.values()].map((seen) => {
      const observations = seen.map(({ observation }) => observation);
      return { seen, observations, print: fingerprint(records, observations, observers) };
    });
    const best = vantages.reduce((a, b) => (preference(b) > preference(a) ? b : a));
    const principal = best.seen.reduce((a, b) =>
      b.observation.records.length > a.observation.records.length ? b : a,
    ).view;
    return {
      login,
      principal,
      fingerprint: best.print,
      ...findLife(observers, login, best.print.clockTied),
    };
  });
}

type Life = Pick<Suspect, 'start' | 'end' | 'openCensored' | 'endCensored'>;

/** Views whose clocks cannot be compared with the others' are left aside where `tied` ones speak. */
function findLife(observers: readonly Observer[], { views }: Login, tied: boolean): Life {
  const comparable = views.filter((view) =>
    view.observations.every(({ observer }) => ((observers[observer]?.clockTied ?? null) !== null) === tied),
  );
  const seen = comparable.length > 0 ? comparable : views;
  return {
    start: Math.min(...seen.map((view) => view.start)),
    end: Math.max(...seen.map((view) => view.end)),
    openCensored: seen.every((view) => view.openCensored),
    endCensored: seen.every((view) => view.endCensored),
  };
}

interface Vantage {
  readonly observations: readonly Observation[];
  readonly print: Fingerprint;
}

/** Both directions seen, then the finest timeout, then the fewest doubtful silences, then the most silences. */
function preference({ observations, print }: Vantage): number {
  const seen = (direction: 0 | 1): boolean => observations.some(({ packets }) => packets[direction] > 0);
  const both = seen(0) && seen(1) ? 1 : 0;
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
  readonly #table: PrintTable;
  #search: LoginSearch | undefined;
  readonly #listed = new Map<Suspect, readonly Suspect[]>();
  readonly #populations = new Map<number, Population>();
  readonly #sides = new Map<string, Side>();
  /** By downstream, then upstream login: candidates, edges and paths ask for the same pairs. */
  readonly #scores = new Map<number, Map<number, PairScore | undefined>>();
  readonly #comparable = new Map<number, number>();
  readonly #potentials = new Map<Side, number>();
  readonly #surrogates = new Map<number, Surrogates | null>();

  constructor(suspects: readonly Suspect[]) {
    this.#suspects = suspects;
    this.#table = makeTable(suspects.map((suspect) => suspect.fingerprint));
  }

  /** Scores upstream candidate `y` against downstream target `x`. */
  score(x: Suspect, y: Suspect): PairScore | undefined {
    let scores = this.#scores.get(x.login.id);
    if (!scores) {
      scores = new Map<number, PairScore | undefined>();
      this.#scores.set(x.login.id, scores);
    }
    if (scores.has(y.login.id)) return scores.get(y.login.id);
    const [xSide, ySide] = this.sides(x, y);
    const found = scorePair(xSide, ySide);
    const score =
      found && (isCoarse(x) || isCoarse(y)) ? { ...found, scoreNats: Math.min(0, found.scoreNats) } : found;
    scores.set(y.login.id, score);
    return score;
  }

  /** Logins that could have agreed with `x` at all: they show silences and lived about when it did. At least 1. */
  comparable(x: Suspect): number {
    let count = this.#comparable.get(x.login.id);
    if (count === undefined) {
      count = 0;
      for (const y of this.#suspects)
        if (y !== x && y.fingerprint.from.length > 0 && livesTogether(x, y)) count++;
      this.#comparable.set(x.login.id, (count = Math.max(1, count)));
    }
    return count;
  }

  /** Both logins' silences longer than either's idle timeout. */
  sides(x: Suspect, y: Suspect): [Side, Side] {
    const threshold = sharedThreshold(x.fingerprint.timeoutMs, y.fingerprint.timeoutMs);
    return [this.#side(x, threshold), this.#side(y, threshold)];
  }

  /**
   * The logins worth scoring against `x`: all of them, or those that an index lists where they are very many. Whoever
   * entered the host that `x` left from is to be added by the caller.
   */
  worthScoring(x: Suspect): readonly Suspect[] {
    if (this.#suspects.length <= SCORED_ALL) return this.#suspects;
    let listed = this.#listed.get(x);
    if (!listed) {
      this.#search ??= new LoginSearch(this.#table);
      const found = this.#search.find(this.#suspects.indexOf(x));
      listed = found.flatMap(({ id }) => this.#suspects[id] ?? []);
      this.#listed.set(x, listed);
    }
    return listed;
  }

  /**
   * What chance scores with shifted copies of `x`; undefined where they are too few to say. Surrogates are scored once, at
   * the login's own threshold, among the logins of finer or equal timeout.
   */
  surrogates(x: Suspect): Surrogates | undefined {
    let found = this.#surrogates.get(x.login.id);
    if (found === undefined) {
      const threshold = sharedThreshold(x.fingerprint.timeoutMs);
      const others = this.#suspects.filter(
        (y) =>
          y !== x && sharedThreshold(y.fingerprint.timeoutMs) <= threshold && y.fingerprint.from.length > 0,
      );
      const step = Math.max(1, Math.floor(others.length / MOST_SURROGATE_LOGINS));
      const sides = others.filter((_, i) => i % step === 0).map((y) => this.#side(y, threshold));
      found = scoreSurrogates(this.#side(x, threshold), sides) ?? null;
      this.#surrogates.set(x.login.id, found);
    }
    return found ?? undefined;
  }

  /** What a perfect copy of `x` would score with an exporter of `y`'s timeout. */
  potential(x: Suspect, y: Suspect = x): number {
    const side = this.#side(x, sharedThreshold(x.fingerprint.timeoutMs, y.fingerprint.timeoutMs));
    let potential = this.#potentials.get(side);
    if (potential === undefined) this.#potentials.set(side, (potential = potentialNats(side)));
    return isCoarse(x) || isCoarse(y) ? Math.min(0, potential) : potential;
  }

  #side(suspect: Suspect, threshold: number): Side {
    const key = `${suspect.login.id} ${threshold}`;
    let side = this.#sides.get(key);
    if (!side) {
      const boundaries = takeBoundaries(suspect.fingerprint, threshold);
      const { timingErrorMs, clockTied, seen } = suspect.fingerprint;
      const rates = this.#population(threshold).rates(boundaries);
      side = { boundaries, rates, timingErrorMs, clockTied, seen };
      this.#sides.set(key, side);
    }
    return side;
  }

  #population(threshold: number): Population {
    let population = this.#populations.get(threshold);
    if (!population) {
      population = new Population(this.#table, threshold);
      this.#populations.set(threshold, population);
    }
    return population;
  }
}

/** Up to so many logins each is scored; a second or two. */
export const SCORED_ALL = 20_000;

/** False where no lag that is looked at would let two logins meet. */
export const livesTogether = (a: Suspect, b: Suspect): boolean =>
  a.start <= b.end + FAR_LAG_MS && b.start <= a.end + FAR_LAG_MS;

/** Logins that shifted copies are compared with. */
const MOST_SURROGATE_LOGINS = 400;

/** Sampling of one packet in so many shows too few of a person's packets to tell silence from luck. */
const COARSE_SAMPLING = 50;

export const isCoarse = ({ fingerprint: print }: Suspect): boolean =>
  print.samplingInterval >= COARSE_SAMPLING;

/** False findings that a search may expect before its best hit is believed. */
const EXPECTED_FALSE = 0.001;

/** True where a score is beyond what the best of `candidates` strangers would reach by chance. */
export function isRelated(scoreNats: number, candidates: number): boolean {
  return candidates * Math.exp(-scoreNats) <= EXPECTED_FALSE;
}

/** Why `target` could not be told from `candidates` others, seen as `other` was; null where it could. */
export function refusalOf(
  compare: Comparison,
  target: Suspect,
  other: Suspect,
  candidates: number,
): string | null {
  const potential = compare.potential(target, other);
  if (isRelated(potential, candidates)) return null;
  const coarse = [target, other].find(isCoarse);
  if (coarse) {
    return `insufficient: only 1 packet in ${coarse.fingerprint.samplingInterval} was counted, and what looks like silence may be packets that were not picked.`;
  }
  const { count } = compare.sides(target, other)[0].boundaries;
  const gives = Math.max(0, potential).toFixed(1);
  return count === 0
    ? 'insufficient: it shows no silence longer than both idle timeouts.'
    : `insufficient: even a perfect match of ${count} silence${count === 1 ? '' : 's'} gives ${gives} nats, ${neededNats(candidates).toFixed(1)} are needed.`;
}

/** The score at which one of `candidates` is believed. */
export const neededNats = (candidates: number): number => Math.log(Math.max(1, candidates) / EXPECTED_FALSE);

/** False findings to be expected among `alternatives`, by the model and by surrogates; the larger is the one to believe. */
export interface Expectation {
  readonly eValue: number;
  readonly eValueModel: number;
  readonly eValueSurrogate: number | null;
}

/** The model's figure, checked against surrogates of `x` where it claims that the score is no chance. */
export function expectChance(
  compare: Comparison,
  x: Suspect,
  scoreNats: number,
  alternatives: number,
): Expectation {
  const eValueModel = Math.min(alternatives, alternatives * Math.exp(-scoreNats));
  const surrogates = eValueModel <= CHECKED_BELOW ? compare.surrogates(x) : undefined;
  const eValueSurrogate = surrogates ? expectFalse(surrogates, scoreNats, alternatives) : null;
  return { eValue: Math.max(eValueModel, eValueSurrogate ?? 0), eValueModel, eValueSurrogate };
}

/** Scores whose E-value claims less are worth the check. */
const CHECKED_BELOW = 0.1;
