/**
 * How surprising is a boundary? A silence that ends at a moment which everybody's silences end at, or one period after
 * the last as a beacon's do, tells nothing. The rate lambda says how many boundaries per second were to be expected of
 * this connection at that moment; the score divides by it.
 */
import { lowerBound } from '../math/search.ts';

/** The two kinds of boundary: E, a silence starts; S, a silence ends. */
export type BoundaryKind = 'E' | 'S';
export const boundaryKinds: readonly BoundaryKind[] = ['E', 'S'];

/** Lost datagrams may have made the silence. */
export const MAYBE_LOST = 1;
/** The silence is so short that another exporter may not have seen it as one. */
export const MAYBE_UNSPLIT = 2;

/** The silences of one fingerprint above a threshold, with what precedes each boundary. One entry a silence. */
export interface Boundaries {
  readonly count: number;
  /** Epoch ms. */
  readonly time: Readonly<Record<BoundaryKind, Float64Array>>;
  /** Time since the previous boundary of the other kind, ms: ON time before E (NaN at the first), silence before S. */
  readonly since: Readonly<Record<BoundaryKind, Float64Array>>;
  /** 0 where the silence is certain, else MAYBE_LOST or MAYBE_UNSPLIT. */
  readonly doubtful: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly lifeMs: number;
}

/**
 * Idle expiry is fuzzy: only silences longer than both timeouts by this recur on the other hop without fail. Shorter ones
 * are split on one hop and not always on the next.
 */
const EXPIRY_FUZZ_MS = 2000;

/** All silences of one login, ascending, and its first and last activity. Times in epoch ms. */
export interface Silences {
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly doubtful: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Keeps the silences of at least `threshold` ms; shorter ones become part of the activity around them. */
export function selectBoundaries(silences: Silences, threshold: number): Boundaries {
  const { from, to, doubtful, start, end } = silences;
  let count = 0;
  for (let i = 0; i < from.length; i++) if ((to[i] ?? 0) - (from[i] ?? 0) >= threshold) count++;
  const starts = new Float64Array(count);
  const ends = new Float64Array(count);
  const on = new Float64Array(count);
  const off = new Float64Array(count);
  const doubts = new Uint8Array(count);
  let k = 0;
  for (let i = 0; i < from.length; i++) {
    const length = (to[i] ?? 0) - (from[i] ?? 0);
    if (length < threshold) continue;
    starts[k] = from[i] ?? 0;
    ends[k] = to[i] ?? 0;
    on[k] = k === 0 ? Number.NaN : (starts[k] ?? 0) - (ends[k - 1] ?? 0);
    off[k] = length;
    doubts[k] = doubtful[i] ? MAYBE_LOST : length < threshold + EXPIRY_FUZZ_MS ? MAYBE_UNSPLIT : 0;
    k++;
  }
  return {
    count,
    time: { E: starts, S: ends },
    since: { E: on, S: off },
    doubtful: doubts,
    start,
    end,
    lifeMs: end - start,
  };
}

/** Half the width of the narrow kernel: a beacon's jitter. */
const NARROW_S = 0.25;
/** The wide kernel's half width as a part of the duration: what a person's pauses vary by. */
const WIDE_PART = 0.3;
/** Weight of the population's density against a history of n: a few samples of one's own are not a law. */
const POPULATION_WEIGHT = 5;
/** Added to the connections alive, so that a handful of related ones do not pass for a crowd. */
const CROWD = 20;
/** Bins of the population's durations grow by this factor. */
const BIN_FACTOR = 1.25;
const FLOOR_RATE = 1e-4;

/** Silences of many logins, as a PrintTable holds them. */
export interface SilenceColumns {
  readonly count: number;
  readonly offsets: Uint32Array;
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly start: Float64Array;
  readonly end: Float64Array;
}

/** What the connections of a data set do, for silences above one threshold. */
export class Population {
  readonly #histogram: Record<BoundaryKind, Float64Array> = {
    E: new Float64Array(DURATION_BINS),
    S: new Float64Array(DURATION_BINS),
  };
  readonly #total: Record<BoundaryKind, number> = { E: 0, S: 0 };
  readonly #perSecond: Record<BoundaryKind, SecondCounts>;
  readonly #alive: AliveCounts;

  constructor({ count, offsets, from, to, start, end }: SilenceColumns, threshold: number) {
    const starts = start.slice().sort();
    const ends = end.slice().sort();
    const range = [starts[0] ?? 0, ends.at(-1) ?? 0] as const;
    this.#alive = new AliveCounts(starts, ends);
    this.#perSecond = { E: new SecondCounts(...range), S: new SecondCounts(...range) };
    for (let login = 0; login < count; login++) {
      let before = Number.NaN;
      for (let i = offsets[login] ?? 0; i < (offsets[login + 1] ?? 0); i++) {
        const [E, S] = [from[i] ?? 0, to[i] ?? 0];
        if (S - E < threshold) continue;
        this.#add('E', E - before, E);
        this.#add('S', S - E, S);
        before = S;
      }
    }
  }

