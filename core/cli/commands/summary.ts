/** `backtrail summary`: the router's table of protocols, and how packets, durations and sizes are distributed. */
import type { Command } from 'commander';
import type { DistributionAnswer } from '../../model/query.ts';
import { addSelectionOptions, askStore, selectionOf, tellNotes, type SelectionOptions } from '../answer.ts';
import type { CliIo } from '../io.ts';
import { csvLine, formatTable, type TableColumn } from '../table.ts';

export function registerSummary(program: Command, io: CliIo): void {
  addSelectionOptions(
    program
      .command('summary')
      .description(
        'protocols and services, packet sizes, durations and flow sizes, as a router shows its flow cache',
      )
      .argument('[filter...]', "only flows that match, in nfdump's filter language"),
  ).action((filter: string[], options: SelectionOptions) => summary(filter, options, io));
}

async function summary(filter: string[], options: SelectionOptions, io: CliIo): Promise<void> {
  const selection = selectionOf(filter, options);
  const answer = await askStore(io, options.store, selection, (queries, signal) =>
    queries.run('distribution', selection, { signal }),
  );
  if (!answer) return;
  for (const text of render(answer, options)) io.out(text);
  tellNotes(io, answer, selection);
}

function* render(answer: DistributionAnswer, { format, by }: SelectionOptions): Generator<string> {
  const protocols = answer.protocols.toSorted((a, b) => b[by] - a[by]);
  switch (format) {
    case 'json':
      yield `${JSON.stringify({ ...answer, protocols }, null, 2)}\n`;
      return;
    case 'jsonl':
      for (const row of protocols) yield `${JSON.stringify(row)}\n`;
      return;
    case 'csv':
      yield csvLine(names);
      for (const row of protocols) yield csvLine(names.map((name) => row[name]));
      return;
    default:
      if (protocols.length === 0) return;
      yield formatTable(columns, [
        ...protocols.map((row) => names.map((name) => cell(row[name], decimals[name]))),
        ['Total', ...(['flows', 'packets', 'bytes'] as const).map((name) => cell(answer.total[name], 0))],
      ]);
      yield `\nPackets by mean size, up to so many bytes:\n${bars(answer.packetSizes.map(({ upTo, packets }) => [bound(upTo), packets]))}`;
      yield `\nFlows by packets, up to so many:\n${bars(answer.flowSizes.map(({ upToPackets, flows }) => [bound(upToPackets), flows]))}`;
      yield `\nFlows by seconds that they lasted, up to so many:\n${bars(answer.durations.map(({ upToMs, flows }) => [bound(upToMs === null ? null : upToMs / 1000), flows]))}`;
  }
}

const names = [
  'name',
  'flows',
  'packets',
  'bytes',
  'flowsPerSecond',
  'packetsPerFlow',
  'bytesPerPacket',
  'packetsPerSecond',
  'activeSecondsPerFlow',
] as const;

const decimals: Readonly<Partial<Record<(typeof names)[number], number>>> = {
  flowsPerSecond: 2,
  packetsPerFlow: 1,
  bytesPerPacket: 0,
  packetsPerSecond: 2,
  activeSecondsPerFlow: 1,
};

const columns: readonly TableColumn[] = [
  { title: 'Protocol' },
  ...[
    'Flows',
    'Packets',
    'Bytes',
    'Flows/s',
    'Packets/flow',
    'Bytes/packet',
    'Packets/s',
    'Active s/flow',
  ].map((title): TableColumn => ({ title, align: 'right' })),
];

const cell = (value: string | number, digits = 0): string =>
  typeof value === 'string' ? value : value.toFixed(digits);

const bound = (upTo: number | null): string => (upTo === null ? 'more' : String(upTo));

/** Shares of the whole in per cent, those of nothing left out, with a bar each. */
function bars(rows: readonly (readonly [label: string, count: number])[]): string {
  const whole = rows.reduce((sum, [, count]) => sum + count, 0);
  return formatTable(
    [{ title: '', align: 'right' }, { title: '%', align: 'right' }, { title: '' }],
    rows
      .filter(([, count]) => count > 0)
      .map(([label, count]) => {
        const percent = (100 * count) / whole;
        return [label, percent.toFixed(1), '#'.repeat(Math.round(percent / 2))];
      }),
  );
}
