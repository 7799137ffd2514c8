/** Whole numbers as decimal digits, written into bytes without a text between: four digits at a time out of a table. */

const QUADS = fourDigits();
/** The digits of 0 to 9999 without leading zeros, four bytes each, and how many they are. */
const FIRSTS = new Uint8Array(40_000);
const LENGTHS = new Uint8Array(10_000);
for (let value = 0; value < 10_000; value++) {
  const text = String(value);
  LENGTHS[value] = text.length;
  for (let i = 0; i < text.length; i++) FIRSTS[4 * value + i] = text.charCodeAt(i);
}
const DOT = 0x2e;
/** As FIRSTS, of an octet and the dot after it. */
const OCTETS = new Uint8Array(1024);
for (let octet = 0; octet < 256; octet++) {
  for (let i = 0; i < 4; i++) OCTETS[4 * octet + i] = FIRSTS[4 * octet + i] as number;
  OCTETS[4 * octet + (LENGTHS[octet] as number)] = DOT;
}

/** The digits of 0000 to 9999, four bytes each. */
function fourDigits(): Uint8Array {
  const digits = new Uint8Array(40_000);
  for (let value = 0; value < 10_000; value++) {
    for (let place = 3, rest = value; place >= 0; place--, rest = Math.floor(rest / 10)) {
      digits[4 * value + place] = 48 + (rest % 10);
    }
  }
  return digits;
}

/** Whether `writeDigits` can write it: a whole number from 0 to 2^53. */
export const hasDigits = (value: number): boolean =>
  value >= 0 && value <= Number.MAX_SAFE_INTEGER && Number.isInteger(value);

/**
 * Writes the digits at `at`, at most 16 of them, and returns where they end; up to three bytes behind them may be written
 * too.
 */
export function writeDigits(bytes: Uint8Array, at: number, value: number): number {
  if (value < 10_000) return writeFirst(bytes, at, value);
  if (value < 100_000_000) {
    const high = Math.floor(value / 10_000);
    return writeQuad(bytes, writeFirst(bytes, at, high), value - high * 10_000);
  }
  let high = Math.floor(value / 100_000_000);
  let low = value - high * 100_000_000;
  // The quotient may have been rounded up.
  if (low < 0) {
    high--;
    low += 100_000_000;
  }
  const middle = Math.floor(low / 10_000);
  const next = writeQuad(bytes, writeDigits(bytes, at, high), middle);
  return writeQuad(bytes, next, low - middle * 10_000);
}

/** As `writeDigits`, of a number of at most 16 bits. */
export function writeShort(bytes: Uint8Array, at: number, value: number): number {
  if (value < 10_000) return writeFirst(bytes, at, value);
  const high = Math.trunc(value / 10_000) | 0;
  bytes[at] = 48 + high;
  return writeQuad(bytes, at + 1, value - high * 10_000);
}

/** Writes four octets with dots between them, at most 15 bytes and one behind them, and returns where they end. */
export function writeDotted(bytes: Uint8Array, at: number, octets: Uint8Array, from: number): number {
  let to = at;
  for (let i = from; i < from + 4; i++) {
    const octet = octets[i] as number;
    writeFour(bytes, to, OCTETS, 4 * octet);
    to += (LENGTHS[octet] as number) + 1;
  }
  return to - 1;
}

/** A number below 10,000 without leading zeros. */
function writeFirst(bytes: Uint8Array, at: number, value: number): number {
  writeFour(bytes, at, FIRSTS, 4 * value);
  return at + (LENGTHS[value] as number);
}

function writeQuad(bytes: Uint8Array, at: number, value: number): number {
  writeFour(bytes, at, QUADS, 4 * value);
  return at + 4;
}

/** All four whatever their number: a branch would cost more than the bytes that the next cell writes over. */
function writeFour(bytes: Uint8Array, at: number, table: Uint8Array, from: number): void {
  bytes[at] = table[from] as number;
  bytes[at + 1] = table[from + 1] as number;
  bytes[at + 2] = table[from + 2] as number;
  bytes[at + 3] = table[from + 3] as number;
}
