/**
 * One column of numbers as bytes.
 *
 * | encoding | bytes                                                                                     |
 * |----------|-------------------------------------------------------------------------------------------|
 * | raw      | the values, little endian                                                                 |
 * | delta    | per value a varint: 0 for NaN, else 1 + zigzag(value - the last value that was not NaN)    |
 * | dict     | varint count, the distinct values raw, then an index per value (1 byte up to 256, else 2) |
 * | rle      | varint count of runs, per run its value raw, then per run its length as varint            |
 * | planes, after, by | see column-planes.ts; the last two refer to another column of the segment        |
 *
 * Delta is for integers, and for floats that are all NaN or integers up to 2^50 (whole milliseconds, counters). Values
 * are compared by their bits where it matters: NaN survives, and so does -0. All are tried, each compressed where that
 * shrinks it, and the smallest is kept: which one wins depends on the data, not on the column's name. Of a long column
 * only two stretches are tried, and the whole is encoded as the smallest of them.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { decodeByCode, decodePlanes, encodeByCode, encodePlanes } from './column-planes.ts';
import { DamagedColumn, VarintReader, VarintWriter } from './varint.ts';

export type Encoding = 'raw' | 'delta' | 'dict' | 'rle' | 'planes' | 'after' | 'by' | 'json';

export interface EncodedColumn {
  readonly encoding: Encoding;
  /** Whether `data` is a zstd frame. */
  readonly compressed: boolean;
  /** Size of the encoded bytes before compression. */
  readonly plainBytes: number;
  readonly data: Uint8Array;
}

export type NumberColumn = Uint8Array | Uint16Array | Uint32Array | Float64Array;
export type NumberColumnType<T> = {
  new (length: number): T;
  new (buffer: ArrayBufferLike, offset: number, length: number): T;
  readonly BYTES_PER_ELEMENT: number;
};

/** Differences of such values, doubled by the zigzag, stay below 2^53. */
const DELTA_LIMIT = 2 ** 50;
/** Below this a zstd frame's own header eats what it saves. */
const COMPRESS_FROM_BYTES = 32;

/** What a damaged length may make us allocate before the bytes are there. */
const LARGEST_PIECE = 1 << 21;

/** Two stretches of so many values say how a column of more than four of them is encoded. */
const STRETCH = 2048;

/** What is tried, the first of equal ones is taken. */
const tried = ['rle', 'delta', 'planes', 'after', 'by', 'dict', 'raw'] as const;

/** Encodes the column the smallest way; `base` is the column of the same rows that it may refer to. */
export function encodeColumn(column: NumberColumn, base?: NumberColumn): EncodedColumn {
  if (column.length > 4 * STRETCH) {
    const encoding = encodeSmallest(stretches(column), base && stretches(base)).encoding;
    const encoded = encodeAs(encoding, column, base);
    if (encoded) return encoded;
  }
  return encodeSmallest(column, base);
}

function encodeSmallest(column: NumberColumn, base: NumberColumn | undefined): EncodedColumn {
  let best: EncodedColumn | undefined;
  for (const encoding of tried) {
    const packed = encodeAs(encoding, column, base);
    if (packed && (!best || packed.data.length < best.data.length)) best = packed;
    // One run: nothing can be smaller than a few bytes.
    if (best && best.data.length <= 16) break;
  }
  if (!best) throw new Error('raw always encodes');
  return best;
}

function stretches(column: NumberColumn): NumberColumn {
  const values = new (column.constructor as NumberColumnType<NumberColumn>)(2 * STRETCH);
  const quarter = Math.floor(column.length / 4);
  values.set(column.subarray(quarter, quarter + STRETCH), 0);
  values.set(column.subarray(3 * quarter, 3 * quarter + STRETCH), STRETCH);
  return values;
}

/** The column in one encoding; undefined where that cannot hold it. */
export function encodeAs(
  encoding: Encoding,
  column: NumberColumn,
  base?: NumberColumn,
): EncodedColumn | undefined {
  const bytes = encodeBytes(encoding, column, base);
  return bytes && packBytes(encoding, bytes);
}

