/**
 * The neutral form of records that came without a datagram: flow-tools records and lines of text. Their layouts name all
 * that is printed, in order; `_kind` comes before, `_startMs`, `_endMs` and `_receivedMs` behind, where
 * they are known.
 */
import type { ElementValue, FlowBatch } from '../model/flow-batch.ts';
import { coreValue, ExtraReader } from './neutral-values.ts';

/** The rows of such a batch, in order; `firstNumber` is `_n` of the first. */
export function* flowRecords(batch: FlowBatch, firstNumber: number): Generator<Record<string, ElementValue>> {
  const extras = new ExtraReader(batch);
  const { columns } = batch;
  for (let row = 0; row < batch.count; row++) {
    const record: Record<string, ElementValue> = {
      _n: firstNumber + row,
      _kind: extras.at('_kind', row) ?? 'flow',
    };
    for (const name of batch.layouts[columns.layout[row] ?? 0]?.fields ?? []) {
      const value = extras.at(name, row) ?? coreValue(batch, name, row);
      if (value !== undefined) record[name] = value;
    }
    const start = columns.flowStartMilliseconds[row] ?? Number.NaN;
    const end = columns.flowEndMilliseconds[row] ?? Number.NaN;
    if (!Number.isNaN(start)) record['_startMs'] = Math.floor(start);
    if (!Number.isNaN(end)) record['_endMs'] = Math.floor(end);
    const received = columns.collectionTimeMilliseconds[row] ?? Number.NaN;
    if (!Number.isNaN(received)) record['_receivedMs'] = Math.floor(received);
    yield record;
  }
}
