/** `backtrail top`: which hosts, ports, networks ... have most of the traffic. */
import type { Command } from 'commander';
import type { Measure, TopAnswer, TopRow } from '../../model/query.ts';
import { epochMs, formatTime } from '../../model/time.ts';
import { addSelectionOptions, askStore, selectionOf, tellNotes, type SelectionOptions } from '../answer.ts';
import type { CliIo } from '../io.ts';
import { parseCountOption } from '../options.ts';
import { csvLine, formatTable, type TableColumn } from '../table.ts';

interface TopOptions extends SelectionOptions {
  readonly count: number;
}

export function registerTop(program: Command, io: CliIo): void {
  addSelectionOptions(
    program
      .command('top')
      .description('which hosts, ports, networks and so on have most of the traffic')
      .argument('<fields>', 'srcip, dstip, ip, port, proto, as, srcnet/24 ..., or several with commas')
      .argument('[filter...]', "only flows that match, in nfdump's filter language")
      .option('-n, --count <rows>', 'how many rows', parseCountOption, 10),
  ).action((fields: string, filter: string[], options: TopOptions) =>
    top(fields.split(','), filter, options, io),
  );
}

async function top(
  fields: readonly string[],
  filter: readonly string[],
  options: TopOptions,
  io: CliIo,
): Promise<void> {
  const selection = selectionOf(filter, options);
  const question = { ...selection, fields, by: options.by, limit: options.count };
  const answer = await askStore(io, options.store, selection, (queries, signal) =>
    queries.top(question, { signal }),
  );
  if (!answer) return;
  for (const text of render(answer, options)) io.out(text);
  tellNotes(io, answer, selection);
  if (options.format === 'table' && answer.distinct > answer.rows.length) {
    io.err(`${answer.rows.length} of ${answer.distinct} are shown: -n shows more.`);
  }
}

function* render(answer: TopAnswer, { format, by }: TopOptions): Generator<string> {
  const { fields, rows } = answer;
  switch (format) {
    case 'json':
      yield `${JSON.stringify(answer, null, 2)}\n`;
      return;
    case 'jsonl':
      for (const { key, ...sums } of rows) {
        const named = Object.fromEntries(fields.map((field, i) => [field, key[i] ?? '']));
        yield `${JSON.stringify({ ...named, ...sums })}\n`;
      }
      return;
    case 'csv':
      yield csvLine([...fields, 'flows', 'packets', 'bytes', 'firstMs', 'lastMs']);
      for (const { key, flows, packets, bytes, firstMs, lastMs } of rows) {
        yield csvLine([...key, flows, packets, bytes, firstMs, lastMs]);
      }
      return;
    default:
      if (rows.length === 0) return;
      yield formatTable(
        columnsOf(fields, by),
        rows.map((row) => tableRow(row, answer, by)),
      );
  }
}

function columnsOf(fields: readonly string[], by: Measure): TableColumn[] {
  const right = (title: string): TableColumn => ({ title, align: 'right' });
  return [
    ...fields.map((title) => ({ title })),
    ...['Flows', 'Packets', 'Bytes', `% of ${by}`].map(right),
    { title: 'First (UTC)' },
    { title: 'Last (UTC)' },
  ];
}

function tableRow(
  { key, flows, packets, bytes, firstMs, lastMs, ...row }: TopRow,
  answer: TopAnswer,
  by: Measure,
): string[] {
  const whole = answer.total[by];
  const part = { flows, packets, bytes, ...row }[by];
  const time = (value: number | null): string =>
    value === null ? 'unknown' : formatTime(epochMs(value)).replace('T', ' ').replace('Z', '');
  const sums = [flows, packets, bytes].map((sum) => String(Math.round(sum)));
  return [...key, ...sums, whole > 0 ? ((100 * part) / whole).toFixed(1) : '', time(firstMs), time(lastMs)];
}