  #add(kind: BoundaryKind, since: number, time: number): void {
    this.#perSecond[kind].add(time);
    if (Number.isNaN(since)) return;
    const bin = durationBin(since / 1000);
    this.#histogram[kind][bin] = (this.#histogram[kind][bin] ?? 0) + 1;
    this.#total[kind]++;
  }

  /** Expected boundaries per second at each boundary of `member`, one array a kind. */
  rates(member: Boundaries): Record<BoundaryKind, Float64Array> {
    return { E: this.#ratesOf(member, 'E'), S: this.#ratesOf(member, 'S') };
  }

  #ratesOf(member: Boundaries, kind: BoundaryKind): Float64Array {
    const own = member.since[kind].filter((value) => !Number.isNaN(value)).sort();
    const rates = new Float64Array(member.count);
    for (let i = 0; i < member.count; i++) {
      const since = member.since[kind][i] ?? Number.NaN;
      const time = member.time[kind][i] ?? 0;
      // Nothing precedes the first silence: how often this login falls silent at all is all that is known.
      let density = member.count / Math.max(1, member.lifeMs / 1000);
      if (!Number.isNaN(since)) {
        const history = Math.max(
          historyDensity(own, since, NARROW_S),
          historyDensity(own, since, Math.max(NARROW_S, (since / 1000) * WIDE_PART)),
        );
        const n = own.length - 1;
        density =
          (n * history + POPULATION_WEIGHT * this.#density(kind, since / 1000)) / (n + POPULATION_WEIGHT);
      }
      rates[i] = Math.max(density, this.#crowdRate(kind, time), FLOOR_RATE);
    }
    return rates;
  }

  /** Density of this duration over all connections, per second. */
  #density(kind: BoundaryKind, seconds: number): number {
    const bin = durationBin(seconds);
    const width = BIN_FACTOR ** (bin - FIRST_BIN) * (BIN_FACTOR - 1);
    return (this.#histogram[kind][bin] ?? 0) / Math.max(1, this.#total[kind]) / width;
  }

  /**
   * Boundaries per second and connection at this moment, the connection's own and its best partner's left out: in this
   * second alone, since programs that start by the minute do so within one, or over both beside it as well.
   */
  #crowdRate(kind: BoundaryKind, time: number): number {
    const counts = this.#perSecond[kind];
    const second = Math.floor(time / 1000);
    const one = counts.at(second);
    const three = counts.at(second - 1) + one + counts.at(second + 1);
    const alive = this.#alive.at(time);
    return Math.max(0, one - 2, (three - 2) / 3) / (Math.max(0, alive) + CROWD);
  }
}

/** Counts by second: an array where the time spanned allows it, else a map. */
class SecondCounts {
  readonly #first: number;
  readonly #dense: Uint32Array | undefined;
  readonly #sparse = new Map<number, number>();

  constructor(from: number, to: number) {
    this.#first = Math.floor(from / 1000) - 1;
    const seconds = Math.floor(to / 1000) - this.#first + 3;
    if (seconds <= MOST_SECONDS) this.#dense = new Uint32Array(Math.max(0, seconds));
  }

  add(time: number): void {
    const second = Math.floor(time / 1000);
    if (this.#dense) this.#dense[second - this.#first] = (this.#dense[second - this.#first] ?? 0) + 1;
    else this.#sparse.set(second, (this.#sparse.get(second) ?? 0) + 1);
  }

  at(second: number): number {
    return (this.#dense ? this.#dense[second - this.#first] : this.#sparse.get(second)) ?? 0;
  }
}

/** How many logins lived at a moment, to the second where the time spanned allows an array. */
class AliveCounts {
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  readonly #first: number;
  readonly #dense: Uint32Array | undefined;

  /** Both ascending. */
  constructor(starts: Float64Array, ends: Float64Array) {
    this.#starts = starts;
    this.#ends = ends;
    this.#first = Math.floor((starts[0] ?? 0) / 1000);
    const seconds = Math.floor((ends.at(-1) ?? 0) / 1000) - this.#first + 2;
    if (!(seconds <= MOST_SECONDS)) return;
    this.#dense = new Uint32Array(Math.max(0, seconds));
    let [started, ended] = [0, 0];
    for (let i = 0; i < this.#dense.length; i++) {
      const from = (this.#first + i) * 1000;
      while (started < starts.length && (starts[started] ?? 0) < from + 1000) started++;
      while (ended < ends.length && (ends[ended] ?? 0) < from) ended++;
      this.#dense[i] = started - ended;
    }
  }

  at(time: number): number {
    return (
      this.#dense?.[Math.floor(time / 1000) - this.#first] ??
      lowerBound(this.#starts, time + 1) - lowerBound(this.#ends, time)
    );
  }
}

/** 46 days; 16 MB. */
const MOST_SECONDS = 4_000_000;

/** Bins of durations from a hundredth of a second to some thousand years; bin `FIRST_BIN` begins at one second. */
const DURATION_BINS = 140;
const FIRST_BIN = 24;

const durationBin = (seconds: number): number =>
  Math.min(
    DURATION_BINS - 1,
    FIRST_BIN + Math.floor(Math.log(Math.max(seconds, 0.01)) / Math.log(BIN_FACTOR)),
  );

/** Density per second of a duration (ms) among the other durations of the same history (ms, ascending), box kernel. */
function historyDensity(own: Float64Array, since: number, halfWidth: number): number {
  if (own.length < 2) return 0;
  const near =
    lowerBound(own, since + halfWidth * 1000 + 1e-6) - lowerBound(own, since - halfWidth * 1000) - 1;
  return near / (own.length - 1) / (2 * halfWidth);
}
