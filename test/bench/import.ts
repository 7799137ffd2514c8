/**
 * Import speed and bytes per flow, beside nfdump on the same recorded flows. Run with the
 * folder of a recording: `npx node test/bench/import.ts .../lab/g_attacks`.
 *
 * Speed is measured on the recording's capture repeated (its packets back to back, so that start-up does not count),
 * size on the recording itself. nfdump is the field's yardstick: it reads its own files and writes them again, with and
 * without compression; it decodes nothing and waits for no disk.
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { importIntoFolder } from '../../core/app/import/files.ts';
import { Store } from '../../core/store/store.ts';

const REPEAT = 20;
const ROUNDS = 3;
const PCAP_HEADER = 24;

const [lab = ''] = process.argv.slice(2);
const work = join(tmpdir(), `backtrail-bench-${process.pid}`);

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Best of the rounds, in milliseconds: the machine's other work only ever adds. */
async function best(run: () => Promise<void> | void): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await run();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

function folderSize(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

async function importFresh(
  path: string,
): Promise<{ flows: number; bytes: number; columnBytes: number; plain: number }> {
  const folder = join(work, 'store');
  rmSync(folder, { recursive: true, force: true });
  const { files } = await importIntoFolder(folder, [path]);
  using store = Store.open(folder, { create: false });
  const { columns } = store.storage();
  return {
    flows: files.reduce((sum, file) => sum + file.addedRows, 0),
    bytes: folderSize(folder),
    columnBytes: columns.reduce((sum, column) => sum + column.stored, 0),
    plain: columns.reduce((sum, column) => sum + column.plain, 0),
  };
}

function repeated(path: string): string {
  const bytes = readFileSync(path);
  const target = join(work, 'repeated.pcap');
  const file = openSync(target, 'w');
  writeSync(file, bytes.subarray(0, PCAP_HEADER));
  for (let i = 0; i < REPEAT; i++) writeSync(file, bytes.subarray(PCAP_HEADER));
  closeSync(file);
  return target;
}

async function ours(): Promise<void> {
  const capture = join(lab, 'export.pcap');
  for (const [title, path] of [
    [basename(lab), capture],
    [`the same ${REPEAT} times`, repeated(capture)],
  ] as const) {
    let result = await importFresh(path);
    const ms = await best(async () => {
      result = await importFresh(path);
    });
    const perFlow = (bytes: number): string => (bytes / result.flows).toFixed(1);
    say(
      `backtrail import, ${title}: ${result.flows} flows, ${Math.round((result.flows / ms) * 1000)} flows/s`,
    );
    say(
      `  bytes a flow: ${perFlow(result.columnBytes)} in columns, ${perFlow(result.bytes)} with SQLite's pages`,
    );
    const folder = join(work, 'store');
    const scan = await best(() => {
      using store = Store.open(folder, { create: false });
      let flows = 0;
      for (const batch of store.scan()) flows += batch.count;
      if (flows !== result.flows) throw new Error(`${flows} flows read of ${result.flows}`);
    });
    say(`  read back: ${Math.round((result.flows / scan) * 1000)} flows/s`);
  }
  using store = Store.open(join(work, 'store'), { create: false });
  const largest = store.storage().columns.slice(0, 8);
  say(
    `  largest columns: ${largest.map(({ name, stored }) => `${name} ${Math.round(stored / 1024)} KiB`).join(', ')}`,
  );
}

async function peer(): Promise<void> {
  if (spawnSync('nfdump', ['-V']).status !== 0) {
    say('nfdump is not installed: no comparison.');
    return;
  }
  const source = join(lab, 'nfcapd');
  const nfdump = (...args: string[]): string =>
    spawnSync('nfdump', ['-R', source, ...args], { encoding: 'utf8' }).stdout;
  const flows = Number(/flows processed: (\d+)/.exec(nfdump('-o', 'null'))?.[1] ?? Number.NaN);
  say(`nfdump on the same recording's nfcapd files (${flows} flows):`);
  for (const [title, flag] of [
    ['uncompressed', undefined],
    ['LZO', '-z'],
    ['bz2', '-j'],
  ] as const) {
    const out = join(work, 'out.nfcapd');
    const ms = await best(() => void nfdump('-w', out, ...(flag ? [flag] : [])));
    const rate = Math.round((flows / ms) * 1000);
    say(
      `  read and written ${title}: ${rate} flows/s, ${(statSync(out).size / flows).toFixed(1)} bytes a flow`,
    );
  }
}

mkdirSync(work, { recursive: true });
try {
  if (statSync(join(lab, 'export.pcap'), { throwIfNoEntry: false })) {
    await ours();
    await peer();
  } else {
    say('Name a folder with export.pcap and nfcapd/ in it: nothing was measured.');
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
