/** Fills the backlog of the store named with datagrams of thirty flows, and is cut off before it reads them. */
import { join } from 'node:path';
import { Backlog } from '../../core/collect/backlog.ts';
import { epochMs } from '../../core/model/time.ts';
import { netflow5 } from '../build/netflow.ts';

const backlog = new Backlog(() => undefined, { blockBytes: 1 << 19, memoryBlocks: 1 });
await backlog.useFolder(join(process.argv[2] ?? '', 'backlog'));
for (let i = 0; i < 2000; i++) {
  const payload = netflow5(
    { sysUpTime: 100_000, seconds: Math.floor(Date.now() / 1000), sequence: i * 30 },
    Array.from({ length: 30 }, (_, k) => ({
      source: '10.0.0.1',
      destination: '198.51.100.7',
      sourcePort: (i * 30 + k) & 0xffff,
      destinationPort: 22,
      protocol: 6,
      packets: 2,
      octets: 100,
      first: 90_000,
      last: 95_000,
    })),
  );
  backlog.push(payload, '127.0.0.1', 9995, epochMs(Date.now()));
}
await backlog.close();
process.exit(0);
