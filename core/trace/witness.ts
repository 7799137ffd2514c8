/** Compares logins pairwise, and says what a score is worth. */
import type { Side } from './likelihood.ts';
import { FAR_LAG_MS, potentialNats, scorePair, type PairScore } from './pair-score.ts';
import { Population } from './population.ts';
import { boundariesOf, sharedThreshold } from './print-table.ts';
import { LoginSearch } from './search.ts';
import { expectFalse, scoreSurrogates, type Surrogates } from './surrogates.ts';
import type { Suspect, Suspects } from './suspects.ts';

/** Compares suspects pairwise, with the populations and rates that this takes made once. */
export class Comparison {
  readonly #suspects: Suspects;
  /** Every login is scored: there are few enough. */
  readonly isExhaustive: boolean;
  #search: LoginSearch | undefined;
  readonly #listed = new Map<Suspect, readonly Suspect[]>();
  readonly #populations = new Map<number, Population>();
  readonly #sides = new Map<string, Side>();
  /** By downstream, then upstream login: candidates, edges and paths ask for the same pairs. */
  readonly #scores = new Map<number, Map<number, PairScore | undefined>>();
  readonly #comparable = new Map<number, number>();
  readonly #potentials = new Map<Side, number>();
  readonly #surrogates = new Map<number, Surrogates | null>();

  constructor(suspects: Suspects) {
    this.#suspects = suspects;
    this.isExhaustive = suspects.count <= SCORED_ALL;
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
      const { start, end } = this.#suspects;
      for (let id = 0; id < this.#suspects.count; id++) {
        if (id === x.login.id || this.#suspects.silences(id) === 0) continue;
        if (livesTogether(x, { start: start[id] ?? 0, end: end[id] ?? 0 })) count++;
      }
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
    if (this.isExhaustive) return this.#suspects.all();
    let listed = this.#listed.get(x);
    if (!listed) {
      this.#search ??= new LoginSearch(this.#suspects.prints);
      listed = this.#search.find(x.login.id).map(({ id }) => this.#suspects.at(id));
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
      const { timeoutMs } = this.#suspects.prints;
      const others: number[] = [];
      for (let id = 0; id < this.#suspects.count; id++) {
        if (id === x.login.id || this.#suspects.silences(id) === 0) continue;
        if (sharedThreshold(timeoutMs[id] ?? 0) <= threshold) others.push(id);
      }
      const step = Math.max(1, Math.floor(others.length / MOST_SURROGATE_LOGINS));
      const sides = others
        .filter((_, i) => i % step === 0)
        .map((id) => this.#side(this.#suspects.at(id), threshold));
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
      const { prints } = this.#suspects;
      const { id } = suspect.login;
      const boundaries = boundariesOf(prints, id, threshold);
      side = {
        boundaries,
        rates: this.#population(threshold).rates(boundaries),
        timingErrorMs: prints.timingErrorMs[id] ?? 0,
        clockTied: prints.clockTied[id] === 1,
        seen: prints.seen[id] ?? 1,
      };
      this.#sides.set(key, side);
    }
    return side;
  }

  #population(threshold: number): Population {
    let population = this.#populations.get(threshold);
    if (!population) {
      population = new Population(this.#suspects.prints, threshold);
      this.#populations.set(threshold, population);
    }
    return population;
  }
}

/** Up to so many logins each is scored; a second or two. */
export const SCORED_ALL = 20_000;

type Lived = Pick<Suspect, 'start' | 'end'>;

/** False where no lag that is looked at would let two logins meet. */
export const livesTogether = (a: Lived, b: Lived): boolean =>
  a.start <= b.end + FAR_LAG_MS && b.start <= a.end + FAR_LAG_MS;

/** Logins that shifted copies are compared with. */
const MOST_SURROGATE_LOGINS = 400;

/** Sampling of one packet in so many shows too few of a person's packets to tell silence from luck. */
const COARSE_SAMPLING = 50;

export const isCoarse = ({ fingerprint: print }: Suspect): boolean =>
  isCoarseSampling(print.samplingInterval);

export const isCoarseSampling = (interval: number): boolean => interval >= COARSE_SAMPLING;

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
