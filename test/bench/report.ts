/**
 * The report on a month of many flows: how long, how much memory, how many pages.
 *
 *   npx node test/bench/report.ts [--flows 10000000] [--store DIR]
 *
 * `--store` keeps the store between runs. The report is made by the command, in a process of its own, three times; the
 * peer in the same run is nfdump's own top list by bytes over the same flows, one of the some twelve questions of a report.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { importIntoFolder } from '../../core/app/import-files.ts';
import { writeSkewed } from './skewed-flows.ts';

const { values: options } = parseArgs({
  options: { flows: { type: 'string', default: '10000000' }, store: { type: 'string' } },
});

const flows = Number(options.flows);
const FROM = Date.UTC(2026, 10, 1);
const DAYS = 30;
const RUNS = 3;
const work = options.store ?? mkdtempSync(join(tmpdir(), 'backtrail-report-'));
const archive = join(work, 'month.nfcapd');
const store = join(work, 'store');
const program = fileURLToPath(new URL('../../core/cli/start.js', import.meta.url));

interface Run {
  readonly seconds: number;
  readonly megabytes: number;
}

/** Runs a program to its end under GNU time, which tells its largest memory. */
function measure(command: string, args: readonly string[]): Run {
  const began = performance.now();
  const { status, stderr } = spawnSync('/usr/bin/time', ['-f', '%M', command, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
  const kilobytes = Number(stderr.trim().split('\n').at(-1));
  return { seconds: (performance.now() - began) / 1000, megabytes: kilobytes / 1024 };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const row = (name: string, runs: readonly Run[]): void => {
  const seconds = median(runs.map((run) => run.seconds)).toFixed(1);
  const megabytes = median(runs.map((run) => run.megabytes)).toFixed(0);
  console.log(`| ${name} | ${seconds} s | ${megabytes} MB |`);
};

try {
  if (!existsSync(store)) {
    mkdirSync(work, { recursive: true });
    writeSkewed(archive, flows, { from: FROM, perSecond: flows / (DAYS * 86_400) });
    await importIntoFolder(store, [archive]);
  }
  const out = join(work, 'month.pdf');
  const report = ['report', '--month', '2026-11', '--store', store, '--out', out];
  const ours = Array.from({ length: RUNS }, () => measure(process.execPath, [program, ...report]));
  const pages = /Pages:\s+(\d+)/.exec(spawnSync('pdfinfo', [out], { encoding: 'utf8' }).stdout)?.[1] ?? '?';
  const theirs = Array.from({ length: RUNS }, () =>
    measure('nfdump', ['-q', '-r', archive, '-s', 'ip/bytes', '-n', '100']),
  );
  console.log(`${flows} flows in a month, ${pages} pages, medians of ${RUNS}\n`);
  console.log('| what | time | largest memory |\n| --- | --- | --- |');
  row('the whole report', ours);
  row('nfdump, one top list', theirs);
} finally {
  if (options.store === undefined) rmSync(work, { recursive: true, force: true });
}
