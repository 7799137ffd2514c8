/**
 * Decoding speed of each protocol, from captures in memory to batches of columns, beside tshark on the same capture. Run
 * with the folder of the reference data: `npx node test/bench/decode.ts .../corpus`.
 *
 * Each capture is repeated until it has some hundred thousand records. tshark reads the same file from a memory file system
 * where there is one and prints one field a record; it decodes on one core as we do, and keeps nothing either. Both are
 * measured in CPU time (ours with the garbage collector's threads), which other work on the machine disturbs least.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadElements } from '../../core/app/resources.ts';
import { readArchive } from '../../core/archive/archive.ts';
import { memorySource } from '../../core/archive/byte-cursor.ts';
import { aggregates, netflow7, netflow8 } from '../build/netflow-fixed.ts';
import { ethernet, ipv4, pcap } from '../build/pcap.ts';

const RECORDS = 400_000;
const TSHARK_RECORDS = 40_000;
const ROUNDS = 3;
const PCAP_HEADER = 24;

const [corpus = ''] = process.argv.slice(2);

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Records of a capture, and the milliseconds of CPU time that decoding took. */
function decode(bytes: Uint8Array): { records: number; took: number } {
  const started = process.cpuUsage();
  let records = 0;
  for (const { batch, options } of readArchive(memorySource(bytes), { elements: loadElements() })) {
    records += batch.count + options.length;
  }
  const { user, system } = process.cpuUsage(started);
  return { records, took: (user + system) / 1000 };
}

/** Where the last whole packet of a little-endian capture ends: recorded captures may be cut. */
function wholeEnd(capture: Uint8Array): number {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.length);
  let end = PCAP_HEADER;
  while (end + 16 <= capture.length) {
    const next = end + 16 + view.getUint32(end + 8, true);
    if (next > capture.length) break;
    end = next;
  }
  return end;
}

function repeated(capture: Uint8Array, times: number): Uint8Array {
  const body = capture.subarray(PCAP_HEADER, wholeEnd(capture));
  const bytes = new Uint8Array(PCAP_HEADER + times * body.length);
  bytes.set(capture.subarray(0, PCAP_HEADER));
  for (let n = 0; n < times; n++) bytes.set(body, PCAP_HEADER + n * body.length);
  return bytes;
}

function measureTshark(capture: Uint8Array, records: number, protocol: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'backtrail-bench-'));
  const path = join(folder, 'capture.pcap');
  const times = Math.max(1, Math.ceil(TSHARK_RECORDS / records));
  writeFileSync(path, repeated(capture, times));
  const field = protocol === 'sflow' ? 'sflow_245.sampletype' : 'cflow.octets';
  const args = ['-r', path, '-d', `udp.port==1-65535,${protocol}`, '-T', 'fields', '-e', field];
  const script = 'TIMEFORMAT="%U %S"; time tshark "$@" >/dev/null 2>/dev/null';
  const { status, stderr } = spawnSync('bash', ['-c', script, 'tshark', ...args], { encoding: 'utf8' });
  const took = 1000 * stderr.split(' ').reduce((sum, seconds) => sum + Number(seconds), 0);
  rmSync(folder, { recursive: true, force: true });
  return status === 0 ? `${perSecond(records * times, took)} tshark` : 'no tshark';
}

const perSecond = (records: number, ms: number): string =>
  `${(Math.round(records / ms) * 1000).toLocaleString('en')}/s`;

function bench(name: string, capture: Uint8Array, protocol: string): void {
  const once = decode(capture).records;
  const bytes = repeated(capture, Math.ceil(RECORDS / once));
  const runs = Array.from({ length: ROUNDS }, () => decode(bytes));
  const took = Math.min(...runs.map((run) => run.took));
  const megabytes = bytes.length / 1e6 / (took / 1000);
  const ours = `${perSecond(runs[0]?.records ?? 0, took)}, ${megabytes.toFixed(0)} MB/s`;
  say(`${name.padEnd(12)} ${ours.padEnd(28)} ${measureTshark(capture, once, protocol)}`);
}

const recorded: readonly (readonly [name: string, file: string, protocol: string])[] = [
  ['NetFlow v1', 'netflow1/nf1-softflowd.pcap', 'cflow'],
  ['NetFlow v5', 'netflow5/nf5-isp-2007-80k.pcap', 'cflow'],
  ['NetFlow v9', 'netflow9/nf9-backbone-40k.pcap', 'cflow'],
  ['IPFIX', 'ipfix/ipfix-pmacct-400a.pcap', 'cflow'],
  ['sFlow v5', 'sflow/sflow-lan-2011-600.pcap', 'sflow'],
];

const flow = { source: '10.0.0.1', destination: '10.0.0.2', packets: 3, octets: 180, first: 1, last: 2 };
const seven = netflow7(
  { sysUpTime: 10, seconds: 1_600_000_000 },
  Array.from({ length: 27 }, () => flow),
);
const prefixes = Array.from({ length: 35 }, () => aggregates[5] ?? new Uint8Array());
const eight = netflow8({ aggregation: 5, sysUpTime: 10_000, seconds: 1_600_000_000 }, prefixes);

for (const [name, file, protocol] of recorded) bench(name, readFileSync(join(corpus, file)), protocol);
bench('NetFlow v7', pcap({}, ethernet(ipv4(seven))), 'cflow');
bench('NetFlow v8', pcap({}, ethernet(ipv4(eight))), 'cflow');
say(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB, captures included`);
