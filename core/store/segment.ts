/**
 * A segment: one batch of flows as named columns of bytes, and back.
 *
 * | columns                         | values                                                          |
 * |---------------------------------|-----------------------------------------------------------------|
 * | the core columns, by their name | one a flow                                                      |
 * | `addresses.ipv4`, `.ipv6`, `.bgpAsNumber` | one an address: see segment-addresses.ts               |
 * | `addresses.filter`              | Bloom filter of the addresses                                   |
 * | `ports.set`                     | which ports occur: port-set.ts; absent in small segments        |
 * | `exporters`                     | catalogue ids, in the order of the `exporter` column's codes    |
 * | `layouts`                       | JSON                                                            |
 * | `datagrams.*`                   | the header fields, one a datagram, null as NaN                  |
 * | `rows:NAME`, `extra:NAME`       | rows that have the element, and their values: numbers or JSON   |
 */
import type { AddressTable } from '../model/address.ts';
import {
  coreColumnNames,
  makeColumn,
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
import { epochMs, uptimeMs } from '../model/time.ts';
import { buildAddressFilter } from './address-filter.ts';
import type { NumberColumn, NumberColumnType } from './column-basic.ts';
import {
  decodeColumn,
  encodeColumn,
  packBytes,
  unpackBytes,
  type EncodedColumn,
  type Tellers,
} from './column-codec.ts';
import type { Relation } from './column-relations.ts';
import { defineLazily, LazyExtras, lazyColumns } from './lazy-batch.ts';
import { PackedAddresses } from './packed-addresses.ts';
import { buildPortSet } from './port-set.ts';
import { asNumbersOf, joinAddresses, lookUp, orderAddresses, splitAddresses } from './segment-addresses.ts';
import type { PartKeeper, KeptPart } from './segment-cache.ts';
import { DamagedColumn } from './varint.ts';

export interface StoredColumn extends EncodedColumn {
  readonly name: string;
  /** Values in it. */
  readonly length: number;
}

const headerFields = [
  'exporter',
  'version',
  'sequenceNumber',
  'exportTime',
  'sysUpTime',
  'received',
  'records',
  'ordinal',
  'sourceOffset',
] as const satisfies readonly (keyof DatagramHeader)[];

/** Encodes a named column; the smallest way, unless the caller knows a quicker one. */
type EncodeColumn = (name: string, column: NumberColumn, tellers?: Tellers) => EncodedColumn;

/** Of fewer rows the ports themselves are read as quickly. */
const PORT_SET_FROM_ROWS = 1024;

/** Which column tells another one, by how it does; an AS number that is `like` another is that of its address. */
const tellerNames: { readonly [K in CoreColumnName]?: { readonly [R in Relation]?: CoreColumnName } } = {
  flowStartMilliseconds: { before: 'flowEndMilliseconds' },
  flowEndMilliseconds: { after: 'flowStartMilliseconds' },
  collectionTimeMilliseconds: { after: 'flowEndMilliseconds' },
  octetDeltaCount: { per: 'packetDeltaCount' },
  egressInterface: { by: 'ingressInterface' },
  bgpSourceAsNumber: { by: 'sourceAddress', like: 'sourceAddress' },
  bgpDestinationAsNumber: { by: 'destinationAddress', like: 'destinationAddress' },
};

/** The batch as columns; `exporterIds[i]` is the catalogue's number of `batch.exporters[i]`. */
export function encodeSegment(
  unordered: FlowBatch,
  exporterIds: readonly number[],
  encode: EncodeColumn = (_, column, tellers) => encodeColumn(column, tellers),
): StoredColumn[] {
  const batch = orderAddresses(unordered);
  const columns: StoredColumn[] = [];
  const add = (name: string, length: number, column: EncodedColumn): void => {
    columns.push({ name, length, ...column });
  };
  const asNumbers = asNumbersOf(batch);
  const tellers = tellersOf(batch, asNumbers);
  for (const name of coreColumnNames) {
    add(name, batch.count, encode(name, batch.columns[name], tellers[name]));
  }
  const { addresses } = batch;
  const { ipv4, ipv6 } = splitAddresses(addresses);
  add('addresses.ipv4', ipv4.length, encode('addresses.ipv4', ipv4));
  add('addresses.ipv6', ipv6.length, packBytes('raw', ipv6));
  if (asNumbers && columns.some(({ encoding }) => encoding === 'like')) {
    add('addresses.bgpAsNumber', asNumbers.length, encode('addresses.bgpAsNumber', asNumbers));
  }
  add('addresses.filter', addresses.count, packBytes('raw', buildAddressFilter(addresses)));
  if (batch.count >= PORT_SET_FROM_ROWS) {
    add('ports.set', batch.count, packBytes('raw', buildPortSet(batch.columns)));
  }
  add('exporters', exporterIds.length, encodeColumn(Uint32Array.from(exporterIds)));
  add('layouts', batch.layouts.length, packJson(batch.layouts));
  for (const field of headerFields) {
    const values = Float64Array.from(batch.datagrams, (header) => header[field] ?? Number.NaN);
    add(`datagrams.${field}`, values.length, encode(`datagrams.${field}`, values));
  }
  for (const [name, extra] of batch.extras) {
    add(`rows:${name}`, extra.rows.length, encode(`rows:${name}`, asUint32(extra.rows)));
    add(`extra:${name}`, extra.values.length, encodeValues(`extra:${name}`, extra.values, encode));
  }
  return columns;
}

/** What may tell the batch's columns. Of starts and ends those whose steps are shorter tell the others. */
function tellersOf(
  { columns }: FlowBatch,
  asNumbers: Uint32Array | undefined,
): { readonly [K in CoreColumnName]?: Tellers } {
  const { flowStartMilliseconds: starts, flowEndMilliseconds: ends } = columns;
  const times = stepBits(ends) < stepBits(starts);
  return {
    ...(times ? { flowStartMilliseconds: { before: ends } } : { flowEndMilliseconds: { after: starts } }),
    collectionTimeMilliseconds: { after: ends },
    octetDeltaCount: { per: columns.packetDeltaCount },
    egressInterface: { by: columns.ingressInterface },
    ...(asNumbers && {
      bgpSourceAsNumber: { like: lookUp(columns.sourceAddress, asNumbers) },
      bgpDestinationAsNumber: { like: lookUp(columns.destinationAddress, asNumbers) },
    }),
  };
}

/** How many bits the steps from row to row have, about; NaN counts as no step. */
function stepBits(values: Float64Array): number {
  let bits = 0;
  for (let i = 1; i < values.length; i++) {
    const step = (values[i] ?? 0) - (values[i - 1] ?? 0);
    bits += 32 - Math.clz32(Math.min(Math.abs(step), 0xffff_ffff));
  }
  return bits;
}

/** The columns of one segment, as read from a day file. `column` throws DamagedColumn where one is absent or broken. */
export interface SegmentColumns {
  readonly rows: number;
  readonly names: readonly string[];
  column(name: string): StoredColumn;
}

/**
 * The batch again, its parts decoded when they are first read: each may throw DamagedColumn at that moment, where the
 * columns do not make one.
 */
export function decodeSegment(
  segment: SegmentColumns,
  exporterOf: (id: number) => Exporter,
  keeper?: PartKeeper,
): FlowBatch {
  return defineLazily<FlowBatch>({
    count: () => segment.rows,
    columns: () => {
      const begun = new Set<CoreColumnName>();
      const tellerOf = (name: CoreColumnName, relation: Relation): NumberColumn | undefined => {
        const teller = tellerNames[name]?.[relation];
        if (!teller) return undefined;
        if (relation !== 'like') return columns[teller];
        return lookUp(
          columns[teller] as Uint32Array,
          decodeNumbers(segment, 'addresses.bgpAsNumber', Uint32Array),
        );
      };
      const columns: CoreColumns = lazyColumns((name) => {
        const type = makeColumn(name, 0).constructor as NumberColumnType<ColumnArray>;
        const decode = (buffer?: ColumnArray): ColumnArray => {
          if (begun.has(name)) throw new DamagedColumn(`its column ${name} is told by itself`);
          begun.add(name);
          try {
            const tell = (relation: Relation): NumberColumn | undefined => tellerOf(name, relation);
            return decodeColumn(type, segment.rows, segment.column(name), tell, buffer);
          } finally {
            begun.delete(name);
          }
        };
        return keeper ? keeper.column(name, type, segment.rows, decode) : decode();
      });
      return columns;
    },
    addresses: () => (keeper ? keeper.addresses(() => readAddresses(segment)) : decodeAddresses(segment)),
    extras: () => {
      const stored = segment.names.filter((name) => name.startsWith('extra:'));
      const names = stored.map((name) => name.slice('extra:'.length));
      return new LazyExtras(names, (name) => kept(keeper, `extra:${name}`, () => decodeExtra(segment, name)));
    },
    layouts: () => parseJson(segment.column('layouts')) as RecordLayout[],
    exporters: () => Array.from(decodeExporterIds(segment, keeper), exporterOf),
    datagrams: () => decodeHeaders(segment),
  });
}

/** The catalogue's numbers of the segment's exporters, in the order of their codes. */
export function decodeExporterIds(segment: SegmentColumns, keeper?: PartKeeper): Uint32Array {
  return kept(keeper, 'exporters', () => decodeNumbers(segment, 'exporters', Uint32Array));
}

function kept<T extends KeptPart>(keeper: PartKeeper | undefined, name: string, make: () => T): T {
  return keeper ? keeper.keep(name, make) : make();
}

function decodeExtra(segment: SegmentColumns, name: string): ExtraColumn {
  const rows = decodeNumbers(segment, `rows:${name}`, Uint32Array);
  const values = decodeValues(segment.column(`extra:${name}`));
  if (rows.length !== values.length) throw new DamagedColumn(`its element ${name} has rows without values`);
  return { rows, values };
}

/** The segment's address table alone, for a reader who first asks whether an address is there. */
export function decodeAddresses(segment: SegmentColumns): AddressTable {
  const addresses = readAddresses(segment);
  return addresses.table(new Uint8Array(addresses.count * 16));
}

function readAddresses(segment: SegmentColumns): PackedAddresses {
  if (!segment.names.includes('addresses.families')) {
    const ipv4 = decodeNumbers(segment, 'addresses.ipv4', Uint32Array);
    return joinAddresses(ipv4, unpackBytes(segment.column('addresses.ipv6')));
  }
  const families = decodeNumbers(segment, 'addresses.families', Uint8Array);
  return new PackedAddresses(families, unpackBytes(segment.column('addresses.bytes')));
}

/** The segment's Bloom filter. */
export function decodeAddressFilter(segment: SegmentColumns, keeper?: PartKeeper): Uint8Array {
  return kept(keeper, 'addresses.filter', () => unpackBytes(segment.column('addresses.filter')));
}

/** The segment's ports; null where nobody noted them. */
export function decodePortSet(segment: SegmentColumns, keeper?: PartKeeper): Uint8Array | null {
  return kept(keeper, 'ports.set', () =>
    segment.names.includes('ports.set') ? unpackBytes(segment.column('ports.set')) : null,
  );
}

function decodeNumbers<T extends NumberColumn>(
  segment: SegmentColumns,
  name: string,
  type: NumberColumnType<T>,
): T {
  const column = segment.column(name);
  return decodeColumn(type, column.length, column);
}

function decodeHeaders(segment: SegmentColumns): DatagramHeader[] {
  const of = (field: (typeof headerFields)[number]): Float64Array =>
    decodeNumbers(segment, `datagrams.${field}`, Float64Array);
  const [exporter, version, sequence, exportTime, upTime, received, records, ordinal, offset] =
    headerFields.map(of);
  const nullable = (value: number): number | null => (Number.isNaN(value) ? null : value);
  return Array.from(exporter ?? [], (_, i) => {
    const up = nullable(upTime?.[i] ?? 0);
    const at = nullable(received?.[i] ?? 0);
    return {
      exporter: exporter?.[i] ?? 0,
      version: version?.[i] ?? 0,
      sequenceNumber: sequence?.[i] ?? 0,
      exportTime: epochMs(exportTime?.[i] ?? 0),
      sysUpTime: up === null ? null : uptimeMs(up),
      received: at === null ? null : epochMs(at),
      records: records?.[i] ?? 0,
      ordinal: ordinal?.[i] ?? 0,
      sourceOffset: offset?.[i] ?? 0,
    };
  });
}

/** Numbers as a column of floats, anything else as JSON. */
function encodeValues(name: string, values: ExtraColumn['values'], encode: EncodeColumn): EncodedColumn {
  if (values instanceof Float64Array) return encode(name, values);
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== 'number') return packJson(values);
    numbers[i] = value;
  }
  return encode(name, numbers);
}

function asUint32(values: readonly number[] | Uint32Array): Uint32Array {
  return values instanceof Uint32Array ? values : Uint32Array.from(values);
}

function decodeValues(column: StoredColumn): ExtraColumn['values'] {
  if (column.encoding === 'json') return parseJson(column) as ElementValue[];
  return decodeColumn(Float64Array, column.length, column);
}

function packJson(value: unknown): EncodedColumn {
  return packBytes('json', Buffer.from(JSON.stringify(value)));
}

function parseJson(column: EncodedColumn): unknown {
  try {
    return JSON.parse(Buffer.from(unpackBytes(column)).toString('utf8'));
  } catch (error) {
    throw new DamagedColumn('its text cannot be read', { cause: error });
  }
}
