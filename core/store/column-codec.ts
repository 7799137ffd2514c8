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
 * How the bytes of an encoding are packed, as a whole or piece by piece, is in column-pieces.ts.
 *
 * Delta is for integers, and for floats that are all NaN or integers up to 2^50 (whole milliseconds, counters). Values
 * are compared by their bits where it matters: NaN survives, and so does -0. All are tried, each compressed where that
 * shrinks it, and the smallest is kept, where it saves enough to be worth its reading: which one wins depends on the data,
 * not on the column's name. Of a long column only two stretches are tried, and the whole is encoded as they say.
 */
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
import { packPieces, PieceReader, type PackedBytes } from './column-pieces.ts';
import { decodeSteps, encodePlanes, encodeSteps, fillFromPlanes, readPlanes } from './column-planes.ts';
import { decodeRelated, encodeRelated, isRelation, relations, type Relation } from './column-relations.ts';
import { DamagedColumn } from './varint.ts';

export type Encoding = 'raw' | 'delta' | 'dict' | 'rle' | 'planes' | 'steps' | 'json' | Relation;

/** The columns of the same rows that may tell a column, by how. */
export type Tellers = { readonly [R in Relation]?: NumberColumn };

export interface EncodedColumn extends PackedBytes {
  readonly encoding: Encoding;
}

/** Two stretches of so many values say how a column of more than four of them is encoded. */
const STRETCH = 2048;

/** What is tried, the first of equal ones is taken. */
const tried = ['rle', 'delta', 'steps', 'planes', ...relations, 'dict', 'raw'] as const;

/**
 * Bytes a value that an encoding must save over those that are read more quickly: 20 bytes for a microsecond, as it was
 * measured. Runs cost by their number instead.
 */
const readingCosts: { readonly [E in Encoding]?: number } = { delta: 0.12, steps: 0.06, dict: 0.04 };
const RUN_COST = 0.4;

/** Encodes the column the smallest way, unless another one is nearly as small and read more quickly. */
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
  let least = Number.POSITIVE_INFINITY;
  for (const encoding of tried) {
    const packed = encodeAs(encoding, column, tellers);
    if (!packed) continue;
    const cost = packed.data.length + readingCost(packed, column);
    if (cost < least) [best, least] = [packed, cost];
    // One run: nothing can be smaller than a few bytes.
    if (least <= 16) break;
  }
  if (!best) throw new Error('raw always encodes');
  return best;
}

function readingCost({ encoding, plainBytes }: EncodedColumn, column: NumberColumn): number {
  if (encoding === 'rle') return RUN_COST * (plainBytes / (column.BYTES_PER_ELEMENT + 1));
  return (readingCosts[encoding] ?? 0) * column.length;
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
  const pieces = encodePieces(encoding, column, tellers);
  return pieces && { encoding, ...packPieces(pieces) };
}

function encodePieces(
  encoding: Encoding,
  column: NumberColumn,
  tellers: Tellers,
): readonly Uint8Array[] | undefined {
  if (isRelation(encoding)) {
    const teller = tellers[encoding];
    return teller && encodeRelated(encoding, column, teller);
  }
  if (encoding === 'planes') return encodePlanes(column);
  if (encoding === 'steps') return encodeSteps(column);
  const bytes = encodeBytes(encoding, column);
  return bytes && [bytes];
}

function encodeBytes(encoding: Encoding, column: NumberColumn): Uint8Array | undefined {
  switch (encoding) {
    case 'rle':
      return encodeRuns(column);
    case 'delta':
      return encodeDeltas(column);
    case 'dict':
      return encodeDictionary(column);
    case 'raw':
      return rawBytes(column);
    default:
      return undefined;
  }
}

/** Bytes that are no column of numbers, or one as it is. */
export function packBytes(encoding: 'raw' | 'json', bytes: Uint8Array): EncodedColumn {
  return { encoding, ...packPieces([bytes]) };
}

/** Those bytes again. Throws DamagedColumn where they are not what was written. */
export function unpackBytes(column: EncodedColumn): Uint8Array {
  const pieces = new PieceReader(column);
  const bytes = pieces.rest();
  pieces.end();
  return bytes;
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
  const { encoding } = column;
  const pieces = new PieceReader(column);
  if (encoding === 'raw') return valuesOf(type, length, pieces.rest(), 0);
  const values = buffer ?? new type(length);
  decodeInto(type, values, encoding, pieces, tellerOf);
  pieces.end();
  return values;
}

function decodeInto<T extends NumberColumn>(
  type: NumberColumnType<T>,
  values: T,
  encoding: Encoding,
  pieces: PieceReader,
  tellerOf: ((relation: Relation) => NumberColumn | undefined) | undefined,
): void {
  if (isRelation(encoding)) {
    const teller = tellerOf?.(encoding);
    if (teller?.length !== values.length) throw new DamagedColumn('the column that tells it is missing');
    decodeRelated(encoding, values, pieces, teller);
    return;
  }
  switch (encoding) {
    case 'delta':
      decodeDeltas(values, pieces.rest());
      return;
    case 'dict':
      decodeDictionary(type, values, pieces.rest());
      return;
    case 'rle':
      decodeRuns(type, values, pieces.rest());
      return;
    case 'planes':
      fillFromPlanes(values, readPlanes(pieces, values.length));
      return;
    case 'steps':
      decodeSteps(values, pieces);
      return;
    default:
      throw new DamagedColumn('it is not a column of numbers');
  }
}
