/** Single stored rows as objects for the screen. */
import {
  NO_DATAGRAM,
  SFLOW_5,
  type CoreColumnName,
  type ElementValue,
  type FlowBatch,
} from '../../model/flow-batch.ts';
import type { FlowDetail, FlowRow, RecordKind } from '../../model/query.ts';
import type { StoredBatch } from '../../store/segment-reader.ts';

/** What finds a row again: day, source, chunk of the source, row of the chunk. */
export interface RowReference {
  readonly day: string;
  readonly source: number;
  readonly ordinal: number;
  readonly row: number;
}

export function rowId({ day, source, ordinal }: Omit<RowReference, 'row'>, row: number): string {
  return `${day}/${source}/${ordinal}/${row}`;
}

/** The reference again; undefined for text that is none. */
export function parseRowId(id: string): RowReference | undefined {
  const [, day, source, ordinal, row] =
    /^([\d-]{10}|undated)\/(\d{1,12})\/(\d{1,12})\/(\d{1,9})$/.exec(id) ?? [];
  if (day === undefined) return undefined;
  return { day, source: Number(source), ordinal: Number(ordinal), row: Number(row) };
}

export function describeRow(batch: StoredBatch, row: number, id: string): FlowRow {
  const { columns, addresses } = batch;
  const exporter = columns.exporter[row] ?? 0;
  const { address = '', port = null, observationDomainId = 0 } = batch.exporters[exporter] ?? {};
  const counter = (name: CoreColumnName): number | string | null => {
    const value = exactValue(batch, name, row);
    return typeof value === 'number' || typeof value === 'string' ? value : null;
  };
  return {
    id,
    kind: kindOf(batch, row),
    startMs: timeOf(columns.flowStartMilliseconds[row]),
    endMs: timeOf(columns.flowEndMilliseconds[row]),
    protocol: columns.protocolIdentifier[row] ?? 0,
    source: addresses.text(columns.sourceAddress[row] ?? 0),
    sourcePort: columns.sourceTransportPort[row] ?? 0,
    destination: addresses.text(columns.destinationAddress[row] ?? 0),
    destinationPort: columns.destinationTransportPort[row] ?? 0,
    tcpFlags: columns.tcpControlBits[row] ?? 0,
    tos: columns.ipClassOfService[row] ?? 0,
    packets: counter('packetDeltaCount'),
    bytes: counter('octetDeltaCount'),
    inputInterface: columns.ingressInterface[row] ?? 0,
    outputInterface: columns.egressInterface[row] ?? 0,
    sourceAs: columns.bgpSourceAsNumber[row] ?? 0,
    destinationAs: columns.bgpDestinationAsNumber[row] ?? 0,
    exporter: address,
    exporterPort: port,
    observationDomainId,
    site: batch.sites[exporter] ?? '',
  };
}

/** The row with every element its record carried; `sourceName` is the file or collection it came from. */
export function detailRow(batch: StoredBatch, row: number, id: string, sourceName: string): FlowDetail {
  const { columns } = batch;
  const header = batch.datagrams[columns.datagram[row] ?? NO_DATAGRAM];
  const offset = columns.sourceOffset[row] ?? Number.NaN;
  const fields = batch.layouts[columns.layout[row] ?? 0]?.fields ?? [];
  const further = [...batch.extras.keys()].filter((name) => !fields.includes(name));
  return {
    flow: describeRow(batch, row, id),
    elements: [...fields, ...further].flatMap((name) => {
      const value = elementOf(batch, name, row);
      return value === undefined ? [] : [{ name, value: textOf(value) }];
    }),
    source: { name: sourceName, offset: Number.isNaN(offset) ? null : offset },
    datagram: header
      ? {
          version: versionName(header.version),
          sequenceNumber: header.sequenceNumber,
          exportTimeMs: header.exportTime,
          receivedMs: header.received,
          sysUpTimeMs: header.sysUpTime,
        }
      : null,
  };
}

function versionName(version: number): string {
  if (version === SFLOW_5) return 'sFlow 5';
  return version === 10 ? 'IPFIX' : `NetFlow ${version}`;
}

function timeOf(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

function kindOf({ extras }: FlowBatch, row: number): RecordKind {
  const kind = valueAt(extras.get('_kind'), row);
  return kind === 'event' || kind === 'sample' || kind === 'aggregate' ? kind : 'flow';
}

/** What was exported exactly; a core column may not hold it. */
function exactValue(batch: FlowBatch, name: CoreColumnName, row: number): ElementValue | undefined {
  const exact = valueAt(batch.extras.get(name), row);
  return exact === undefined ? batch.columns[name][row] : exact;
}

/** Undefined where the row has none; `null` is a value. */
function valueAt(extra: ReturnType<FlowBatch['extras']['get']>, row: number): ElementValue | undefined {
  if (!extra) return undefined;
  let low = 0;
  for (let high = extra.rows.length; low < high;) {
    const middle = (low + high) >>> 1;
    if ((extra.rows[middle] ?? 0) < row) low = middle + 1;
    else high = middle;
  }
  return extra.rows[low] === row ? (extra.values[low] ?? null) : undefined;
}

const addressColumns: Readonly<Record<string, 'sourceAddress' | 'destinationAddress'>> = {
  sourceIPv4Address: 'sourceAddress',
  sourceIPv6Address: 'sourceAddress',
  destinationIPv4Address: 'destinationAddress',
  destinationIPv6Address: 'destinationAddress',
};

function elementOf(batch: FlowBatch, name: string, row: number): ElementValue | undefined {
  const address = addressColumns[name];
  if (address) return batch.addresses.text(batch.columns[address][row] ?? 0);
  if (name in batch.columns) return exactValue(batch, name as CoreColumnName, row);
  return valueAt(batch.extras.get(name), row);
}

function textOf(value: ElementValue): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
