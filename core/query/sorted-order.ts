/** The order of numbers: radix sort over the bits of their floats, the lowest 16 first; stable. NaN comes last. */

const DIGITS = 65_536;
/** Below it comparing is quicker than counting. */
const SMALL = 4096;

/** Indexes of `keys`, those of the smallest first; of equal ones the one that stands first. */
export function sortedOrder(keys: Float64Array): Uint32Array {
  const order = new Uint32Array(keys.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  if (keys.length < SMALL) {
    const key = (i: number): number => {
      const value = keys[i] ?? 0;
      return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
    };
    return order.sort((a, b) => (key(a) === key(b) ? a - b : key(a) - key(b)));
  }
  const halves = sortableHalves(keys);
  let from = order;
  let to = new Uint32Array(keys.length);
  for (const half of halves) {
    for (const shift of [0, 16]) {
      if (!place(half, shift, from, to)) continue;
      [from, to] = [to, from];
    }
  }
  return from;
}

/** Lower and upper halves of the keys as unsigned numbers in the keys' order. */
function sortableHalves(keys: Float64Array): [Uint32Array, Uint32Array] {
  const bits = new Uint32Array(keys.buffer, keys.byteOffset, keys.length * 2);
  const low = new Uint32Array(keys.length);
  const high = new Uint32Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const upper = bits[2 * i + 1] ?? 0;
    if (Number.isNaN(keys[i])) {
      low[i] = high[i] = 0xffff_ffff;
    } else if (upper >>> 31 === 1) {
      low[i] = ~(bits[2 * i] ?? 0);
      high[i] = ~upper;
    } else {
      low[i] = bits[2 * i] ?? 0;
      high[i] = upper | 0x8000_0000;
    }
  }
  return [low, high];
}

/** One pass; false where all digits are the same and nothing was done. */
function place(half: Uint32Array, shift: number, from: Uint32Array, to: Uint32Array): boolean {
  const counts = new Uint32Array(DIGITS);
  for (let i = 0; i < half.length; i++) {
    const digit = ((half[i] ?? 0) >>> shift) & 0xffff;
    counts[digit] = (counts[digit] ?? 0) + 1;
  }
  if (counts[((half[0] ?? 0) >>> shift) & 0xffff] === half.length) return false;
  let sum = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const count = counts[digit] ?? 0;
    counts[digit] = sum;
    sum += count;
  }
  for (let i = 0; i < from.length; i++) {
    const index = from[i] ?? 0;
    const digit = ((half[index] ?? 0) >>> shift) & 0xffff;
    const at = counts[digit] ?? 0;
    to[at] = index;
    counts[digit] = at + 1;
  }
  return true;
}
