/**
 * Sweeps over made-up internets: what this engine and plain CPF find, by the same records, in the same run.
 *
 *     npx node test/bench/traceback.ts [--quick] [--seeds tune|test] [--part headline|factors|combined|scale]
 *                                      [--rows TEXT] [--out FILE]
 *
 * `--rows` picks rows whose name contains the text; `--out` adds each finished row to a file as a line of JSON. Whoever
 * changes the engine looks at the seeds for tuning; the published table is made from the seeds for tests. Prints a table
 * in Markdown and the gates that the rows decide; exits with 1 where one fails.
 */
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { makeSweepWorld } from '../build/trace-sweep.ts';
import { measureWorld, Tally } from './traceback-measure.ts';
import { sweepRows, type SweepRow } from './traceback-rows.ts';
import { judgeGates, renderRow, summarise, tableHead, type RowSummary } from './traceback-table.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    seeds: { type: 'string', default: 'test' },
    part: { type: 'string' },
    rows: { type: 'string' },
    out: { type: 'string' },
  },
});

/** Far apart, so that no world of one set is a world of the other. */
const firstSeeds: Readonly<Record<string, number>> = { tune: 1_000, test: 5_000_000 };

const firstSeed = firstSeeds[values.seeds];
if (firstSeed === undefined) throw new Error('--seeds is tune or test');

function runRow(row: SweepRow, seed: number): RowSummary | undefined {
  const worlds = row.worlds[values.quick ? 1 : 0];
  if (worlds === 0) return undefined;
  const tally = new Tally();
  for (let i = 0; i < worlds; i++) measureWorld(makeSweepWorld(seed + i, row.options), tally, row.pairs);
  return summarise(row, tally);
}

process.stdout.write(tableHead());
const summaries: RowSummary[] = [];
for (const [r, row] of sweepRows.entries()) {
  if (values.part !== undefined && row.part !== values.part) continue;
  if (values.rows !== undefined && !row.name.includes(values.rows)) continue;
  const summary = runRow(row, firstSeed + r * 10_000);
  if (!summary) continue;
  summaries.push(summary);
  process.stdout.write(renderRow(summary));
  if (values.out !== undefined) appendFileSync(values.out, `${JSON.stringify(summary)}\n`);
}
const gates = judgeGates(summaries);
process.stdout.write(
  `\n${gates.map(({ text, holds }) => `- ${holds ? 'holds' : 'FAILS'}: ${text}`).join('\n')}\n`,
);
if (gates.some(({ holds }) => !holds)) process.exitCode = 1;
