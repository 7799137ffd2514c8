/**
 * What flows with realistic skew take on disk, and the processor time of storing them, beside nfdump on the same file.
 * `npx node test/bench/store.ts [FLOWS]`, a million without. Processor time, user's and system's, does not depend on what
 * else the machine does.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importIntoFolder } from '../../core/app/import-files.ts';
import { Store } from '../../core/store/store.ts';
import { writeSkewed } from './skewed-flows.ts';

const flows = Number(process.argv[2] ?? 1_000_000);
const ROUNDS = 3;
const work = join(tmpdir(), `backtrail-store-${process.pid}`);
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const perFlow = (bytes: number): string => `${(bytes / flows).toFixed(2)} bytes a flow`;

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

function peer(file: string): void {
  say(`nfdump uncompressed: ${perFlow(statSync(file).size)}`);
  const zstd = join(work, 'zstd.nfcapd');
  writeSkewed(zstd, flows, { zstd: true });
  say(`nfdump's blocks in zstd, as 1.7.2 and later write them: ${perFlow(statSync(zstd).size)}`);
  for (const [title, flag] of [
    ['LZ4', '-y'],
    ['bz2', '-j'],
  ] as const) {
    const out = join(work, 'out.nfcapd');
    if (spawnSync('nfdump', ['-r', file, flag, '-w', out]).status !== 0)
      return say('nfdump is not installed.');
    say(`nfdump ${title}: ${perFlow(statSync(out).size)}`);
  }
}

mkdirSync(work, { recursive: true });
try {
  const file = join(work, 'flows.nfcapd');
  writeSkewed(file, flows);
  await ours(file);
  peer(file);
} finally {
  rmSync(work, { recursive: true, force: true });
}
