/**
 * A column in as few bytes as most of its values need: 0 (all alike), 1, 2 or 4 above the least one, and the few that need
 * more beside them. Packets of a flow take one byte, codes of addresses two; to give them back is one copy that the
 * engine makes natively.
 */
import type { NumberColumn } from './column-basic.ts';

type Codes = Uint8Array | Uint16Array | Uint32Array;

/** What a value costs that is kept beside the codes: its row and itself. */
const EXCEPTION_BYTES = 12;

export class NarrowColumn {
  readonly #base: number;
  /** Empty where all values but the exceptions are the base. */
  readonly #codes: Codes;
  readonly #rows: Uint32Array;
  readonly #values: Float64Array;

  private constructor(base: number, codes: Codes, rows: Uint32Array, values: Float64Array) {
    this.#base = base;
    this.#codes = codes;
    this.#rows = rows;
    this.#values = values;
  }

  /** Undefined where nothing is saved. Every value comes again bit for bit, but for the kinds of NaN. */
  static of(column: NumberColumn): NarrowColumn | undefined {
    const floats = column instanceof Float64Array;
    const base = floats ? leastOf(column) : 0;
    const offsets = offsetsOf(column, base);
    const { width, bytes } = narrowest(offsets, floats ? 8 : column.BYTES_PER_ELEMENT);
    if (bytes >= column.byteLength) return undefined;
    const rows = unfitting(offsets, width);
    if (rows.length * EXCEPTION_BYTES > column.length) return undefined;
    const codes = codesOf(width, column.length);
    if (floats) setCodes(codes, offsets);
    else if (width > 0) codes.set(column);
    return new NarrowColumn(
      base,
      codes,
      rows,
      Float64Array.from(rows, (row) => column[row] ?? 0),
    );
  }

  get byteLength(): number {
    return this.#codes.byteLength + this.#rows.byteLength + this.#values.byteLength;
  }

  /** Writes the values into a column of as many. */
  fill<T extends NumberColumn>(column: T): T {
    const base = this.#base;
    if (this.#codes.length === 0) column.fill(base);
    else {
      column.set(this.#codes);
      if (base !== 0 && column instanceof Float64Array) addTo(column, base);
    }
    const rows = this.#rows;
    const values = this.#values;
    for (let i = 0; i < rows.length; i++) column[rows[i] as number] = values[i] as number;
    return column;
  }

  /** Writes the values at the rows, which ascend, into a column of as many. */
  pick<T extends NumberColumn>(wanted: Uint32Array, column: T): T {
    if (this.#codes.length === 0) column.fill(this.#base);
    else pickCodes(this.#codes, wanted, column, this.#base);
    const rows = this.#rows;
    for (let i = 0, at = 0; i < rows.length && at < wanted.length; i++) {
      const row = rows[i] as number;
      while (at < wanted.length && (wanted[at] as number) < row) at++;
      if (wanted[at] === row) column[at] = this.#values[i] as number;
    }
    return column;
  }
}

function pickCodes(codes: Codes, rows: Uint32Array, picked: NumberColumn, base: number): void {
  for (let i = 0; i < rows.length; i++) picked[i] = (codes[rows[i] as number] as number) + base;
}

function addTo(column: Float64Array, base: number): void {
  for (let row = 0; row < column.length; row++) column[row] = (column[row] as number) + base;
}

/** A whole number up to the least one, so that no difference is rounded; 0 where the numbers begin near it or below. */
function leastOf(column: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let row = 0; row < column.length; row++) {
    const value = column[row] as number;
    if (value < least) least = value;
  }
  return least >= 256 && Number.isFinite(least) ? Math.floor(least) : 0;
}

let scratch = new Float64Array(65_536);

/** Of one kind whatever the column is: so the loops over them are. */
function offsetsOf(column: NumberColumn, base: number): Float64Array {
  if (column instanceof Float64Array && base === 0) return column;
  if (scratch.length < column.length) scratch = new Float64Array(column.length);
  const offsets = scratch.subarray(0, column.length);
  offsets.set(column);
  if (base !== 0) addTo(offsets, -base);
  return offsets;
}

type Width = 0 | 1 | 2 | 4;

/** One row in so many says which width is the narrowest. */
const LOOKED_AT = 7;

function narrowest(offsets: Float64Array, own: number): { readonly width: Width; readonly bytes: number } {
  let beside0 = 0;
  let beside1 = 0;
  let beside2 = 0;
  let beside4 = 0;
  for (let row = 0; row < offsets.length; row += LOOKED_AT) {
    const offset = offsets[row] as number;
    beside0 += offset === 0 ? 0 : 1;
    beside1 += offset < 2 ** 8 ? 0 : 1;
    beside2 += offset < 2 ** 16 ? 0 : 1;
    beside4 += offset < 2 ** 32 ? 0 : 1;
  }
  const { length } = offsets;
  let best: { width: Width; bytes: number } = { width: 0, bytes: EXCEPTION_BYTES * LOOKED_AT * beside0 };
  for (const [width, beside] of [
    [1, beside1],
    [2, beside2],
    [4, beside4],
  ] as const) {
    const bytes = width * length + EXCEPTION_BYTES * LOOKED_AT * beside;
    if (width < own && bytes < best.bytes) best = { width, bytes };
  }
  return best;
}

/** The rows whose value does not come again from a code of this width. */
function unfitting(offsets: Float64Array, width: Width): Uint32Array {
  const most = 256 ** width - 1;
  const rows: number[] = [];
  for (let row = 0; row < offsets.length; row++) {
    const offset = offsets[row] as number;
    const code = offset >>> 0;
    if (code !== offset || code > most || (code === 0 && Object.is(offset, -0))) rows.push(row);
  }
  return Uint32Array.from(rows);
}

/** What is no code is written all the same, and put right by its exception. */
function setCodes(codes: Codes, offsets: Float64Array): void {
  for (let row = 0; row < codes.length; row++) codes[row] = (offsets[row] as number) >>> 0;
}

function codesOf(width: Width, length: number): Codes {
  if (width === 0) return new Uint8Array(0);
  if (width === 1) return new Uint8Array(length);
  return width === 2 ? new Uint16Array(length) : new Uint32Array(length);
}
