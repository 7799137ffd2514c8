/**
 * LZ4 block format (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md): sequences without any frame.
 *
 * | part           | bytes                                                                              |
 * |----------------|------------------------------------------------------------------------------------|
 * | token          | high four bits: literals; low four: match length - 4                               |
 * | literal length | only where the four bits are 15: bytes to add, up to one that is not 255            |
 * | literals       | copied as they are; the last sequence ends here                                    |
 * | distance       | u16 little endian, counted back from the end of the output; 0 is a fault           |
 * | match length   | as the literal length; a match may overlap what it writes                          |
 */
import { copyMatch, type Unpacked } from './unpack.ts';

/** One byte of input adds at most 255 to a length. */
export const LZ4_RATIO = 255;

/** Decodes a block into `out`, as far as it is sound. */
export function unpackLz4(input: Uint8Array, out: Uint8Array): Unpacked {
  const end = input.length;
  let at = 0;
  let to = 0;
  const stop = (fault: string): Unpacked => ({ length: to, fault });
  while (at < end) {
    const token = input[at++] ?? 0;
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) {
        if (at >= end) return stop('it ends within a length');
        more = input[at++] ?? 0;
        literals += more;
      }
    }
    const whole = Math.min(literals, end - at, out.length - to);
    out.set(input.subarray(at, at + whole), to);
    at += whole;
    to += whole;
    if (whole < literals) return stop(at >= end ? 'it ends within literals' : 'it is longer than a block');
    if (at === end) return { length: to, fault: undefined };
    if (at + 2 > end) return stop('it ends within a distance');
    const distance = (input[at] ?? 0) | ((input[at + 1] ?? 0) << 8);
    at += 2;
    let length = (token & 15) + 4;
    if (length === 19) {
      let more = 255;
      while (more === 255) {
        if (at >= end) return stop('it ends within a length');
        more = input[at++] ?? 0;
        length += more;
      }
    }
    if (distance === 0 || distance > to) return stop('it points before its beginning');
    if (length > out.length - to) return stop('it is longer than a block');
    copyMatch(out, to, distance, length);
    to += length;
  }
  return stop('it ends without literals');
}
