/**
 * Columns of numbers as they are, as differences, as a dictionary and as runs: the encodings that need no other column
 * and no planes. column-codec.ts has their bytes.
 */
import { DamagedColumn, VarintReader, VarintWriter } from './varint.ts';

export type NumberColumn = Uint8Array | Uint16Array | Uint32Array | Float64Array;
export type NumberColumnType<T> = {
  new (length: number): T;
  new (buffer: ArrayBufferLike, offset: number, length: number): T;
  readonly BYTES_PER_ELEMENT: number;
};

/** Differences of such values, doubled by the zigzag, stay below 2^53. */
const DELTA_LIMIT = 2 ** 50;

/** Values that are written one by one rather than filled. */
const SHORT_RUN = 24;

export function rawBytes(column: NumberColumn): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

/** `length` values at `offset`; the bytes themselves where they lie so that they can be read as they are. */
export function valuesOf<T extends NumberColumn>(
  type: NumberColumnType<T>,
  length: number,
  bytes: Uint8Array,
  offset: number,
): T {
  const byteLength = length * type.BYTES_PER_ELEMENT;
  if (offset + byteLength > bytes.length) throw new DamagedColumn('it is too short');
  const at = bytes.byteOffset + offset;
  if (at % type.BYTES_PER_ELEMENT === 0) return new type(bytes.buffer, at, length);
  // A Buffer's own `slice` would not copy.
  return new type(Uint8Array.from(bytes.subarray(offset, offset + byteLength)).buffer, 0, length);
}

export function encodeDeltas(column: NumberColumn): Uint8Array | undefined {
  if (column instanceof Float64Array) {
    for (const value of column) {
      if (Number.isNaN(value)) continue;
      if (!Number.isInteger(value) || Math.abs(value) > DELTA_LIMIT || Object.is(value, -0)) return undefined;
    }
  }
  const writer = new VarintWriter(column.length * 2 + 16);
  let last = 0;
  for (const value of column) {
    if (Number.isNaN(value)) {
      writer.write(0);
      continue;
    }
    const delta = value - last;
    writer.write(delta >= 0 ? delta * 2 + 1 : -delta * 2);
    last = value;
  }
  return writer.finish();
}

export function decodeDeltas<T extends NumberColumn>(values: T, bytes: Uint8Array): T {
  const { length } = values;
  const size = bytes.length;
  let at = 0;
  let last = 0;
  for (let i = 0; i < length; i++) {
    if (at >= size) throw new DamagedColumn('it is too short');
    let code = bytes[at++] ?? 0;
    if (code >= 128) {
      // Four bytes fit 28 bits of an integer; what is longer goes on in floats.
      code &= 127;
      let byte = 128;
      for (let shift = 7; shift < 28 && byte >= 128; shift += 7) {
        if (at >= size) throw new DamagedColumn('it is too short');
        byte = bytes[at++] ?? 0;
        code |= (byte & 127) << shift;
      }
      for (let scale = 2 ** 28; byte >= 128; scale *= 128) {
        if (at >= size) throw new DamagedColumn('it is too short');
        if (scale > 2 ** 56) throw new DamagedColumn('it holds a number that is too long');
        byte = bytes[at++] ?? 0;
        code += (byte & 127) * scale;
      }
    }
    if (code === 0) {
      values[i] = Number.NaN;
      continue;
    }
    if (code < 0x4000_0000) last += (code & 1) === 1 ? code >> 1 : -(code >> 1);
    else last += code % 2 === 1 ? (code - 1) / 2 : -code / 2;
    values[i] = last;
  }
  return values;
}

/** Bit patterns as map keys: NaN is one value, and 0 and -0 are two. */
function keyOf(value: number): number | string {
  return Object.is(value, -0) ? '-0' : value;
}

