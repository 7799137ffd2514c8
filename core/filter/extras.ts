/** Predicates over sparse columns: elements that only some rows carry. */
import { parseAddress } from '../model/address.ts';
import type { ElementValue, SitedBatch } from '../model/flow-batch.ts';
import type { AddressValue } from './ast.ts';
import { selectIf } from './columns.ts';
import { everyRow, noRows, type Rows } from './predicate.ts';

/**
 * Rows whose element passes: of several elements the first that the row has. `absent` says whether a row with none of
 * them passes.
 */
export function selectExtras(
  batch: SitedBatch,
  rows: Rows,
  names: readonly string[],
  test: (value: ElementValue) => boolean,
  absent: boolean,
): Uint32Array {
  const present = names.filter((name) => batch.extras.has(name));
  if (present.length === 0) return absent ? everyRow(batch, rows) : noRows;
  const passing = new Uint8Array(batch.count).fill(absent ? 1 : 0);
  for (const name of present.toReversed()) {
    const column = batch.extras.get(name);
    if (!column) continue;
    for (let k = 0; k < column.rows.length; k++) {
      const value = column.values[k] ?? null;
      const row = column.rows[k] ?? 0;
      passing[row] = (value === null ? absent : test(value)) ? 1 : 0;
    }
  }
  return selectIf(batch.count, rows, (row) => passing[row] === 1);
}

/** The value of the first of the elements that a row has, for elements that are read together with others. */
export function extraReader(
  batch: SitedBatch,
  names: readonly string[],
): (row: number) => ElementValue | undefined {
  const values = new Map<number, ElementValue>();
  for (const name of names.toReversed()) {
    if (!batch.extras.has(name)) continue;
    const column = batch.extras.get(name);
    for (let k = 0; k < (column?.rows.length ?? 0); k++) {
      values.set(column?.rows[k] ?? 0, column?.values[k] ?? null);
    }
  }
  return (row) => values.get(row);
}

/** Whether a stored address in text is one of these, or in one of these networks. Texts are parsed once. */
export function addressTest(wanted: readonly AddressValue[]): (value: ElementValue) => boolean {
  const known = new Map<ElementValue, boolean>();
  return (value) => {
    let passing = known.get(value);
    if (passing === undefined) {
      const bytes = typeof value === 'string' ? parseAddress(value) : undefined;
      passing = bytes !== undefined && wanted.some((one) => holds(one, bytes, 0, bytes.length));
      known.set(value, passing);
    }
    return passing;
  };
}

/** Whether the address of `length` bytes at `offset` is in the network. */
export function holds(
  { bytes, mask }: AddressValue,
  address: Uint8Array,
  offset: number,
  length: number,
): boolean {
  if (length !== bytes.length) return false;
  for (let i = 0; i < length; i++) {
    if (((address[offset + i] as number) & (mask[i] as number)) !== bytes[i]) return false;
  }
  return true;
}
