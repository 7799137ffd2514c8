/** What commands that ask a store have in common: their options, and what is said beside the answer. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { showingFilter } from '../app/query/filter-fault.ts';
import { openQueries, type Queries } from '../app/query/queries.ts';
import type { AnswerNotes, FlowSelection, Measure, RecordKind } from '../model/query.ts';
import type { EpochMs } from '../model/time.ts';
import { interruptible, unlessAborted } from './interrupt.ts';
import type { CliIo } from './io.ts';
import { formatOption, parseTimeOption, type OutputFormat } from './options.ts';

export interface SelectionOptions {
  readonly store: string;
  readonly from?: EpochMs;
  readonly to?: EpochMs;
  readonly by: Measure;
  readonly kind?: RecordKind;
  readonly everyObservation?: true;
  readonly scaled?: true;
  readonly format: OutputFormat;
}

export function addSelectionOptions(command: Command): Command {
  return command
    .requiredOption('--store <dir>', 'the store to read')
    .option('--from <time>', 'only flows that were there at this time or later', parseTimeOption)
    .option('--to <time>', 'only flows that began before this time', parseTimeOption)
    .addOption(
      new Option('--by <what>', 'what is summed').choices(['bytes', 'packets', 'flows']).default('bytes'),
    )
    .addOption(
      new Option('--kind <kind>', 'records of this kind instead of flows').choices([
        'flow',
        'event',
        'sample',
        'aggregate',
      ]),
    )
    .option('--every-observation', 'count a flow once for each exporter that saw it')
    .option('--scaled', 'multiply the counters of sampled exporters')
    .addOption(formatOption('table', 'json', 'jsonl', 'csv'));
}

export function selectionOf(filter: readonly string[], options: SelectionOptions): FlowSelection {
  const { from, to, kind, everyObservation, scaled } = options;
  return { from, to, kind, everyObservation, scaled, filter: filter.join(' ') };
}

/** Asks the store; undefined where Ctrl-C came before the answer. */
export function askStore<A extends AnswerNotes>(
  io: CliIo,
  folder: string,
  selection: FlowSelection,
  ask: (queries: Queries, signal: AbortSignal) => Promise<A>,
): Promise<A | undefined> {
  return interruptible(io, (signal) =>
    unlessAborted(signal, async () => {
      const queries = openQueries(folder);
      try {
        return await showingFilter(selection.filter, () => ask(queries, signal));
      } finally {
        await queries.close();
      }
    }),
  );
}

/** What the person should know beside the numbers, to stderr. */
export function tellNotes(io: CliIo, answer: AnswerNotes, selection: FlowSelection): void {
  io.flush();
  for (const sentence of answer.damages) io.err(`backtrail: ${sentence}`);
  if (answer.damages.length > 0) io.fail(1);
  for (const sentence of answer.notes) io.err(sentence);
  if (answer.duplicates > 0) {
    io.err(`${answer.duplicates} observations of flows that another exporter saw too are not counted.`);
  }
  if (!answer.sampled) return;
  io.err(
    selection.scaled === true
      ? 'Counters of sampled exporters are multiplied by their sampling interval: estimates.'
      : 'Some exporters sample, and their counters are as exported: --scaled multiplies them.',
  );
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** For `--bucket 5m`: a number with `ms`, `s`, `m`, `h` or `d`; in ms. */
export function parseWidthOption(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const width = Number(number) * (UNITS[unit] ?? 0);
  if (!(width > 0)) throw new InvalidArgumentError('Write a width such as 30s, 5m, 1h or 1d.');
  return width;
}
