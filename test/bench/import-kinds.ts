/**
 * Flows a second of processor time and peak memory of every kind of archive, beside nfdump reading what it can of them: whole
 * processes, the median of ROUNDS. Processor time, user's and system's, does not depend on what else the machine does; all of
 * these take about as long on an idle one. nfdump is too fast for that clock, and its time is the elapsed one. `node test/bench/import-kinds.ts [FLOWS [LARGE]]` makes files of FLOWS flows of each kind, and one nfcapd
 * file of LARGE flows (0: none), which is imported once.
 *
 * "read" decodes the file and counts its flows, as `nfdump -r FILE -o null` does; "import" is `backtrail import` into a new
 * store, hash and all, every chunk on disk.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { FileSource } from '../../core/app/import/file-source.ts';
import { loadElements } from '../../core/app/resources.ts';
import { readArchive } from '../../core/archive/archive.ts';
import { tables, writeFlowTools, writeNfcapd, writePcap, writeTable } from './made-archives.ts';

const ROUNDS = 5;
const self = fileURLToPath(import.meta.url);
const program = fileURLToPath(new URL('../../core/cli/start.js', import.meta.url));
const work = join(tmpdir(), `backtrail-kinds-${process.pid}`);

interface Measured {
  readonly elapsed: number;
  /** Of processor time. */
  readonly seconds: number;
  readonly mebibytes: number;
}

/** One process: its times, and the most memory it held (GNU time). */
function once(command: string, args: readonly string[]): Measured {
  const begun = performance.now();
  const result = spawnSync('/usr/bin/time', ['-f', '%U %S %M', command, ...args], { encoding: 'utf8' });
  const elapsed = (performance.now() - begun) / 1000;
  const [, user, system, kibibytes] = /([\d.]+) ([\d.]+) (\d+)\s*$/.exec(result.stderr) ?? [];
  if (result.status !== 0 || kibibytes === undefined)
    throw new Error(`${command} ${args.join(' ')}: ${result.stderr}`);
  return {
    elapsed,
    seconds: Math.max(Number(user) + Number(system), 0.005),
    mebibytes: Number(kibibytes) / 1024,
  };
}

function median(rounds: number, command: string, args: readonly string[], prepare?: () => void): Measured {
  const all = Array.from({ length: rounds }, () => {
    prepare?.();
    return once(command, args);
  });
  const middle = (pick: (one: Measured) => number): number =>
    all.map(pick).toSorted((x, y) => x - y)[Math.floor(rounds / 2)] ?? Number.NaN;
  return {
    elapsed: middle(({ elapsed }) => elapsed),
    seconds: middle(({ seconds }) => seconds),
    mebibytes: Math.max(...all.map(({ mebibytes }) => mebibytes)),
  };
}

/** What a measured child does: reads a file and counts. */
function readOnly(path: string): void {
  using source = new FileSource(path);
  let flows = 0;
  for (const chunk of readArchive(source, { elements: loadElements() })) flows += chunk.batch.count;
  process.stdout.write(`${flows}\n`);
}

function makeFiles(flows: number): [kind: string, path: string][] {
  const at = (name: string): string => join(work, name);
  writeNfcapd(at('none.nfcapd'), flows);
  writeNfcapd(at('zstd.nfcapd'), flows, true);
  const files: [string, string][] = [['nfcapd', at('none.nfcapd')]];
  for (const [kind, flag] of [
    ['LZO', '-z'],
    ['LZ4', '-y'],
    ['bz2', '-j'],
  ] as const) {
    const path = at(`${kind}.nfcapd`);
    const { status } = spawnSync('nfdump', ['-r', at('none.nfcapd'), '-w', path, flag]);
    if (status === 0) files.push([`nfcapd ${kind}`, path]);
  }
  files.push(['nfcapd zstd', at('zstd.nfcapd')]);
  const plain = readFileSync(at('none.nfcapd'));
  writeFileSync(at('none.gz'), gzipSync(plain));
  writeFileSync(at('none.zst'), zstdCompressSync(plain));
  files.push(['nfcapd in gzip', at('none.gz')], ['nfcapd in zstd', at('none.zst')]);
  writeFlowTools(at('flow-tools'), flows);
  writePcap(at('pcap'), flows);
  files.push(['flow-tools', at('flow-tools')], ['pcap of v5', at('pcap')]);
  const csv = spawnSync('nfdump', ['-r', at('none.nfcapd'), '-o', 'csv'], {
    maxBuffer: 2 ** 32,
    env: { ...process.env, TZ: 'UTC' },
  });
  if (csv.status === 0) {
    writeFileSync(at('csv'), csv.stdout);
    files.push(['nfdump -o csv', at('csv')]);
  }
  for (const [kind, { head, line }] of Object.entries(tables)) {
    writeTable(at(kind), head, flows, line);
    files.push([kind, at(kind)]);
  }
  return files;
}

function line(...cells: readonly (string | number)[]): void {
  const [first = '', ...rest] = cells.map((cell) =>
    typeof cell === 'number' ? Math.round(cell).toLocaleString('en') : cell,
  );
  process.stdout.write(`${first.padEnd(18)}${rest.map((cell) => cell.padStart(13)).join('')}\n`);
}

function compare(flows: number): void {
  const store = join(work, 'store');
  line('', 'bytes/flow', 'read/s', 'MiB', 'import/s', 'MiB', 'nfdump -r/s', 'MiB');
  for (const [kind, path] of makeFiles(flows)) {
    const read = median(ROUNDS, process.execPath, [self, '--read', path]);
    const imported = median(
      ROUNDS,
      process.execPath,
      [program, 'import', path, '--store', store, '--site', 'bench'],
      () => rmSync(store, { recursive: true, force: true }),
    );
    // nfdump 1.7.1 reads its own files, and not those compressed by zstd or around.
    const readable = /^nfcapd( LZO| LZ4| bz2)?$/.test(kind);
    const peer = readable ? median(ROUNDS, 'nfdump', ['-r', path, '-o', 'null']) : undefined;
    line(
      kind,
      statSync(path).size / flows,
      flows / read.seconds,
      read.mebibytes,
      flows / imported.seconds,
      imported.mebibytes,
      peer ? flows / peer.elapsed : '-',
      peer ? peer.mebibytes : '-',
    );
    rmSync(path);
  }
  rmSync(store, { recursive: true, force: true });
}

function importLarge(flows: number): void {
  const path = join(work, 'large.nfcapd');
  const store = join(work, 'store');
  writeNfcapd(path, flows);
  const { elapsed, seconds, mebibytes } = once(process.execPath, [
    program,
    'import',
    path,
    '--store',
    store,
    '--site',
    'bench',
  ]);
  const peer = once('nfdump', ['-r', path, '-o', 'null']);
  line(`one nfcapd file of ${flows.toLocaleString('en')} flows:`, '');
  line('  imported', flows / seconds, mebibytes, `${elapsed.toFixed(1)} s`);
  line('  nfdump -r', flows / peer.seconds, peer.mebibytes, `${peer.elapsed.toFixed(1)} s`);
}

const [first = '1000000', second = '10000000'] = process.argv.slice(2);
if (first === '--read') readOnly(second);
else {
  mkdirSync(work, { recursive: true });
  try {
    compare(Number(first));
    if (Number(second) > 0) importLarge(Number(second));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
