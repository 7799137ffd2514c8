/** The tight loops over typed columns. */
import type { ColumnArray, CoreColumns, SitedBatch } from '../model/flow-batch.ts';
import type { NumberMatch } from './number-match.ts';
import type { Rows } from './predicate.ts';

/** Lists of 16-bit numbers are looked up in a table. */
type Column = ColumnArray;

/** Rows whose value passes; NaN passes never. `shift` drops the value's low bits first. */
export function selectNumbers(column: Column, match: NumberMatch, rows: Rows, shift = 0): Uint32Array {
  if (match.kind === 'set') {
    const { numbers } = match;
    return selectIf(column.length, rows, (row) => numbers.has(shifted(column[row] as number, shift)));
  }
  if (match.outside || shift !== 0) {
    const { lowest, highest, outside } = match;
    return selectIf(column.length, rows, (row) => {
      const value = shifted(column[row] as number, shift);
      return !Number.isNaN(value) && (value >= lowest && value <= highest) !== outside;
    });
  }
  return selectInterval(column, match.lowest, match.highest, rows);
}

/** Only columns of at most 32 bits have bits to drop. */
function shifted(value: number, shift: number): number {
  return shift === 0 ? value : value >>> shift;
}

function selectInterval(column: Column, lowest: number, highest: number, rows: Rows): Uint32Array {
  if (column instanceof Uint16Array && rows === undefined) return selectShorts(column, lowest, highest);
  const total = rows?.length ?? column.length;
  const found = new Uint32Array(total);
  let n = 0;
  if (rows) {
    for (let i = 0; i < total; i++) {
      const row = rows[i] as number;
      const value = column[row] as number;
      found[n] = row;
      n += value >= lowest && value <= highest ? 1 : 0;
    }
  } else {
    for (let row = 0; row < total; row++) {
      const value = column[row] as number;
      found[n] = row;
      n += value >= lowest && value <= highest ? 1 : 0;
    }
  }
  return found.slice(0, n);
}

/** The most frequent question, of ports, in integers alone. */
function selectShorts(column: Uint16Array, lowest: number, highest: number): Uint32Array {
  const low = Math.max(0, Math.ceil(lowest));
  const span = Math.min(0xffff, Math.floor(highest)) - low;
  if (span < 0) return new Uint32Array(0);
  const found = new Uint32Array(column.length);
  let n = 0;
  for (let row = 0; row < column.length; row++) {
    if (((column[row] as number) - low) >>> 0 <= span) found[n++] = row;
  }
  return found.slice(0, n);
}

/** Rows where one of two columns of codes has a code that `passing` marks. */
export function selectCodes(columns: readonly Column[], passing: Uint8Array, rows: Rows): Uint32Array {
  const [first, second] = columns;
  if (!first) return new Uint32Array(0);
  const other = second ?? first;
  const total = rows?.length ?? first.length;
  const found = new Uint32Array(total);
  let n = 0;
  for (let i = 0; i < total; i++) {
    const row = rows ? (rows[i] as number) : i;
    found[n] = row;
    n += (passing[first[row] as number] as number) | (passing[other[row] as number] as number);
  }
  return found.slice(0, n);
}

export function selectIf(count: number, rows: Rows, test: (row: number) => boolean): Uint32Array {
  const total = rows?.length ?? count;
  const found = new Uint32Array(total);
  let n = 0;
  for (let i = 0; i < total; i++) {
    const row = rows ? (rows[i] as number) : i;
    if (test(row)) found[n++] = row;
  }
  return found.slice(0, n);
}

export function columnOf(batch: SitedBatch, name: keyof CoreColumns): Column {
  return batch.columns[name];
}
