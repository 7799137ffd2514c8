/**
 * Columns that another column of the same rows nearly tells.
 *
 * | encoding | bytes                                                                                                   |
 * |----------|---------------------------------------------------------------------------------------------------------|
 * | after    | planes of value - teller: the time of collection after a flow's end                                     |
 * | before   | planes of teller - value: a flow's start before its end                                                 |
 * | by       | a value for each code of the teller: how many, how many rows differ, the planes, then those rows         |
 * | like     | the teller's value, but for some rows: how many, then those rows                                        |
 * | per      | octets of packets: planes of the whole quotient, planes of what is left over; where there are no packets, the value |
 *
 * Rows that differ are a varint each: how far after the last such row, and the value.
 */
import { concatBytes, type NumberColumn } from './column-basic.ts';
import type { PieceReader } from './column-pieces.ts';
import { codesOf, encodePlanes, fillFromPlanes, readPlanes } from './column-planes.ts';
import { DamagedColumn, VarintReader, VarintWriter } from './varint.ts';

export const relations = ['after', 'before', 'by', 'like', 'per'] as const;
export type Relation = (typeof relations)[number];

const known: ReadonlySet<string> = new Set(relations);

export const isRelation = (encoding: string): encoding is Relation => known.has(encoding);

/** The column as `teller` tells it; undefined where it does not. */
export function encodeRelated(
  relation: Relation,
  column: NumberColumn,
  teller: NumberColumn,
): readonly Uint8Array[] | undefined {
  if (relation === 'by' || relation === 'like') {
    if (!(column instanceof Uint32Array && teller instanceof Uint32Array)) return undefined;
    return relation === 'by' ? encodeByCode(column, teller) : encodeLike(column, teller);
  }
  if (!(column instanceof Float64Array && teller instanceof Float64Array)) return undefined;
  if (relation === 'per') return encodePer(column, teller);
  const differences = new Float64Array(column.length);
  for (let i = 0; i < column.length; i++) {
    const value = column[i] ?? 0;
    const difference = relation === 'after' ? value - (teller[i] ?? 0) : (teller[i] ?? 0) - value;
    if (Number.isNaN(difference) ? !Number.isNaN(value) : !isExact(value)) return undefined;
    differences[i] = difference;
  }
  return encodePlanes(differences);
}

/** Fills `values`, which has as many places as the teller. Throws DamagedColumn. */
export function decodeRelated(
  relation: Relation,
  values: NumberColumn,
  pieces: PieceReader,
  teller: NumberColumn,
): void {
  if (relation === 'by' || relation === 'like') {
    if (!(values instanceof Uint32Array && teller instanceof Uint32Array)) throw notTold();
    if (relation === 'by') decodeByCode(values, pieces, teller);
    else decodeLike(values, pieces.rest(), teller);
    return;
  }
  if (!(values instanceof Float64Array && teller instanceof Float64Array)) throw notTold();
  if (relation === 'per') {
    decodePer(values, pieces, teller);
    return;
  }
  const differences = readPlanes(pieces, values.length);
  const codes = codesOf(differences);
  if (codes) {
    const { least } = differences;
    if (relation === 'after')
      for (let i = 0; i < values.length; i++) values[i] = (teller[i] ?? 0) + (codes[i] ?? 0) + least;
    else for (let i = 0; i < values.length; i++) values[i] = (teller[i] ?? 0) - (codes[i] ?? 0) - least;
    return;
  }
  fillFromPlanes(values, differences);
  if (relation === 'after')
    for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) + (teller[i] ?? 0);
  else for (let i = 0; i < values.length; i++) values[i] = (teller[i] ?? 0) - (values[i] ?? 0);
}

const notTold = (): DamagedColumn => new DamagedColumn('the column that tells it is of another kind');

/** Integers whose differences and sums to others of them are exact. */
function isExact(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) <= 2 ** 52 && !Object.is(value, -0);
}

function encodePer(column: Float64Array, teller: Float64Array): readonly Uint8Array[] | undefined {
  const quotients = new Float64Array(column.length);
  const rests = new Float64Array(column.length);
  for (let i = 0; i < column.length; i++) {
    const value = column[i] ?? 0;
    const parts = teller[i] ?? 0;
    if (!isExact(value) || !isExact(parts) || value < 0 || parts < 0) return undefined;
    const divisor = Math.max(parts, 1);
    const quotient = Math.floor(value / divisor);
    quotients[i] = quotient;
    rests[i] = value - quotient * divisor;
  }
  const [front, tail] = [encodePlanes(quotients), encodePlanes(rests)];
  return front && tail && [...front, ...tail];
}

function decodePer(values: Float64Array, pieces: PieceReader, teller: Float64Array): void {
  fillFromPlanes(values, readPlanes(pieces, values.length));
  multiply(values, teller);
  const rests = readPlanes(pieces, values.length);
  if (rests.planes.length === 0 && rests.least === 0) return;
  const left = new Float64Array(values.length);
  fillFromPlanes(left, rests);
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) + (left[i] ?? 0);
}

function multiply(values: Float64Array, teller: Float64Array): void {
  for (let i = 0; i < values.length; i++) {
    const parts = teller[i] ?? 0;
    // Rarely true, and so foretold by the processor: the greater of both is four times as slow.
    values[i] = (values[i] ?? 0) * (parts === 0 ? 1 : parts);
  }
}

/** Undefined where more than one row in sixteen differs. */
function encodeLike(column: Uint32Array, teller: Uint32Array): readonly Uint8Array[] | undefined {
  const others = new VarintWriter(64);
  let count = 0;
  let last = 0;
  for (let i = 0; i < column.length; i++) {
    const value = column[i] ?? 0;
    if (value === teller[i]) continue;
    if (++count > column.length / 16) return undefined;
    others.write(i - last);
    others.write(value);
    last = i;
  }
  const head = new VarintWriter(16);
  head.write(count);
  return [concatBytes([head.finish(), others.finish()])];
}

function decodeLike(values: Uint32Array, bytes: Uint8Array, teller: Uint32Array): void {
  const head = new VarintReader(bytes, 0);
  const count = head.read();
  values.set(teller);
  setOthers(values, count, head);
}

function setOthers(values: NumberColumn, count: number, others: VarintReader): void {
  if (count > values.length) throw new DamagedColumn('it names more rows than it has');
  for (let k = 0, row = 0; k < count; k++) {
    row += others.read();
    if (row >= values.length) throw new DamagedColumn('it names rows past its end');
    values[row] = others.read();
  }
}

/** The value of each code; undefined where more than one row in sixteen has another value than its code's first row. */
function encodeByCode(column: Uint32Array, codes: Uint32Array): readonly Uint8Array[] | undefined {
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
  return [head.finish(), ...planes, others.finish()];
}

function decodeByCode(values: Uint32Array, pieces: PieceReader, codes: Uint32Array): void {
  const size = pieces.varint();
  const count = pieces.varint();
  if (size > 2 * values.length + 1) throw new DamagedColumn('its table is too long');
  const table = new Float64Array(size);
  fillFromPlanes(table, readPlanes(pieces, size));
  for (let i = 0; i < values.length; i++) values[i] = table[codes[i] ?? 0] ?? 0;
  setOthers(values, count, new VarintReader(pieces.rest(), 0));
}
