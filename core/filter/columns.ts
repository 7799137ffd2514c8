/** The tight loops over typed columns. */
import type { ColumnArray } from '../model/flow-batch.ts';
import { passes, type NumberMatch } from './number-match.ts';
import type { Rows } from './predicate.ts';

/** Where a loop notes rows before it knows how many there will be. No loop runs within another. */
let scratch = new Uint32Array(65_536);

function scratchOf(rows: number): Uint32Array {
  if (scratch.length < rows) scratch = new Uint32Array(rows);
  return scratch;
}

/** Rows where the value of one of the columns (one or two) passes; NaN never. `shift` drops low bits first. */
export function selectNumbers(
  columns: readonly [ColumnArray, ColumnArray?],
  match: NumberMatch,
  rows: Rows,
  shift = 0,
): Uint32Array {
  const [first, second = first] = columns;
  if (shift !== 0) {
    return selectIf(first.length, rows, (row) => passes(match, (first[row] as number) >>> shift));
  }
  if (match.kind === 'set') {
    if (isShort(first) && isShort(second)) return selectCodes([first, second], match.table, rows);
    const { numbers } = match;
    return selectIf(
      first.length,
      rows,
      (row) => numbers.has(first[row] as number) || numbers.has(second[row] as number),
    );
  }
  if (match.outside) {
    const differs = (value: number): boolean => !Number.isNaN(value) && passes(match, value);
    return selectIf(
      first.length,
      rows,
      (row) => differs(first[row] as number) || differs(second[row] as number),
    );
  }
  const { lowest, highest } = match;
  if (rows) return selectAmong(first, second, lowest, highest, rows);
  return first === second ? selectOne(first, lowest, highest) : selectTwo(first, second, lowest, highest);
}

const isShort = (column: ColumnArray): boolean => column.BYTES_PER_ELEMENT <= 2;

function selectOne(column: ColumnArray, lowest: number, highest: number): Uint32Array {
  const found = scratchOf(column.length);
  let n = 0;
  for (let row = 0; row < column.length; row++) {
    const value = column[row] as number;
    found[n] = row;
    n += value >= lowest && value <= highest ? 1 : 0;
  }
  return found.slice(0, n);
}

function selectTwo(first: ColumnArray, second: ColumnArray, lowest: number, highest: number): Uint32Array {
  const found = scratchOf(first.length);
  let n = 0;
  for (let row = 0; row < first.length; row++) {
    const value = first[row] as number;
    const other = second[row] as number;
    found[n] = row;
    n += (value >= lowest && value <= highest) || (other >= lowest && other <= highest) ? 1 : 0;
  }
  return found.slice(0, n);
}

function selectAmong(
  first: ColumnArray,
  second: ColumnArray,
  lowest: number,
  highest: number,
  rows: Uint32Array,
): Uint32Array {
  const found = scratchOf(rows.length);
  let n = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const value = first[row] as number;
    const other = second[row] as number;
    found[n] = row;
    n += (value >= lowest && value <= highest) || (other >= lowest && other <= highest) ? 1 : 0;
  }
  return found.slice(0, n);
}

/** Rows where one of one or two columns of codes has a code that `passing` marks. */
export function selectCodes(columns: readonly ColumnArray[], passing: Uint8Array, rows: Rows): Uint32Array {
  const [first, second] = columns;
  if (!first) return new Uint32Array(0);
  const other = second ?? first;
  const total = rows?.length ?? first.length;
  const found = scratchOf(total);
  let n = 0;
  for (let i = 0; i < total; i++) {
    const row = rows ? (rows[i] as number) : i;
    found[n] = row;
    n += (passing[first[row] as number] as number) | (passing[other[row] as number] as number);
  }
  return found.slice(0, n);
}

/** Rows where one of one or two columns of codes has the code. */
export function selectCode(columns: readonly Uint32Array[], code: number, rows: Rows): Uint32Array {
  const [first, second] = columns;
  if (!first) return new Uint32Array(0);
  const other = second ?? first;
  if (!rows) return selectCodeOfAll(first, other, code);
  const found = scratchOf(rows.length);
  let n = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (first[row] === code || other[row] === code) found[n++] = row;
  }
  return found.slice(0, n);
}

function selectCodeOfAll(first: Uint32Array, second: Uint32Array, code: number): Uint32Array {
  const found = scratchOf(first.length);
  let n = 0;
  for (let row = 0; row < first.length; row++) {
    if (first[row] === code || second[row] === code) found[n++] = row;
  }
  return found.slice(0, n);
}

/** Rows that pass a test of their own. */
export function selectIf(count: number, rows: Rows, test: (row: number) => boolean): Uint32Array {
  const total = rows?.length ?? count;
  const found = scratchOf(total);
  let n = 0;
  for (let i = 0; i < total; i++) {
    const row = rows ? (rows[i] as number) : i;
    if (test(row)) found[n++] = row;
  }
  return found.slice(0, n);
}
