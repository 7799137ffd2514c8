/**
 * This engine and plain CPF > 0.8 on recorded attacks, as a table. Run with the folder of the
 * recordings: `npx node test/bench/traceback-lab.ts .../lab`.
 *
 * Times are CPU time, the best of five.
 *
 * CPF is asked which connections resemble the victim's; a login counts as named where any of its views does.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importIntoFolder } from '../../core/app/import/files.ts';
import { DEFAULT_WITHIN, traceStore } from '../../core/app/trace/store.ts';
import { Store } from '../../core/store/store.ts';
import { correlationPointFunction, durations } from '../../core/trace/cpf.ts';
import { connectionsFor, findMeant } from '../../core/trace/question.ts';
import { gatherRecords } from '../../core/trace/records.ts';
import { estimateTimeouts } from '../../core/trace/timeouts.ts';
import { groupTwins } from '../../core/trace/twins.ts';
import { showConnection } from '../../core/trace/views.ts';
import { Suspects } from '../../core/trace/suspects.ts';
import { loadLabCase, type LabCase } from '../build/lab-case.ts';

const [lab = ''] = process.argv.slice(2);
const VERDICT = 0.8;
const ROUNDS = 5;

interface Outcome {
  /** True logins named beside the target's own. */
  readonly found: number;
  readonly wrong: number;
}

function byEngine(folder: string, lab: LabCase): Outcome & { ms: number } {
  let ms = Number.POSITIVE_INFINITY;
  let hops: string[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    const { paths } = traceStore(folder, { ...lab.question, within: DEFAULT_WITHIN });
    const { user, system } = process.cpuUsage(before);
    ms = Math.min(ms, (user + system) / 1000);
    hops = (paths[0]?.hops ?? []).slice(0, -1).map((hop) => hop.connections.map(lab.describe));
  }
  return { ...count(hops, lab), ms };
}

function byCpf(folder: string, lab: LabCase): Outcome & { logins: number } {
  using store = Store.open(folder, { create: false });
  const gathered = gatherRecords([...store.scan({})]);
  const connections = connectionsFor(gathered, lab.question);
  estimateTimeouts(gathered.records, connections, gathered.observers);
  const suspects = new Suspects(
    gathered.records,
    gathered.observers,
    groupTwins(gathered, connections),
  ).all();
  const meant = new Set(findMeant(gathered, connections, lab.question));
  const target = suspects.find(({ login }) => login.views.some((view) => meant.has(view.id)));
  if (!target) throw new Error('the question names no login');
  const list = durations(target.fingerprint);
  const named = suspects
    .filter((one) => one !== target && correlationPointFunction(list, durations(one.fingerprint)) > VERDICT)
    .map(({ login }) => login.views.map((view) => lab.describe(showConnection(gathered, view))));
  return { ...count(named, lab), logins: suspects.length };
}

function count(logins: readonly (readonly string[])[], { chain }: LabCase): Outcome {
  const isTrue = (views: readonly string[]): boolean =>
    views.every((view) => chain.some((login) => login.views.has(view)));
  const found = logins.filter(isTrue).length;
  return { found, wrong: logins.length - found };
}

function say(...cells: (string | number)[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}

say('recording', 'logins', 'hops to find', 'engine: true', 'false', 'CPF > 0.8: true', 'false', 'ms');
say('---', '---', '---', '---', '---', '---', '---', '---');
for (const name of readdirSync(lab).filter((entry) => /^[a-z]\d?_/.test(entry))) {
  const labCase = loadLabCase(join(lab, name));
  const folder = mkdtempSync(join(tmpdir(), 'backtrail-bench-'));
  await importIntoFolder(folder, [labCase.capture]);
  const engine = byEngine(folder, labCase);
  const cpf = byCpf(folder, labCase);
  const hops = labCase.chain.length - 1;
  say(name, cpf.logins, hops, engine.found, engine.wrong, cpf.found, cpf.wrong, engine.ms.toFixed(0));
  rmSync(folder, { recursive: true });
}
