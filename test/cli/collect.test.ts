import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { platform } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { ipfix, template10, templates10 } from '../build/ipfix.ts';
import {
  data,
  netflow5,
  netflow9,
  optionsTemplate9,
  optionsTemplates9,
  template9,
  templates9,
} from '../build/netflow.ts';
import { ip, u16, u32, u8 } from '../build/octets.ts';
import { listFlows, sendDatagrams, startCollector } from '../collect/collector.ts';
import { describeWith, runCli, temporaryFolder } from '../support.ts';

const newStore = (): string => join(temporaryFolder(), 'store');
const now = (): number => Math.floor(Date.now() / 1000);

/** A v5 datagram of `count` flows with numbers from `first`. */
function five(first: number, count = 10): Uint8Array {
  return netflow5(
    { sysUpTime: 100_000 + first, seconds: now(), sequence: first },
    Array.from({ length: count }, (_, i) => ({
      source: '10.0.0.1',
      destination: '198.51.100.7',
      sourcePort: (first + i) & 0xffff,
      destinationPort: 22,
      protocol: 6,
      packets: 2,
      octets: 100,
      first: 90_000,
      last: 95_000,
    })),
  );
}

const fields9 = [
  [8, 4],
  [12, 4],
  [7, 2],
  [11, 2],
  [4, 1],
  [1, 4],
  [2, 4],
] as const;
const template = templates9(template9(256, ...fields9));
const record = (port: number): Uint8Array[] => [
  ip('10.0.0.2'),
  ip('198.51.100.8'),
  u16(port),
  u16(443),
  u8(6),
  u32(1000),
  u32(3),
];
const nine = (sequence: number, ...sets: Uint8Array[]): Uint8Array =>
  netflow9({ sysUpTime: 5000, seconds: now(), sequence, sourceId: 7 }, ...sets);

const templateTen = templates10(template10(300, [8, 4], [12, 4], [7, 2], [11, 2], [4, 1]));
const recordTen = (port: number): Uint8Array[] => [
  ip('10.0.0.3'),
  ip('198.51.100.9'),
  u16(port),
  u16(53),
  u8(17),
];
const ten = (sequence: number, ...sets: Uint8Array[]): Uint8Array =>
  ipfix({ seconds: now(), sequence, domain: 9 }, ...sets);

