/** What is known of one host. */
import { describe, expect, it } from 'vitest';
import type { SitedBatch } from '../../core/model/flow-batch.ts';
import { hostKernel, type HostQuestion } from '../../core/query/host-summary.ts';
import { buildBatch, seededRandom, type FlowRow } from '../build/flow-chunks.ts';
import { runKernel } from './run-kernel.ts';

const T0 = Date.UTC(2026, 10, 20, 12);
const HOST = '198.51.100.7';
const PEER = '203.0.113.9';

const flow = (
  source: string,
  ports: readonly [number, number],
  destination: string,
  more: FlowRow = {},
): FlowRow => ({
  source,
  destination,
  sourceTransportPort: ports[0],
  destinationTransportPort: ports[1],
  protocolIdentifier: 6,
  flowStartMilliseconds: T0,
  flowEndMilliseconds: T0 + 1000,
  packetDeltaCount: 10,
  octetDeltaCount: 1000,
  ...more,
});

const sited = (rows: readonly FlowRow[]): SitedBatch => {
  const batch = buildBatch(rows);
  return { ...batch, sites: batch.exporters.map(({ address }) => address) };
};

const ask = (rows: readonly FlowRow[], more: Partial<HostQuestion> = {}) =>
  runKernel(hostKernel, { address: HOST, ...more }, [sited(rows)]);

it('sums what a host sent and received, from first to last', () => {
  const { answer } = ask([
    flow(HOST, [45_000, 443], PEER),
    flow(PEER, [443, 45_000], HOST, { octetDeltaCount: 9000, flowEndMilliseconds: T0 + 5000 }),
    flow(PEER, [443, 45_001], '192.0.2.99'),
  ]);
  expect(answer).toMatchObject({
    address: HOST,
    site: null,
    firstMs: T0,
    lastMs: T0 + 5000,
    sent: { flows: 1, packets: 10, bytes: 1000 },
    received: { flows: 1, packets: 10, bytes: 9000 },
    peers: 1,
  });
});

it('names the peers it exchanged most with, and counts all', () => {
  const rows = Array.from({ length: 15 }, (_, i) =>
    flow(HOST, [45_000, 443], `203.0.113.${i}`, { octetDeltaCount: 100 * (i + 1) }),
  );
  const { answer } = ask(rows);
  expect(answer.peers).toBe(15);
  expect(answer.topPeers).toHaveLength(10);
  expect(answer.topPeers[0]).toEqual({
    key: ['203.0.113.14'],
    flows: 1,
    packets: 10,
    bytes: 1500,
    firstMs: T0,
    lastMs: T0 + 1000,
  });
});

describe('services', () => {
  const keys = (rows: readonly { readonly key: readonly string[] }[]): string[] =>
    rows.map(({ key }) => key.join(' '));

  it('are offered where the host answered from the port, and used where it went to one', () => {
    const { answer } = ask([
      flow(PEER, [50_000, 22], HOST),
      flow(HOST, [22, 50_000], PEER),
      flow(HOST, [45_000, 53], PEER, { protocolIdentifier: 17 }),
    ]);
    expect(keys(answer.servicesOffered)).toEqual(['TCP/22']);
    expect(answer.servicesOffered[0]).toMatchObject({ flows: 2, packets: 20, bytes: 2000 });
    expect(keys(answer.servicesUsed)).toEqual(['UDP/53']);
  });

  it('are not offered because somebody knocked', () => {
    const { answer } = ask(Array.from({ length: 100 }, (_, port) => flow(PEER, [50_000, port], HOST)));
    expect(answer.servicesOffered).toEqual([]);
    expect(answer.received.flows).toBe(100);
  });

  it('are none of flows between two high ports, nor between two known ones, nor of ICMP', () => {
    const { answer } = ask([
      flow(HOST, [45_000, 45_001], PEER),
      flow(HOST, [53, 53], PEER, { protocolIdentifier: 17 }),
      flow(HOST, [0, 0x0800], PEER, { protocolIdentifier: 1 }),
    ]);
    expect([...answer.servicesOffered, ...answer.servicesUsed]).toEqual([]);
  });
});

it('counts a record of both directions as two', () => {
  const extras = { reversePacketDeltaCount: 3, reverseOctetDeltaCount: 333 };
  const { answer } = ask([flow(PEER, [50_000, 22], HOST, { extras })]);
  expect(answer.sent).toEqual({ flows: 1, packets: 3, bytes: 333 });
  expect(answer.received).toEqual({ flows: 1, packets: 10, bytes: 1000 });
  expect(answer.servicesOffered.map(({ key }) => key)).toEqual([['TCP/22']]);
});

it('tells hosts of one private address at several sites apart, or says that it did not', () => {
  const rows = ['192.0.2.1', '192.0.2.2'].map((exporterAddress) =>
    flow('10.0.0.5', [45_000, 443], PEER, { exporterAddress }),
  );
  const both = ask(rows, { address: '10.0.0.5' });
  expect(both.answer).toMatchObject({ site: null, sent: { flows: 2 } });
  expect(both.notes).toEqual([
    '10.0.0.5 is an address at 2 sites (192.0.2.1, 192.0.2.2), perhaps of as many hosts: name one of them.',
  ]);
  const one = ask(rows, { address: '10.0.0.5', site: '192.0.2.2' });
  expect(one.answer).toMatchObject({ site: '192.0.2.2', sent: { flows: 1 } });
  expect(one.notes).toEqual([]);
});

it('knows IPv6 hosts, and nothing of a host that was never seen', () => {
  const rows = [flow('2001:db8::7', [45_000, 443], '2001:db8::9')];
  expect(ask(rows, { address: '2001:db8:0::7' }).answer).toMatchObject({ peers: 1, sent: { flows: 1 } });
  expect(ask(rows).answer).toMatchObject({ peers: 0, firstMs: null, lastMs: null, topPeers: [] });
});

it('refuses what is no address', () => {
  expect(() => ask([], { address: 'example.org' })).toThrow(
    '"example.org" is no address: write 192.0.2.1 or 2001:db8::1.',
  );
});

it('answers the same however the flows are shared', () => {
  const random = seededRandom(11);
  const batches = Array.from({ length: 5 }, () =>
    sited(
      Array.from({ length: 300 }, (): FlowRow => {
        const peer = `203.0.113.${random() % 40}`;
        const ports = [random() % 100, 40_000 + (random() % 10)] as const;
        const more = { octetDeltaCount: random() % 1000, flowStartMilliseconds: T0 - (random() % 9999) };
        return random() % 2 === 0 ? flow(HOST, ports, peer, more) : flow(peer, ports, HOST, more);
      }),
    ),
  );
  const all = runKernel(hostKernel, { address: HOST }, batches).answer;
  const shares = [[4, 1], [0], [], [3, 2]];
  expect(runKernel(hostKernel, { address: HOST }, batches, { shares }).answer).toEqual(all);
});
