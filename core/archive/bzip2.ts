/**
 * bzip2 (https://github.com/dsnet/compress/blob/master/doc/bzip2-format.pdf), from the highest bit of each byte on.
 *
 * | part       | bits                                                                                            |
 * |------------|-------------------------------------------------------------------------------------------------|
 * | stream     | "BZh", one digit: a block holds at most that many times 100,000 bytes                            |
 * | block      | 48 magic 314159265359, 32 CRC, 1 randomised (never any more), 24 where the text begins           |
 * | symbols    | 16 ranges used, then 16 for each of those: which byte values occur                               |
 * | tables     | 3 how many (2 to 6), 15 selectors, then each selector as its move-to-front place in unary        |
 * | lengths    | a table: 5 first length, then for each symbol 10 (longer), 11 (shorter), 0 (next)                |
 * | text       | Huffman codes, 50 a table; symbols 0, 1: runs of the front byte in bijective base 2; the last ends |
 * | end        | 48 magic 177245385090, 32 CRC of all blocks                                                     |
 *
 * The symbols are move-to-front places of a Burrows-Wheeler transform of text in which four equal bytes are followed by
 * the number of further ones.
 */
import type { Unpacked } from './unpack.ts';

/** A run of 255 equal bytes costs 5, and a repeated run very little: only the output's size bounds it. */
export const BZIP2_RATIO = Number.POSITIVE_INFINITY;

const GROUP = 50;
const MAX_CODE = 20;

const crcTable = Uint32Array.from({ length: 256 }, (_, value) => {
  let crc = value << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  return crc >>> 0;
});

/** A fault in the bits; never leaves this file. */
class Damage extends Error {}

class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #held = 0;
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** 1 to 24 bits. */
  read(count: number): number {
    while (this.#count < count) {
      if (this.#at >= this.#bytes.length) throw new Damage('it ends before its end mark');
      this.#held = ((this.#held << 8) | (this.#bytes[this.#at++] ?? 0)) & 0x7fff_ffff;
      this.#count += 8;
    }
    this.#count -= count;
    const value = this.#held >>> this.#count;
    this.#held &= (1 << this.#count) - 1;
    return value;
  }

  /** To the next whole byte; true where nothing follows it. */
  align(): boolean {
    this.#count = 0;
    this.#held = 0;
    return this.#at >= this.#bytes.length;
  }
}

/** Codes of one table: by length the first code, and the symbols in the order of their codes. */
interface HuffmanTable {
  readonly limit: Int32Array;
  readonly base: Int32Array;
  readonly symbols: Uint16Array;
  readonly shortest: number;
}

/** Decodes streams into `out`, as far as they are sound. A block is written only when its CRC has been checked. */
export function unpackBzip2(input: Uint8Array, out: Uint8Array): Unpacked {
  const bits = new BitReader(input);
  let to = 0;
  try {
    do {
      const magic = bits.read(24);
      const level = bits.read(8) - 48;
      if (magic !== 0x42_5a_68 || level < 1 || level > 9) throw new Damage('it has no bzip2 header');
      for (;;) {
        const high = bits.read(24);
        const low = bits.read(24);
        const crc = bits.read(16) * 65_536 + bits.read(16);
        if (high === 0x17_72_45 && low === 0x38_50_90) break;
        if (high !== 0x31_41_59 || low !== 0x26_53_59) throw new Damage('it lacks the mark of a block');
        const end = readBlock(bits, level * 100_000, out, to);
        if (crcOf(out, to, end) !== crc) throw new Damage('its checksum differs');
        to = end;
      }
    } while (!bits.align());
    return { length: to, fault: undefined };
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    return { length: to, fault: error.message };
  }
}

