/**
 * Who fell silent or spoke again when the target did? An inverted index from seconds to logins.
 *
 * Each start and end of a silence is posted under its second. A target's boundaries are looked up, a second to either
 * side, and every login posted there gets a vote of ln(logins / postings): rare seconds weigh more (as rare words do in
 * text search, Sparck Jones 1972). Only the logins with most votes are scored exactly. The rarest seconds vote first, and
 * voting ends when its budget is spent, so that crowds (a million beacons on one beat) cost no time and tell nothing.
 */
import { boundaryKinds, type Boundaries, type BoundaryKind } from './population.ts';
import type { PrintTable } from './print-table.ts';

/** Logins kept for exact scoring: this part of them, and no fewer than so many. */
const KEPT_PART = 0.02;
const KEPT_LEAST = 20_000;
/** Votes of one search over all lags: a tenth of a second or two. */
const BUDGET = 30_000_000;
/** A second with postings of more than this part of all logins tells nothing. */
const CROWDED_PART = 0.05;
const CROWDED_LEAST = 1000;
const BIN_MS = 1000;
/** Bins of a second for 46 days; a longer span gets wider ones. */
const MOST_BINS = 4_000_000;
/** Lags are tried in steps of two bins, each with a bin to either side. */
const LAG_STEP_BINS = 2;
/** Times beyond these quantiles of the logins' lives (a record of 1970) share the outermost bins. */
const OUTLIERS = 0.001;

/** How many logins of so many are scored exactly. */
const keptCount = (logins: number): number =>
  Math.min(logins, Math.max(KEPT_LEAST, Math.ceil(logins * KEPT_PART)));

export class SearchIndex {
  readonly #count: number;
  readonly #first: number;
  readonly #binMs: number;
  readonly #bins: number;
  /** Postings of bin b are `ids[starts[b]]` to `ids[starts[b + 1]]`. */
  readonly #starts: Record<BoundaryKind, Uint32Array>;
  readonly #ids: Record<BoundaryKind, Uint32Array>;

  constructor(table: PrintTable) {
    this.#count = table.count;
    const [first, last] = [typical(table.start, OUTLIERS), typical(table.end, 1 - OUTLIERS)];
    this.#first = first - BIN_MS;
    this.#binMs = Math.max(BIN_MS, Math.ceil((last - first) / MOST_BINS));
    this.#bins = Math.max(1, Math.min(MOST_BINS, Math.ceil((last - first) / this.#binMs) + 2));
    const E = this.#post(table, table.from);
    const S = this.#post(table, table.to);
    this.#starts = { E: E.starts, S: S.starts };
    this.#ids = { E: E.ids, S: S.ids };
  }

  /** Counting sort of the postings by bin. */
  #post({ count, offsets }: PrintTable, times: Float64Array): { starts: Uint32Array; ids: Uint32Array } {
    const starts = new Uint32Array(this.#bins + 2);
    for (const time of times) {
      const at = this.#bin(time) + 2;
      starts[at] = (starts[at] ?? 0) + 1;
    }
    for (let bin = 2; bin < starts.length; bin++) starts[bin] = (starts[bin] ?? 0) + (starts[bin - 1] ?? 0);
    const ids = new Uint32Array(times.length);
    for (let login = 0; login < count; login++) {
      for (let i = offsets[login] ?? 0; i < (offsets[login + 1] ?? 0); i++) {
        const slot = this.#bin(times[i] ?? 0) + 1;
        ids[starts[slot] ?? 0] = login;
        starts[slot] = (starts[slot] ?? 0) + 1;
      }
    }
    return { starts: starts.subarray(0, this.#bins + 1), ids };
  }

  #bin(time: number): number {
    const bin = Math.floor((time - this.#first) / this.#binMs);
    return bin > 0 ? Math.min(bin, this.#bins - 1) : 0;
  }

  /**
   * The logins whose boundaries agree best with the target's at some lag within `reachMs`, at most `keep` of them, in no
   * order. Logins without any vote are left out.
   */
  shortlist({ time }: Boundaries, reachMs: number, keep = keptCount(this.#count)): Uint32Array {
    const reach = Math.ceil(reachMs / this.#binMs / LAG_STEP_BINS) * LAG_STEP_BINS;
    const lags = (2 * reach) / LAG_STEP_BINS + 1;
    const best = new Float32Array(this.#count);
    const votes = new Float32Array(this.#count);
    for (let lag = -reach; lag <= reach; lag += LAG_STEP_BINS) {
      votes.fill(0);
      this.#vote(time, lag, BUDGET / lags, votes);
      for (let i = 0; i < best.length; i++) if ((votes[i] ?? 0) > (best[i] ?? 0)) best[i] = votes[i] ?? 0;
    }
    return largest(best, keep);
  }

  #vote(time: Boundaries['time'], lag: number, budget: number, votes: Float32Array): void {
    const crowded = Math.max(CROWDED_LEAST, this.#count * CROWDED_PART);
    const lookups = boundaryKinds
      .flatMap((kind) => Array.from(time[kind], (at) => this.#lookup(kind, this.#bin(at) + lag)))
      .filter(({ postings }) => postings > 0 && postings <= crowded)
      .sort((a, b) => a.postings - b.postings);
    let spent = 0;
    for (const { kind, from, to, postings } of lookups) {
      if ((spent += postings) > budget) return;
      const weight = Math.log(1 + this.#count / postings);
      const ids = this.#ids[kind];
      for (let i = from; i < to; i++) {
        const id = ids[i] ?? 0;
        votes[id] = (votes[id] ?? 0) + weight;
      }
    }
  }

  /** Postings of a bin and of those beside it. */
  #lookup(
    kind: BoundaryKind,
    bin: number,
  ): { kind: BoundaryKind; from: number; to: number; postings: number } {
    const starts = this.#starts[kind];
    const from = starts[Math.max(0, Math.min(this.#bins, bin - 1))] ?? 0;
    const to = starts[Math.max(0, Math.min(this.#bins, bin + 2))] ?? 0;
    return { kind, from, to, postings: to - from };
  }
}

/** Values that a quantile is read off. */
const SAMPLE = 20_000;

/** A quantile of a sample of the values; 0 for none. */
function typical(values: Float64Array, q: number): number {
  const step = Math.max(1, Math.floor(values.length / SAMPLE));
  const sample = values.filter((_, i) => i % step === 0).sort();
  return sample[Math.min(sample.length - 1, Math.floor(q * sample.length))] ?? 0;
}

const LEVELS = 4096;

/** Indexes of the largest positive values, at most `keep` of them but for the last level's cut. */
function largest(values: Float32Array, keep: number): Uint32Array {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  if (most === 0) return new Uint32Array();
  const level = (value: number): number => Math.ceil((value / most) * LEVELS);
  const counts = new Uint32Array(LEVELS + 1);
  for (const value of values) counts[level(value)] = (counts[level(value)] ?? 0) + 1;
  let [least, sum] = [LEVELS, counts[LEVELS] ?? 0];
  while (least > 1 && sum + (counts[least - 1] ?? 0) <= keep) sum += counts[--least] ?? 0;
  const found = new Uint32Array(Math.min(sum, keep));
  let n = 0;
  for (let i = 0; i < values.length && n < found.length; i++)
    if (level(values[i] ?? 0) >= least) found[n++] = i;
  return found;
}
