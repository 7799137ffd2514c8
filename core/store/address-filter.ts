/**
 * A Bloom filter of the addresses of a segment: "certainly not here" without reading the segment. Ten bits and seven
 * probes an address: about one false "perhaps" in 120 (Kirsch and Mitzenmacher's double hashing).
 */
import type { AddressTable } from '../model/address.ts';

const BITS_AN_ADDRESS = 10;
const PROBES = 7;
const FIRST_SEED = 0x811c9dc5;
const SECOND_SEED = 0x9747b28c;

/** The filter of all addresses in the table. */
export function buildAddressFilter(table: AddressTable): Uint8Array {
  const filter = new Uint8Array(Math.ceil((Math.max(table.count - 1, 1) * BITS_AN_ADDRESS) / 8));
  const bits = filter.length * 8;
  for (let index = 1; index < table.count; index++) {
    const at = index * 16;
    const length = table.family(index) === 4 ? 4 : 16;
    const first = hash(table.bytes, at, length, FIRST_SEED);
    const second = hash(table.bytes, at, length, SECOND_SEED) | 1;
    for (let i = 0; i < PROBES; i++) {
      const bit = ((first + Math.imul(i, second)) >>> 0) % bits;
      filter[bit >>> 3] = (filter[bit >>> 3] ?? 0) | (1 << (bit & 7));
    }
  }
  return filter;
}

/** False where the address is certainly not in the segment. `address` has 4 or 16 bytes. */
export function mayHoldAddress(filter: Uint8Array, address: Uint8Array): boolean {
  const bits = filter.length * 8;
  const first = hash(address, 0, address.length, FIRST_SEED);
  const second = hash(address, 0, address.length, SECOND_SEED) | 1;
  for (let i = 0; i < PROBES; i++) {
    const bit = ((first + Math.imul(i, second)) >>> 0) % bits;
    if ((((filter[bit >>> 3] ?? 0) >> (bit & 7)) & 1) === 0) return false;
  }
  return true;
}

/** FNV-1a with MurmurHash3's finisher, which spreads the last bytes over all bits. */
function hash(bytes: Uint8Array, at: number, length: number, seed: number): number {
  let h = seed ^ length;
  for (let i = 0; i < length; i++) h = Math.imul(h ^ (bytes[at + i] ?? 0), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
