import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { describeShared, describeWith, sharedPath, temporaryFolder } from '../support.ts';
import { listFlows, startCollector } from './collector.ts';

/** Receives on a port of its own and sends every datagram on to several others. */
async function startTee(ports: readonly number[]): Promise<{
  readonly port: number;
  count(): number;
  quiet(): Promise<void>;
  close(): void;
}> {
  const socket = createSocket('udp4');
  let count = 0;
  let lastAt = performance.now();
  socket.on('message', (payload) => {
    count++;
    lastAt = performance.now();
    for (const port of ports) socket.send(payload, port, '127.0.0.1');
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    count: () => count,
    async quiet() {
      while (performance.now() - lastAt < 500) await sleep(50);
    },
    close: () => socket.close(),
  };
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** Runs a program to its end. */
async function run(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: 'ignore', timeout: 20_000 });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0 && code !== 1) throw new Error(`${command} ended with ${code}`);
}

/** 5-tuple and counters, one string a flow, sorted. */
function nfdumpFlows(folder: string): string[] {
  const files = readdirSync(folder).filter((name) => name.startsWith('nfcapd.'));
  const format = 'fmt:%pr,%sa,%sp,%da,%dp,%pkt,%byt';
  return files
    .flatMap((name) => {
      const { stdout } = spawnSync('nfdump', ['-q', '-N', '-6', '-r', join(folder, name), '-o', format], {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      });
      return stdout.split('\n').map((line) => line.replaceAll(' ', ''));
    })
    .filter((line) => line !== '')
    .map((line) => {
      const [protocol = '', source, sourcePort, destination, destinationPort = '', packets, bytes] =
        line.split(',');
      return [
        numberOf(protocol),
        source,
        sourcePort,
        destination,
        icmp(protocol, destinationPort),
        packets,
        bytes,
      ].join(' ');
    })
    .sort();
}

const protocolNumbers: Readonly<Record<string, number>> = {
  ICMP: 1,
  IGMP: 2,
  TCP: 6,
  UDP: 17,
  ICMP6: 58,
  'IPv6-ICMP': 58,
};
const numberOf = (protocol: string): number => protocolNumbers[protocol] ?? Number(protocol);
/** nfdump prints ICMP as TYPE.CODE. */
const icmp = (protocol: string, port: string): string => {
  if (!protocol.includes('ICMP')) return port;
  const [type = 0, code = 0] = port.split('.').map(Number);
  return String(type * 256 + code);
};

describeWith('nfcapd', 'what live exporters send', () => {
  describeShared('over recorded packets', () => {
    const packets = sharedPath('lab/a_paper_v5/lan-US.pcap') ?? '';

    async function expectSame(name: string, exporter: (port: number) => Promise<void>): Promise<void> {
      const folder = temporaryFolder();
      const store = join(folder, 'store');
      const nfdumpFolder = join(folder, 'nfcapd');
      mkdirSync(nfdumpFolder);
      const nfcapdPort = await freePort();
      const nfcapd = spawn('nfcapd', ['-w', nfdumpFolder, '-b', '127.0.0.1', '-p', String(nfcapdPort)], {
        timeout: 60_000,
      });
      const nfcapdEnd = once(nfcapd, 'close');
      const collector = await startCollector(store);
      const tee = await startTee([nfcapdPort, collector.ports[0] ?? 0]);
      await sleep(300);
      await exporter(tee.port);
      await tee.quiet();
      const sent = tee.count();
      expect(sent, name).toBeGreaterThan(5);
      const status = await collector.until(({ datagrams }) => datagrams === sent);
      expect(await collector.end()).toBe(0);
      nfcapd.kill('SIGTERM');
      await nfcapdEnd;
      tee.close();
      const ours = await listFlows(store);
      const theirs = nfdumpFlows(nfdumpFolder);
      expect(ours.length).toBe(theirs.length);
      expect(
        ours
          .map((flow) =>
            [
              flow.protocol,
              flow.source,
              flow.sourcePort,
              flow.destination,
              flow.destinationPort,
              flow.packets,
              flow.bytes,
            ].join(' '),
          )
          .sort(),
      ).toEqual(theirs);
      expect(status.exporters.map(({ lost, restarts }) => [lost, restarts])).toEqual([[0, 0]]);
      expect(status.issues).toEqual({});
    }

    describeWith('softflowd', 'by softflowd', () => {
      for (const [title, version] of [
        ['NetFlow v5', '5'],
        ['NetFlow v9', '9'],
        ['IPFIX', '10'],
      ] as const) {
        it(`as ${title} is stored as nfcapd stores it`, async () => {
          await expectSame(title, async (port) => {
            const own = temporaryFolder();
            const timeouts = '-t maxlife=60 -t general=15 -t tcp=15 -t udp=15 -t expint=5'.split(' ');
            const target = ['-n', `127.0.0.1:${port}`, '-v', version];
            await run('softflowd', [
              '-d',
              '-r',
              packets,
              ...target,
              ...timeouts,
              '-p',
              join(own, 'pid'),
              '-c',
              'none',
            ]);
          });
        });
      }
    });

    describeWith('softflowd', 'by softflowd over TCP', () => {
      it('is stored as the same export over UDP', async () => {
        const own = temporaryFolder();
        const tuples = async (transport: 'udp' | 'tcp'): Promise<string[]> => {
          const store = join(own, transport);
          const collector = await startCollector(store, [`${transport}://127.0.0.1:0`]);
          const target = ['-n', `127.0.0.1:${collector.ports[0]}`, '-v', '10', '-P', transport];
          await run('softflowd', ['-d', '-r', packets, ...target, '-p', join(own, 'pid'), '-c', 'none']);
          await collector.until(({ flows, storedFlows }) => flows > 0 && flows === storedFlows);
          await collector.end();
          const flows = await listFlows(store);
          return flows
            .map((flow) => [flow.protocol, flow.source, flow.sourcePort, flow.packets, flow.bytes].join(' '))
            .sort();
        };
        const overTcp = await tuples('tcp');
        expect(overTcp.length).toBeGreaterThan(200);
        expect(overTcp).toEqual(await tuples('udp'));
      });
    });

    describeWith('pmacctd', 'by nfprobe of pmacct', () => {
      for (const [title, version] of [
        ['NetFlow v5', 5],
        ['NetFlow v9', 9],
        ['IPFIX', 10],
      ] as const) {
        it(`as ${title} is stored as nfcapd stores it`, async () => {
          await expectSame(title, async (port) => {
            const path = join(temporaryFolder(), 'pmacctd.conf');
            const lines = [
              'daemonize: false',
              `pcap_savefile: ${packets}`,
              'plugins: nfprobe',
              'aggregate: src_host, dst_host, src_port, dst_port, proto, tos, tcpflags',
              `nfprobe_receiver: 127.0.0.1:${port}`,
              `nfprobe_version: ${version}`,
              'nfprobe_timeouts: tcp=15:tcp.rst=15:tcp.fin=15:udp=15:icmp=15:general=15:maxlife=60:expint=5',
            ];
            writeFileSync(path, `${lines.join('\n')}\n`);
            await run('pmacctd', ['-f', path]);
          });
        });
      }
    });
  });
});
