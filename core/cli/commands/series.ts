/** `backtrail series`: traffic over time, split by a field. */
import type { Command } from 'commander';
import type { SeriesAnswer } from '../../model/query.ts';
import { epochMs, formatTime } from '../../model/time.ts';
import {
  addSelectionOptions,
  askStore,
  parseWidthOption,
  selectionOf,
  tellNotes,
  type SelectionOptions,
} from '../answer.ts';
import type { CliIo } from '../io.ts';
import { parseCountOption } from '../options.ts';
import { csvLine, formatTable } from '../table.ts';

interface SeriesOptions extends SelectionOptions {
  readonly bucket?: number;
  readonly split?: string;
  readonly lines?: number;
}

export function registerSeries(program: Command, io: CliIo): void {
  addSelectionOptions(
    program
      .command('series')
      .description('traffic over time; a long flow is spread over its life')
      .argument('[filter...]', "only flows that match, in nfdump's filter language")
      .option(
        '--bucket <width>',
        'such as 30s, 5m, 1h, 1d; without it a round width is chosen',
        parseWidthOption,
      )
      .option('--split <field>', 'one column for each of the largest values of a field')
      .option('--lines <count>', 'how many of them', parseCountOption),
  ).action((filter: string[], options: SeriesOptions) => series(filter, options, io));
}

async function series(filter: readonly string[], options: SeriesOptions, io: CliIo): Promise<void> {
  const selection = selectionOf(filter, options);
  const { by, bucket: bucketMs, split, lines: splitLimit } = options;
  const question = { ...selection, by, bucketMs, split, splitLimit };
  const answer = await askStore(io, options.store, selection, (queries, signal) =>
    queries.series(question, { signal }),
  );
  if (!answer) return;
  for (const text of render(answer, options)) io.out(text);
  tellNotes(io, answer, selection);
}

function* render(answer: SeriesAnswer, { format }: SeriesOptions): Generator<string> {
  const { startMs, bucketMs, buckets, lines } = answer;
  const times = Array.from({ length: buckets }, (_, i) => startMs + i * bucketMs);
  const at = (bucket: number): number[] => lines.map(({ values }) => Math.round(values[bucket] ?? 0));
  const keys = lines.map(({ key }) => key);
  switch (format) {
    case 'json': {
      const plain = lines.map(({ key, values }) => ({ key, values: Array.from(values) }));
      yield `${JSON.stringify({ ...answer, lines: plain }, null, 2)}\n`;
      return;
    }
    case 'jsonl':
      for (const [i, time] of times.entries()) {
        const values = lines.map(({ key, values: line }) => [key, line[i] ?? 0]);
        yield `${JSON.stringify({ startMs: time, ...Object.fromEntries(values) })}\n`;
      }
      return;
    case 'csv':
      yield csvLine(['startMs', ...keys]);
      for (const [i, time] of times.entries()) yield csvLine([time, ...at(i)]);
      return;
    default: {
      if (lines.length === 0) return;
      const columns = [
        { title: 'Start (UTC)' },
        ...keys.map((title) => ({ title, align: 'right' as const })),
      ];
      const text = (time: number): string => formatTime(epochMs(time)).replace('T', ' ').replace('Z', '');
      yield formatTable(
        columns,
        times.map((time, i) => [text(time), ...at(i).map(String)]),
      );
    }
  }
}
