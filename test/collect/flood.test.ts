import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { ipfix, template10, templates10 } from '../build/ipfix.ts';
import { data, netflow5, netflow9, template9, templates9 } from '../build/netflow.ts';
import { u16 } from '../build/octets.ts';
import { makeReceiver, NO_BACKLOG } from './receiver.ts';

/** A forged address for every number. */
const forged = (i: number): { address: string; port: number } => ({
  address: `203.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`,
  port: 1024 + (i % 50_000),
});

/** Megabytes that live objects take after `work`, more than before. */
function growth(work: () => void): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage();
  work();
  // Buffers are given back a collection later than the objects that held them.
  collect();
  collect();
  const after = process.memoryUsage();
  return (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / 1e6;
}

describe('a flood of forged datagrams', () => {
  const limits = { maxNewExporters: 2000, maxPortsPerAddress: 8, maxAccounts: 500 };

  it('with new exporters fills neither memory nor the catalogue; known exporters go on', () => {
    const honest = { address: '192.0.2.1', port: 4000, observationDomainId: 0 };
    let flows = 0;
    const { receiver } = makeReceiver({
      limits,
      known: [honest],
      onChunk: ({ batch }) => (flows += batch.count),
    });
    const payload = netflow5({ seconds: 1_790_000_000 }, [{ packets: 1 }]);
    const grown = growth(() => {
      for (let i = 0; i < 100_000; i++) receiver.datagram(payload, forged(i));
      receiver.flush();
    });
    const status = receiver.status([], NO_BACKLOG);
    expect(status.exporterCount).toBe(500);
    expect(status.exportersEvicted).toBe(1500);
    expect(status.refusedExporters).toBe(98_000);
    expect(grown).toBeLessThan(20);
    receiver.datagram(payload, honest);
    receiver.flush();
    expect(flows).toBe(2001);
  });

  it('with templates of many domains keeps a bounded number, and counts what it forgets', () => {
    const { receiver } = makeReceiver({
      onChunk: () => undefined,
      limits: { ...limits, maxNewExporters: 1e6, decoder: { maxExporters: 256, maxFields: 8192 } },
    });
    const grown = growth(() => {
      for (let i = 0; i < 40_000; i++) {
        const set = templates10(
          template10(256 + (i % 1000), ...Array.from({ length: 20 }, (_, k) => [(k + i) % 400, 4] as const)),
        );
        receiver.datagram(ipfix({ domain: i }, set), { address: '192.0.2.66', port: 5 });
        if (i % 1000 === 0) receiver.flush();
      }
      receiver.flush();
    });
    const status = receiver.status([], NO_BACKLOG);
    expect(status.issues.evicted ?? 0).toBeGreaterThan(30_000);
    expect(receiver.exportTemplates().length).toBeLessThanOrEqual(8192 / 20 + 1);
    expect(grown).toBeLessThan(60);
  });

  it('with data whose template never comes keeps a bounded part of it', () => {
    const { receiver } = makeReceiver({ onChunk: () => undefined });
    const payload = (i: number): Uint8Array =>
      netflow9({ sourceId: i % 50 }, data(400 + (i % 100), [new Uint8Array(1200)]));
    const grown = growth(() => {
      for (let i = 0; i < 50_000; i++) {
        receiver.datagram(payload(i), forged(i % 300));
        if (i % 1000 === 0) receiver.flush();
      }
      receiver.flush();
    });
    expect(receiver.status([], NO_BACKLOG).issues.evicted ?? 0).toBeGreaterThan(10_000);
    expect(grown).toBeLessThan(60);
  });

  it('of noise keeps the latest faults with their bytes, not all of them', () => {
    const { receiver } = makeReceiver({ onChunk: () => undefined });
    const grown = growth(() => {
      for (let i = 0; i < 50_000; i++) {
        receiver.datagram(new Uint8Array(1400).fill(i), forged(i % 100));
        if (i % 1000 === 0) receiver.flush();
      }
      receiver.flush();
    });
    const kept = receiver.keptIssues();
    expect(kept).toHaveLength(256);
    expect(kept.at(-1)).toMatchObject({ address: forged(49_999 % 100).address });
    expect(receiver.status([], NO_BACKLOG).issues['unknown-version']).toBeGreaterThan(49_000);
    expect(grown).toBeLessThan(20);
  });

  it('of source ports from one address is one exporter: some exporters change it all the time', () => {
    const { receiver, chunks } = makeReceiver({ limits });
    for (let i = 0; i < 100; i++) {
      const payload = netflow9(
        { sequence: i },
        templates9(template9(256, [7, 2])),
        data(256, [u16(i)], [u16(0)]),
      );
      receiver.datagram(payload, { address: '192.0.2.9', port: 10_000 + i });
    }
    receiver.flush();
    expect(chunks.flatMap(({ batch }) => batch.exporters).map(({ port }) => port)).toEqual([
      ...Array.from({ length: 8 }, (_, i) => 10_000 + i),
      null,
    ]);
    expect(receiver.status([], NO_BACKLOG).flows).toBe(200);
  });
});
