/** A batch of some rows of another batch. */
import { AddressTableBuilder, type AddressTable } from '../model/address.ts';
import {
  coreColumnNames,
  makeColumn,
  NO_DATAGRAM,
  type ColumnArray,
  type CoreColumnName,
  type CoreColumns,
  type ElementValue,
  type ExtraColumn,
  type FlowBatch,
} from '../model/flow-batch.ts';

/**
 * A batch of the given rows (ascending), with those addresses, layouts, exporters and datagram headers that they use,
 * and with the further `datagrams` (indexes, ascending) that no row uses.
 */
export function selectRows(
  batch: FlowBatch,
  rows: readonly number[],
  datagrams: readonly number[] = [],
): FlowBatch {
  const columns = {} as Record<CoreColumnName, ColumnArray>;
  for (const name of coreColumnNames) {
    const from = batch.columns[name];
    const to = makeColumn(name, rows.length);
    for (let i = 0; i < rows.length; i++) to[i] = from[rows[i] ?? 0] ?? 0;
    columns[name] = to;
  }
  const core = columns as unknown as CoreColumns;
  const headers = usedOnly(batch.datagrams, core.datagram, datagrams);
  const exporters = usedOnly(
    batch.exporters,
    core.exporter,
    headers.kept.map((header) => header.exporter),
  );
  const layouts = usedOnly(batch.layouts, core.layout, []);
  core.datagram.set(core.datagram.map((index) => headers.renumbered.get(index) ?? NO_DATAGRAM));
  core.exporter.set(core.exporter.map((index) => exporters.renumbered.get(index) ?? 0));
  core.layout.set(core.layout.map((index) => layouts.renumbered.get(index) ?? 0));
  return {
    count: rows.length,
    columns: core,
    addresses: recodeAddresses(batch.addresses, [core.sourceAddress, core.destinationAddress]),
    extras: selectExtras(batch, rows),
    layouts: layouts.kept,
    exporters: exporters.kept,
    datagrams: headers.kept.map((header) => ({
      ...header,
      exporter: exporters.renumbered.get(header.exporter) ?? 0,
    })),
  };
}

function usedOnly<T>(
  all: readonly T[],
  indexes: Iterable<number>,
  further: readonly number[],
): { kept: T[]; renumbered: Map<number, number> } {
  const used = [...new Set([...indexes, ...further])]
    .filter((index) => index < all.length)
    .sort((a, b) => a - b);
  const kept: T[] = [];
  const renumbered = new Map<number, number>();
  for (const index of used) renumbered.set(index, kept.push(all[index] as T) - 1);
  return { kept, renumbered };
}

/** Rewrites the codes of the columns in place and returns the table that they point into. */
function recodeAddresses(table: AddressTable, columns: readonly Uint32Array[]): AddressTable {
  const builder = new AddressTableBuilder();
  const codes = new Map<number, number>([[0, 0]]);
  for (const column of columns) {
    for (let i = 0; i < column.length; i++) {
      const old = column[i] ?? 0;
      let code = codes.get(old);
      if (code === undefined) {
        const family = table.family(old);
        if (family === 0) code = 0;
        else
          code =
            family === 4
              ? builder.internIPv4(table.bytes, old * 16)
              : builder.internIPv6(table.bytes, old * 16);
        codes.set(old, code);
      }
      column[i] = code;
    }
  }
  return builder.finish();
}

function selectExtras(batch: FlowBatch, rows: readonly number[]): ReadonlyMap<string, ExtraColumn> {
  const extras = new Map<string, ExtraColumn>();
  if (batch.extras.size === 0) return extras;
  const newRow = new Int32Array(batch.count).fill(-1);
  for (const [i, row] of rows.entries()) newRow[row] = i;
  for (const [name, extra] of batch.extras) {
    const keptRows: number[] = [];
    const values: ElementValue[] = [];
    for (const [i, row] of extra.rows.entries()) {
      const kept = newRow[row] ?? -1;
      if (kept < 0) continue;
      keptRows.push(kept);
      values.push(extra.values[i] ?? null);
    }
    if (keptRows.length > 0) extras.set(name, { rows: keptRows, values });
  }
  return extras;
}
