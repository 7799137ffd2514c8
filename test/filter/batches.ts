/** Small random batches, and summaries of them as the store makes them. */
import type { SegmentSummary } from '../../core/model/segment-summary.ts';
import { parseAddress } from '../../core/model/address.ts';
import { FlowBatchBuilder, type SitedBatch } from '../../core/model/flow-batch.ts';
import type { Chance } from './random-filter.ts';

export const hosts = ['10.0.0.1', '10.0.0.2', '10.1.0.9', '192.0.2.7', '2001:db8::1', '2001:db8:1::2'];

/** Flows between `hosts` with few different values, so that random filters hit and miss. */
export function randomBatch(next: Chance, rows: number): SitedBatch {
  const builder = new FlowBatchBuilder();
  const exporter = builder.internExporter({ address: '192.0.2.1', port: 9995, observationDomainId: 258 });
  const some = hosts.filter(() => next.below(2) === 0);
  const address = (): number =>
    builder.addresses.intern(parseAddress(next.of(['10.9.9.9', ...some])) as Uint8Array);
  const size = 10 ** next.below(6);
  for (let i = 0; i < rows; i++) {
    const row = builder.beginRow();
    const { columns } = builder;
    columns.sourceAddress[row] = address();
    columns.destinationAddress[row] = address();
    columns.sourceTransportPort[row] = next.of([22, 53, 80, 50_000]);
    columns.destinationTransportPort[row] = next.of([22, 53, 443]);
    columns.protocolIdentifier[row] = next.of([1, 6, 6, 17]);
    columns.tcpControlBits[row] = next.below(64);
    columns.octetDeltaCount[row] = next.below(size);
    columns.packetDeltaCount[row] = next.below(20);
    columns.exporter[row] = exporter;
    if (next.below(4) > 0) {
      columns.flowStartMilliseconds[row] = 1000 + next.below(100);
      columns.flowEndMilliseconds[row] = 1100 + next.below(100);
    }
    if (next.below(20) === 0) {
      columns.octetDeltaCount[row] = 2 ** 64;
      builder.setExtra('octetDeltaCount', row, '18446744073709551615');
    }
    if (next.below(3) === 0) builder.setExtra('vlanId', row, next.below(3));
  }
  return { ...builder.finish(), sites: ['DE'] };
}

export function summaryOf(batch: SitedBatch): SegmentSummary {
  const { columns, addresses } = batch;
  const extent = (values: Float64Array): [number | null, number | null] => {
    const known = [...values].filter((value) => !Number.isNaN(value));
    return known.length === 0 ? [null, null] : [Math.min(...known), Math.max(...known)];
  };
  const [minStart, maxStart] = extent(columns.flowStartMilliseconds);
  const [minEnd, maxEnd] = extent(columns.flowEndMilliseconds);
  const [minOctets, maxOctets] = extent(columns.octetDeltaCount);
  const [minPackets, maxPackets] = extent(columns.packetDeltaCount);
  return {
    rows: batch.count,
    minStart,
    maxStart,
    minEnd,
    maxEnd,
    minOctets,
    maxOctets,
    minPackets,
    maxPackets,
    protocols: [...new Set(columns.protocolIdentifier)],
    mayHoldPort: (first, last = first) =>
      [...columns.sourceTransportPort, ...columns.destinationTransportPort].some(
        (port) => port >= first && port <= last,
      ),
    mayHoldAddress: (address) => addresses.find(address) !== undefined,
  };
}
