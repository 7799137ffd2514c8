/**
 * The search tree of an MMDB file (MaxMind DB file format, version 2.0), for whoever asks of hundreds of thousands of
 * addresses: it finds where the record of an address lies and decodes nothing.
 */

export interface MmdbTreeShape {
  readonly nodeCount: number;
  /** Bits of one half of a node: 24, 28 or 32. */
  readonly recordSize: number;
  readonly ipVersion: number;
}

const MIDDLE = 16;
/** More than any tree has nodes and records. */
const UNKNOWN = 0xffff_ffff;

export class MmdbTree {
  readonly #bytes: Uint8Array;
  readonly #nodeCount: number;
  readonly #nodeBytes: number;
  /** Where IPv4 addresses begin: after 96 zeros in a tree of IPv6. */
  readonly #ipv4Start: number;
  readonly #middles = new Uint32Array(1 << MIDDLE).fill(UNKNOWN);

  /** The bytes hold the whole tree. */
  constructor(bytes: Uint8Array, { nodeCount, recordSize, ipVersion }: MmdbTreeShape) {
    this.#bytes = bytes;
    this.#nodeCount = nodeCount;
    this.#nodeBytes = recordSize / 4;
    const zeros = ipVersion === 6 ? 96 : 0;
    let start = 0;
    for (let bit = 0; bit < zeros && start < nodeCount; bit++) start = this.#child(start, 0);
    this.#ipv4Start = start;
  }

  /** The record of an address of 4 or 16 bytes as the tree names it; undefined where there is none. */
  find(address: Uint8Array): number | undefined {
    const four = address.length === 4;
    const node = four ? this.#walk(this.#middle(address), address, MIDDLE) : this.#walk(0, address, 0);
    return node > this.#nodeCount ? node : undefined;
  }

  /** Where the first half of an IPv4 address leads, which is remembered: there the tree begins to be as wide as it is. */
  #middle(address: Uint8Array): number {
    const half = ((address[0] as number) << 8) | (address[1] as number);
    const known = this.#middles[half] as number;
    if (known !== UNKNOWN) return known;
    const node = this.#walk(this.#ipv4Start, address, 0, MIDDLE);
    this.#middles[half] = node;
    return node;
  }

  /** From the bit `from` on, until a record is there, or nothing. */
  #walk(start: number, address: Uint8Array, from: number, to = address.length * 8): number {
    let node = start;
    for (let bit = from; bit < to && node < this.#nodeCount; bit++) {
      node = this.#child(node, ((address[bit >> 3] as number) >> (7 - (bit & 7))) & 1);
    }
    return node;
  }

  #child(node: number, side: number): number {
    const bytes = this.#bytes;
    const size = this.#nodeBytes;
    const at = node * size + side * (size >> 1) + (size === 7 ? side : 0);
    const low = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    if (size === 6) return low;
    if (size === 8) return low * 256 + (bytes[at + 3] as number);
    // Of 28 bits, the upper four of both halves share the byte between them.
    const shared = bytes[node * size + 3] as number;
    return (side === 0 ? shared >> 4 : shared & 15) * 2 ** 24 + low;
  }
}