export function encodeDictionary(column: NumberColumn): Uint8Array | undefined {
  const width = column.BYTES_PER_ELEMENT;
  const limit = Math.min(width > 1 ? 65_536 : 0, Math.floor(column.length / 2));
  const codes = new Map<number | string, number>();
  const indexes = new Uint16Array(column.length);
  const distinct: number[] = [];
  for (let i = 0; i < column.length; i++) {
    const value = column[i] ?? 0;
    const key = keyOf(value);
    let code = codes.get(key);
    if (code === undefined) {
      if (distinct.length >= limit) return undefined;
      code = distinct.push(value) - 1;
      codes.set(key, code);
    }
    indexes[i] = code;
  }
  if (distinct.length > 256 && width <= 2) return undefined;
  const dictionary = new (column.constructor as NumberColumnType<NumberColumn>)(distinct.length);
  dictionary.set(distinct);
  const head = new VarintWriter(8);
  head.write(distinct.length);
  const codesBytes = distinct.length <= 256 ? Uint8Array.from(indexes) : rawBytes(indexes);
  return concatBytes([head.finish(), rawBytes(dictionary), codesBytes]);
}

export function decodeDictionary<T extends NumberColumn>(
  type: NumberColumnType<T>,
  values: T,
  bytes: Uint8Array,
): T {
  const { length } = values;
  const reader = new VarintReader(bytes, 0);
  const count = reader.read();
  if (count * type.BYTES_PER_ELEMENT > bytes.length) throw new DamagedColumn('its dictionary is too short');
  const dictionary = valuesOf(type, count, bytes, reader.offset);
  const start = reader.offset + dictionary.byteLength;
  const indexes =
    count <= 256 ? valuesOf(Uint8Array, length, bytes, start) : valuesOf(Uint16Array, length, bytes, start);
  let largest = 0;
  for (let i = 0; i < length; i++) {
    const index = indexes[i] ?? 0;
    if (index > largest) largest = index;
    values[i] = dictionary[index] ?? 0;
  }
  if (length > 0 && largest >= count) throw new DamagedColumn('it points past its dictionary');
  return values;
}

export function encodeRuns(column: NumberColumn): Uint8Array | undefined {
  const most = Math.max(Math.floor(column.length / 2), 1);
  const runs = new (column.constructor as NumberColumnType<NumberColumn>)(most);
  const lengths = new Uint32Array(most);
  let count = 0;
  let first = 0;
  for (let i = 0; i < column.length; i = first) {
    const value = column[i] ?? 0;
    first = i + 1;
    while (first < column.length && Object.is(column[first], value)) first++;
    if (count === most) return undefined;
    runs[count] = value;
    lengths[count++] = first - i;
  }
  const head = new VarintWriter(8);
  head.write(count);
  const tail = new VarintWriter(count * 2 + 8);
  for (let run = 0; run < count; run++) tail.write(lengths[run] ?? 0);
  return concatBytes([head.finish(), rawBytes(runs.subarray(0, count)), tail.finish()]);
}

export function decodeRuns<T extends NumberColumn>(
  type: NumberColumnType<T>,
  values: T,
  bytes: Uint8Array,
): T {
  const { length } = values;
  const head = new VarintReader(bytes, 0);
  const count = head.read();
  if (count * type.BYTES_PER_ELEMENT > bytes.length) throw new DamagedColumn('its runs are too short');
  const runs = valuesOf(type, count, bytes, head.offset);
  const lengths = new VarintReader(bytes, head.offset + runs.byteLength);
  let row = 0;
  for (let run = 0; run < count; run++) {
    const end = row + lengths.read();
    if (end > length) throw new DamagedColumn('its runs are longer than the segment');
    const value = runs[run] ?? 0;
    // Most runs are short, and a call costs more than they do.
    if (end - row > SHORT_RUN) values.fill(value, row, end);
    else for (let at = row; at < end; at++) values[at] = value;
    row = end;
  }
  if (row !== length) throw new DamagedColumn('its runs are shorter than the segment');
  return values;
}

/** The parts, one after the other. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
