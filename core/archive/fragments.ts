/**
 * IP fragments back to the datagrams that they are parts of (RFC 791 3.2, RFC 8200 4.5).
 *
 * What is kept is bounded in number, in bytes and in age: who sends fragments that never become whole only pushes out other
 * ones. Parts that overlap are an attack or an accident (RFC 5722): of such a datagram nothing is taken, whatever else comes
 * of it. The same part twice is one part.
 */

/** A part of a datagram, as its packet says. */
export interface IpFragment {
  /** Sender, receiver and the number that all parts share. */
  readonly key: string;
  /** The protocol behind the IP header, or the next header behind IPv6's fragment header. */
  readonly next: number;
  /** Where the part belongs, in bytes. */
  readonly at: number;
  /** False for the last part. */
  readonly more: boolean;
  readonly source: Uint8Array;
  /** The part itself, in the packet's bytes. */
  readonly from: number;
  readonly to: number;
}

/** A datagram put together. */
export interface WholeDatagram {
  readonly next: number;
  readonly source: Uint8Array;
  readonly bytes: Uint8Array;
  /** Where in the file its first part lies. */
  readonly offset: number;
}

/** Why parts were given up. */
export type FragmentLoss = 'incomplete IP fragments' | 'faulty IP fragments';

const MAX_WAITING = 1024;
const MAX_BYTES = 8 << 20;
/** Parts of 576 bytes, the least that every link carries, make at most 120 of a datagram. */
const MAX_PARTS = 256;
const MAX_DATAGRAM = 65_535;
/** Linux waits as long. */
const MAX_AGE_MS = 30_000;

interface Part {
  readonly at: number;
  readonly bytes: Uint8Array;
}

interface Waiting {
  readonly since: number;
  readonly source: Uint8Array;
  /** In order, without overlaps. */
  parts: Part[];
  packets: number;
  size: number;
  /** Bytes of the whole, once the last part has come. */
  total: number | undefined;
  next: number;
  offset: number;
  refused: boolean;
}

export class FragmentTable {
  readonly #waiting = new Map<string, Waiting>();
  readonly #lose: (loss: FragmentLoss, packets: number) => void;
  #bytes = 0;

  /** `lose` hears of packets that were given up. */
  constructor(lose: (loss: FragmentLoss, packets: number) => void) {
    this.#lose = lose;
  }

  /**
   * Takes a part out of the packet `bytes`, captured at `time` (ms; any fixed number where nobody noted it) and lying at
   * `offset` in the file. Returns the datagram that it completes.
   */
  add(part: IpFragment, bytes: Uint8Array, time: number, offset: number): WholeDatagram | undefined {
    this.#expire(time);
    let entry = this.#waiting.get(part.key);
    if (!entry) {
      entry = {
        since: time,
        source: part.source,
        parts: [],
        packets: 0,
        size: 0,
        total: undefined,
        next: part.next,
        offset,
        refused: false,
      };
      this.#waiting.set(part.key, entry);
    }
    entry.packets++;
    if (entry.refused) return undefined;
    if (!place(entry, part, bytes)) {
      this.#bytes -= entry.size;
      Object.assign(entry, { refused: true, parts: [], size: 0 });
      return undefined;
    }
    if (part.at === 0) Object.assign(entry, { next: part.next, offset });
    this.#bytes += entry.parts.reduce((sum, { bytes: { length } }) => sum + length, 0) - entry.size;
    entry.size = entry.parts.reduce((sum, { bytes: { length } }) => sum + length, 0);
    if (entry.total === entry.size) {
      this.#forget(part.key, entry);
      return { next: entry.next, source: entry.source, bytes: joined(entry), offset: entry.offset };
    }
    while (this.#waiting.size > MAX_WAITING || this.#bytes > MAX_BYTES) this.#giveUpOldest();
    return undefined;
  }

  /** Gives up all that is not whole. */
  finish(): void {
    while (this.#waiting.size > 0) this.#giveUpOldest();
  }

  #expire(now: number): void {
    for (const [key, entry] of this.#waiting) {
      if (now - entry.since <= MAX_AGE_MS) return;
      this.#giveUp(key, entry);
    }
  }

  #giveUpOldest(): void {
    for (const [key, entry] of this.#waiting) {
      this.#giveUp(key, entry);
      return;
    }
  }

  #giveUp(key: string, entry: Waiting): void {
    this.#lose(entry.refused ? 'faulty IP fragments' : 'incomplete IP fragments', entry.packets);
    this.#forget(key, entry);
  }

  #forget(key: string, entry: Waiting): void {
    this.#waiting.delete(key);
    this.#bytes -= entry.size;
  }
}

/** Puts a part where it belongs; false where it cannot be one of this datagram. */
function place(entry: Waiting, part: IpFragment, packet: Uint8Array): boolean {
  const { at, more } = part;
  const bytes = packet.slice(part.from, part.to);
  const end = at + bytes.length;
  if (bytes.length === 0 || end > MAX_DATAGRAM || (more && bytes.length % 8 !== 0)) return false;
  const index = entry.parts.findIndex((known) => known.at >= at);
  const next = entry.parts[index];
  if (next?.at === at && isSame(next.bytes, bytes)) return true;
  const previous = index < 0 ? entry.parts.at(-1) : entry.parts[index - 1];
  if (next && next.at < end) return false;
  if (previous && previous.at + previous.bytes.length > at) return false;
  if (!more && entry.total !== undefined) return false;
  if (!more) entry.total = end;
  const last = entry.parts.at(-1);
  const farthest = Math.max(end, last ? last.at + last.bytes.length : 0);
  if (entry.parts.length >= MAX_PARTS || farthest > (entry.total ?? MAX_DATAGRAM)) return false;
  entry.parts.splice(index < 0 ? entry.parts.length : index, 0, { at, bytes });
  return true;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function joined({ parts, size }: Waiting): Uint8Array {
  const whole = new Uint8Array(size);
  for (const { at, bytes } of parts) whole.set(bytes, at);
  return whole;
}
