/** The router's summary: protocols and services, packet sizes, durations, flow sizes. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { SitedBatch } from '../../core/model/flow-batch.ts';
import { serviceNames, serviceRow } from '../../core/query/distribution-services.ts';
import { distributionKernel } from '../../core/query/distribution.ts';
import { read } from '../archive/run.ts';
import { buildBatch, buildChunk, type FlowRow } from '../build/flow-chunks.ts';
import { describeShared, describeWith, sharedPath } from '../support.ts';
import { help, runKernel } from './run-kernel.ts';

const T0 = Date.UTC(2026, 10, 20, 12);

const sited = (rows: readonly FlowRow[]): SitedBatch => ({ ...buildBatch(rows), sites: ['plant'] });

const flow = (packets: number, bytes: number, ms: number, more: FlowRow = {}): FlowRow => ({
  protocolIdentifier: 6,
  sourceTransportPort: 45_000,
  destinationTransportPort: 22,
  flowStartMilliseconds: T0,
  flowEndMilliseconds: T0 + ms,
  packetDeltaCount: packets,
  octetDeltaCount: bytes,
  ...more,
});

const ask = (rows: readonly FlowRow[], seconds = 100) =>
  runKernel(distributionKernel, {}, [sited(rows)], {
    help: { ...help, range: { start: T0, end: T0 + seconds * 1000 } },
  }).answer;

it('counts a service by its port, on whichever side it is', () => {
  const name = (...flow: readonly [number, number, number]): string =>
    serviceNames[serviceRow(...flow)] ?? '';
  expect(name(6, 45_000, 22)).toBe('TCP-SSH');
  expect(name(6, 22, 45_000)).toBe('TCP-SSH');
  expect(name(6, 23, 443)).toBe('TCP-HTTPS');
  expect(name(6, 45_000, 45_001)).toBe('TCP-other');
  expect(name(17, 53, 45_000)).toBe('UDP-DNS');
  expect(name(17, 22, 0)).toBe('UDP-other');
  expect(name(1, 0, 0x0800)).toBe('ICMP');
  expect(name(47, 0, 0)).toBe('GRE');
  expect(name(200, 0, 0)).toBe('IP-other');
});

it("has the router's figures of each protocol, over the time looked at", () => {
  const { protocols, total } = ask([
    flow(10, 1000, 2000),
    flow(30, 5000, 4000),
    flow(1, 60, 0, { protocolIdentifier: 17 }),
  ]);
  expect(total).toEqual({ flows: 3, packets: 41, bytes: 6060 });
  expect(protocols).toEqual([
    {
      name: 'TCP-SSH',
      flows: 2,
      packets: 40,
      bytes: 6000,
      flowsPerSecond: 0.02,
      packetsPerFlow: 20,
      bytesPerPacket: 150,
      packetsPerSecond: 0.4,
      activeSecondsPerFlow: 3,
    },
    {
      name: 'UDP-other',
      flows: 1,
      packets: 1,
      bytes: 60,
      flowsPerSecond: 0.01,
      packetsPerFlow: 1,
      bytesPerPacket: 60,
      packetsPerSecond: 0.01,
      activeSecondsPerFlow: 0,
    },
  ]);
});

it('spreads packets by their mean size, and flows by packets and by time', () => {
  const answer = ask([flow(10, 640, 0), flow(5, 325, 100), flow(1, 9000, 3_600_000)]);
  const filled = <T extends { packets?: number; flows?: number }>(rows: readonly T[]): T[] =>
    rows.filter(({ packets = 0, flows = 0 }) => packets + flows > 0);
  expect(filled(answer.packetSizes)).toEqual([
    { upTo: 64, packets: 10 },
    { upTo: 96, packets: 5 },
    { upTo: null, packets: 1 },
  ]);
  expect(filled(answer.flowSizes)).toEqual([
    { upToPackets: 1, flows: 1 },
    { upToPackets: 5, flows: 1 },
    { upToPackets: 10, flows: 1 },
  ]);
  expect(filled(answer.durations)).toEqual([
    { upToMs: 0, flows: 1 },
    { upToMs: 100, flows: 1 },
    { upToMs: null, flows: 1 },
  ]);
});

it('multiplies the counters by the scale, and not the flows', () => {
  const accumulator = distributionKernel.begin({}, help, undefined);
  accumulator.add({
    batch: sited([flow(10, 640, 0)]),
    rows: undefined,
    scale: Float64Array.of(100),
    segment: 0,
  });
  const conclusion = distributionKernel.conclude({}, [accumulator.finish()], help, undefined);
  expect(conclusion).toMatchObject({ answer: { total: { flows: 1, packets: 1000, bytes: 64_000 } } });
});

it('counts the chosen rows alone', () => {
  const accumulator = distributionKernel.begin({}, help, undefined);
  const batch = sited([flow(1, 60, 0), flow(2, 60, 0), flow(3, 60, 0)]);
  accumulator.add({ batch, rows: Uint32Array.of(0, 2), scale: undefined, segment: 0 });
  const conclusion = distributionKernel.conclude({}, [accumulator.finish()], help, undefined);
  expect(conclusion).toMatchObject({ answer: { total: { flows: 2, packets: 4, bytes: 120 } } });
});

it('answers the same however the flows are shared, and of nothing with nothing', () => {
  const batches = [0, 1, 2, 3].map((ordinal) => ({
    ...buildChunk(5, ordinal, 300).batch,
    sites: ['a', 'b', 'c'],
  }));
  const all = runKernel(distributionKernel, {}, batches).answer;
  expect(runKernel(distributionKernel, {}, batches, { shares: [[3, 0], [], [2, 1]] }).answer).toEqual(all);
  expect(runKernel(distributionKernel, {}, []).answer.total).toEqual({ flows: 0, packets: 0, bytes: 0 });
});

describeShared('flows of an internet provider', () => {
  describeWith('nfdump', 'counted by nfdump', () => {
    it('have the same flows, packets and bytes of each protocol', () => {
      const path = sharedPath('corpus', 'nfcapd', 'v2-isp-20k-none.nfcapd') ?? '';
      const batches = read(readFileSync(path)).chunks.map(({ batch }) => ({ ...batch, sites: ['isp'] }));
      const { protocols, total } = runKernel(distributionKernel, {}, batches).answer;
      const { stdout } = spawnSync('nfdump', ['-r', path, '-I'], { encoding: 'utf8' });
      const told = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(stdout)?.[1]);
      const sum = (prefix: string, what: 'flows' | 'packets' | 'bytes'): number =>
        protocols.filter(({ name }) => name.startsWith(prefix)).reduce((all, row) => all + row[what], 0);
      for (const prefix of ['TCP', 'UDP', 'ICMP']) {
        const name = prefix.toLowerCase();
        expect([sum(prefix, 'flows'), sum(prefix, 'packets'), sum(prefix, 'bytes')]).toEqual([
          told(`Flows_${name}`),
          told(`Packets_${name}`),
          told(`Bytes_${name}`),
        ]);
      }
      expect(total).toEqual({ flows: told('Flows'), packets: told('Packets'), bytes: told('Bytes') });
    });
  });
});
