/** How the blocks of a written nfcapd file are compressed. The LZ4 block format stands in lz4.ts as a table. */
import { zstdCompressSync } from 'node:zlib';
import type { NfcapdPacking } from './nfcapd-write.ts';

const MIN_MATCH = 4;
/** The format's rules for the end of a block: no match begins in the last 12 bytes, the last 5 are literals. */
const LAST_MATCH = 12;
const LAST_LITERALS = 5;
const MAX_DISTANCE = 65_535;
const HASH_BITS = 14;

/** For nfdump before 1.7.2. */
export const lz4Packing: NfcapdPacking = { method: 3, pack: packLz4 };

/** For nfdump 1.7.2 and later, and for us. */
export const zstdPacking: NfcapdPacking = { method: 4, pack: (block) => zstdCompressSync(block) };

/** An LZ4 block: at each place the last one with the same four bytes is looked at, no other. */
export function packLz4(input: Uint8Array): Uint8Array {
  const out = new Uint8Array(input.length + Math.ceil(input.length / 255) + 16);
  const last = new Int32Array(1 << HASH_BITS).fill(-1);
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  let to = 0;
  let anchor = 0;
  const length = (rest: number): void => {
    let left = rest;
    for (; left >= 255; left -= 255) out[to++] = 255;
    out[to++] = left;
  };
  const literals = (end: number, match: number): void => {
    const count = end - anchor;
    out[to++] = (Math.min(count, 15) << 4) | Math.min(match, 15);
    if (count >= 15) length(count - 15);
    out.set(input.subarray(anchor, end), to);
    to += count;
  };
  for (let at = 0; at <= input.length - LAST_MATCH;) {
    const word = view.getUint32(at, true);
    const slot = Math.imul(word, 2_654_435_761) >>> (32 - HASH_BITS);
    const before = last[slot] ?? -1;
    last[slot] = at;
    if (before < 0 || at - before > MAX_DISTANCE || view.getUint32(before, true) !== word) {
      at++;
      continue;
    }
    let matched = MIN_MATCH;
    const room = input.length - LAST_LITERALS - at;
    while (matched < room && input[before + matched] === input[at + matched]) matched++;
    literals(at, matched - MIN_MATCH);
    out[to++] = (at - before) & 0xff;
    out[to++] = (at - before) >> 8;
    if (matched - MIN_MATCH >= 15) length(matched - MIN_MATCH - 15);
    at += matched;
    anchor = at;
  }
  literals(input.length, 0);
  return out.subarray(0, to);
}
