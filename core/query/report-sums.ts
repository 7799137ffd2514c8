/** Flows, packets and bytes summed by small codes, side by side in one array. */
import type { CodedColumn } from './coded-column.ts';

/** Flows, packets and bytes follow each other wherever they are summed. */
export const COUNTS = 3;

/** Counts by code, of a segment or of more. */
export class CodeSums {
  values = new Float64Array(0);

  /** Zeroes for codes below `size`. */
  clear(size: number): void {
    if (this.values.length < size * COUNTS) this.values = new Float64Array(size * COUNTS);
    else this.values.fill(0, 0, size * COUNTS);
  }

  add(
    { codes, size }: Pick<CodedColumn, 'codes' | 'size'>,
    rows: Uint32Array,
    packets: Float64Array,
    bytes: Float64Array,
  ): void {
    if (size === 1) {
      this.#addAll(rows, packets, bytes);
      return;
    }
    const sums = this.values;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const at = (codes[row] as number) * COUNTS;
      sums[at] = (sums[at] as number) + 1;
      sums[at + 1] = (sums[at + 1] as number) + (packets[row] as number);
      sums[at + 2] = (sums[at + 2] as number) + (bytes[row] as number);
    }
  }

  /** Makes room for codes below `size`; what is summed stays. */
  grow(size: number): void {
    if (this.values.length >= size * COUNTS) return;
    const values = new Float64Array(Math.max(size * COUNTS, 2 * this.values.length));
    values.set(this.values);
    this.values = values;
  }

  /** Adds each row by both of its codes. */
  addEnds(
    sources: ArrayLike<number>,
    destinations: ArrayLike<number>,
    rows: Uint32Array,
    packets: Float64Array,
    bytes: Float64Array,
  ): void {
    const sums = this.values;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const packet = packets[row] as number;
      const byte = bytes[row] as number;
      const from = (sources[row] as number) * COUNTS;
      sums[from] = (sums[from] as number) + 1;
      sums[from + 1] = (sums[from + 1] as number) + packet;
      sums[from + 2] = (sums[from + 2] as number) + byte;
      const to = (destinations[row] as number) * COUNTS;
      sums[to] = (sums[to] as number) + 1;
      sums[to + 1] = (sums[to + 1] as number) + packet;
      sums[to + 2] = (sums[to + 2] as number) + byte;
    }
  }

  /** Of rows that all have the only code. */
  #addAll(rows: Uint32Array, packets: Float64Array, bytes: Float64Array): void {
    const sums = this.values;
    let packetSum = sums[1] as number;
    let byteSum = sums[2] as number;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      packetSum += packets[row] as number;
      byteSum += bytes[row] as number;
    }
    sums[0] = (sums[0] as number) + rows.length;
    sums[1] = packetSum;
    sums[2] = byteSum;
  }
}
