/**
 * Queries beside nfdump on the same flows and DuckDB on the same columns, in one run.
 *
 *   npx node test/bench/query.ts [--flows 10000000] [--work DIR] [--duckdb DIR] [--repeats 5]
 *
 * `--duckdb` (or DUCKDB_NODE_API) names a folder in which `npm i @duckdb/node-api` was run; without it DuckDB is left
 * out. `--work` keeps the files between runs. Every question is asked five times after one that warms up, by each
 * program in turn; the medians are printed as a Markdown table, with how many times faster we are (below 1: slower). Each
 * of our questions runs in a process of its own, whose first answer (threads started, nothing kept yet) and largest memory
 * are told too. Who asks with the same filter again is answered from what was kept of it: therefore one question is asked
 * with another address each time. Behind each time is the processor time of all threads, which a busy machine changes
 * less, and behind both of another program's how many times ours they are.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { exportFlows } from '../../core/app/export/flows.ts';
import { importIntoFolder } from '../../core/app/import/files.ts';
import { openQueries } from '../../core/app/query/queries.ts';
import { formatAddress } from '../../core/model/address.ts';
import { epochMs, formatTime } from '../../core/model/time.ts';
import { DAY_MS, FIRST_DAY, makeDay, outsideHost, writeNfcapd, writeParquet } from './query-flows.ts';

const FLOWS_A_DAY = 1_000_000;
const EXPORT = 'everything as CSV';

const { values: options } = parseArgs({
  options: {
    flows: { type: 'string', default: '10000000' },
    work: { type: 'string' },
    duckdb: { type: 'string', default: process.env['DUCKDB_NODE_API'] ?? '' },
    only: { type: 'string', default: '' },
    /** Times that each question is asked after the first. */
    repeats: { type: 'string', default: '5' },
    /** Internal: measure one program's questions and print them as JSON. */
    measure: { type: 'string' },
  },
});

const REPEATS = Number(options.repeats);
const days = Math.max(1, Math.round(Number(options.flows) / FLOWS_A_DAY));
const work = options.work ?? mkdtempSync(join(tmpdir(), 'backtrail-query-'));
const store = join(work, 'store');
const archives = {
  plain: join(work, 'nfcapd'),
  lz4: join(work, 'nfcapd-lz4'),
  lzo: join(work, 'nfcapd-lzo'),
};

const address = (host: number): string =>
  formatAddress(Uint8Array.of(host >>> 24, (host >>> 16) & 255, (host >>> 8) & 255, host & 255));
const rare = outsideHost(150_000);
const busy = outsideHost(0);
const from = FIRST_DAY + Math.floor(days / 2) * DAY_MS;
const to = from + DAY_MS / 2;

const nfTime = (time: number): string =>
  formatTime(epochMs(time)).slice(0, 19).replaceAll('-', '/').replace('T', '.');
/** nfdump reads local time; the processes run in UTC. `to` is within its range. */
const nfRange = `${nfTime(from)}-${nfTime(to - 1000)}`;

interface Question {
  readonly name: string;
  /** Each in its `round`: the first time, and each repetition. */
  readonly nfdump: (round: number) => readonly string[];
  readonly sql: (round: number) => string;
  ours(queries: ReturnType<typeof openQueries>, round: number): Promise<unknown>;
}

/** The largest destination ports of one address. */
const portsOf = (name: string, hostOf: (round: number) => number): Question => ({
  name,
  nfdump: (round) => ['-s', 'dstport/bytes', '-n', '10', `ip ${address(hostOf(round))}`],
  sql: (round) =>
    `SELECT "destinationPort", count(*), sum(packets), sum(bytes) b FROM flows WHERE source = ${hostOf(round)} OR destination = ${hostOf(round)} GROUP BY 1 ORDER BY b DESC LIMIT 10`,
  ours: (queries, round) =>
    queries.top({
      fields: ['dstport'],
      by: 'bytes',
      limit: 10,
      times: false,
      filter: `ip ${address(hostOf(round))}`,
    }),
});

