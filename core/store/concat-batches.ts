/** One batch of several: their rows one after the other, their dictionaries united. */
import { AddressTableBuilder, type AddressTable } from '../model/address.ts';
import type { FlowChunk, OptionsRecord } from '../model/chunk.ts';
import {
  coreColumnNames,
  exporterKey,
  makeColumn,
  NO_DATAGRAM,
  type ColumnArray,
  type CoreColumnName,
  type CoreColumns,
  type DatagramHeader,
  type ElementValue,
  type Exporter,
  type ExtraColumn,
  type FlowBatch,
  type RecordLayout,
} from '../model/flow-batch.ts';

/** Exporters and layouts of all batches together must fit 16-bit codes: see `FlowBatchBuilder.full`. */
export function concatBatches(batches: readonly FlowBatch[]): FlowBatch {
  const [only] = batches;
  if (batches.length === 1 && only) return only;
  const count = batches.reduce((sum, batch) => sum + batch.count, 0);
  const columns = {} as Record<CoreColumnName, ColumnArray>;
  for (const name of coreColumnNames) {
    const whole = makeColumn(name, count);
    let at = 0;
    for (const batch of batches) {
      whole.set(batch.columns[name], at);
      at += batch.count;
    }
    columns[name] = whole;
  }
  const core = columns as unknown as CoreColumns;
  const addresses = new AddressTableBuilder();
  const layouts = new Dictionary<RecordLayout>(layoutKey);
  const exporters = new Dictionary<Exporter>(exporterKey);
  const datagrams: DatagramHeader[] = [];
  let first = 0;
  for (const batch of batches) {
    const end = first + batch.count;
    recode(core.sourceAddress, core.destinationAddress, first, end, batch.addresses, addresses);
    const exporterCodes = batch.exporters.map((exporter) => exporters.codeOf(exporter));
    const layoutCodes = batch.layouts.map((layout) => layouts.codeOf(layout));
    const firstDatagram = datagrams.length;
    for (let row = first; row < end; row++) {
      core.exporter[row] = exporterCodes[core.exporter[row] ?? 0] ?? 0;
      core.layout[row] = layoutCodes[core.layout[row] ?? 0] ?? 0;
      const datagram = core.datagram[row] ?? NO_DATAGRAM;
      if (datagram !== NO_DATAGRAM) core.datagram[row] = datagram + firstDatagram;
    }
    for (const header of batch.datagrams) {
      datagrams.push({ ...header, exporter: exporterCodes[header.exporter] ?? 0 });
    }
    first = end;
  }
  return {
    count,
    columns: core,
    addresses: addresses.finish(),
    extras: concatExtras(batches),
    layouts: layouts.values,
    exporters: exporters.values,
    datagrams,
  };
}

function concatExtras(batches: readonly FlowBatch[]): Map<string, ExtraColumn> {
  const extras = new Map<string, ExtraColumn>();
  const names = new Set(batches.flatMap((batch) => [...batch.extras.keys()]));
  for (const name of names) {
    const parts = batches.map((batch) => batch.extras.get(name));
    const length = parts.reduce((sum, part) => sum + (part?.rows.length ?? 0), 0);
    const rows = new Uint32Array(length);
    const numeric = parts.every((part) => !part || part.values instanceof Float64Array);
    const numbers = new Float64Array(numeric ? length : 0);
    const values: ElementValue[] = [];
    let at = 0;
    let first = 0;
    for (const [i, part] of parts.entries()) {
      if (part) {
        if (numeric) numbers.set(part.values as Float64Array, at);
        else for (const value of part.values) values.push(value);
        for (let k = 0; k < part.rows.length; k++) rows[at++] = (part.rows[k] ?? 0) + first;
      }
      first += batches[i]?.count ?? 0;
    }
    extras.set(name, { rows, values: numeric ? numbers : values });
  }
  return extras;
}

/** One chunk of several that follow one another. */
export function concatChunks(chunks: readonly FlowChunk[]): FlowChunk {
  const [only] = chunks;
  if (chunks.length === 1 && only) return only;
  const options: OptionsRecord[] = [];
  let rows = 0;
  let datagrams = 0;
  for (const { batch, options: records } of chunks) {
    for (const record of records) {
      options.push({
        ...record,
        datagram: record.datagram + datagrams,
        afterRows: record.afterRows + rows,
      });
    }
    rows += batch.count;
    datagrams += batch.datagrams.length;
  }
  return {
    batch: concatBatches(chunks.map((chunk) => chunk.batch)),
    options,
    issues: chunks.flatMap((chunk) => chunk.issues),
    bytesRead: chunks.reduce((sum, chunk) => sum + chunk.bytesRead, 0),
  };
}

class Dictionary<T> {
  readonly values: T[] = [];
  readonly #codes = new Map<string, number>();
  readonly #keyOf: (value: T) => string;

  constructor(keyOf: (value: T) => string) {
    this.#keyOf = keyOf;
  }

  codeOf(value: T): number {
    const key = this.#keyOf(value);
    let code = this.#codes.get(key);
    if (code === undefined) {
      code = this.values.push(value) - 1;
      this.#codes.set(key, code);
    }
    return code;
  }
}

function layoutKey({ templateId, fields }: RecordLayout): string {
  return `${templateId}:${fields.join(',')}`;
}

function recode(
  sources: Uint32Array,
  destinations: Uint32Array,
  first: number,
  end: number,
  table: AddressTable,
  builder: AddressTableBuilder,
): void {
  const codes = new Uint32Array(table.count);
  for (let index = 1; index < table.count; index++) {
    codes[index] =
      table.family(index) === 4
        ? builder.internIPv4(table.bytes, index * 16)
        : builder.internIPv6(table.bytes, index * 16);
  }
  for (let row = first; row < end; row++) {
    sources[row] = codes[sources[row] ?? 0] ?? 0;
    destinations[row] = codes[destinations[row] ?? 0] ?? 0;
  }
}
