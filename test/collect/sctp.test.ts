import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ipfix, template10, templates10 } from '../build/ipfix.ts';
import { data } from '../build/netflow.ts';
import { u16 } from '../build/octets.ts';
import { describeWith, temporaryFolder } from '../support.ts';
import { listFlows, startCollector } from './collector.ts';

describeWith('socat', 'IPFIX over SCTP', () => {
  it('comes through the relay that the README tells, into the TCP listener', async ({ skip }) => {
    const refusal = spawnSync('socat', ['-u', '/dev/null', 'SCTP:127.0.0.1:9'], { encoding: 'utf8' }).stderr;
    if (/not supported/i.test(refusal)) skip('the kernel has no SCTP');
    const store = join(temporaryFolder(), 'store');
    const collector = await startCollector(store, ['tcp://127.0.0.1:0']);
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const address = probe.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    probe.close();
    const relay = spawn(
      'socat',
      [`SCTP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`, `TCP:127.0.0.1:${collector.ports[0]}`],
      { stdio: 'ignore' },
    );
    try {
      await sleep(500);
      const exporter = spawn('socat', ['-u', '-', `SCTP:127.0.0.1:${port}`]);
      exporter.stdin.end(
        Buffer.concat([
          ipfix({ sequence: 0 }, templates10(template10(300, [7, 2]))),
          ipfix({ sequence: 0 }, data(300, [u16(4739)])),
        ]),
      );
      await collector.until(({ flows }) => flows === 1);
    } finally {
      relay.kill();
    }
    await collector.end();
    expect(await listFlows(store)).toMatchObject([{ sourcePort: 4739, exporter: '127.0.0.1' }]);
  });
});
