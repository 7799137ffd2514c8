/** Whole numbers as decimal digits, written into bytes without a text between: four digits at a time out of a table. */

const QUADS = fourDigits();

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

/** Writes the digits at `at`, at most 16 of them, and returns where they end. */
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

/** A number below 10,000 without leading zeros. */
function writeFirst(bytes: Uint8Array, at: number, value: number): number {
  const from = 4 * value;
  let to = at;
  if (value >= 1000) bytes[to++] = QUADS[from] as number;
  if (value >= 100) bytes[to++] = QUADS[from + 1] as number;
  if (value >= 10) bytes[to++] = QUADS[from + 2] as number;
  bytes[to++] = QUADS[from + 3] as number;
  return to;
}

function writeQuad(bytes: Uint8Array, at: number, value: number): number {
  const from = 4 * value;
  bytes[at] = QUADS[from] as number;
  bytes[at + 1] = QUADS[from + 1] as number;
  bytes[at + 2] = QUADS[from + 2] as number;
  bytes[at + 3] = QUADS[from + 3] as number;
  return at + 4;
}
