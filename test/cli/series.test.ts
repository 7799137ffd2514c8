import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { netflow5, type Flow5 } from '../build/netflow.ts';
import { ethernet, ipv4, pcap } from '../build/pcap.ts';
import { runCli, temporaryFolder, type CliResult } from '../support.ts';

/** 2026-11-20T12:00:00Z in seconds. The router booted 100 seconds before. */
const noon = Date.UTC(2026, 10, 20, 12) / 1000;
const noonMs = noon * 1000;

/** From one second after noon to another. */
const flow = (protocol: number, octets: number, from: number, to: number): Flow5 => ({
  source: '10.0.0.1',
  destination: '198.51.100.7',
  sourcePort: 40_000,
  destinationPort: 443,
  protocol,
  flags: 0x1b,
  packets: 4,
  octets,
  first: 100_000 + from * 1000,
  last: 100_000 + to * 1000,
});

let store = '';
const series = (...args: string[]): Promise<CliResult> => runCli(['series', ...args, '--store', store]);

beforeAll(async () => {
  const folder = temporaryFolder();
  store = join(folder, 'store');
  // One that lies within ten seconds, one that lasts over four times as many, one of another protocol.
  const flows = [flow(6, 100, 1, 2), flow(6, 400, 0, 40), flow(17, 30, 21, 22), flow(1, 7, 35, 36)];
  const payload = netflow5({ sysUpTime: 170_000, seconds: noon + 70 }, flows);
  writeFileSync(join(folder, 'a.pcap'), pcap({}, { packet: ethernet(ipv4(payload)), seconds: noon + 70 }));
  await runCli(['import', join(folder, 'a.pcap'), '--store', store]);
});

it('spreads a long flow over its life, and puts a short one where it is', async () => {
  const { stdout, code } = await series('--bucket', '10s', '--format', 'csv', 'proto tcp');
  expect(code).toBe(0);
  expect(stdout.split(/\r?\n/).slice(0, 5)).toEqual([
    'startMs,all',
    `${noonMs},200`,
    `${noonMs + 10_000},100`,
    `${noonMs + 20_000},100`,
    `${noonMs + 30_000},100`,
  ]);
});

it('has a line for each of the largest values, and one for all others', async () => {
  const { stdout } = await series('--bucket', '1m', '--split', 'proto', '--lines', '1', '--format', 'jsonl');
  expect(JSON.parse(stdout)).toEqual({ startMs: noonMs, 6: 500, other: 37 });
});

it('counts a flow where it begins', async () => {
  const { stdout } = await series('--bucket', '10s', '--by', 'flows', '--format', 'csv');
  expect(stdout.split(/\r?\n/).slice(1, 5)).toEqual([
    `${noonMs},2`,
    `${noonMs + 10_000},0`,
    `${noonMs + 20_000},1`,
    `${noonMs + 30_000},1`,
  ]);
});
