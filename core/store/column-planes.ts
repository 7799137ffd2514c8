/**
 * Integers as planes of bytes: all lowest bytes, then all second ones, and so on, above the least value. zstd finds more
 * in a plane of like bytes than in whole numbers, and both directions are plain loops.
 *
 * | bytes       | what                                                                                     |
 * |-------------|------------------------------------------------------------------------------------------|
 * | 0           | planes, 0 (every value is the least) to 6                                                |
 * | 8 to 15     | the least value, as a float                                                              |
 * | 16 onwards  | the planes, lowest first: per value 0 for NaN, else 1 + value - least                    |
 *
 * `steps` is the first value, as a float, and the planes of the differences from each value to the one before.
 */
import type { NumberColumn } from './column-basic.ts';
import { DamagedColumn } from './varint.ts';

const HEAD_BYTES = 16;
const MAX_PLANES = 6;
/** Above the least value; one is left for NaN. */
const MAX_SPAN = 2 ** 48 - 2;
/** Values of more are not exact when the least is added. */
const MAX_MAGNITUDE = 2 ** 52;

/** The planes of `column`; undefined where they cannot hold it bit for bit. */
export function encodePlanes(column: NumberColumn): Uint8Array | undefined {
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
  let planes = most === least && !absent ? 0 : 1;
  while (most - least + 1 >= 256 ** planes && planes > 0) planes++;
  const bytes = new Uint8Array(HEAD_BYTES + planes * length);
  bytes[0] = planes;
  new DataView(bytes.buffer).setFloat64(8, least, true);
  if (planes === 0) return bytes;
  const plane1 = HEAD_BYTES + length;
  const plane2 = plane1 + length;
  const plane3 = plane2 + length;
  for (let i = 0; i < length; i++) {
    const value = column[i] ?? 0;
    if (Number.isNaN(value)) continue;
    const code = value - least + 1;
    const low = code >>> 0;
    bytes[HEAD_BYTES + i] = low;
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
  return bytes;
}

/** Bytes of the planes of `length` values that begin here. Throws DamagedColumn. */
export function planesSize(bytes: Uint8Array, length: number): number {
  const size = HEAD_BYTES + (bytes[0] ?? 0) * length;
  if ((bytes[0] ?? MAX_PLANES + 1) > MAX_PLANES || bytes.length < size) {
    throw new DamagedColumn('its planes do not fit its length');
  }
  return size;
}

/** Whether these are the planes of zeros alone. */
export function isAllZero(bytes: Uint8Array): boolean {
  return bytes.length === HEAD_BYTES && bytes.every((byte) => byte === 0);
}

/** Fills `values` from the planes. Throws DamagedColumn. */
export function decodePlanes(values: NumberColumn, bytes: Uint8Array): void {
  const { length } = values;
  if (bytes.length !== planesSize(bytes, length)) throw new DamagedColumn('its planes do not fit its length');
  const planes = bytes[0] ?? 0;
  const least = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(8, true);
  if (planes === 0) {
    values.fill(least);
    return;
  }
  const codes = joinPlanes(
    values instanceof Uint32Array ? values : scratchOf(length),
    bytes.subarray(HEAD_BYTES),
    Math.min(planes, 4),
  );
  if (values instanceof Float64Array) {
    if (planes > 4) fillWide(values, codes, bytes.subarray(HEAD_BYTES + 4 * length), least - 1, planes);
    else fillFloats(values, codes, least - 1);
    return;
  }
  // Modulo 2^32, as the codes of what fits these columns are.
  const shift = (least - 1) | 0;
  for (let i = 0; i < length; i++) codes[i] = (codes[i] ?? 0) + shift;
  if (values !== codes) values.set(codes);
}

/** The planes of the differences from row to row, after the first value; undefined where they cannot hold the column. */
export function encodeSteps(column: NumberColumn): Uint8Array | undefined {
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
  const bytes = new Uint8Array(8 + planes.length);
  new DataView(bytes.buffer).setFloat64(0, first, true);
  bytes.set(planes, 8);
  return bytes;
}

/** Throws DamagedColumn. */
export function decodeSteps(values: NumberColumn, bytes: Uint8Array): void {
  if (bytes.length < 8) throw new DamagedColumn('it is too short');
  const sums = values instanceof Float64Array ? values : new Float64Array(values.length);
  decodePlanes(sums, bytes.subarray(8));
  let last = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
  for (let i = 0; i < sums.length; i++) {
    const step = sums[i] ?? 0;
    if (!Number.isNaN(step)) last += step;
    sums[i] = Number.isNaN(step) ? step : last;
  }
  if (values !== sums) values.set(sums);
}

/** Where the planes of what is not 32 bits wide come together. */
let scratch = new Uint32Array(65_536);

function scratchOf(length: number): Uint32Array {
  if (scratch.length < length) scratch = new Uint32Array(length);
  return scratch.subarray(0, length);
}

// Each loop sees arrays of one kind and has no branches: that is what makes it quick.

function joinPlanes(codes: Uint32Array, bytes: Uint8Array, planes: number): Uint32Array {
  const { length } = codes;
  const low = bytes.subarray(0, length);
  if (planes === 1) {
    codes.set(low);
    return codes;
  }
  const second = bytes.subarray(length, 2 * length);
  if (planes === 2) {
    for (let i = 0; i < length; i++) codes[i] = (low[i] ?? 0) | ((second[i] ?? 0) << 8);
    return codes;
  }
  const third = bytes.subarray(2 * length, 3 * length);
  for (let i = 0; i < length; i++) {
    codes[i] = (low[i] ?? 0) | ((second[i] ?? 0) << 8) | ((third[i] ?? 0) << 16);
  }
  if (planes === 3) return codes;
  const fourth = bytes.subarray(3 * length, 4 * length);
  for (let i = 0; i < length; i++) codes[i] = (codes[i] ?? 0) | ((fourth[i] ?? 0) << 24);
  return codes;
}

function fillFloats(values: Float64Array, codes: Uint32Array, less: number): void {
  for (let i = 0; i < values.length; i++) {
    const code = codes[i] ?? 0;
    values[i] = code === 0 ? Number.NaN : less + code;
  }
}

function fillWide(
  values: Float64Array,
  codes: Uint32Array,
  high: Uint8Array,
  less: number,
  planes: number,
): void {
  const { length } = values;
  for (let i = 0; i < length; i++) {
    let code = (codes[i] ?? 0) + (high[i] ?? 0) * 2 ** 32;
    if (planes > 5) code += (high[length + i] ?? 0) * 2 ** 40;
    values[i] = code === 0 ? Number.NaN : less + code;
  }
}
