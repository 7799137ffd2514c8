/**
 * The neutral form of an nfcapd record: what `nfdump -o json` 1.7.1 prints, renamed to information elements.
 *
 * It differs from the form of a record that came in a datagram: there is no header, times are `_startMs`, `_endMs` and
 * `_receivedMs` with 0 for "unknown", `_exporter` stands where the record itself names it, and `_kind` is `flow` or
 * `event`.
 */
import type { ElementValue, FlowBatch } from '../model/flow-batch.ts';
import { coreValue, ExtraReader } from './neutral-values.ts';

/** Kept in the batch, and not printed by nfdump 1.7.1. */
const unprinted: ReadonlySet<string> = new Set(['biflowDirection', 'flowEndReason']);

/** nfdump prints these numbers in quotes. */
const quoted: ReadonlySet<string> = new Set(['ingressVRFID', 'egressVRFID']);

/** The rows of a batch that came from an nfcapd file, in order; `firstNumber` is `_n` of the first. */
export function* nfcapdRecords(
  batch: FlowBatch,
  firstNumber: number,
): Generator<Record<string, ElementValue>> {
  const extras = new ExtraReader(batch);
  for (let row = 0; row < batch.count; row++) yield nfcapdRecord(batch, extras, row, firstNumber + row);
}

function nfcapdRecord(
  batch: FlowBatch,
  extras: ExtraReader,
  row: number,
  number: number,
): Record<string, ElementValue> {
  const { columns } = batch;
  const time = (value: number | undefined): number => (Number.isNaN(value) ? 0 : (value ?? 0));
  const record: Record<string, ElementValue> = {
    _n: number,
    _kind: extras.at('_kind', row) ?? 'flow',
  };
  const sampled = extras.at('_sampled', row);
  if (sampled !== undefined) record['_sampled'] = sampled;
  record['_startMs'] = time(columns.flowStartMilliseconds[row]);
  record['_endMs'] = time(columns.flowEndMilliseconds[row]);
  record['_receivedMs'] = time(columns.collectionTimeMilliseconds[row]);
  for (const name of batch.layouts[columns.layout[row] ?? 0]?.fields ?? []) {
    if (unprinted.has(name)) continue;
    const value = extras.at(name, row) ?? coreValue(batch, name, row);
    if (value !== undefined) record[name] = quoted.has(name) ? JSON.stringify(value) : value;
  }
  return record;
}
