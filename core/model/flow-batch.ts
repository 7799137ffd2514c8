/**
 * Flows in bulk: a count and typed arrays, never one object a flow.
 *
 * The core columns are always there, named after IPFIX information elements (IANA registry). Two of them stand for an
 * IPv4 and an IPv6 element at once (`sourceAddress`, `destinationAddress`): they hold codes into the batch's address
 * dictionary. Any other element that a record carries becomes a sparse extra column under its registered name. Where an
 * extra column bears the name of a core element it holds that row's exact exported value, which the core column could
 * not (a counter above 2^53, a zero-length field); readers look there first.
 */
import { AddressTableBuilder, type AddressTable } from './address.ts';
import type { EpochMs, UptimeMs } from './time.ts';

/** The columns every batch has. Row i of each belongs to flow i. Absent numbers are 0, absent times NaN. */
export interface CoreColumns {
  /** When the first packet passed, as the exporter said (no clock correction applied). */
  flowStartMilliseconds: Float64Array;
  flowEndMilliseconds: Float64Array;
  /** When the collector received the record; NaN where the archive does not say. */
  collectionTimeMilliseconds: Float64Array;
  /** Codes into `addresses`. */
  sourceAddress: Uint32Array;
  destinationAddress: Uint32Array;
  sourceTransportPort: Uint16Array;
  destinationTransportPort: Uint16Array;
  protocolIdentifier: Uint8Array;
  tcpControlBits: Uint16Array;
  ipClassOfService: Uint8Array;
  /** Raw counters: never multiplied by a sampling rate. Filled from the Total elements where no Delta was exported. */
  octetDeltaCount: Float64Array;
  packetDeltaCount: Float64Array;
  ingressInterface: Uint32Array;
  egressInterface: Uint32Array;
  bgpSourceAsNumber: Uint32Array;
  bgpDestinationAsNumber: Uint32Array;
  /** Index into `exporters`. */
  exporter: Uint16Array;
  /** Index into `datagrams`, or NO_DATAGRAM. */
  datagram: Uint32Array;
  /** Index into `layouts`. */
  layout: Uint16Array;
  /** Byte offset in the archive file where the record (or the datagram that carried it) begins; NaN when live. */
  sourceOffset: Float64Array;
}

export type CoreColumnName = keyof CoreColumns;

/** In the `datagram` column: the record did not arrive in a datagram that we saw. */
export const NO_DATAGRAM = 0xffff_ffff;

/** A value in the neutral form: what JSON can hold. Counters above 2^53-1 are decimal strings, octets hex. */
export type ElementValue =
  number | string | boolean | null | readonly ElementValue[] | { readonly [key: string]: ElementValue };

/** Values of one element for the rows that have it; `rows` ascends. Typed arrays where they came from another thread. */
export interface ExtraColumn {
  readonly rows: readonly number[] | Uint32Array;
  readonly values: readonly ElementValue[] | Float64Array;
}

/** Which elements a record carried, in the exporter's order, and the template that said so (0 where there is none). */
export interface RecordLayout {
  readonly templateId: number;
  readonly fields: readonly string[];
}

/** Who exported: one process on one machine. Two processes on an address differ in port or domain. */
export interface Exporter {
  readonly address: string;
  /** UDP or TCP source port; null where the archive does not keep it. */
  readonly port: number | null;
  /** IPFIX observation domain, v9 source id, v5 and v8 engine type*256 + id, sFlow sub-agent. */
  readonly observationDomainId: number;
}

/** In `DatagramHeader.version`: sFlow version 5, whose own number is NetFlow's. */
export const SFLOW_5 = 105;

/** The header of one export datagram or message, kept beside its flows. */
export interface DatagramHeader {
  /** Index into the batch's `exporters`. */
  readonly exporter: number;
  /** NetFlow 1 to 9, IPFIX 10, or SFLOW_5. */
  readonly version: number;
  readonly sequenceNumber: number;
  /** sFlow states no calendar time: there it is when the datagram was received, or 0. */
  readonly exportTime: EpochMs;
  /** The exporter's clock since boot at export; null in IPFIX. */
  readonly sysUpTime: UptimeMs | null;
  /** When the datagram was captured or received; null where nobody noted it. */
  readonly received: EpochMs | null;
  /** Data records that were decoded from it, flows and options. */
  readonly records: number;
  /** Its number among the source's datagrams, from 0. */
  readonly ordinal: number;
  readonly sourceOffset: number;
}

