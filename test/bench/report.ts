/**
 * The report on a month of many flows: how long, how much of the processors, how much memory, how many pages.
 *
 *   npx node test/bench/report.ts [--flows 50000000] [--work DIR] [--runs 3]
 *
 * `--work` keeps the flows between runs, and goes on where making them was broken off. The report is made by the command, in
 * a process of its own; the peer in the same run is nfdump's own top list by bytes over the same flows, one of the some
 * twelve questions of a report.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { importIntoFolder } from '../../core/app/import/files.ts';
import { makeDay, writeNfcapd } from './query-flows.ts';

const { values: options } = parseArgs({
  options: {
    flows: { type: 'string', default: '50000000' },
    work: { type: 'string' },
    runs: { type: 'string', default: '3' },
  },
});

const DAYS = 30;
const daily = Math.round(Number(options.flows) / DAYS);
const work = options.work ?? mkdtempSync(join(tmpdir(), 'backtrail-report-'));
const archives = join(work, 'nfcapd');
const store = join(work, 'store');
const program = fileURLToPath(new URL('../../core/cli/start.js', import.meta.url));

interface Run {
  readonly seconds: number;
  readonly processor: number;
  readonly megabytes: number;
}

/** Runs a program to its end under GNU time, which tells its processor time and its largest memory. */
function measure(command: string, args: readonly string[]): Run {
  const began = performance.now();
  const { status, stderr } = spawnSync('/usr/bin/time', ['-f', '%U %S %M', command, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const seconds = (performance.now() - began) / 1000;
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
  const [user = 0, system = 0, kilobytes = 0] = (stderr.trim().split('\n').at(-1) ?? '')
    .split(' ')
    .map(Number);
  return { seconds, processor: user + system, megabytes: kilobytes / 1024 };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function row(name: string, runs: readonly Run[]): void {
  const of = (figure: keyof Run, digits: number): string =>
    median(runs.map((run) => run[figure])).toFixed(digits);
  console.log(`| ${name} | ${of('seconds', 1)} s | ${of('processor', 1)} s | ${of('megabytes', 0)} MB |`);
}

/** Each day is a file, which has its last name once its flows are stored. */
async function makeFlows(): Promise<void> {
  mkdirSync(archives, { recursive: true });
  for (let day = 0; day < DAYS; day++) {
    const name = `nfcapd.202611${String(day + 1).padStart(2, '0')}0000`;
    const stored = join(archives, name);
    if (existsSync(stored)) continue;
    const fresh = join(work, name);
    writeNfcapd(fresh, makeDay(day, daily));
    await importIntoFolder(store, [fresh]);
    renameSync(fresh, stored);
  }
}

try {
  await makeFlows();
  const out = join(work, 'month.pdf');
  const report = ['report', '--month', '2026-11', '--store', store, '--out', out];
  const runs = { length: Number(options.runs) };
  const ours = Array.from(runs, () => measure(process.execPath, [program, ...report]));
  const pages = /Pages:\s+(\d+)/.exec(spawnSync('pdfinfo', [out], { encoding: 'utf8' }).stdout)?.[1] ?? '?';
  const theirs = Array.from(runs, () =>
    measure('nfdump', ['-q', '-R', archives, '-s', 'ip/bytes', '-n', '100']),
  );
  console.log(`${daily * DAYS} flows in a month, ${pages} pages, medians of ${options.runs}\n`);
  console.log('| what | time | of processors | largest memory |\n| --- | --- | --- | --- |');
  row('the whole report', ours);
  row('nfdump, one top list', theirs);
} finally {
  if (options.work === undefined) rmSync(work, { recursive: true, force: true });
}
