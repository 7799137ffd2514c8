/** Rows of a batch as a set: one bit a row. */

export const makeRowBits = (count: number): Uint8Array => new Uint8Array((count + 7) >>> 3);

export function setRow(bits: Uint8Array, row: number): void {
  bits[row >>> 3] = (bits[row >>> 3] as number) | (1 << (row & 7));
}

/** What is set in either of them goes into the first; both are of one batch. */
export function addRowBits(to: Uint8Array, more: Uint8Array): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] as number) | (more[i] as number);
}

/**
 * Those of the rows (undefined: of all `count`) that are in the set, or that are not; ascending as they are. The set is of
 * their `numbers` where they have other ones.
 */
export function rowsOf(
  bits: Uint8Array,
  rows: Uint32Array | undefined,
  count: number,
  wanted: boolean,
  numbers?: Uint32Array,
): Uint32Array {
  const length = rows?.length ?? count;
  const found = new Uint32Array(length);
  const flip = wanted ? 0 : 1;
  let at = 0;
  for (let i = 0; i < length; i++) {
    const row = rows ? (rows[i] as number) : i;
    const bit = numbers ? (numbers[row] as number) : row;
    found[at] = row;
    at += (((bits[bit >>> 3] as number) >>> (bit & 7)) & 1) ^ flip;
  }
  return found.subarray(0, at);
}
