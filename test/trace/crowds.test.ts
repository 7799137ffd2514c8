/** More logins than are scored one by one: an index lists those worth it, crowds are cut, and the answer says so. */
import { describe, expect, it } from 'vitest';
import { FlowBatchBuilder, NO_DATAGRAM, type SitedBatch } from '../../core/model/flow-batch.ts';
import type { TraceResult } from '../../core/model/trace-result.ts';
import { buildConnections } from '../../core/trace/connections.ts';
import { gatherRecords } from '../../core/trace/records.ts';
import { traceBack } from '../../core/trace/trace.ts';
import { groupTwins } from '../../core/trace/twins.ts';
import { exporter, host, makeChain, MINUTE, NOON, pathText, wholeChain } from '../build/made-chain.ts';

const quad = (text: string): Uint8Array => Uint8Array.from(text.split('.'), Number);

/** Logins of clients 198.18.0.0 and on into a server, all of which speak at the same times. */
function crowd(logins: number, server: string, times: readonly number[]): SitedBatch {
  const builder = new FlowBatchBuilder();
  const number = builder.internExporter({ address: exporter(0), port: 2055, observationDomainId: 1 });
  const destination = builder.addresses.intern(quad(server));
  for (let i = 0; i < logins; i++) {
    const source = builder.addresses.intern(Uint8Array.of(198, 18, i >> 8, i & 255));
    for (const time of times) {
      const row = builder.beginRow();
      const { columns } = builder;
      columns.exporter[row] = number;
      columns.datagram[row] = NO_DATAGRAM;
      columns.flowStartMilliseconds[row] = time;
      columns.flowEndMilliseconds[row] = time + 1000;
      columns.sourceAddress[row] = source;
      columns.sourceTransportPort[row] = 40_000;
      columns.destinationAddress[row] = destination;
      columns.destinationTransportPort[row] = 22;
      columns.protocolIdentifier[row] = 6;
      columns.packetDeltaCount[row] = 30;
      columns.octetDeltaCount[row] = 2400;
    }
  }
  return { ...builder.finish(), sites: [exporter(0)] };
}

const MANY = 20_500;
const chain = makeChain({ seed: 3, hops: 3, minutes: 14 });
const batch = chain.world.batch();
const beats = [NOON + 3 * MINUTE, NOON + 4 * MINUTE, NOON + 5 * MINUTE];
const hopsOf = ({ paths }: TraceResult) =>
  paths[0]?.hops.map(({ evidence }) => evidence && [evidence.scoreNats, evidence.matched, evidence.lagMs]);

describe('a chain among more logins than are scored one by one', () => {
  const few = traceBack([batch, crowd(10, '198.18.200.1', [NOON + 3 * MINUTE])], chain.question);
  const many = traceBack([batch, crowd(MANY, '198.18.200.1', [NOON + 3 * MINUTE])], chain.question);

  it('is the same with the index and without', () => {
    expect(pathText(few)).toEqual(wholeChain(3));
    expect(pathText(many)).toEqual(wholeChain(3));
    expect(hopsOf(many)?.map((hop) => hop?.[1])).toEqual(hopsOf(few)?.map((hop) => hop?.[1]));
  });

  it('is said to have been searched by an index', () => {
    expect(many.notes.filter((note) => note.includes('were searched by an index'))).toHaveLength(1);
    expect(few.notes.filter((note) => note.includes('were searched by an index'))).toEqual([]);
  });
});

describe('a crowd on one beat', () => {
  it('that entered a host of the chain is cut to those that agree best, which is said, and hides nothing', () => {
    const result = traceBack([batch, crowd(MANY, host(2), beats)], chain.question);
    expect(pathText(result)).toEqual(wholeChain(3));
    expect(result.notes.filter((note) => note.includes(`logins entered ${host(2)}: only the`))).toHaveLength(
      1,
    );
    expect(result.candidates.length).toBeLessThan(2000);
  });

  it('is as many logins as connections, however alike', () => {
    const gathered = gatherRecords([crowd(3000, host(2), beats)]);
    const connections = buildConnections(gathered);
    expect(connections.count).toBe(3000);
    expect(groupTwins(gathered, connections).count).toBe(3000);
  });
});