export interface FlowBatch {
  readonly count: number;
  readonly columns: CoreColumns;
  readonly addresses: AddressTable;
  readonly extras: ReadonlyMap<string, ExtraColumn>;
  readonly layouts: readonly RecordLayout[];
  readonly exporters: readonly Exporter[];
  readonly datagrams: readonly DatagramHeader[];
}

const columnTypes = {
  flowStartMilliseconds: Float64Array,
  flowEndMilliseconds: Float64Array,
  collectionTimeMilliseconds: Float64Array,
  sourceAddress: Uint32Array,
  destinationAddress: Uint32Array,
  sourceTransportPort: Uint16Array,
  destinationTransportPort: Uint16Array,
  protocolIdentifier: Uint8Array,
  tcpControlBits: Uint16Array,
  ipClassOfService: Uint8Array,
  octetDeltaCount: Float64Array,
  packetDeltaCount: Float64Array,
  ingressInterface: Uint32Array,
  egressInterface: Uint32Array,
  bgpSourceAsNumber: Uint32Array,
  bgpDestinationAsNumber: Uint32Array,
  exporter: Uint16Array,
  datagram: Uint32Array,
  layout: Uint16Array,
  sourceOffset: Float64Array,
} as const satisfies { [K in CoreColumnName]: new (length: number) => CoreColumns[K] };

/** The core column names, in storage order. */
export const coreColumnNames = Object.keys(columnTypes) as readonly CoreColumnName[];

export type ColumnArray = CoreColumns[CoreColumnName];

/** A zeroed array of the column's own type. */
export function makeColumn<K extends CoreColumnName>(name: K, length: number): CoreColumns[K] {
  return new columnTypes[name](length) as CoreColumns[K];
}

/** A zeroed set of core columns of `length` rows. */
function makeColumns(length: number): CoreColumns {
  const columns: Partial<Record<CoreColumnName, ColumnArray>> = {};
  for (const name of coreColumnNames) columns[name] = makeColumn(name, length);
  return columns as unknown as CoreColumns;
}

/** Rows a builder should not pass: indexes into its dictionaries are 16 bits wide. */
export const MAX_BATCH_ROWS = 65_536;

/**
 * Fills a batch row by row. A decoder calls `beginRow`, writes `columns.X[row]`, and `setExtra` for the rest; a row that
 * turns out broken is taken back with `abandonRow`. `columns` may be replaced by `beginRow` (growth): read it after.
 */
export class FlowBatchBuilder {
  columns: CoreColumns;
  readonly addresses = new AddressTableBuilder();
  #count = 0;
  #capacity: number;
  readonly #extras = new Map<string, { rows: number[]; values: ElementValue[] }>();
  readonly #layouts: RecordLayout[] = [];
  readonly #layoutIndex = new Map<string, number>();
  readonly #layoutOf = new WeakMap<RecordLayout, number>();
  readonly #exporters: Exporter[] = [];
  readonly #exporterIndex = new Map<string, number>();
  readonly #datagrams: DatagramHeader[] = [];

  constructor(capacity = 1024) {
    this.#capacity = capacity;
    this.columns = makeColumns(capacity);
  }

  get count(): number {
    return this.#count;
  }

  get datagramCount(): number {
    return this.#datagrams.length;
  }

  /**
   * True when the batch should be finished before more is added: the row limit or a 16-bit dictionary is near. A decoder
   * that adds one datagram (at most 65,535 bytes) at a time may overshoot the row limit, never the dictionaries.
   */
  get full(): boolean {
    return (
      this.#count >= MAX_BATCH_ROWS || this.#layouts.length >= 32_768 || this.#exporters.length >= 32_768
    );
  }

  /** The index of this exporter in the batch; the same exporter gets the same index. */
  internExporter(exporter: Exporter): number {
    const key = exporterKey(exporter);
    const known = this.#exporterIndex.get(key);
    if (known !== undefined) return known;
    const index = this.#exporters.push(exporter) - 1;
    this.#exporterIndex.set(key, index);
    return index;
  }

  /** The index of this layout in the batch; equal layouts get the same index. */
  internLayout(layout: RecordLayout): number {
    const seen = this.#layoutOf.get(layout);
    if (seen !== undefined) return seen;
    const key = `${layout.templateId}:${layout.fields.join(',')}`;
    let index = this.#layoutIndex.get(key);
    if (index === undefined) {
      index = this.#layouts.push(layout) - 1;
      this.#layoutIndex.set(key, index);
    }
    this.#layoutOf.set(layout, index);
    return index;
  }