async function listAll(queries: ReturnType<typeof openQueries>, filter: string): Promise<void> {
  const { list, listed } = await queries.openList({ filter, sort: 'start', descending: false });
  for (let at = 0; at < Math.min(listed, 1000); at += 1000) await queries.page(list, at, 1000);
  queries.closeList(list);
}

const questions: readonly Question[] = [
  {
    name: 'one rare address, all its flows',
    nfdump: () => ['-q', '-o', 'line', `ip ${address(rare)}`],
    sql: () => `SELECT * FROM flows WHERE source = ${rare} OR destination = ${rare} ORDER BY "start"`,
    ours: (queries) => listAll(queries, `ip ${address(rare)}`),
  },
  portsOf('the busiest address, its top 10 ports', () => busy),
  portsOf('a busy address, another each time, its top 10 ports', (round) => outsideHost(1 + round)),
  {
    name: 'a port range in half a day, top 10 hosts',
    nfdump: () => ['-t', nfRange, '-s', 'dstip/bytes', '-n', '10', 'dst port > 7999 and dst port < 8101'],
    sql: () =>
      `SELECT destination, count(*), sum(packets), sum(bytes) b FROM flows WHERE "destinationPort" BETWEEN 8000 AND 8100 AND "start" < ${to} AND "end" >= ${from} GROUP BY 1 ORDER BY b DESC LIMIT 10`,
    ours: (queries) =>
      queries.top({
        fields: ['dstip'],
        by: 'bytes',
        limit: 10,
        times: false,
        from: epochMs(from),
        to: epochMs(to),
        filter: 'dst port > 7999 and dst port < 8101',
      }),
  },
  {
    name: 'top 10 sources by bytes, everything',
    nfdump: () => ['-s', 'srcip/bytes', '-n', '10'],
    sql: () =>
      'SELECT source, count(*), sum(packets), sum(bytes) b FROM flows GROUP BY 1 ORDER BY b DESC LIMIT 10',
    ours: (queries) => queries.top({ fields: ['srcip'], by: 'bytes', limit: 10, times: false }),
  },
  {
    name: 'bytes an hour by protocol, everything',
    // nfdump has no series: its sums by protocol read the same.
    nfdump: () => ['-s', 'proto/bytes', '-n', '10'],
    sql: () => 'SELECT "start" // 3600000 h, protocol, sum(bytes) FROM flows GROUP BY 1, 2 ORDER BY 1',
    ours: (queries) => queries.series({ split: 'proto', by: 'bytes', bucketMs: 3_600_000 }),
  },
];

if (options.measure === 'ours') await measureOurs();
else if (options.measure === 'duckdb') await measureDuckDb();
else if (options.measure === 'export') await measureExport();
else if (options.measure === 'import') await importAll();
else await compare();

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Of the first time, and the medians of the further ones; `processor` is that of all threads. */
interface Times {
  readonly first: number;
  readonly median: number;
  readonly processor: number;
}

/** `work` returns its processor time where that is another process's. */
async function timed(work: (round: number) => unknown, repeats = REPEATS): Promise<Times> {
  const times: number[] = [];
  const processors: number[] = [];
  for (let i = 0; i <= repeats; i++) {
    const before = process.cpuUsage();
    const began = performance.now();
    const theirs = await work(i);
    times.push(performance.now() - began);
    const { user, system } = process.cpuUsage(before);
    processors.push(typeof theirs === 'number' ? theirs : (user + system) / 1000);
  }
  const [first = Number.NaN] = times;
  if (repeats > 0) for (const list of [times, processors]) list.shift();
  return { first, median: median(times), processor: median(processors) };
}

function asked(): readonly Question[] {
  return questions.filter(({ name }) => name.includes(options.only));
}

function report(times: Readonly<Record<string, Times>>): void {
  process.stdout.write(JSON.stringify({ times, peakMiB: process.resourceUsage().maxRSS / 1024 }));
}

