/** Sums in buckets of time, one line a key: what lasts is spread over its life. */
import type { Buckets } from './buckets.ts';

/** From so many buckets on, a flow costs two additions instead of one a bucket. */
const LONG = 8;

/** Flows by row of their batch: a group each, and the line of each group. */
export interface LinedFlows {
  readonly lines: Int32Array;
  readonly groups: Uint8Array | Uint16Array | Uint32Array;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly values: Float64Array;
}

export class TimeCells {
  readonly #buckets: Buckets;
  #lines = 0;
  #left = new Uint32Array(0);
  #cells = new Float64Array(0);
  /** Of long flows: where their rate a bucket begins and ends. */
  #steps: Float64Array | undefined;

  constructor(buckets: Buckets) {
    this.#buckets = buckets;
  }

  get lines(): number {
    return this.#lines;
  }

  /** Makes room for line numbers below `lines`. */
  reserve(lines: number): void {
    if (lines <= this.#lines) return;
    const { count } = this.#buckets;
    this.#lines = lines;
    if (lines * count <= this.#cells.length) return;
    const capacity = Math.max(lines, 2 * Math.floor(this.#cells.length / Math.max(count, 1))) * count;
    this.#cells = enlarged(this.#cells, capacity);
    if (this.#steps) this.#steps = enlarged(this.#steps, capacity);
  }

  /** At one moment. */
  addAt(line: number, time: number, value: number): void {
    const { startMs, bucketMs, count } = this.#buckets;
    const bucket = Math.floor((time - startMs) / bucketMs);
    if (!(bucket >= 0 && bucket < count)) return;
    const cell = line * count + bucket;
    this.#cells[cell] = (this.#cells[cell] ?? 0) + value;
  }

  /** Takes in the flows that lie within one bucket; returns the rows of the others. */
  addWithin({ lines, groups, starts, ends, values }: LinedFlows, rows: Uint32Array | undefined): Uint32Array {
    const { startMs, bucketMs, count } = this.#buckets;
    const cells = this.#cells;
    const total = rows?.length ?? starts.length;
    if (this.#left.length < total) this.#left = new Uint32Array(total);
    const left = this.#left;
    let others = 0;
    // Flows that follow one another are mostly of one bucket, whose bounds and cell are known.
    let from = Number.NaN;
    let until = Number.NaN;
    let place = 0;
    for (let i = 0; i < total; i++) {
      const row = rows ? (rows[i] as number) : i;
      const start = starts[row] as number;
      const end = ends[row] as number;
      if (!(start >= from && start < until)) {
        place = Math.floor((start - startMs) / bucketMs);
        from = startMs + place * bucketMs;
        until = startMs + (place + 1) * bucketMs;
      }
      if (end >= start && end < until && start >= from && place >= 0 && place < count) {
        const cell = (lines[groups[row] as number] as number) * count + place;
        cells[cell] = (cells[cell] as number) + (values[row] as number);
      } else left[others++] = row;
    }
    return left.subarray(0, others);
  }

  /** Evenly from `start` to `end`; what lies outside of the buckets is left out. */
  spread(line: number, start: number, end: number, value: number): void {
    const { startMs, bucketMs, count } = this.#buckets;
    const from = (start - startMs) / bucketMs;
    const to = (end - startMs) / bucketMs;
    const first = Math.floor(from);
    const last = Math.floor(to);
    const row = line * count;
    const cells = this.#cells;
    if (first === last) {
      if (first >= 0 && first < count) cells[row + first] = (cells[row + first] ?? 0) + value;
      return;
    }
    if (last < 0 || first >= count) return;
    const rate = value / (to - from);
    if (first >= 0) cells[row + first] = (cells[row + first] ?? 0) + rate * (first + 1 - from);
    if (last < count) cells[row + last] = (cells[row + last] ?? 0) + rate * (to - last);
    const begin = Math.max(first + 1, 0);
    const stop = Math.min(last, count);
    if (stop - begin < LONG) {
      for (let cell = row + begin; cell < row + stop; cell++) cells[cell] = (cells[cell] ?? 0) + rate;
      return;
    }
    const steps = (this.#steps ??= new Float64Array(cells.length));
    steps[row + begin] = (steps[row + begin] ?? 0) + rate;
    if (stop < count) steps[row + stop] = (steps[row + stop] ?? 0) - rate;
  }

  /** All lines, one after the other. */
  finish(): Float64Array {
    const { count } = this.#buckets;
    const cells = this.#cells.slice(0, this.#lines * count);
    const steps = this.#steps;
    if (!steps) return cells;
    for (let line = 0; line < this.#lines; line++) {
      let level = 0;
      let open = 0;
      for (let cell = line * count; cell < (line + 1) * count; cell++) {
        const step = steps[cell] ?? 0;
        level += step;
        // Rates that began and ended cancel out but for their last bits.
        open = Math.max(open, Math.abs(level));
        if (Math.abs(level) < open * 1e-12) level = 0;
        cells[cell] = (cells[cell] ?? 0) + level;
      }
    }
    return cells;
  }
}

function enlarged(from: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(length);
  to.set(from);
  return to;
}
