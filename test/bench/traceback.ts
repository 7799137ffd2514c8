/**
 * Sweeps over made-up internets: what this engine and plain CPF find, by the same records, in the same run.
 *
 *     npx node test/bench/traceback.ts [--quick] [--seeds tune|test] [--part headline|factors|combined|scale]
 *                                      [--rows TEXT] [--slice 1/2] [--out FILE]
 *     npx node test/bench/traceback.ts --table FILE...
 *
 * `--rows` picks rows whose name contains the text. `--out` adds what each internet showed to a file as a line of JSON, so
 * that a long run loses nothing and `--slice` shares it out among processes; `--table` makes the table of such files.
 * Whoever changes the engine looks at the seeds for tuning; what is published comes from the seeds for tests. Prints a
 * table in Markdown and the gates that its rows decide; exits with 1 where one fails.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { makeSweepWorld } from '../build/trace-sweep.ts';
import { measureWorld, Tally, type WrittenTally } from './traceback-measure.ts';
import { sweepRows, type SweepRow } from './traceback-rows.ts';
import { judgeGates, renderRow, summarise, tableHead } from './traceback-table.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    seeds: { type: 'string', default: 'test' },
    part: { type: 'string' },
    rows: { type: 'string' },
    slice: { type: 'string', default: '1/1' },
    out: { type: 'string' },
    table: { type: 'boolean', default: false },
  },
});

/** Far apart, so that no world of one set is a world of the other. */
const firstSeeds: Readonly<Record<string, number>> = { tune: 1000, test: 5_000_000 };

interface Written {
  readonly row: string;
  readonly tally: WrittenTally;
}

function measureRow(row: SweepRow, seed: number): Tally | undefined {
  const [slice = 1, slices = 1] = values.slice.split('/').map(Number);
  const worlds = row.worlds[values.quick ? 1 : 0];
  const all = new Tally();
  for (let i = slice - 1; i < worlds; i += slices) {
    const tally = new Tally();
    measureWorld(makeSweepWorld(seed + i, row.options), tally, row.pairs);
    const line = JSON.stringify({ row: row.name, tally });
    if (values.out !== undefined) appendFileSync(values.out, `${line}\n`);
    all.merge((JSON.parse(line) as Written).tally);
  }
  return all.chains > 0 ? all : undefined;
}

function readRow(row: SweepRow, lines: readonly Written[]): Tally | undefined {
  const all = new Tally();
  for (const written of lines) if (written.row === row.name) all.merge(written.tally);
  return all.chains > 0 ? all : undefined;
}

const firstSeed = firstSeeds[values.seeds];
if (firstSeed === undefined) throw new Error('--seeds is tune or test');
const written = values.table
  ? positionals.flatMap((file) =>
      readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Written),
    )
  : [];
process.stdout.write(tableHead());
const summaries = sweepRows.flatMap((row, r) => {
  if (values.part !== undefined && row.part !== values.part) return [];
  if (values.rows !== undefined && !row.name.includes(values.rows)) return [];
  const tally = values.table ? readRow(row, written) : measureRow(row, firstSeed + r * 10_000);
  if (!tally) return [];
  const summary = summarise(row, tally);
  process.stdout.write(renderRow(summary));
  return [summary];
});
const gates = judgeGates(summaries);
process.stdout.write(
  `\n${gates.map(({ text, holds }) => `- ${holds ? 'holds' : 'FAILS'}: ${text}`).join('\n')}\n`,
);
if (gates.some(({ holds }) => !holds)) process.exitCode = 1;