describe('backtrail collect', () => {
  it('stores what arrives, drains on SIGTERM and ends with 0', async () => {
    const store = newStore();
    const collector = await startCollector(store);
    await sendDatagrams(
      collector.ports[0] ?? 0,
      Array.from({ length: 200 }, (_, i) => five(i * 10)),
    );
    expect(await collector.end('SIGTERM')).toBe(0);
    expect(collector.stderr()).toMatch(/Ended: 2000 flows .*200 datagrams, 1 exporter, 2000 flows stored/);
    const flows = await listFlows(store);
    expect(flows.length).toBe(2000);
    expect(flows.reduce((sum, flow) => sum + flow.bytes, 0)).toBe(200_000);
    expect(new Set(flows.map((flow) => flow.site))).toEqual(new Set(['127.0.0.1']));
  });

  it.runIf(platform === 'linux')(
    'lets the thread that reads sockets go before the one that writes',
    async () => {
      const collector = await startCollector(newStore());
      const tasks = `/proc/${collector.child.pid}/task`;
      const nice = readdirSync(tasks).map((task) => {
        const fields = readFileSync(`${tasks}/${task}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
        return Number(fields[16]);
      });
      const own = Math.min(...nice);
      expect(nice.filter((value) => value === own + 5)).toHaveLength(1);
      await collector.end();
    },
  );

  it('loses at most the last second to SIGKILL, and says at the next start what it found', async () => {
    const store = newStore();
    const collector = await startCollector(store);
    const sentAt: number[] = [];
    function* datagrams(): Generator<Uint8Array> {
      for (let i = 0; i < 400; i++) {
        sentAt.push(performance.now());
        yield five(i * 10);
      }
    }
    await sendDatagrams(collector.ports[0] ?? 0, datagrams(), { pauseMs: 5 });
    const killedAt = performance.now();
    await collector.end('SIGKILL');
    const flows = await listFlows(store);
    const stored = new Set(flows.map((flow) => Math.floor(flow.sourcePort / 10)));
    const lost = sentAt.flatMap((time, i) => (stored.has(i) ? [] : [killedAt - time]));
    expect(stored.size).toBeGreaterThan(100);
    expect(Math.max(0, ...lost)).toBeLessThan(1000);
    expect(flows).toHaveLength(stored.size * 10);
    const next = await startCollector(store);
    expect(next.stderr()).toMatch(
      new RegExp(`The last collection here was cut off after .*; ${flows.length} flows of it are stored\\.`),
    );
    expect(await next.end()).toBe(0);
    const third = await startCollector(store);
    expect(third.stderr()).toMatch(/The last collection here was ended at .*; 0 flows of it are stored\./);
    await third.end();
  });

  it('has flows on disk a second after their datagram, whatever happens then', async () => {
    const store = newStore();
    const collector = await startCollector(store);
    await sendDatagrams(collector.ports[0] ?? 0, [five(0, 30)]);
    await sleep(1000);
    await collector.end('SIGKILL');
    expect(await listFlows(store)).toHaveLength(30);
  });

  it('reads the first data after a restart with the templates from before, even after SIGKILL', async () => {
    const store = newStore();
    const first = await startCollector(store);
    await sendDatagrams(first.ports[0] ?? 0, [nine(1, template), ten(0, templateTen)]);
    await first.until(({ datagrams }) => datagrams === 2);
    await sleep(1000);
    await first.end('SIGKILL');
    const second = await startCollector(store);
    expect(second.stderr()).toContain('2 templates known from before.');
    await sendDatagrams(second.ports[0] ?? 0, [
      nine(2, data(256, record(1111))),
      ten(0, data(300, recordTen(2222))),
    ]);
    const status = await second.until(({ flows }) => flows === 2);
    expect(status.exporters.map(({ templateWaits }) => templateWaits)).toEqual([0, 0]);
    await second.end();
    const flows = await listFlows(store);
    expect(flows.map(({ sourcePort }) => sourcePort).sort((a, b) => a - b)).toEqual([1111, 2222]);
  });

  it('keeps data that came before its template, and counts that they waited', async () => {
    const store = newStore();
    const collector = await startCollector(store);
    await sendDatagrams(collector.ports[0] ?? 0, [nine(1, data(256, record(1))), nine(2, template)]);
    const status = await collector.until(({ flows }) => flows === 1);
    expect(status.exporters).toMatchObject([{ flows: 1, templateWaits: 1, datagrams: 2, lost: 0 }]);
    await collector.end();
    expect(await listFlows(store)).toMatchObject([{ sourcePort: 1, bytes: 1000 }]);
  });

  it('counts loss, reordering, repetition and restarts of an exporter, and what it says of sampling', async () => {
    const collector = await startCollector(newStore());
    const sampler = [
      optionsTemplates9(0, optionsTemplate9(257, [[1, 4]], [[34, 4]])),
      data(257, [u32(0), u32(100)]),
    ];
    await sendDatagrams(collector.ports[0] ?? 0, [
      nine(1, template, ...sampler),
      nine(2, data(256, record(1))),
      nine(5, data(256, record(2))),
      nine(4, data(256, record(3))),
      nine(5, data(256, record(2))),
      netflow9({ sysUpTime: 900_000, seconds: now(), sequence: 6, sourceId: 7 }, data(256, record(4))),
      netflow9({ sysUpTime: 1000, seconds: now(), sequence: 0, sourceId: 7 }, data(256, record(5))),
    ]);
    const status = await collector.until(({ datagrams }) => datagrams === 7);
    expect(status.exporters).toMatchObject([
      {
        observationDomainId: 7,
        lost: 1,
        reordered: 1,
        duplicates: 1,
        restarts: 1,
        sampling: 100,
        options: 1,
      },
    ]);
    const [exporter] = status.exporters;
    expect(Math.abs(exporter?.clockOffsetMs ?? 1e9)).toBeLessThan(5000);
    await collector.end();
  });

  it('takes datagrams of allowed exporters only, and counts the others by address', async () => {
    const store = newStore();
    const collector = await startCollector(store, ['udp://127.0.0.1:0'], ['--allow', '127.0.0.2']);
    const port = collector.ports[0] ?? 0;
    await sendDatagrams(port, [five(0)], { from: '127.0.0.2' });
    await sendDatagrams(port, [five(0), five(10)], { from: '127.0.0.3' });
    const status = await collector.until(({ refused }) => refused === 2);
    expect(status.refusedBy).toEqual([{ address: '127.0.0.3', datagrams: 2 }]);
    await collector.end();
    expect(new Set((await listFlows(store)).map((flow) => flow.exporter))).toEqual(new Set(['127.0.0.2']));
  });

  it('puts exporters into the sites that a person names', async () => {
    const store = newStore();
    const collector = await startCollector(store, ['udp://127.0.0.1:0'], ['--site', 'Berlin=127.0.0.2']);
    const port = collector.ports[0] ?? 0;
    await sendDatagrams(port, [five(0, 1)], { from: '127.0.0.2' });
    await sendDatagrams(port, [five(0, 1)], { from: '127.0.0.3' });
    await collector.until(({ flows }) => flows === 2);
    await collector.end();
    const sites = (await listFlows(store)).map(({ exporter, site }) => `${exporter} ${site}`).sort();
    expect(sites).toEqual(['127.0.0.2 Berlin', '127.0.0.3 127.0.0.3']);
  });

  it('listens at several places at once, UDP and TCP; every connection has its own templates', async () => {
    const store = newStore();
    const collector = await startCollector(store, ['udp://127.0.0.1:0', 'tcp://127.0.0.1:0']);
    const [udp = 0, tcp = 0] = collector.ports;
    await sendDatagrams(udp, [five(0)]);
    const socket = connect(tcp, '127.0.0.1');
    await once(socket, 'connect');
    const bytes = Buffer.concat([ten(0, templateTen), ten(0, data(300, recordTen(1), recordTen(2)))]);
    // In pieces that end in the middle of headers and records.
    for (let at = 0; at < bytes.length; at += 7) {
      socket.write(bytes.subarray(at, at + 7));
      await sleep(1);
    }
    const stranger = connect(tcp, '127.0.0.1');
    await once(stranger, 'connect');
    stranger.end(ten(0, data(300, recordTen(3))));
    const status = await collector.until(
      ({ flows, issues }) => flows === 12 && issues['missing-template'] === 1,
    );
    expect(status.listeners.map(({ datagrams }) => datagrams)).toEqual([1, 3]);
    socket.destroy();
    await collector.end();
    expect(await listFlows(store)).toHaveLength(12);
  });

  it('ends a connection that loses its framing, and says so with the bytes counted', async () => {
    const collector = await startCollector(newStore(), ['tcp://127.0.0.1:0']);
    const socket = connect(collector.ports[0] ?? 0, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(Buffer.concat([ten(0, templateTen), Buffer.from('GET / HTTP/1.1\r\n\r\n')]));
    await once(socket, 'close');
    const status = await collector.until(({ issues }) => issues['unknown-version'] === 1);
    expect(status.datagrams).toBe(2);
    await collector.end();
  });

  const six = Object.values(networkInterfaces()).some((list) =>
    list?.some(({ address }) => address === '::1'),
  );
  it.skipIf(!six)('listens on IPv6 beside IPv4 on the same port', async () => {
    const probe = createSocket('udp4');
    probe.bind(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address();
    probe.close();
    const store = newStore();
    const collector = await startCollector(store, [`udp://0.0.0.0:${port}`, `udp://[::]:${port}`]);
    await sendDatagrams(port, [five(0, 1)]);
    await sendDatagrams(port, [five(0, 1)], { host: '::1' });
    await collector.until(({ flows }) => flows === 2);
    await collector.end();
    expect((await listFlows(store)).map((flow) => flow.exporter).sort()).toEqual(['127.0.0.1', '::1']);
  });

  it('ends well when the reader of its status goes away', async () => {
    const store = newStore();
    const collector = await startCollector(store);
    await sendDatagrams(collector.ports[0] ?? 0, [five(0)]);
    const closed = once(collector.child, 'close');
    collector.child.stdout?.destroy();
    expect(await closed).toEqual([0, null]);
    expect(await listFlows(store)).toHaveLength(10);
  });

  it('does not let two collectors into one store', async () => {
    const store = newStore();
    const collector = await startCollector(store);
    const second = await runCli(['collect', '--store', store, '--listen', 'udp://127.0.0.1:0']);
    expect(second.code).toBe(2);
    expect(second.stderr).toMatch(/Another collector writes into this store/);
    await collector.end();
  });
});

describeWith('openssl', 'backtrail collect over TLS', () => {
  it('takes IPFIX from an exporter that trusts its certificate', async () => {
    const folder = temporaryFolder();
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const request =
      'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1';
    const made = spawnSync('openssl', [...request.split(' '), '-keyout', key, '-out', cert]);
    expect(made.status).toBe(0);
    const store = newStore();
    const collector = await startCollector(
      store,
      ['tls://127.0.0.1:0'],
      ['--tls-cert', cert, '--tls-key', key],
    );
    const socket = connectTls({ port: collector.ports[0] ?? 0, host: '127.0.0.1', ca: readFileSync(cert) });
    await once(socket, 'secureConnect');
    socket.write(Buffer.concat([ten(0, templateTen), ten(0, data(300, recordTen(5)))]));
    await collector.until(({ flows }) => flows === 1);
    socket.destroy();
    await collector.end();
    expect(await listFlows(store)).toMatchObject([{ sourcePort: 5, protocol: 17, exporter: '127.0.0.1' }]);
  });
});

describe('what collect refuses', () => {
  const refused = async (...more: string[]): Promise<{ code: number | null; stderr: string }> =>
    runCli(['collect', '--store', newStore(), ...more]);

  it.each([
    ['sctp://127.0.0.1:4739', /the kinds are udp, tcp and tls/],
    ['udp://router.example:2055', /names no address/],
    ['udp://127.0.0.1:99999', /ports end at 65535/],
    ['127.0.0.1:2055', /is no place to listen/],
    ['udp://203.0.113.77:2055', /This machine has no address 203\.0\.113\.77/],
    ['tls://127.0.0.1:0', /needs a certificate/],
  ])('%s in one sentence, with 2', async (listen, sentence) => {
    const { code, stderr } = await refused('--listen', listen);
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('a port in use', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { code, stderr } = await refused('--listen', `tcp://127.0.0.1:${port}`);
    server.close();
    expect(code).toBe(2);
    expect(stderr).toMatch(/Another program listens at tcp:/);
  });

  it('a certificate that cannot be read or used, and one without its key', async () => {
    const folder = temporaryFolder();
    const junk = join(folder, 'junk.pem');
    writeFileSync(junk, 'no certificate');
    const listen = ['--listen', 'tls://127.0.0.1:0'];
    const unusable = await refused(...listen, '--tls-cert', junk, '--tls-key', junk);
    expect(unusable).toMatchObject({ code: 2, stderr: expect.stringMatching(/cannot be used/) });
    const absent = await refused(...listen, '--tls-cert', join(folder, 'absent'), '--tls-key', junk);
    expect(absent).toMatchObject({ code: 2, stderr: expect.stringMatching(/cannot be read/) });
    const half = await refused(...listen, '--tls-cert', junk);
    expect(half).toMatchObject({ code: 2, stderr: expect.stringMatching(/both --tls-cert/) });
  });

  it('an allowed exporter that is no address, and a site without one', async () => {
    const allow = await refused('--listen', 'udp://127.0.0.1:0', '--allow', 'router');
    expect(allow).toMatchObject({ code: 2, stderr: expect.stringMatching(/"router" is no address/) });
    const site = await refused('--site', 'Berlin');
    expect(site).toMatchObject({ code: 2, stderr: expect.stringMatching(/Write NAME=ADDRESS/) });
  });

  it('a folder that cannot be a store', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'store'), 'a file');
    const result = await runCli([
      'collect',
      '--store',
      join(folder, 'store'),
      '--listen',
      'udp://127.0.0.1:0',
    ]);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/cannot be written/);
  });
});
