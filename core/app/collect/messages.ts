/** What the threads of a collection say to each other: plain values, columns transferred. */
import { AddressTable } from '../../model/address.ts';
import type { FlowChunk } from '../../model/chunk.ts';
import {
  coreColumnNames,
  type CoreColumns,
  type DatagramHeader,
  type Exporter,
  type ExtraColumn,
  type RecordLayout,
} from '../../model/flow-batch.ts';
import { epochMs, uptimeMs } from '../../model/time.ts';

/** A chunk on its way to another thread. */
export interface PackedChunk {
  readonly count: number;
  readonly columns: CoreColumns;
  readonly addresses: { readonly count: number; readonly bytes: Uint8Array; readonly families: Uint8Array };
  readonly extras: readonly PackedExtra[];
  readonly layouts: readonly RecordLayout[];
  readonly exporters: readonly Exporter[];
  /** `HEADER_FIELDS` numbers a datagram, absent ones NaN. */
  readonly datagrams: Float64Array;
  readonly options: FlowChunk['options'];
  readonly issues: FlowChunk['issues'];
}

/** Numbers as columns, anything else as it is; `rows` undefined where every row has a value. */
interface PackedExtra {
  readonly name: string;
  readonly rows: Uint32Array | undefined;
  readonly values: Float64Array | ExtraColumn['values'];
}

const HEADER_FIELDS = 8;

export function packChunk(chunk: FlowChunk): PackedChunk {
  const { count, columns, addresses, extras, layouts, exporters, datagrams } = chunk.batch;
  return {
    count,
    columns,
    addresses: { count: addresses.count, bytes: addresses.bytes, families: addresses.families },
    extras: Array.from(extras, ([name, extra]) => packExtra(name, extra, count)),
    layouts,
    exporters,
    datagrams: packHeaders(datagrams),
    options: chunk.options,
    issues: chunk.issues,
  };
}

/** The buffers that may move to the other thread instead of being copied. */
export function transferables(packed: PackedChunk): ArrayBuffer[] {
  const arrays: ArrayBufferView[] = [packed.addresses.bytes, packed.addresses.families, packed.datagrams];
  for (const name of coreColumnNames) arrays.push(packed.columns[name]);
  for (const { rows, values } of packed.extras) {
    if (rows) arrays.push(rows);
    if (values instanceof Float64Array) arrays.push(values);
  }
  return arrays.map((array) => array.buffer as ArrayBuffer);
}

export function unpackChunk(packed: PackedChunk): FlowChunk {
  const { count, columns, addresses, layouts, exporters, options, issues } = packed;
  const extras = new Map(
    packed.extras.map(({ name, rows, values }) => [name, { rows: unpackRows(rows, count), values }]),
  );
  const table = new AddressTable(addresses.count, addresses.bytes, addresses.families);
  const datagrams = unpackHeaders(packed.datagrams);
  const batch = { count, columns, addresses: table, extras, layouts, exporters, datagrams };
  return { batch, options, issues, bytesRead: 0 };
}

function packExtra(name: string, extra: ExtraColumn, count: number): PackedExtra {
  const length = extra.rows.length;
  const numbers = new Float64Array(length);
  let numeric = true;
  for (let i = 0; i < length && numeric; i++) {
    const value = extra.values[i];
    if (typeof value === 'number') numbers[i] = value;
    else numeric = false;
  }
  return {
    name,
    rows: length === count ? undefined : Uint32Array.from(extra.rows),
    values: numeric ? numbers : extra.values,
  };
}

/** The row numbers; all those below `count` where none are given. */
function unpackRows(rows: Uint32Array | undefined, count: number): Uint32Array {
  if (rows) return rows;
  const all = new Uint32Array(count);
  for (let row = 0; row < count; row++) all[row] = row;
  return all;
}

function packHeaders(headers: readonly DatagramHeader[]): Float64Array {
  const packed = new Float64Array(headers.length * HEADER_FIELDS);
  let at = 0;
  for (const header of headers) {
    packed[at++] = header.exporter;
    packed[at++] = header.version;
    packed[at++] = header.sequenceNumber;
    packed[at++] = header.exportTime;
    packed[at++] = header.sysUpTime ?? Number.NaN;
    packed[at++] = header.received ?? Number.NaN;
    packed[at++] = header.records;
    packed[at++] = header.ordinal;
  }
  return packed;
}

function unpackHeaders(packed: Float64Array): DatagramHeader[] {
  const headers: DatagramHeader[] = [];
  for (let at = 0; at < packed.length; at += HEADER_FIELDS) {
    const field = (i: number): number => packed[at + i] ?? 0;
    headers.push({
      exporter: field(0),
      version: field(1),
      sequenceNumber: field(2),
      exportTime: epochMs(field(3)),
      sysUpTime: Number.isNaN(field(4)) ? null : uptimeMs(field(4)),
      received: Number.isNaN(field(5)) ? null : epochMs(field(5)),
      records: field(6),
      ordinal: field(7),
      // A place in a file; there is none.
      sourceOffset: Number.NaN,
    });
  }
  return headers;
}
