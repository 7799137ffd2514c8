/**
 * A Bloom filter of the addresses of a segment: "certainly not here" without reading the segment. Ten bits and seven
 * probes an address: about one false "perhaps" in 120 (Kirsch and Mitzenmacher's double hashing).
 */
import type { AddressTable } from '../model/address.ts';

const BITS_AN_ADDRESS = 10;
const PROBES = 7;

/** The filter of all addresses in the table. */
export function buildAddressFilter(table: AddressTable): Uint8Array {
  const filter = new Uint8Array(Math.ceil((Math.max(table.count - 1, 1) * BITS_AN_ADDRESS) / 8));
  for (let index = 1; index < table.count; index++) {
    const length = table.family(index) === 4 ? 4 : 16;
    for (const bit of probes(table.bytes.subarray(index * 16, index * 16 + length), filter)) {
      filter[bit >> 3] = (filter[bit >> 3] ?? 0) | (1 << (bit & 7));
    }
  }
  return filter;
}

/** False where the address is certainly not in the segment. `address` has 4 or 16 bytes. */
export function mayHoldAddress(filter: Uint8Array, address: Uint8Array): boolean {
  return probes(address, filter).every((bit) => ((filter[bit >> 3] ?? 0) >> (bit & 7)) & 1);
}

function probes(address: Uint8Array, filter: Uint8Array): number[] {
  const bits = filter.length * 8;
  const first = hash(address, 0x811c9dc5);
  const second = hash(address, 0x9747b28c) | 1;
  return Array.from({ length: PROBES }, (_, i) => ((first + Math.imul(i, second)) >>> 0) % bits);
}

/** FNV-1a with MurmurHash3's finisher, which spreads the last bytes over all bits. */
function hash(bytes: Uint8Array, seed: number): number {
  let h = seed ^ bytes.length;
  for (const byte of bytes) h = Math.imul(h ^ byte, 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
