import { describe, expect, it } from 'vitest';
import { findLoss } from '../../core/trace/loss.ts';
import { gatherRecords, type Gathered } from '../../core/trace/records.ts';
import { buildBatch, type FlowRow } from '../build/flow-chunks.ts';

const flow: FlowRow = {
  source: '192.0.2.10',
  destination: '198.51.100.20',
  sourceTransportPort: 50_000,
  destinationTransportPort: 22,
  protocolIdentifier: 6,
  flowStartMilliseconds: 1_600_000_000_000,
  flowEndMilliseconds: 1_600_000_060_000,
  packetDeltaCount: 10,
  octetDeltaCount: 1_000,
  tcpControlBits: 0x1b,
};

function gather(...rows: readonly FlowRow[]): Gathered {
  return gatherRecords([{ ...buildBatch(rows), sites: ['here'] }]);
}

/** Direction, packets, octets and flags of each record. */
function told({ records, hosts }: Gathered): string[] {
  return Array.from({ length: records.count }, (_, i) => {
    const from = `${hosts[records.source[i] ?? 0]?.address}:${records.sourcePort[i]}`;
    const to = `${hosts[records.destination[i] ?? 0]?.address}:${records.destinationPort[i]}`;
    return `${from} > ${to} ${records.packets[i]} ${records.octets[i]} ${records.flags[i]}`;
  });
}

const there = '192.0.2.10:50000 > 198.51.100.20:22 10 1000 27';

describe('the records of conversations', () => {
  it('leave aggregates out: they are sums over flows', () => {
    const extras = { _kind: 'aggregate', _aggregation: 'full-flow' };
    const gathered = gather(flow, { ...flow, extras });
    expect(told(gathered)).toEqual([there]);
    expect(gathered.left).toBe(1);
  });

  it('are two where a biflow counted both directions, over the same time', () => {
    const extras = {
      reversePacketDeltaCount: 7,
      reverseOctetDeltaCount: 70_000,
      reverseTcpControlBits: 0x12,
    };
    const gathered = gather({ ...flow, extras }, flow);
    expect(told(gathered)).toEqual([there, '198.51.100.20:22 > 192.0.2.10:50000 7 70000 18', there]);
    expect(Array.from(gathered.records.start.subarray(0, 3))).toEqual([
      1_600_000_000_000, 1_600_000_000_000, 1_600_000_000_000,
    ]);
    expect(Array.from(gathered.records.end.subarray(0, 3))).toEqual([
      1_600_000_060_000, 1_600_000_060_000, 1_600_000_060_000,
    ]);
    expect(gathered.left).toBe(0);
  });

  it('are one where the other direction was silent, and the totals of YAF serve as deltas', () => {
    const silent = { reversePacketDeltaCount: 0, reverseOctetDeltaCount: 0 };
    const totals = { reversePacketTotalCount: 3, reverseOctetTotalCount: '300' };
    expect(told(gather({ ...flow, extras: silent }))).toEqual([there]);
    expect(told(gather({ ...flow, extras: totals }))).toEqual([
      there,
      '198.51.100.20:22 > 192.0.2.10:50000 3 300 0',
    ]);
  });
});

describe('loss', () => {
  it('of sFlow is counted in datagrams', () => {
    const sequence = (version: number) => ({
      version: Uint16Array.of(version, version, version),
      sequence: Float64Array.of(10, 11, 14),
      records: Float64Array.of(5, 5, 5),
      flows: Float64Array.of(5, 5, 5),
      exportMs: Float64Array.of(1_000, 2_000, 3_000),
    });
    expect(findLoss(sequence(105))).toEqual({ windows: [2_000, 3_000], units: 2, datagrams: 3 });
  });
});
