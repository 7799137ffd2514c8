import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { startCollection } from '../../core/app/collect.ts';
import type { FlowBatch } from '../../core/model/flow-batch.ts';
import { temporaryFolder } from '../support.ts';

/** 50,000 flows a second: 1,667 datagrams of 30, four seconds long, from a thread of their own. */
const sender = `
const { workerData, parentPort } = require('node:worker_threads');
const { createSocket } = require('node:dgram');
const socket = createSocket('udp4');
const datagram = Buffer.from(workerData.datagram);
socket.connect(workerData.port, '127.0.0.1', () => {
  const start = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(6667, Math.floor((performance.now() - start) * 1.667));
    for (; sent < due; sent++) {
      const now = Date.now();
      datagram.writeUInt32BE(sent * 30, 16);
      // When it was sent, in every record's octets: milliseconds of the day.
      for (let i = 0; i < 30; i++) datagram.writeUInt32BE(now % 86400000, 24 + 48 * i + 20);
      socket.send(datagram);
    }
    if (sent === 6667) { clearInterval(timer); parentPort.postMessage('done'); }
  }, 1);
});`;

describe('a subscriber to a collection', () => {
  it('sees flows within 20 ms of their datagram, at 50,000 a second', { retry: 2 }, async () => {
    const collection = await startCollection({
      folder: join(temporaryFolder(), 'store'),
      listen: [{ scheme: 'udp', host: '127.0.0.1', port: 0 }],
    });
    const delays: number[] = [];
    let stored = 0;
    const unwatch = collection.watch({
      onFlows(batch: FlowBatch) {
        const now = Date.now();
        for (const sentAt of batch.columns.octetDeltaCount) delays.push((now % 86_400_000) - sentAt);
      },
      onStored: (rows) => (stored = rows),
    });
    const datagram = Buffer.alloc(24 + 48 * 30);
    datagram.writeUInt16BE(5, 0);
    datagram.writeUInt16BE(30, 2);
    datagram.writeUInt32BE(Math.floor(Date.now() / 1000), 8);
    const port = Number(/:(\d+)$/.exec(collection.urls[0] ?? '')?.[1]);
    const thread = new Worker(sender, { eval: true, workerData: { datagram, port } });
    await once(thread, 'message');
    await new Promise((resolve) => setTimeout(resolve, 300));
    unwatch();
    await thread.terminate();
    const last = await collection.stop();
    expect(last.storedFlows).toBe(200_010);
    expect(stored).toBe(200_010);
    // The first second goes to starting: code is compiled, buffers grow.
    const warm = Float64Array.from(delays.slice(50_000)).sort();
    expect(warm.length).toBeGreaterThan(100_000);
    const at = (share: number): number => warm[Math.floor(warm.length * share)] ?? Number.NaN;
    const p99 = at(0.99);
    process.stdout.write(
      `received to delivered: median ${at(0.5)} ms, p99 ${p99} ms, greatest ${warm.at(-1)} ms\n`,
    );
    expect(p99).toBeLessThan(20);
  });
});

describe('a datagram', () => {
  it('is also told to whoever comes later, with its faults', async () => {
    const collection = await startCollection({
      folder: join(temporaryFolder(), 'store'),
      listen: [{ scheme: 'udp', host: '127.0.0.1', port: 0 }],
    });
    const port = Number(/:(\d+)$/.exec(collection.urls[0] ?? '')?.[1]);
    const socket = createSocket('udp4');
    const status = new Promise<number>((resolve) => {
      collection.watch({ onStatus: ({ datagrams }) => datagrams > 0 && resolve(datagrams) });
    });
    socket.send(Buffer.from([0, 77, 1, 2, 3]), port, '127.0.0.1');
    expect(await status).toBe(1);
    socket.close();
    expect(await collection.issues()).toMatchObject([
      { code: 'unknown-version', address: '127.0.0.1', octets: Uint8Array.of(0, 77, 1, 2, 3) },
    ]);
    await collection.stop();
  });
});
