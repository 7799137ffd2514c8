import { createSocket } from 'node:dgram';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startCollection } from '../../core/app/collect/collect.ts';
import { netflow5 } from '../build/netflow.ts';
import { temporaryFolder } from '../support.ts';

describe('a subscriber to a collection', () => {
  it('sees every flow, and how many are stored', async () => {
    const collection = await startCollection({
      folder: join(temporaryFolder(), 'store'),
      listen: [{ scheme: 'udp', host: '127.0.0.1', port: 0 }],
    });
    const seen: number[] = [];
    const stored = new Promise<void>((resolve) => {
      collection.watch({
        onFlows: (batch) => seen.push(...batch.columns.sourceTransportPort),
        onStored: (rows) => rows === 3000 && resolve(),
      });
    });
    const port = Number(/:(\d+)$/.exec(collection.urls[0] ?? '')?.[1]);
    const socket = createSocket('udp4');
    for (let i = 0; i < 100; i++) {
      const flows = Array.from({ length: 30 }, (_, k) => ({ sourcePort: i * 30 + k, packets: 1 }));
      socket.send(netflow5({ seconds: 1_790_000_000, sequence: i * 30 }, flows), port, '127.0.0.1');
    }
    await stored;
    socket.close();
    const last = await collection.stop();
    expect(last.storedFlows).toBe(3000);
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 3000 }, (_, i) => i));
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
