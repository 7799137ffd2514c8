/** Blocks of LZ4 and LZO that hold literals only: right, if no smaller. */
import { concat, hex, u8, type Octets } from './octets.ts';

/** A length beyond what an instruction holds: 255 for each byte of this value, then the rest. */
function rest(length: number, filler: number): Octets {
  const whole = Math.floor((length - (filler === 0 ? 1 : 0)) / 255);
  return concat(new Uint8Array(whole).fill(filler), u8(length - whole * 255));
}

export function lz4Literals(bytes: Octets): Octets {
  const { length } = bytes;
  return length < 15 ? concat(u8(length << 4), bytes) : concat(u8(0xf0), rest(length - 15, 255), bytes);
}

/** For more than 18 bytes. */
export function lzoLiterals(bytes: Octets): Octets {
  return concat(u8(0), rest(bytes.length - 18, 0), bytes, hex('110000'));
}
