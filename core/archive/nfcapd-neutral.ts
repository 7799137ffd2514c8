/**
 * The neutral form of an nfcapd record: what `nfdump -o json` 1.7.1 prints, renamed to information elements.
 *
 * It differs from the form of a record that came in a datagram: there is no header, times are `_startMs`, `_endMs` and
 * `_receivedMs` with 0 for "unknown", `_exporter` stands where the record itself names it, and `_kind` is `flow` or
 * `event`.
 */
import type { ElementValue, ExtraColumn, FlowBatch } from '../model/flow-batch.ts';

/** Kept in the batch, and not printed by nfdump 1.7.1. */
const unprinted: ReadonlySet<string> = new Set(['biflowDirection', 'flowEndReason']);

/** nfdump prints these numbers in quotes. */
const quoted: ReadonlySet<string> = new Set(['ingressVRFID', 'egressVRFID']);

const numberColumns = [
  'packetDeltaCount',
  'octetDeltaCount',
  'protocolIdentifier',
  'tcpControlBits',
  'sourceTransportPort',
  'destinationTransportPort',
  'ipClassOfService',
  'ingressInterface',
  'egressInterface',
  'bgpSourceAsNumber',
  'bgpDestinationAsNumber',
] as const;

type NumberColumn = (typeof numberColumns)[number];

const isNumberColumn = (name: string): name is NumberColumn =>
  (numberColumns as readonly string[]).includes(name);

/** The rows of a batch that came from an nfcapd file, in order; `firstNumber` is `_n` of the first. */
export function* nfcapdRecords(
  batch: FlowBatch,
  firstNumber: number,
): Generator<Record<string, ElementValue>> {
  for (let row = 0; row < batch.count; row++) yield nfcapdRecord(batch, row, firstNumber + row);
}

function nfcapdRecord(batch: FlowBatch, row: number, number: number): Record<string, ElementValue> {
  const { columns } = batch;
  const time = (value: number | undefined): number => (Number.isNaN(value) ? 0 : (value ?? 0));
  const record: Record<string, ElementValue> = {
    _n: number,
    _kind: extraAt(batch.extras.get('_kind'), row) ?? 'flow',
  };
  const sampled = extraAt(batch.extras.get('_sampled'), row);
  if (sampled !== undefined) record['_sampled'] = sampled;
  record['_startMs'] = time(columns.flowStartMilliseconds[row]);
  record['_endMs'] = time(columns.flowEndMilliseconds[row]);
  record['_receivedMs'] = time(columns.collectionTimeMilliseconds[row]);
  for (const name of batch.layouts[columns.layout[row] ?? 0]?.fields ?? []) {
    if (unprinted.has(name)) continue;
    const value = extraAt(batch.extras.get(name), row) ?? coreValue(batch, name, row);
    if (value !== undefined) record[name] = quoted.has(name) ? JSON.stringify(value) : value;
  }
  return record;
}

function coreValue(batch: FlowBatch, name: string, row: number): ElementValue | undefined {
  const { columns } = batch;
  if (isNumberColumn(name)) return columns[name][row];
  switch (name) {
    case 'sourceIPv4Address':
    case 'sourceIPv6Address':
      return batch.addresses.text(columns.sourceAddress[row] ?? 0);
    case 'destinationIPv4Address':
    case 'destinationIPv6Address':
      return batch.addresses.text(columns.destinationAddress[row] ?? 0);
    case '_exporter':
      return batch.exporters[columns.exporter[row] ?? 0]?.address;
    default:
      return undefined;
  }
}

/** The value of a sparse column at a row, by bisection. */
function extraAt(extra: ExtraColumn | undefined, row: number): ElementValue | undefined {
  if (!extra) return undefined;
  let low = 0;
  let high = extra.rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((extra.rows[middle] ?? 0) < row) low = middle + 1;
    else high = middle;
  }
  return extra.rows[low] === row ? extra.values[low] : undefined;
}
