/**
 * One column of numbers as bytes.
 *
 * | encoding      | bytes                                                                                     |
 * |---------------|-------------------------------------------------------------------------------------------|
 * | raw           | the values, little endian                                                                 |
 * | delta         | per value a varint: 0 for NaN, else 1 + zigzag(value - the last value that was not NaN)    |
 * | dict          | varint count, the distinct values raw, then an index per value (1 byte up to 256, else 2) |
 * | rle           | varint count of runs, per run its value raw, then per run its length as varint            |
 * | planes, steps | see column-planes.ts                                                                      |
 * | after, before, by, like, per | what another column of the segment tells: see column-relations.ts         |
 *
 * Delta is for integers, and for floats that are all NaN or integers up to 2^50 (whole milliseconds, counters). Values
 * are compared by their bits where it matters: NaN survives, and so does -0. All are tried, each compressed where that
 * shrinks it, and the smallest is kept: which one wins depends on the data, not on the column's name. Of a long column
 * only two stretches are tried, and the whole is encoded as the smallest of them.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import {
  decodeDeltas,
  decodeDictionary,
  decodeRuns,
  encodeDeltas,
  encodeDictionary,
  encodeRuns,
  rawBytes,
  valuesOf,
  type NumberColumn,
  type NumberColumnType,
} from './column-basic.ts';
import { decodePlanes, decodeSteps, encodePlanes, encodeSteps } from './column-planes.ts';
import { decodeRelated, encodeRelated, isRelation, relations, type Relation } from './column-relations.ts';
import { DamagedColumn } from './varint.ts';

export type Encoding = 'raw' | 'delta' | 'dict' | 'rle' | 'planes' | 'steps' | 'json' | Relation;

/** The columns of the same rows that may tell a column, by how. */
export type Tellers = { readonly [R in Relation]?: NumberColumn };

export interface EncodedColumn {
  readonly encoding: Encoding;
  /** Whether `data` is a zstd frame. */
  readonly compressed: boolean;
  /** Size of the encoded bytes before compression. */
  readonly plainBytes: number;
  readonly data: Uint8Array;
}

/** Below this a zstd frame's own header eats what it saves. */
const COMPRESS_FROM_BYTES = 32;

/** What a damaged length may make us allocate before the bytes are there. */
const LARGEST_PIECE = 1 << 21;

/** Two stretches of so many values say how a column of more than four of them is encoded. */
const STRETCH = 2048;

/** What is tried, the first of equal ones is taken. */
const tried = ['rle', 'delta', 'steps', 'planes', ...relations, 'dict', 'raw'] as const;

/** Encodes the column the smallest way. */
export function encodeColumn(column: NumberColumn, tellers: Tellers = {}): EncodedColumn {
  if (column.length > 4 * STRETCH) {
    const encoding = encodeSmallest(stretches(column), stretchesOf(tellers)).encoding;
    const encoded = encodeAs(encoding, column, tellers);
    if (encoded) return encoded;
  }
  return encodeSmallest(column, tellers);
}

function encodeSmallest(column: NumberColumn, tellers: Tellers): EncodedColumn {
  let best: EncodedColumn | undefined;
  for (const encoding of tried) {
    const packed = encodeAs(encoding, column, tellers);
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

function stretchesOf(tellers: Tellers): Tellers {
  const parts: { [R in Relation]?: NumberColumn } = {};
  for (const relation of relations) {
    const teller = tellers[relation];
    if (teller) parts[relation] = stretches(teller);
  }
  return parts;
}

/** The column in one encoding; undefined where that cannot hold it. */
export function encodeAs(
  encoding: Encoding,
  column: NumberColumn,
  tellers: Tellers = {},
): EncodedColumn | undefined {
  const bytes = encodeBytes(encoding, column, tellers);
  return bytes && packBytes(encoding, bytes);
}

function encodeBytes(encoding: Encoding, column: NumberColumn, tellers: Tellers): Uint8Array | undefined {
  if (isRelation(encoding)) {
    const teller = tellers[encoding];
    return teller && encodeRelated(encoding, column, teller);
  }
  switch (encoding) {
    case 'rle':
      return encodeRuns(column);
    case 'delta':
      return encodeDeltas(column);
    case 'steps':
      return encodeSteps(column);
    case 'dict':
      return encodeDictionary(column);
    case 'planes':
      return encodePlanes(column);
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
 * The column of `length` values again; `tellerOf` gives the column that it refers to, where it does. `buffer` has `length`
 * places and is filled where the bytes cannot be read as they are. Throws DamagedColumn where they do not give that.
 */
export function decodeColumn<T extends NumberColumn>(
  type: NumberColumnType<T>,
  length: number,
  column: EncodedColumn,
  tellerOf?: (relation: Relation) => NumberColumn | undefined,
  buffer?: T,
): T {
  const bytes = unpackBytes(column);
  if (column.encoding === 'raw') return valuesOf(type, length, bytes, 0);
  const values = buffer ?? new type(length);
  const { encoding } = column;
  if (isRelation(encoding)) {
    const teller = tellerOf?.(encoding);
    if (teller?.length !== length) throw new DamagedColumn('the column that tells it is missing');
    decodeRelated(encoding, values, bytes, teller);
    return values;
  }
  switch (encoding) {
    case 'delta':
      return decodeDeltas(values, bytes);
    case 'dict':
      return decodeDictionary(type, values, bytes);
    case 'rle':
      return decodeRuns(type, values, bytes);
    case 'planes':
      decodePlanes(values, bytes);
      return values;
    case 'steps':
      decodeSteps(values, bytes);
      return values;
    default:
      throw new DamagedColumn('it is not a column of numbers');
  }
}
