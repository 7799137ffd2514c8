/**
 * Whose addresses flood the target? Samples and counts of bounded size, and what they say of spoofing.
 *
 * Of two addresses in one /8 that were drawn at random, one pair in 256 shares a /16 as well; real senders crowd where
 * networks are in use, and share it many times more often. That does not depend on how many there are, nor on which /8
 * networks a forger chose. Forgers who choose none also hit networks that nobody may send from.
 */
import type { FloodSources } from '../model/flood-trace.ts';

/** 32-bit hash of some bytes (FNV-1a, finished as in MurmurHash3 so that close addresses fall far apart). */
export function hashBytes(bytes: Uint8Array, from: number, to: number, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  return finish(hash);
}

export function finish(hash: number): number {
  let mixed = hash;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

const SAMPLE = 2048;
const HASHES = 2 ** 32;

/** An even sample of the different things seen: those with the smallest hashes (Bar-Yossef et al. 2002). */
export class DistinctSample<T> {
  readonly #kept = new Map<number, T>();
  #limit = HASHES;

  /** True where the thing belongs to the sample so far; then `keep` it. */
  wants(hash: number): boolean {
    return hash < this.#limit && !this.#kept.has(hash);
  }

  keep(hash: number, thing: T): void {
    this.#kept.set(hash, thing);
    if (this.#kept.size <= 2 * SAMPLE) return;
    const hashes = [...this.#kept.keys()].sort((a, b) => a - b);
    this.#limit = hashes[SAMPLE] ?? HASHES;
    for (const dropped of hashes.slice(SAMPLE)) this.#kept.delete(dropped);
  }

  /** All hashes below this are kept. */
  get limit(): number {
    return this.#limit;
  }

  /** How many different things there were. */
  get distinct(): number {
    return Math.round(this.#kept.size / (this.#limit / HASHES));
  }

  has(hash: number): boolean {
    return this.#kept.has(hash);
  }

  entries(): Iterable<[number, T]> {
    return this.#kept.entries();
  }

  things(): T[] {
    return [...this.#kept.values()];
  }
}

/** Part of the things of `a` that `b` saw too, judged by those that both samples would have kept. */
export function containment(a: DistinctSample<unknown>, b: DistinctSample<unknown>): number {
  const limit = Math.min(a.limit, b.limit);
  let [all, shared] = [0, 0];
  for (const [hash] of a.entries()) {
    if (hash >= limit) continue;
    all++;
    if (b.has(hash)) shared++;
  }
  return all > 0 ? shared / all : 0;
}

/** Sums by name, of the heaviest names: lighter ones may be dropped while it fills. */
export class HeavySums {
  readonly #sums = new Map<string, { packets: number; octets: number }>();
  readonly #most: number;

  constructor(most = 512) {
    this.#most = most;
  }

  add(name: string, packets: number, octets: number): void {
    const sum = this.#sums.get(name);
    if (sum) {
      sum.packets += packets;
      sum.octets += octets;
      return;
    }
    this.#sums.set(name, { packets, octets });
    if (this.#sums.size <= 4 * this.#most) return;
    const ranked = [...this.#sums].sort((a, b) => b[1].packets - a[1].packets || b[1].octets - a[1].octets);
    for (const [light] of ranked.slice(this.#most)) this.#sums.delete(light);
  }

  get(name: string): { readonly packets: number; readonly octets: number } | undefined {
    return this.#sums.get(name);
  }

  all(): Iterable<[string, { readonly packets: number; readonly octets: number }]> {
    return this.#sums.entries();
  }
}

/** What the flows of one window say of their senders. */
export class SourceTally {
  readonly sample = new DistinctSample<Uint8Array>();
  flows = 0;
  onePacket = 0;
  /** True where an exporter sampled: then one packet a flow is what is to be expected. */
  sampled = false;
  readonly #ttl = new Float64Array(256);
  #withTtl = 0;

  add(bytes: Uint8Array, from: number, to: number, packets: number, ttl: number | undefined): void {
    const hash = hashBytes(bytes, from, to);
    if (this.sample.wants(hash)) this.sample.keep(hash, bytes.slice(from, to));
    this.flows++;
    if (packets === 1) this.onePacket++;
    if (ttl === undefined) return;
    this.#withTtl++;
    this.#ttl[ttl & 255] = (this.#ttl[ttl & 255] ?? 0) + 1;
  }

  judge(): FloodSources {
    const things = this.sample.things();
    const { distinct } = this.sample;
    const bogons = things.filter((bytes) => isBogon(bytes)).length;
    const bogonShare = things.length > 0 ? bogons / things.length : 0;
    const onePacketShare = this.flows > 0 ? this.onePacket / this.flows : 0;
    const spread = spreadOver(things);
    const commonestTtlShare = this.#withTtl > 0 ? Math.max(...this.#ttl) / this.#withTtl : null;
    const signs: string[] = [];
    if (bogons >= LEAST_BOGONS && bogonShare >= BOGON_SHARE) {
      signs.push(`${percent(bogonShare)} of the source addresses lie in networks that nobody may send from.`);
    }
    if (spread.crowding !== null && spread.crowding < RANDOM_CROWDING) {
      signs.push(
        `About ${distinct.toLocaleString('en')} sources fill their networks as evenly as numbers drawn at random: two of one /8 share a /16 ${spread.crowding.toFixed(1)} times as often as chance has it, and real senders crowd.`,
      );
    }
    if ((commonestTtlShare ?? 0) >= ONE_TTL && distinct >= LEAST_SOURCES && spread.networks >= 32) {
      signs.push(
        `${percent(commonestTtlShare ?? 0)} of the flows have one TTL, though their sources lie in ${spread.networks} /8 networks: they travelled one path.`,
      );
    }
    const strong = signs.length;
    const fleeting = !this.sampled && onePacketShare >= ONE_PACKET && this.flows <= FLOWS_A_SOURCE * distinct;
    if (fleeting && distinct >= LEAST_SOURCES) {
      signs.push(`${percent(onePacketShare)} of the flows count one packet, and hardly a source sent two.`);
    }
    return {
      verdict: verdictOf(strong, signs.length, distinct),
      distinct,
      bogonShare,
      onePacketShare,
      crowding: spread.crowding,
      commonestTtlShare,
      signs,
    };
  }
}

/** Fewer sources than this make no pattern. */
const LEAST_SOURCES = 100;
const LEAST_BOGONS = 5;
const BOGON_SHARE = 0.02;
const RANDOM_CROWDING = 1.5;
const ONE_TTL = 0.95;
const ONE_PACKET = 0.9;
const FLOWS_A_SOURCE = 1.5;
/** Pairs that chance would put into one /16, without which even and crowded are not told apart. */
const ENOUGH_PAIRS = 20;

function verdictOf(strong: number, signs: number, distinct: number): FloodSources['verdict'] {
  if (strong >= 1 && signs >= 2) return 'spoofed';
  if (strong >= 1) return 'doubtful';
  return distinct < LEAST_SOURCES ? 'unknown' : 'plausible';
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

/** How many IPv4 /8 networks the sources lie in, and how much more often than by chance two of one /8 share a /16. */
function spreadOver(things: readonly Uint8Array[]): { networks: number; crowding: number | null } {
  const wide = new Float64Array(256);
  const narrow = new Float64Array(65_536);
  for (const bytes of things) {
    if (bytes.length !== 4 || isBogon(bytes)) continue;
    const [a = 0, b = 0] = bytes;
    wide[a] = (wide[a] ?? 0) + 1;
    narrow[a * 256 + b] = (narrow[a * 256 + b] ?? 0) + 1;
  }
  const pairs = (counts: Float64Array): number =>
    counts.reduce((sum, count) => sum + (count * (count - 1)) / 2, 0);
  const byChance = pairs(wide) / 256;
  return {
    networks: wide.filter((count) => count > 0).length,
    crowding: byChance < ENOUGH_PAIRS ? null : pairs(narrow) / byChance,
  };
}

/**
 * Addresses that no packet from elsewhere may carry: this network, loopback, link-local, benchmarking, multicast and
 * reserved ones (RFC 6890). Private ones are left out: at an inner interface they are at home.
 */
function isBogon(bytes: Uint8Array): boolean {
  const [a = 0, b = 0] = bytes;
  if (bytes.length === 4) {
    return a === 0 || a === 127 || a >= 224 || (a === 169 && b === 254) || (a === 198 && (b & 0xfe) === 18);
  }
  // Global unicast is 2000::/3; unique-local and link-local ones are at home at inner interfaces.
  return (a & 0xe0) !== 0x20 && (a & 0xfe) !== 0xfc && !(a === 0xfe && (b & 0xc0) === 0x80);
}
