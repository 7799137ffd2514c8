/**
 * Integers as planes of bytes: all lowest bytes, then all second ones, and so on, above the least value. zstd finds more
 * in a plane of like bytes than in whole numbers, and both directions are plain loops.
 *
 * | bytes       | what                                                                                     |
 * |-------------|------------------------------------------------------------------------------------------|
 * | 0           | planes, 1 to 6                                                                           |
 * | 8 to 15     | the least value, as a float                                                              |
 * | 16 onwards  | the planes, lowest first: per value 0 for NaN, else 1 + value - least                    |
 *
 * `after` is the same of the differences to another column (an end to its start). `by` says the value once for each code
 * of another column (an AS number for each address): the planes of that table, then the rows that differ from it.
 */
import { DamagedColumn, VarintReader, VarintWriter } from './varint.ts';

type Numbers = Uint8Array | Uint16Array | Uint32Array | Float64Array;

const HEAD_BYTES = 16;
const MAX_PLANES = 6;
/** Above the least value; one is left for NaN. */
const MAX_SPAN = 2 ** 48 - 2;
/** Values of more are not exact when the least is added. */
const MAX_MAGNITUDE = 2 ** 52;

/** The planes of `column` (less `base`, where that is given); undefined where they cannot hold it bit for bit. */
export function encodePlanes(column: ArrayLike<number>, base?: ArrayLike<number>): Uint8Array | undefined {
  const { length } = column;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  const whole = !base && !(column instanceof Float64Array);
  for (let i = 0; i < length; i++) {
    const own = column[i] ?? 0;
    const value = base ? own - (base[i] ?? 0) : own;
    if (!whole) {
      if (Number.isNaN(own)) continue;
      if (!Number.isInteger(own) || !Number.isInteger(value) || Object.is(own, -0)) return undefined;
      if (Math.abs(own) > MAX_MAGNITUDE || Math.abs(value) > MAX_MAGNITUDE) return undefined;
    }
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (least > most) least = most = 0;
  if (most - least > MAX_SPAN) return undefined;
  let planes = 1;
  while (most - least + 1 >= 256 ** planes) planes++;
  const bytes = new Uint8Array(HEAD_BYTES + planes * length);
  bytes[0] = planes;
  new DataView(bytes.buffer).setFloat64(8, least, true);
  const plane1 = HEAD_BYTES + length;
  const plane2 = plane1 + length;
  const plane3 = plane2 + length;
  for (let i = 0; i < length; i++) {
    const own = column[i] ?? 0;
    if (Number.isNaN(own)) continue;
    const code = (base ? own - (base[i] ?? 0) : own) - least + 1;
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

/** Fills `values` from the planes, adding `base` where that is given. Throws DamagedColumn. */
export function decodePlanes(values: Numbers, bytes: Uint8Array, base?: ArrayLike<number>): void {
  const { length } = values;
  const planes = bytes[0] ?? 0;
  if (planes < 1 || planes > MAX_PLANES || bytes.length !== HEAD_BYTES + planes * length) {
    throw new DamagedColumn('its planes do not fit its length');
  }
  const less = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(8, true) - 1;
  const codes = joinPlanes(
    values instanceof Uint32Array ? values : scratchOf(length),
    bytes.subarray(HEAD_BYTES),
    Math.min(planes, 4),
  );
  if (values instanceof Float64Array) {
    if (planes > 4) fillWide(values, codes, bytes.subarray(HEAD_BYTES + 4 * length), less, planes);
    else fillFloats(values, codes, less);
    if (base) for (let i = 0; i < length; i++) values[i] = (values[i] ?? 0) + (base[i] ?? 0);
    return;
  }
  // Modulo 2^32, as the codes of what fits these columns are.
  const shift = less | 0;
  for (let i = 0; i < length; i++) codes[i] = (codes[i] ?? 0) + shift;
  if (base) for (let i = 0; i < length; i++) codes[i] = (codes[i] ?? 0) + (base[i] ?? 0);
  if (values !== codes) values.set(codes);
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

/** The value of each code; undefined where more than one row in sixteen has another value than its code's first row. */
export function encodeByCode(column: Uint32Array, codes: Uint32Array): Uint8Array | undefined {
  let most = 0;
  for (const code of codes) if (code > most) most = code;
  if (most > column.length * 2) return undefined;
  const table = new Float64Array(most + 1).fill(Number.NaN);
  const others = new VarintWriter(256);
  let count = 0;
  let last = 0;
  for (let i = 0; i < column.length; i++) {
    const value = column[i] ?? 0;
    const known = table[codes[i] ?? 0] ?? 0;
    if (known === value) continue;
    if (Number.isNaN(known)) {
      table[codes[i] ?? 0] = value;
      continue;
    }
    if (++count > column.length / 16) return undefined;
    others.write(i - last);
    others.write(value);
    last = i;
  }
  const planes = encodePlanes(table);
  if (!planes) return undefined;
  const head = new VarintWriter(16);
  head.write(table.length);
  head.write(count);
  const [front, tail] = [head.finish(), others.finish()];
  const bytes = new Uint8Array(front.length + planes.length + tail.length);
  bytes.set(front, 0);
  bytes.set(planes, front.length);
  bytes.set(tail, front.length + planes.length);
  return bytes;
}

/** Throws DamagedColumn. */
export function decodeByCode(values: Numbers, bytes: Uint8Array, codes: Uint32Array): void {
  const head = new VarintReader(bytes, 0);
  const size = head.read();
  const count = head.read();
  const start = head.offset;
  const end = start + HEAD_BYTES + size * (bytes[start] ?? 0);
  if (size > bytes.length || end > bytes.length || count > values.length) {
    throw new DamagedColumn('its table is too short');
  }
  const table = new Float64Array(size);
  decodePlanes(table, bytes.subarray(start, end));
  for (let i = 0; i < values.length; i++) values[i] = table[codes[i] ?? 0] ?? 0;
  const others = new VarintReader(bytes, end);
  for (let k = 0, row = 0; k < count; k++) {
    row += others.read();
    if (row >= values.length) throw new DamagedColumn('it names rows past its end');
    values[row] = others.read();
  }
}
