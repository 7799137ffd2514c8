/**
 * LZO1X (https://docs.kernel.org/staging/lzo.html): instructions of one byte and what follows; `state` is how many
 * literals (0 to 3) the last match carried, or 4 after a run of literals.
 *
 * | instruction | means                                                                        | distance            |
 * |-------------|------------------------------------------------------------------------------|---------------------|
 * | 0000LLLL    | in state 0: literals, L + 3, or more where L is 0                             |                     |
 * | 0000DDSS H  | in state 1-3: match of 2 bytes                                                | 4H + D + 1          |
 * | 0000DDSS H  | in state 4: match of 3 bytes                                                  | 4H + D + 2049       |
 * | 0001HLLL u16 | match of L + 2, or more where L is 0; u16 holds D (14 bits) and S            | 16384 H + D + 16384 |
 * | 001LLLLL u16 | match of L + 2, or more where L is 0                                         | D + 1               |
 * | 01LDDDSS H  | match of L + 3                                                                | 8H + D + 1          |
 * | 1LLDDDSS H  | match of L + 5                                                                | 8H + D + 1          |
 *
 * "More": 255 for each zero byte that follows, and the first byte that is none, beyond the largest L. S literals follow a
 * match. The first byte alone may be 18 or more: that many literals less 17. Distance 16384 in 0001HLLL ends the block.
 */
import { copyMatch, type Unpacked } from './unpack.ts';

/** One byte of input adds at most 255 to a length. */
export const LZO_RATIO = 255;

/** Decodes a block into `out`, as far as it is sound. */
export function unpackLzo(input: Uint8Array, out: Uint8Array): Unpacked {
  const end = input.length;
  let at = 0;
  let to = 0;
  let state = 0;
  let fault: string | undefined;

  /** The length behind an instruction whose own bits are 0; past the input it is what was counted. */
  const longer = (largest: number): number => {
    let length = largest;
    while (at < end && input[at] === 0) {
      length += 255;
      at++;
    }
    if (at >= end) fault = 'it ends within a length';
    return length + (input[at++] ?? 0);
  };
  const literals = (count: number): boolean => {
    const whole = Math.min(count, end - at, out.length - to);
    if (whole > 16) out.set(input.subarray(at, at + whole), to);
    else for (let i = 0; i < whole; i++) out[to + i] = input[at + i] ?? 0;
    at += whole;
    to += whole;
    if (whole < count) fault = at >= end ? 'it ends within literals' : 'it is longer than a block';
    return whole === count;
  };

  const first = input[0] ?? 0;
  if (first > 17) {
    at = 1;
    if (!literals(first - 17)) return { length: to, fault };
    state = Math.min(first - 17, 4);
  }
  while (at < end) {
    const code = input[at++] ?? 0;
    let length: number;
    let distance: number;
    let tail = code & 3;
    if (code >= 64) {
      length = code >= 128 ? ((code >> 5) & 3) + 5 : ((code >> 5) & 1) + 3;
      distance = ((input[at++] ?? 0) << 3) + ((code >> 2) & 7) + 1;
    } else if (code >= 16) {
      const far = code < 32;
      length = far ? (code & 7 ? (code & 7) + 2 : longer(9)) : code & 31 ? (code & 31) + 2 : longer(33);
      const word = (input[at] ?? 0) | ((input[at + 1] ?? 0) << 8);
      at += 2;
      tail = word & 3;
      distance = far ? 16_384 + ((code & 8) << 11) + (word >> 2) : (word >> 2) + 1;
      if (far && distance === 16_384 && at <= end) return { length: to, fault: undefined };
    } else if (state === 0) {
      const count = code === 0 ? longer(18) : code + 3;
      if (fault !== undefined || !literals(count)) break;
      state = 4;
      continue;
    } else {
      length = state === 4 ? 3 : 2;
      distance = ((input[at++] ?? 0) << 2) + (code >> 2) + (state === 4 ? 2049 : 1);
    }
    if (at > end) fault = 'it ends within a match';
    else if (distance > to) fault = 'it points before its beginning';
    else if (length > out.length - to) fault = 'it is longer than a block';
    if (fault !== undefined) break;
    copyMatch(out, to, distance, length);
    to += length;
    if (tail > 0 && !literals(tail)) break;
    state = tail;
  }
  return { length: to, fault: fault ?? 'it has no end' };
}