function crcOf(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0xffff_ffff;
  for (let i = from; i < to; i++) {
    crc = (crc << 8) ^ (crcTable[((crc >>> 24) ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
  }
  return ~crc >>> 0;
}

/** Reads one block and writes its text from `to` on; returns where it ends. */
function readBlock(bits: BitReader, limit: number, out: Uint8Array, to: number): number {
  if (bits.read(1) === 1) throw new Damage('it is randomised, as bzip2 before 0.9.5 wrote');
  const begin = bits.read(24);
  const used = readSymbols(bits);
  const tables = bits.read(3);
  if (tables < 2 || tables > 6) throw new Damage('it has a false number of tables');
  const selectors = readSelectors(bits, tables);
  const huffman = Array.from({ length: tables }, () => readTable(bits, used.length + 2));
  const { text, counts } = readText(bits, used, selectors, huffman, limit);
  if (begin >= text.length) throw new Damage('it begins beyond its end');
  return unwind(text, counts, begin, out, to);
}

function readSymbols(bits: BitReader): Uint8Array {
  const ranges = bits.read(16);
  const used: number[] = [];
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue;
    const present = bits.read(16);
    for (let i = 0; i < 16; i++) if (present & (0x8000 >> i)) used.push(range * 16 + i);
  }
  if (used.length === 0) throw new Damage('it uses no byte');
  return Uint8Array.from(used);
}

function readSelectors(bits: BitReader, tables: number): Uint8Array {
  const count = bits.read(15);
  if (count === 0) throw new Damage('it has no selectors');
  const selectors = new Uint8Array(count);
  const order = Array.from({ length: tables }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    let place = 0;
    while (bits.read(1) === 1)
      if (++place >= tables) throw new Damage('it selects a table that is not there');
    const [table = 0] = order.splice(place, 1);
    order.unshift(table);
    selectors[i] = table;
  }
  return selectors;
}

function readTable(bits: BitReader, symbolCount: number): HuffmanTable {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    for (;;) {
      if (length < 1 || length > MAX_CODE) throw new Damage('it has a code of false length');
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  const symbols: number[] = [];
  const limit = new Int32Array(MAX_CODE + 2).fill(-1);
  const base = new Int32Array(MAX_CODE + 2);
  let code = 0;
  let shortest = 0;
  for (let size = 1; size <= MAX_CODE; size++) {
    base[size] = symbols.length - code;
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      if (lengths[symbol] !== size) continue;
      symbols.push(symbol);
      code++;
      shortest ||= size;
    }
    limit[size] = code - 1;
    code <<= 1;
  }
  return { limit, base, symbols: Uint16Array.from(symbols), shortest };
}

function readCode(bits: BitReader, table: HuffmanTable): number {
  let size = table.shortest;
  let code = bits.read(size);
  while (code > (table.limit[size] ?? -1)) {
    if (++size > MAX_CODE) throw new Damage('it has a code that no table knows');
    code = (code << 1) | bits.read(1);
  }
  const symbol = table.symbols[code + (table.base[size] ?? 0)];
  if (symbol === undefined) throw new Damage('it has a code that no table knows');
  return symbol;
}

/** The text of the block in hand: kept, so that many small blocks do not claim 3.6 MB each. */
let scratch = new Uint32Array(0);

/** The transformed text, and how often each byte value occurs in it. */
function readText(
  bits: BitReader,
  used: Uint8Array,
  selectors: Uint8Array,
  tables: readonly HuffmanTable[],
  limit: number,
): { text: Uint32Array; counts: Int32Array } {
  if (scratch.length < limit) scratch = new Uint32Array(limit);
  const text = scratch;
  const counts = new Int32Array(256);
  const front = used.slice();
  const last = used.length + 1;
  let length = 0;
  let run = 0;
  let weight = 1;
  for (let read = 0; ; read++) {
    const table = tables[selectors[Math.floor(read / GROUP)] ?? tables.length];
    if (!table) throw new Damage('it has more codes than selectors');
    const symbol = readCode(bits, table);
    if (symbol <= 1) {
      run += weight << symbol;
      weight <<= 1;
      if (run > limit) throw new Damage('it is longer than its block');
      continue;
    }
    if (run > 0) {
      if (length + run > limit) throw new Damage('it is longer than its block');
      const byte = front[0] ?? 0;
      text.fill(byte, length, length + run);
      counts[byte] = (counts[byte] ?? 0) + run;
      length += run;
      run = 0;
      weight = 1;
    }
    if (symbol === last) return { text: text.subarray(0, length), counts };
    if (length >= limit) throw new Damage('it is longer than its block');
    const place = symbol - 1;
    const byte = front[place] ?? 0;
    front.copyWithin(1, 0, place);
    front[0] = byte;
    text[length++] = byte;
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
}

/** Undoes the Burrows-Wheeler transform, then the runs. `text` is used up: its upper 24 bits become the way. */
function unwind(text: Uint32Array, counts: Int32Array, begin: number, out: Uint8Array, to: number): number {
  const next = new Int32Array(256);
  for (let byte = 1; byte < 256; byte++) next[byte] = (next[byte - 1] ?? 0) + (counts[byte - 1] ?? 0);
  for (let i = 0; i < text.length; i++) {
    const byte = (text[i] ?? 0) & 0xff;
    const place = next[byte] ?? 0;
    next[byte] = place + 1;
    text[place] = (text[place] ?? 0) | (i << 8);
  }
  let at = to;
  let position = (text[begin] ?? 0) >>> 8;
  let equal = 0;
  let previous = -1;
  for (let i = 0; i < text.length; i++) {
    const entry = text[position] ?? 0;
    const byte = entry & 0xff;
    position = entry >>> 8;
    const repeat = equal === 4 ? byte : 1;
    if (repeat > out.length - at) throw new Damage('it is longer than a block');
    if (equal === 4) {
      out.fill(previous, at, at + repeat);
      equal = 0;
      previous = -1;
    } else {
      out[at] = byte;
      equal = byte === previous ? equal + 1 : 1;
      previous = byte;
    }
    at += repeat;
  }
  return at;
}
