import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { netflow5, type Flow5 } from '../build/netflow.ts';
import { ethernet, ipv4, pcap } from '../build/pcap.ts';
import { runCli, temporaryFolder, type CliResult } from '../support.ts';

/** 2026-11-20T12:00:00Z in seconds. The router booted 100 seconds before. */
const noon = Date.UTC(2026, 10, 20, 12) / 1000;
const flow = (source: string, destinationPort: number, octets: number, second: number): Flow5 => ({
  source,
  destination: '198.51.100.7',
  sourcePort: 40_000,
  destinationPort,
  protocol: 6,
  flags: 0x1b,
  packets: 2,
  octets,
  first: 100_000 + second * 1000,
  last: 100_000 + second * 1000 + 1000,
});

let store = '';
const top = (...args: string[]): Promise<CliResult> => runCli(['top', ...args, '--store', store]);

beforeAll(async () => {
  const folder = temporaryFolder();
  store = join(folder, 'store');
  const flows = [
    flow('10.0.0.1', 22, 100, 0),
    flow('10.0.0.1', 443, 300, 10),
    flow('10.0.0.2', 443, 200, 20),
    flow('10.1.0.3', 53, 50, 30),
  ];
  const payload = netflow5({ sysUpTime: 170_000, seconds: noon + 70 }, flows);
  writeFileSync(join(folder, 'a.pcap'), pcap({}, { packet: ethernet(ipv4(payload)), seconds: noon + 70 }));
  await runCli(['import', join(folder, 'a.pcap'), '--store', store]);
});

describe('backtrail top', () => {
  it('shows the largest first, with their part of the whole and when they were seen', async () => {
    expect(await top('srcip', '-n', '2')).toEqual({
      code: 0,
      stdout: [
        'srcip     Flows  Packets  Bytes  % of bytes  First (UTC)              Last (UTC)',
        '10.0.0.1      2        4    400        61.5  2026-11-20 12:00:00.000  2026-11-20 12:00:11.000',
        '10.0.0.2      1        2    200        30.8  2026-11-20 12:00:20.000  2026-11-20 12:00:21.000',
        '',
      ].join('\n'),
      stderr: '2 of 3 are shown: -n shows more.\n',
    });
  });

  it('counts by several fields of what the filter selects, as CSV', async () => {
    const { stdout } = await top('srcnet/16,dstport', 'dst port', '443', '--by', 'flows', '--format', 'csv');
    expect(stdout).toBe(
      [
        'srcnet/16,dstport,flows,packets,bytes,firstMs,lastMs',
        '10.0.0.0/16,443,2,4,500,1795176010000,1795176021000',
        '',
      ].join('\r\n'),
    );
  });

  it('writes one object a line', async () => {
    const { stdout } = await top('dstport', '--by', 'bytes', '-n', '1', '--format', 'jsonl');
    expect(JSON.parse(stdout)).toEqual({
      dstport: '443',
      flows: 2,
      packets: 4,
      bytes: 500,
      firstMs: 1_795_176_010_000,
      lastMs: 1_795_176_021_000,
    });
  });

  it('points at what it does not understand in a filter', async () => {
    const { code, stdout, stderr } = await top('srcip', 'dst prt 22');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^backtrail: .*"prt".*\n {2}dst prt 22\n {6}\^\^\^\n$/);
  });

  it('refuses a field that nothing has', async () => {
    const { code, stderr } = await top('colour');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^backtrail: Nothing can be counted by "colour": write srcip, /);
  });
});

describe('backtrail series', () => {
  const series = (...args: string[]): Promise<CliResult> => runCli(['series', ...args, '--store', store]);

  it('spreads bytes over time, one column a value', async () => {
    const { stdout } = await series('--bucket', '10s', '--split', 'dstport', '--format', 'csv');
    expect(stdout).toBe(
      [
        'startMs,443,22,53',
        '1795176000000,0,100,0',
        '1795176010000,300,0,0',
        '1795176020000,200,0,0',
        '1795176030000,0,0,50',
        '',
      ].join('\r\n'),
    );
  });

  it('is a table in UTC unless asked otherwise', async () => {
    const { stdout } = await series('dst port 443', '--bucket', '1m', '--by', 'flows');
    expect(stdout).toBe('Start (UTC)              all\n2026-11-20 12:00:00.000    2\n');
  });

  it('refuses a width that is none', async () => {
    const { code, stderr } = await series('--bucket', 'often');
    expect(code).toBe(2);
    expect(stderr).toContain('Write a width such as 30s, 5m, 1h or 1d.');
  });
});