  /** Adds a datagram's header and returns its index. */
  addDatagram(header: DatagramHeader): number {
    return this.#datagrams.push(header) - 1;
  }

  /** Replaces a header, for a decoder that knows the record count only at the datagram's end. */
  setDatagram(index: number, header: DatagramHeader): void {
    this.#datagrams[index] = header;
  }

  /** Starts a row: its numbers are 0, its times NaN, its datagram NO_DATAGRAM. */
  beginRow(): number {
    if (this.#count === this.#capacity) this.#grow();
    const row = this.#count++;
    const columns = this.columns;
    columns.flowStartMilliseconds[row] = Number.NaN;
    columns.flowEndMilliseconds[row] = Number.NaN;
    columns.collectionTimeMilliseconds[row] = Number.NaN;
    columns.sourceOffset[row] = Number.NaN;
    columns.datagram[row] = NO_DATAGRAM;
    return row;
  }

  /** Starts `count` rows and returns the first; their numbers are 0 and their times NaN. */
  beginRows(count: number): number {
    const first = this.#count;
    while (first + count > this.#capacity) this.#grow();
    this.#count += count;
    const { columns } = this;
    columns.flowStartMilliseconds.fill(Number.NaN, first, this.#count);
    columns.flowEndMilliseconds.fill(Number.NaN, first, this.#count);
    columns.collectionTimeMilliseconds.fill(Number.NaN, first, this.#count);
    columns.sourceOffset.fill(Number.NaN, first, this.#count);
    columns.datagram.fill(NO_DATAGRAM, first, this.#count);
    return first;
  }

  /** Takes the last row back. */
  abandonRow(): void {
    const row = --this.#count;
    for (const name of coreColumnNames) this.columns[name][row] = 0;
    for (const extra of this.#extras.values()) {
      while (extra.rows.length > 0 && (extra.rows.at(-1) ?? 0) >= row) {
        extra.rows.pop();
        extra.values.pop();
      }
    }
  }

  /** Sets an element's value for the row that was begun last; once a name and row. */
  setExtra(name: string, row: number, value: ElementValue): void {
    const extra = this.extra(name);
    extra.rows.push(row);
    extra.values.push(value);
  }

  /** The column behind `setExtra`, for a decoder that fills the same ones row after row: push to both, rows ascending. */
  extra(name: string): { readonly rows: number[]; readonly values: ElementValue[] } {
    let extra = this.#extras.get(name);
    if (!extra) {
      extra = { rows: [], values: [] };
      this.#extras.set(name, extra);
    }
    return extra;
  }

  /** The finished batch. The builder must not be used afterwards. */
  finish(): FlowBatch {
    const columns = makeColumns(0);
    for (const name of coreColumnNames) {
      (columns as Record<CoreColumnName, ColumnArray>)[name] = this.columns[name].slice(0, this.#count);
    }
    return {
      count: this.#count,
      columns,
      addresses: this.addresses.finish(),
      extras: new Map([...this.#extras].filter(([, extra]) => extra.rows.length > 0)),
      layouts: this.#layouts,
      exporters: this.#exporters,
      datagrams: this.#datagrams,
    };
  }

  #grow(): void {
    const capacity = this.#capacity * 2;
    const grown = makeColumns(capacity);
    for (const name of coreColumnNames) grown[name].set(this.columns[name]);
    this.columns = grown;
    this.#capacity = capacity;
  }
}

/** One string per exporting process, for maps. */
export function exporterKey(exporter: Exporter): string {
  return `${exporter.address}|${exporter.port ?? ''}|${exporter.observationDomainId}`;
}

/** A batch as the store or an importer hands it to those who compare hosts: `sites[i]` is the site of `exporters[i]`. */
export interface SitedBatch extends FlowBatch {
  readonly sites: readonly string[];
}

/**
 * Rows of a kind, as the extra `_kind` has it; a row without one is a flow. `aggregate`: a sum over flows (NetFlow v8),
 * never to be counted with flows. `event`: a moment in a flow's life, told by a firewall or NAT. `sample`: one packet.
 */
export function rowsOfKind(
  { extras }: Pick<FlowBatch, 'extras'>,
  kind: 'aggregate' | 'event' | 'sample',
): ReadonlySet<number> {
  const kinds = extras.get('_kind');
  return new Set(kinds?.rows.filter((_, k) => kinds.values[k] === kind));
}
