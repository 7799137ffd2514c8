/**
 * Integers as planes of bytes: all lowest bytes, then all second ones, and so on, above the least value. zstd finds more
 * in a plane of like bytes than in whole numbers, and both directions are plain loops.
 *
 * | bytes       | what                                                                                     |
 * |-------------|------------------------------------------------------------------------------------------|
 * | 0           | planes, 0 (every value is the base) to 6                                                 |
 * | 1           | 1: no value is NaN                                                                       |
 * | 8 to 15     | the base, as a float: the least value, or 0 where that takes as many planes              |
 * | 16 onwards  | the planes, lowest first: value - base; where values may be NaN, 0 for NaN, else 1 more  |
 *
 * `steps` is the first value, as a float, and the planes of the differences from each value to the one before. The head and
 * each plane are pieces of their own (column-pieces.ts).
 */
import type { NumberColumn } from './column-basic.ts';
import type { PieceReader } from './column-pieces.ts';
import { DamagedColumn } from './varint.ts';

const HEAD_BYTES = 16;
const MAX_PLANES = 6;
/** Above the least value; one is left for NaN. */
const MAX_SPAN = 2 ** 48 - 2;
/** Values of more are not exact when the least is added. */
const MAX_MAGNITUDE = 2 ** 52;

/** The head and the planes of `column`; undefined where they cannot hold it bit for bit. */
export function encodePlanes(column: NumberColumn): readonly Uint8Array[] | undefined {
  const { length } = column;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let absent = false;
  const whole = !(column instanceof Float64Array);
  for (let i = 0; i < length; i++) {
    const value = column[i] ?? 0;
    if (!whole) {
      if (Number.isNaN(value)) {
        absent = true;
        continue;
      }
      if (!Number.isInteger(value) || Object.is(value, -0) || Math.abs(value) > MAX_MAGNITUDE)
        return undefined;
    }
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (least > most) least = most = 0;
  if (most - least > MAX_SPAN) return undefined;
  // What the least value's code is.
  const first = absent ? 1 : 0;
  const planes = most === least && !absent ? 0 : planesFor(most - least + first);
  const base = planes > 0 && least >= 0 && planesFor(most + first) === planes ? 0 : least;
  const head = new Uint8Array(HEAD_BYTES);
  head[0] = planes;
  head[1] = absent ? 0 : 1;
  new DataView(head.buffer).setFloat64(8, base, true);
  if (planes === 0) return [head];
  const bytes = new Uint8Array(planes * length);
  const plane1 = length;
  const plane2 = plane1 + length;
  const plane3 = plane2 + length;
  for (let i = 0; i < length; i++) {
    const value = column[i] ?? 0;
    if (Number.isNaN(value)) continue;
    const code = value - base + first;
    const low = code >>> 0;
    bytes[i] = low;
    if (planes === 1) continue;
    bytes[plane1 + i] = low >>> 8;
    if (planes === 2) continue;
    bytes[plane2 + i] = low >>> 16;
    if (planes === 3) continue;
    bytes[plane3 + i] = low >>> 24;
    if (planes === 4) continue;
    const high = Math.floor(code / 2 ** 32);
    bytes[plane3 + length + i] = high;
    if (planes === 6) bytes[plane3 + 2 * length + i] = high >>> 8;
  }
  return [head, ...Array.from({ length: planes }, (_, i) => bytes.subarray(i * length, (i + 1) * length))];
}

function planesFor(code: number): number {
  let planes = 1;
  while (code >= 256 ** planes) planes++;
  return planes;
}

/** The planes of a column as they are stored. */
export interface Planes {
  /** What the code 0 stands for, where it is not NaN. */
  readonly least: number;
  /** Whether the code 0 is NaN; older programs said of no column that it has none. */
  readonly absent: boolean;
  /** Lowest first, up to six; none where every value is the least. */
  readonly planes: readonly Uint8Array[];
}

/** Takes the planes of `length` values. Throws DamagedColumn. */
export function readPlanes(pieces: PieceReader, length: number): Planes {
  const head = pieces.take(HEAD_BYTES);
  const count = head[0] ?? 0;
  if (count > MAX_PLANES) throw new DamagedColumn('it has too many planes');
  const base = new DataView(head.buffer, head.byteOffset).getFloat64(8, true);
  const shifted = head[1] !== 1 && count > 0;
  const planes = Array.from({ length: count }, () => pieces.take(length));
  return { least: shifted ? base - 1 : base, absent: shifted, planes };
}

/**
 * What is to be added to `least` for each value, good until other planes are read; undefined where some values may be NaN, all
 * are alike or the codes do not fit 32 bits.
 */
export function codesOf({ absent, planes }: Planes): Uint32Array | undefined {
  const [low] = planes;
  if (!low || absent || planes.length > 4) return undefined;
  return joinPlanes(scratchOf(low.length), planes);
}

/** Fills `values` from planes of as many. */
export function fillFromPlanes(values: NumberColumn, stored: Planes): void {
  const { least, absent, planes } = stored;
  const { length } = values;
  if (planes.length === 0) {
    values.fill(least);
    return;
  }
  const codes = joinPlanes(values instanceof Uint32Array ? values : scratchOf(length), planes);
  if (values instanceof Float64Array) {
    const [high, highest] = planes.slice(4);
    if (high) fillWide(values, codes, stored, high, highest);
    else if (absent) fillSome(values, codes, least);
    else {
      values.set(codes);
      if (least !== 0) for (let i = 0; i < length; i++) values[i] = (values[i] ?? 0) + least;
    }
    return;
  }
  // Modulo 2^32, as the codes of what fits these columns are.
  const shift = least | 0;
  if (shift !== 0) for (let i = 0; i < length; i++) codes[i] = (codes[i] ?? 0) + shift;
  if (values !== codes) values.set(codes);
}

/** The planes of the differences from row to row, after the first value; undefined where they cannot hold the column. */
export function encodeSteps(column: NumberColumn): readonly Uint8Array[] | undefined {
  const { length } = column;
  const steps = new Float64Array(length);
  let first = 0;
  let last = Number.NaN;
  for (let i = 0; i < length; i++) {
    const value = column[i] ?? 0;
    if (Number.isNaN(value)) {
      steps[i] = value;
      continue;
    }
    if (!Number.isInteger(value) || Object.is(value, -0) || Math.abs(value) > MAX_MAGNITUDE) return undefined;
    if (Number.isNaN(last)) last = first = value;
    steps[i] = value - last;
    last = value;
  }
  const planes = encodePlanes(steps);
  if (!planes) return undefined;
  return [new Uint8Array(Float64Array.of(first).buffer), ...planes];
}

/** Throws DamagedColumn. */
export function decodeSteps(values: NumberColumn, pieces: PieceReader): void {
  const head = pieces.take(8);
  const steps = readPlanes(pieces, values.length);
  const first = new DataView(head.buffer, head.byteOffset).getFloat64(0, true);
  const sums = values instanceof Float64Array ? values : new Float64Array(values.length);
  const codes = codesOf(steps);
  if (codes) sumCodes(sums, codes, first, steps.least);
  else {
    fillFromPlanes(sums, steps);
    sumSteps(sums, first);
  }
  if (values !== sums) values.set(sums);
}

function sumCodes(sums: Float64Array, codes: Uint32Array, first: number, least: number): void {
  let last = first;
  for (let i = 0; i < sums.length; i++) {
    last += (codes[i] ?? 0) + least;
    sums[i] = last;
  }
}

/** Makes sums of steps, some of which may be NaN. */
function sumSteps(sums: Float64Array, first: number): void {
  let last = first;
  for (let i = 0; i < sums.length; i++) {
    const step = sums[i] ?? 0;
    if (Number.isNaN(step)) continue;
    last += step;
    sums[i] = last;
  }
}

/** Where the planes of what is not 32 bits wide come together. */
let scratch = new Uint32Array(65_536);

function scratchOf(length: number): Uint32Array {
  if (scratch.length < length) scratch = new Uint32Array(length);
  return scratch.subarray(0, length);
}

// Each loop sees arrays of one kind and has no branches: that is what makes it quick.

function joinPlanes(codes: Uint32Array, [low, second, third, fourth]: readonly Uint8Array[]): Uint32Array {
  const { length } = codes;
  if (!low) return codes;
  if (!second) {
    codes.set(low);
    return codes;
  }
  if (!third) {
    for (let i = 0; i < length; i++) codes[i] = (low[i] ?? 0) | ((second[i] ?? 0) << 8);
    return codes;
  }
  for (let i = 0; i < length; i++) {
    codes[i] = (low[i] ?? 0) | ((second[i] ?? 0) << 8) | ((third[i] ?? 0) << 16);
  }
  if (!fourth) return codes;
  for (let i = 0; i < length; i++) codes[i] = (codes[i] ?? 0) | ((fourth[i] ?? 0) << 24);
  return codes;
}

function fillSome(values: Float64Array, codes: Uint32Array, least: number): void {
  for (let i = 0; i < values.length; i++) {
    const code = codes[i] ?? 0;
    values[i] = code === 0 ? Number.NaN : least + code;
  }
}

function fillWide(
  values: Float64Array,
  codes: Uint32Array,
  { least, absent }: Planes,
  high: Uint8Array,
  highest: Uint8Array | undefined,
): void {
  for (let i = 0; i < values.length; i++) {
    let code = (codes[i] ?? 0) + (high[i] ?? 0) * 2 ** 32;
    if (highest) code += (highest[i] ?? 0) * 2 ** 40;
    values[i] = absent && code === 0 ? Number.NaN : least + code;
  }
}