async function measureOurs(): Promise<void> {
  const times: Record<string, Times> = {};
  for (const question of asked()) {
    const queries = openQueries(store);
    times[question.name] = await timed((round) => question.ours(queries, round));
    await queries.close();
  }
  report(times);
}

async function measureExport(): Promise<void> {
  const sink = { write: () => undefined };
  const time = await timed(() => exportFlows(store, { format: 'csv', elements: false }, sink), 0);
  report({ [EXPORT]: time });
}

async function importAll(): Promise<void> {
  const began = performance.now();
  await importIntoFolder(store, [archives.plain]);
  const seconds = (performance.now() - began) / 1000;
  process.stdout.write(JSON.stringify({ seconds, peakMiB: process.resourceUsage().maxRSS / 1024 }));
}

interface DuckDb {
  readonly DuckDBInstance: {
    create(
      path: string,
      config: Record<string, string>,
    ): Promise<{ connect(): Promise<{ runAndReadAll(sql: string): Promise<unknown> }> }>;
  };
}

async function measureDuckDb(): Promise<void> {
  // No dependency of ours: loaded from where it was installed.
  const folder = join(options.duckdb, 'node_modules', '@duckdb', 'node-api');
  const { DuckDBInstance } = createRequire(import.meta.url)(folder) as DuckDb;
  const path = join(work, 'flows.duckdb');
  const fresh = !existsSync(path);
  const instance = await DuckDBInstance.create(path, {});
  const connection = await instance.connect();
  if (fresh) {
    await connection.runAndReadAll(
      `CREATE TABLE flows AS SELECT "start", "end", source::UINTEGER AS source, destination::UINTEGER AS destination,
         "sourcePort"::USMALLINT AS "sourcePort", "destinationPort"::USMALLINT AS "destinationPort",
         protocol::UTINYINT AS protocol, flags::UTINYINT AS flags, packets, bytes, "sourceAs"::UINTEGER AS "sourceAs",
         "destinationAs"::UINTEGER AS "destinationAs", input::UINTEGER AS input, output::UINTEGER AS output
       FROM '${join(work, 'parquet')}/*.parquet' ORDER BY "end"`,
    );
    await connection.runAndReadAll('CHECKPOINT');
  }
  const times: Record<string, Times> = {};
  for (const { name, sql } of asked())
    times[name] = await timed((round) => connection.runAndReadAll(sql(round)));
  if (options.only === '') {
    const copy = `COPY flows TO '${join(work, 'out.csv')}' (FORMAT csv)`;
    times[EXPORT] = await timed(() => connection.runAndReadAll(copy), 0);
    rmSync(join(work, 'out.csv'), { force: true });
  }
  report(times);
}

