/**
 * What flows with realistic skew take on disk, and the processor time of storing them, beside nfdump on the same file.
 * `npx node test/bench/store.ts [FLOWS]`, a million without. Two sets of made flows: those of a gateway with answers, and a
 * day of test/bench/query.ts. Processor time, user's and system's, does not depend on what else the machine does.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { importIntoFolder } from '../../core/app/import/files.ts';
import { Store } from '../../core/store/store.ts';
import { makeDay, writeNfcapd } from './query-flows.ts';
import { writeSkewed } from './skewed-flows.ts';

const flows = Number(process.argv[2] ?? 1_000_000);
const ROUNDS = 3;
const FILE_HEADER = 40;
const BLOCK_HEADER = 12;
const work = join(tmpdir(), `backtrail-store-${process.pid}`);
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const perFlow = (bytes: number): string => `${(bytes / flows).toFixed(2)} bytes a flow`;

const sets: readonly (readonly [title: string, write: (file: string) => void])[] = [
  ['A gateway with answers', (file) => writeSkewed(file, flows)],
  ['A day of test/bench/query.ts', (file) => writeNfcapd(file, makeDay(0, flows))],
];

async function ours(file: string): Promise<void> {
  const folder = join(work, 'store');
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rmSync(folder, { recursive: true, force: true });
    const before = process.cpuUsage();
    await importIntoFolder(folder, [file]);
    const { user, system } = process.cpuUsage(before);
    seconds.push((user + system) / 1e6);
  }
  const median = seconds.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN;
  using store = Store.open(folder, { create: false });
  const { days, columns } = store.storage();
  const bytes = days.reduce((sum, day) => sum + day.bytes, 0);
  const segments = days.reduce((sum, day) => sum + day.segments, 0);
  say(
    `backtrail: ${perFlow(bytes)} in ${segments} segments, ${Math.round(flows / median)} flows a CPU second`,
  );
  for (const { name, stored } of columns.slice(0, 12)) say(`  ${name}: ${perFlow(stored)}`);
}

/** What nfdump's file takes where its blocks are compressed by zstd, as 1.7.2 and later write them. */
function sizeInZstd(file: string): number {
  const bytes = readFileSync(file);
  let size = FILE_HEADER;
  for (let at = FILE_HEADER; at < bytes.length;) {
    const end = at + BLOCK_HEADER + bytes.readUInt32LE(at + 4);
    size += BLOCK_HEADER + zstdCompressSync(bytes.subarray(at + BLOCK_HEADER, end)).length;
    at = end;
  }
  return size;
}

function peer(file: string): void {
  say(`nfdump uncompressed: ${perFlow(statSync(file).size)}`);
  say(`nfdump's blocks in zstd: ${perFlow(sizeInZstd(file))}`);
  const found: { readonly title: string; readonly bytes: number }[] = [];
  for (const [title, flag] of [
    ['LZO', '-z'],
    ['LZ4', '-y'],
    ['bz2', '-j'],
  ] as const) {
    const out = join(work, 'out.nfcapd');
    if (spawnSync('nfdump', ['-r', file, flag, '-w', out]).status !== 0)
      return say('nfdump is not installed.');
    found.push({ title, bytes: statSync(out).size });
    say(`nfdump ${title}: ${perFlow(statSync(out).size)}`);
  }
  const best = found.reduce((least, one) => (one.bytes < least.bytes ? one : least));
  say(`nfdump's best: ${best.title}, ${perFlow(best.bytes)}`);
}

mkdirSync(work, { recursive: true });
try {
  for (const [title, write] of sets) {
    say(`\n${title}, ${flows} flows:`);
    const file = join(work, 'flows.nfcapd');
    write(file);
    await ours(file);
    peer(file);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
