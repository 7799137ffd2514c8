import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadElements } from '../../core/app/resources.ts';
import { DatagramDecoder } from '../../core/decode/datagram-decoder.ts';
import type { FlowChunk } from '../../core/model/chunk.ts';
import { epochMs } from '../../core/model/time.ts';
import { Store } from '../../core/store/store.ts';
import { netflow5 } from '../build/netflow.ts';
import { temporaryFolder } from '../support.ts';

const noon = Date.UTC(2026, 10, 20, 12, 1) / 1000;

/** A chunk of one datagram with one flow, second `i` of the day's second half, from one of three exporters. */
function chunk(decoder: DatagramDecoder, i: number): FlowChunk {
  const payload = netflow5({ sysUpTime: 5000, seconds: noon + i, sequence: i }, [
    {
      source: `10.0.${i >> 8}.${i & 255}`,
      sourcePort: i,
      octets: i * 10,
      packets: 1,
      first: 4000,
      last: 5000,
    },
  ]);
  const context = {
    address: `192.0.2.${i % 3}`,
    port: 9,
    received: epochMs((noon + i) * 1000),
    sourceOffset: 0,
  };
  decoder.push(payload, context);
  return decoder.take(0);
}

const ports = (store: Store): number[] =>
  [...store.scan()].flatMap((batch) => Array.from(batch.columns.sourceTransportPort));

describe('a live collection', () => {
  it('puts its small segments together, and loses and changes nothing by it', () => {
    using store = Store.open(join(temporaryFolder(), 'store'), { create: true });
    const session = store.beginCollection('test', '1');
    const decoder = new DatagramDecoder({ elements: loadElements() });
    for (let i = 0; i < 150; i++) {
      session.add(chunk(decoder, i));
      session.merge();
    }
    session.commit('{}');
    const expected = Array.from({ length: 150 }, (_, i) => i);
    // Two of sixty, and thirty that wait.
    expect(
      [...store.scan()]
        .map(({ count }) => count)
        .sort((a, b) => b - a)
        .slice(0, 3),
    ).toEqual([60, 60, 1]);
    expect(ports(store).sort((a, b) => a - b)).toEqual(expected);
    session.finish('{}');
    const batches = [...store.scan()];
    expect(batches).toHaveLength(1);
    expect(ports(store).sort((a, b) => a - b)).toEqual(expected);
    for (const { columns, addresses, exporters, datagrams } of batches) {
      for (const [row, port] of columns.sourceTransportPort.entries()) {
        expect(addresses.text(columns.sourceAddress[row] ?? 0)).toBe(`10.0.${port >> 8}.${port & 255}`);
        expect(exporters[columns.exporter[row] ?? 0]?.address).toBe(`192.0.2.${port % 3}`);
        expect(datagrams[columns.datagram[row] ?? 0]?.sequenceNumber).toBe(port);
        expect(columns.octetDeltaCount[row]).toBe(port * 10);
      }
    }
    expect(store.collections()).toMatchObject([{ rows: 150, name: 'test' }]);
  });

  it('does not disturb a scan that has begun', () => {
    using store = Store.open(join(temporaryFolder(), 'store'), { create: true });
    const session = store.beginCollection('test', '1');
    const decoder = new DatagramDecoder({ elements: loadElements() });
    for (let i = 0; i < 60; i++) session.add(chunk(decoder, i));
    const damages: string[] = [];
    const scan = store.scan({ onDamage: ({ message }) => damages.push(message) });
    const begun = scan.next();
    let rows = begun.done ? 0 : begun.value.count;
    session.merge();
    for (const batch of scan) rows += batch.count;
    expect({ rows, damages }).toEqual({ rows: 60, damages: [] });
    expect([...store.scan()]).toHaveLength(1);
    session.finish('{}');
  });

  it('is found again by its count of flows, even where nobody committed it', () => {
    const folder = join(temporaryFolder(), 'store');
    {
      using store = Store.open(folder, { create: true });
      const session = store.beginCollection('first', '1');
      const decoder = new DatagramDecoder({ elements: loadElements() });
      for (let i = 0; i < 5; i++) session.add(chunk(decoder, i));
      session[Symbol.dispose]();
    }
    using store = Store.open(folder, { create: false });
    expect(store.collections()).toMatchObject([{ rows: 0, ended: null }]);
    const session = store.beginCollection('second', '1');
    expect(store.collections()).toMatchObject([
      { name: 'second', rows: 0 },
      { name: 'first', rows: 5, ended: null },
    ]);
    expect(() => store.beginCollection('third', '1')).toThrow(/Another collector/);
    session.finish('{}');
  });

  it('keeps templates until they are replaced', () => {
    using store = Store.open(join(temporaryFolder(), 'store'), { create: true });
    const session = store.beginCollection('test', '1');
    const template = {
      address: '192.0.2.1',
      version: 9,
      observationDomainId: 7,
      options: true,
      octets: Uint8Array.of(1, 0, 0, 1, 0, 7, 0, 2),
    };
    session.commit('{}', [template]);
    session.commit('{}');
    expect(store.templates()).toMatchObject([{ ...template, octets: Buffer.from(template.octets) }]);
    session.finish('{}', []);
    expect(store.templates()).toEqual([]);
  });
});
