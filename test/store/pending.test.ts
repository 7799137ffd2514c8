import { createSocket } from 'node:dgram';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startCollection } from '../../core/app/collect/collect.ts';
import { Store } from '../../core/store/store.ts';
import { netflow5 } from '../build/netflow.ts';
import { temporaryFolder } from '../support.ts';

describe('flows that are not stored yet', () => {
  it('are seen by a query that asked for them, each once, and stay so', async () => {
    const folder = join(temporaryFolder(), 'store');
    const collection = await startCollection({
      folder,
      listen: [{ scheme: 'udp', host: '127.0.0.1', port: 0 }],
    });
    const port = Number(/:(\d+)$/.exec(collection.urls[0] ?? '')?.[1]);
    const socket = createSocket('udp4');
    using store = Store.open(folder, { create: false });
    const seen = (): number[] =>
      [...store.scan()].flatMap(({ columns }) => [...columns.sourceTransportPort]).sort((a, b) => a - b);
    const seconds = Math.floor(Date.now() / 1000);
    let received = 0;
    for (let round = 1; round <= 3; round++) {
      const came = new Promise<void>((resolve) => {
        const unwatch = collection.watch({
          onFlows({ count }) {
            received += count;
            if (received < round) return;
            unwatch();
            resolve();
          },
        });
        // The collector's thread must know of the watcher before the flow comes.
        void collection.issues().then(() => {
          const flow = {
            source: '10.0.0.1',
            sourcePort: round,
            octets: 1,
            packets: 1,
            first: 1000,
            last: 2000,
          };
          socket.send(netflow5({ sysUpTime: 2000, seconds, sequence: round }, [flow]), port, '127.0.0.1');
        });
      });
      await came;
      await collection.flush();
      expect(seen()).toEqual(Array.from({ length: round }, (_, i) => i + 1));
    }
    socket.close();
    await collection.stop();
    expect(seen()).toEqual([1, 2, 3]);
  });
});