function encodeBytes(
  encoding: Encoding,
  column: NumberColumn,
  base: NumberColumn | undefined,
): Uint8Array | undefined {
  switch (encoding) {
    case 'rle':
      return encodeRuns(column);
    case 'delta':
      return encodeDeltas(column);
    case 'dict':
      return encodeDictionary(column);
    case 'planes':
      return encodePlanes(column);
    case 'after':
      return base instanceof Float64Array ? encodePlanes(column, base) : undefined;
    case 'by':
      return base instanceof Uint32Array && column instanceof Uint32Array
        ? encodeByCode(column, base)
        : undefined;
    case 'raw':
      return rawBytes(column);
    case 'json':
      return undefined;
  }
}

/** Compresses bytes where that shrinks them. */
export function packBytes(encoding: Encoding, bytes: Uint8Array): EncodedColumn {
  if (bytes.length >= COMPRESS_FROM_BYTES) {
    const data = zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
    if (data.length < bytes.length) return { encoding, compressed: true, plainBytes: bytes.length, data };
  }
  return { encoding, compressed: false, plainBytes: bytes.length, data: bytes };
}

/** The encoded bytes again. Throws DamagedColumn where the frame does not hold `plainBytes` bytes. */
export function unpackBytes(column: EncodedColumn): Uint8Array {
  if (!column.compressed) return column.data;
  try {
    const bytes = zstdDecompressSync(column.data, {
      maxOutputLength: Math.max(column.plainBytes, 1),
      // In one piece: otherwise it comes in pieces of 16 KiB that are put together afterwards.
      chunkSize: Math.min(column.plainBytes + 64, LARGEST_PIECE),
    });
    if (bytes.length === column.plainBytes) return bytes;
  } catch (error) {
    throw new DamagedColumn('its compressed bytes cannot be read', { cause: error });
  }
  throw new DamagedColumn('its compressed bytes have another length than was written');
}

/**
 * The column of `length` values again; `base` gives the column that it refers to, where it does. `buffer` has `length`
 * places and is filled where the bytes cannot be read as they are. Throws DamagedColumn where they do not give that.
 */
export function decodeColumn<T extends NumberColumn>(
  type: NumberColumnType<T>,
  length: number,
  column: EncodedColumn,
  base?: () => NumberColumn | undefined,
  buffer?: T,
): T {
  const bytes = unpackBytes(column);
  if (column.encoding === 'raw') return valuesOf(type, length, bytes, 0);
  const values = buffer ?? new type(length);
  switch (column.encoding) {
    case 'delta':
      return decodeDeltas(values, bytes);
    case 'dict':
      return decodeDictionary(type, values, bytes);
    case 'rle':
      return decodeRuns(type, values, bytes);
    case 'planes':
    case 'after': {
      const other = column.encoding === 'after' ? base?.() : undefined;
      if (column.encoding === 'after' && other?.length !== length) throw new DamagedColumn('it has no base');
      decodePlanes(values, bytes, other);
      return values;
    }
    case 'by': {
      const codes = base?.();
      if (!(codes instanceof Uint32Array) || codes.length !== length)
        throw new DamagedColumn('it has no base');
      decodeByCode(values, bytes, codes);
      return values;
    }
    case 'json':
      throw new DamagedColumn('it is not a column of numbers');
  }
}

function rawBytes(column: NumberColumn): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

/** `length` values at `offset`; the bytes themselves where they lie so that they can be read as they are. */
function valuesOf<T extends NumberColumn>(
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

function encodeDeltas(column: NumberColumn): Uint8Array | undefined {
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

function decodeDeltas<T extends NumberColumn>(values: T, bytes: Uint8Array): T {
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

function encodeDictionary(column: NumberColumn): Uint8Array | undefined {
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

function decodeDictionary<T extends NumberColumn>(
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

function encodeRuns(column: NumberColumn): Uint8Array | undefined {
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

function decodeRuns<T extends NumberColumn>(type: NumberColumnType<T>, values: T, bytes: Uint8Array): T {
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
    values.fill(runs[run] ?? 0, row, end);
    row = end;
  }
  if (row !== length) throw new DamagedColumn('its runs are shorter than the segment');
  return values;
}

function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