function child(measure: string, only = options.only): unknown {
  const script = fileURLToPath(import.meta.url);
  const args = [script, '--measure', measure, '--work', work, '--flows', options.flows, '--only', only];
  args.push('--repeats', options.repeats);
  const { stdout, stderr, status } = spawnSync(process.execPath, [...args, '--duckdb', options.duckdb], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${measure}: ${stderr}`);
  return JSON.parse(stdout);
}

function folderBytes(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size;
  }
  return bytes;
}

function makeFiles(): void {
  if (existsSync(join(work, 'made'))) return;
  for (const folder of [...Object.values(archives), join(work, 'parquet')])
    mkdirSync(folder, { recursive: true });
  for (let day = 0; day < days; day++) {
    // A run that was broken off goes on with the day that it had not finished.
    const done = join(work, `day-${day}`);
    if (existsSync(done)) continue;
    const flows = makeDay(day, FLOWS_A_DAY);
    const name = `nfcapd.202611${String(day + 1).padStart(2, '0')}0000`;
    writeNfcapd(join(archives.plain, name), flows);
    if (options.duckdb !== '') writeParquet(join(work, 'parquet', `${name}.parquet`), flows);
    for (const [how, folder] of [
      ['-y', archives.lz4],
      ['-z', archives.lzo],
    ] as const) {
      spawnSync('nfdump', ['-r', join(archives.plain, name), '-w', join(folder, name), how]);
    }
    writeFileSync(done, '');
  }
  process.stderr.write('importing\n');
  const imported = child('import') as { seconds: number; peakMiB: number };
  writeFileSync(join(work, 'made'), JSON.stringify(imported));
  process.stdout.write(
    `Import: ${imported.seconds.toFixed(0)} s, at most ${imported.peakMiB.toFixed(0)} MiB.\n`,
  );
}

/** A shell tells the processor time of what it ran. */
function nfdumpTimes(
  folder: string,
  args: (round: number) => readonly string[],
  repeats = REPEATS,
): Promise<Times> {
  return timed((round) => {
    const script = 'TIMEFORMAT="processor %U %S"; time nfdump "$@" > /dev/null';
    const { status, stderr } = spawnSync('bash', ['-c', script, 'nfdump', '-R', folder, ...args(round)], {
      env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
    const [, user, system] = /processor ([\d.]+) ([\d.]+)/.exec(stderr) ?? [];
    if (status !== 0) throw new Error(`nfdump: ${stderr}`);
    return (Number(user) + Number(system)) * 1000;
  }, repeats);
}

interface Measured {
  readonly times: Readonly<Record<string, Times>>;
  readonly peakMiB: number;
}

function milliseconds(time: number): string {
  return `${Math.round(time).toLocaleString('en')} ms`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

async function compare(): Promise<void> {
  makeFiles();
  const flows = days * FLOWS_A_DAY;
  const found = Object.entries(archives).filter(([, folder]) => existsSync(folder));
  const sizes = Object.entries({ ours: store, ...Object.fromEntries(found) }).map(
    ([name, folder]) => `${name} ${(folderBytes(folder) / flows).toFixed(1)}`,
  );
  process.stdout.write(`${flows.toLocaleString('en')} flows; bytes a flow: ${sizes.join(', ')}.\n\n`);
  const duck = options.duckdb === '' ? undefined : (child('duckdb') as Measured);
  const programs = [...found.map(([how]) => `nfdump, ${how}`), ...(duck ? ['DuckDB'] : [])];
  const heads = ['question', 'ours', 'the first time', 'at most', ...programs];
  process.stdout.write(row(heads) + row(heads.map((_, i) => (i === 0 ? '---' : '--:'))));
  const exported = options.only === '' ? [{ name: EXPORT, nfdump: () => ['-o', 'csv'] }] : [];
  for (const { name, nfdump } of [...asked(), ...exported]) {
    const { times, peakMiB } = (name === EXPORT ? child('export') : child('ours', name)) as Measured;
    const mine = times[name];
    if (!mine) throw new Error(`${name} was not measured`);
    const both = (time: Times): string => `${milliseconds(time.median)}, ${milliseconds(time.processor)}`;
    const factor = (theirs: number, ours: number): string => `x${(theirs / ours).toPrecision(2)}`;
    const beside = (time: Times): string =>
      `${both(time)} (${factor(time.median, mine.median)}, ${factor(time.processor, mine.processor)})`;
    const cells = [name, both(mine), milliseconds(mine.first)];
    cells.push(`${peakMiB.toFixed(0)} MiB`);
    for (const [, folder] of found) {
      cells.push(beside(await nfdumpTimes(folder, nfdump, name === EXPORT ? 0 : REPEATS)));
    }
    const theirs = duck?.times[name];
    if (theirs) cells.push(beside(theirs));
    process.stdout.write(row(cells));
  }
  if (duck) process.stdout.write(`\nDuckDB's largest memory: ${duck.peakMiB.toFixed(0)} MiB.\n`);
  if (options.work === undefined) rmSync(work, { recursive: true });
}
