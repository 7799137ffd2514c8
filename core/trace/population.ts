/**
 * How surprising is a boundary? A silence that ends at a moment which everybody's silences end at, or one period after
 * the last as a beacon's do, tells nothing. The rate lambda says how many boundaries per second were to be expected of
 * this connection at that moment; the score divides by it.
 */
import { lowerBound } from '../math/search.ts';
import type { Fingerprint } from './silences.ts';

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

/** Keeps the silences of at least `threshold` ms; shorter ones become part of the activity around them. */
export function takeBoundaries(fingerprint: Fingerprint, threshold: number): Boundaries {
  const kept: number[] = [];
  for (let i = 0; i < fingerprint.from.length; i++) {
    if ((fingerprint.to[i] ?? 0) - (fingerprint.from[i] ?? 0) >= threshold) kept.push(i);
  }
  const starts = Float64Array.from(kept, (i) => fingerprint.from[i] ?? 0);
  const ends = Float64Array.from(kept, (i) => fingerprint.to[i] ?? 0);
  const start = fingerprint.active[0] ?? 0;
  const end = fingerprint.active.at(-1) ?? 0;
  return {
    count: kept.length,
    time: { E: starts, S: ends },
    since: {
      E: starts.map((time, k) => (k === 0 ? Number.NaN : time - (ends[k - 1] ?? 0))),
      S: ends.map((time, k) => time - (starts[k] ?? 0)),
    },
    doubtful: Uint8Array.from(kept, (i) => {
      const length = (fingerprint.to[i] ?? 0) - (fingerprint.from[i] ?? 0);
      if (fingerprint.doubtful[i]) return MAYBE_LOST;
      return length < threshold + EXPIRY_FUZZ_MS ? MAYBE_UNSPLIT : 0;
    }),
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

/** What the connections of a data set do, for silences above one threshold. */
export class Population {
  readonly #histogram: Record<BoundaryKind, Map<number, number>> = { E: new Map(), S: new Map() };
  readonly #total: Record<BoundaryKind, number> = { E: 0, S: 0 };
  readonly #perSecond: Record<BoundaryKind, Map<number, number>> = { E: new Map(), S: new Map() };
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;

  constructor(members: readonly Boundaries[]) {
    this.#starts = Float64Array.from(members, (member) => member.start).sort();
    this.#ends = Float64Array.from(members, (member) => member.end).sort();
    for (const member of members) {
      for (const kind of boundaryKinds) {
        for (let i = 0; i < member.count; i++) {
          const since = member.since[kind][i] ?? Number.NaN;
          const second = Math.floor((member.time[kind][i] ?? 0) / 1000);
          const perSecond = this.#perSecond[kind];
          perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
          if (Number.isNaN(since)) continue;
          const bin = durationBin(since / 1000);
          this.#histogram[kind].set(bin, (this.#histogram[kind].get(bin) ?? 0) + 1);
          this.#total[kind]++;
        }
      }
    }
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
      let density = FLOOR_RATE;
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
    const width = BIN_FACTOR ** bin * (BIN_FACTOR - 1);
    return (this.#histogram[kind].get(bin) ?? 0) / Math.max(1, this.#total[kind]) / width;
  }

  /** Boundaries per second and connection at this moment, the connection's own and its best partner's left out. */
  #crowdRate(kind: BoundaryKind, time: number): number {
    const second = Math.floor(time / 1000);
    const perSecond = this.#perSecond[kind];
    const sum =
      (perSecond.get(second - 1) ?? 0) + (perSecond.get(second) ?? 0) + (perSecond.get(second + 1) ?? 0);
    const alive = lowerBound(this.#starts, time + 1) - lowerBound(this.#ends, time);
    return Math.max(0, sum - 2) / 3 / (Math.max(0, alive) + CROWD);
  }
}

const durationBin = (seconds: number): number =>
  Math.floor(Math.log(Math.max(seconds, 0.01)) / Math.log(BIN_FACTOR));

/** Density per second of a duration (ms) among the other durations of the same history (ms, ascending), box kernel. */
function historyDensity(own: Float64Array, since: number, halfWidth: number): number {
  if (own.length < 2) return 0;
  const near =
    lowerBound(own, since + halfWidth * 1000 + 1e-6) - lowerBound(own, since - halfWidth * 1000) - 1;
  return near / (own.length - 1) / (2 * halfWidth);
}
