import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { aggregates, netflow8 } from '../build/netflow-fixed.ts';
import { netflow5, type Flow5 } from '../build/netflow.ts';
import { ethernet, ipv4, pcap } from '../build/pcap.ts';
import { runCli, temporaryFolder, type CliResult } from '../support.ts';

/** 2026-11-20T12:00:00Z in seconds. The router booted 100 seconds before. */
const noon = Date.UTC(2026, 10, 20, 12) / 1000;
const uptime = (afterNoonMs: number): number => 100_000 + afterNoonMs;

const rows: readonly Flow5[] = [
  {
    source: '10.0.0.5',
    destination: '198.51.100.7',
    sourcePort: 51_234,
    destinationPort: 22,
    protocol: 6,
    flags: 0x1b,
    packets: 12,
    octets: 1400,
    first: uptime(0),
    last: uptime(2500),
  },
  {
    source: '198.51.100.7',
    destination: '10.0.0.5',
    destinationPort: 0x0301,
    protocol: 1,
    packets: 1,
    octets: 56,
    first: uptime(-60_000),
    last: uptime(-60_000),
  },
  {
    source: '10.0.0.6',
    destination: '192.0.2.53',
    sourcePort: 5353,
    destinationPort: 53,
    protocol: 17,
    packets: 40,
    octets: 900,
    first: uptime(1000),
    last: uptime(61_000),
  },
];

let store = '';
const list = (...args: string[]): Promise<CliResult> => runCli(['flows', '--store', store, ...args]);

beforeAll(async () => {
  const folder = temporaryFolder();
  store = join(folder, 'store');
  const payload = netflow5({ sysUpTime: uptime(70_000), seconds: noon + 70, engineId: 3 }, rows);
  writeFileSync(join(folder, 'a.pcap'), pcap({}, { packet: ethernet(ipv4(payload)), seconds: noon + 70 }));
  await runCli(['import', join(folder, 'a.pcap'), '--store', store, '--site', 'Seoul']);
});

describe('backtrail flows', () => {
  it('lists the earliest flow first, as an aligned table in UTC', async () => {
    expect(await list()).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        'Start (UTC)              Seconds  Proto          Source      Destination      Flags     Packets  Bytes  Exporter        Site',
        '2026-11-20 11:59:00.000    0.000  ICMP     198.51.100.7  ->  10.0.0.5 3.1                     1     56  192.0.2.7:4000  Seoul',
        '2026-11-20 12:00:00.000    2.500  TCP    10.0.0.5:51234  ->  198.51.100.7:22  ...AP.SF       12   1400  192.0.2.7:4000  Seoul',
        '2026-11-20 12:00:01.000   60.000  UDP     10.0.0.6:5353  ->  192.0.2.53:53                   40    900  192.0.2.7:4000  Seoul',
        '',
      ].join('\n'),
    });
  });

  it('writes JSON with epoch milliseconds and raw counters', async () => {
    const { stdout } = await list('--format', 'json', '--sort', 'bytes', '--limit', '1');
    expect(JSON.parse(stdout)).toEqual([
      {
        startMs: noon * 1000,
        endMs: noon * 1000 + 2500,
        protocol: 6,
        source: '10.0.0.5',
        sourcePort: 51_234,
        destination: '198.51.100.7',
        destinationPort: 22,
        tcpFlags: 27,
        packets: 12,
        bytes: 1400,
        exporter: '192.0.2.7',
        exporterPort: 4000,
        observationDomainId: 3,
        site: 'Seoul',
      },
    ]);
  });

  it.each([
    ['start', [56, 1400, 900]],
    ['bytes', [1400, 900, 56]],
    ['packets', [900, 1400, 56]],
    ['duration', [900, 1400, 56]],
  ])('sorts by %s', async (key, bytes) => {
    const { stdout } = await list('--sort', key, '--format', 'jsonl');
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { bytes: number }).bytes)).toEqual(bytes);
  });

  it('keeps the first of the order when it lists a part, and says so', async () => {
    const { stdout, stderr } = await list('--sort', 'packets', '--limit', '2', '--format', 'csv');
    expect(stdout).toBe(
      [
        'startMs,endMs,protocol,source,sourcePort,destination,destinationPort,tcpFlags,packets,bytes,exporter,exporterPort,observationDomainId,site',
        '1795176001000,1795176061000,17,10.0.0.6,5353,192.0.2.53,53,0,40,900,192.0.2.7,4000,3,Seoul',
        '1795176000000,1795176002500,6,10.0.0.5,51234,198.51.100.7,22,27,12,1400,192.0.2.7,4000,3,Seoul',
        '',
      ].join('\r\n'),
    );
    expect(stderr).toBe('2 of 3 flows are listed: --limit shows more, --from and --to fewer.\n');
  });

  it('lists what was there in the range, its end not included', async () => {
    const { stdout } = await list(
      '--from',
      '2026-11-20T12:00:01Z',
      '--to',
      '2026-11-20T12:00:01.001Z',
      '--format',
      'jsonl',
    );
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(
      (await list('--from', '2026-11-20T12:00:03Z', '--format', 'jsonl')).stdout.trim().split('\n'),
    ).toHaveLength(1);
  });

  it('says what times the store holds where the range holds none', async () => {
    expect(await list('--to', '2020-01-01')).toEqual({
      code: 0,
      stdout: '',
      stderr:
        'No flow was there in this range: the store holds flows from 2026-11-20T11:59:00.000Z to 2026-11-20T12:01:01.000Z.\n',
    });
    expect((await list('--to', '2020-01-01', '--format', 'json')).stdout).toBe('[]\n');
  });

  it.each([
    [
      ['--from', '2026-11-21', '--to', '2026-11-20'],
      /^backtrail: The range is empty: --from must be before --to\.\n$/,
    ],
    [['--sort', 'colour'], /Allowed choices are start, bytes, packets, duration/],
    [['dst prt 22'], /^backtrail: .*\n  dst prt 22\n      \^\^\^\n$/],
  ])('refuses %j in a sentence', async (args, sentence) => {
    const { code, stdout, stderr } = await list(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
  });

  it('says how to make a store where there is none', async () => {
    expect(await runCli(['flows', '--store', join(store, 'absent')])).toEqual({
      code: 2,
      stdout: '',
      stderr: `backtrail: There is no store in ${store}/absent: make one with "backtrail import FILE... --store ${store}/absent".\n`,
    });
  });

  it('keeps the aggregates of NetFlow v8 out of lists and counts of flows, and says so', async () => {
    const folder = temporaryFolder();
    const header = { sysUpTime: 6_000, seconds: noon, aggregation: 8 };
    const sums = netflow8(header, [aggregates[8] ?? new Uint8Array(), aggregates[8] ?? new Uint8Array()]);
    const single = netflow5({ sysUpTime: uptime(70_000), seconds: noon + 70 }, rows.slice(0, 1));
    const packets = [sums, single].map((payload) => ({ packet: ethernet(ipv4(payload)), seconds: noon }));
    writeFileSync(join(folder, 'mixed.pcap'), pcap({}, ...packets));
    await runCli(['import', join(folder, 'mixed.pcap'), '--store', join(folder, 'store')]);
    const result = await runCli(['flows', '--store', join(folder, 'store'), '--format', 'jsonl']);
    expect(result.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(result.stderr).toContain(
      '2 aggregates of NetFlow v8 in the range are sums over flows, and not listed.',
    );
  });
});
