/** `backtrail conversations`: who talked to whom, both directions together, and who began. */
import type { Command } from 'commander';
import type { Conversation, ConversationAnswer } from '../../model/query.ts';
import { epochMs, formatTime } from '../../model/time.ts';
import { addSelectionOptions, askStore, selectionOf, tellNotes, type SelectionOptions } from '../answer.ts';
import type { CliIo } from '../io.ts';
import { parseCountOption } from '../options.ts';
import { csvLine, formatTable, type TableColumn } from '../table.ts';
import { formatEndpoint } from '../../model/address.ts';

interface ConversationOptions extends SelectionOptions {
  readonly count: number;
}

export function registerConversations(program: Command, io: CliIo): void {
  addSelectionOptions(
    program
      .command('conversations')
      .description('who talked to whom: both directions together, the largest first, and who opened them')
      .argument('[filter...]', "only flows that match, in nfdump's filter language")
      .option('-n, --count <rows>', 'how many', parseCountOption, 10),
  ).action((filter: string[], options: ConversationOptions) => conversations(filter, options, io));
}

async function conversations(filter: string[], options: ConversationOptions, io: CliIo): Promise<void> {
  const selection = selectionOf(filter, options);
  const question = { ...selection, by: options.by, limit: options.count };
  const answer = await askStore(io, options.store, selection, (queries, signal) =>
    queries.run('conversations', question, { signal }),
  );
  if (!answer) return;
  for (const text of render(answer, options)) io.out(text);
  tellNotes(io, answer, selection);
  const { length } = answer.conversations;
  if (options.format === 'table' && answer.total > length) {
    io.err(`${length} of ${answer.total} are shown: -n shows more.`);
  }
}

function* render(answer: ConversationAnswer, { format }: ConversationOptions): Generator<string> {
  switch (format) {
    case 'json':
      yield `${JSON.stringify(answer, null, 2)}\n`;
      return;
    case 'jsonl':
      for (const conversation of answer.conversations) yield `${JSON.stringify(conversation)}\n`;
      return;
    case 'csv':
      yield csvLine(csvNames);
      for (const conversation of answer.conversations) yield csvLine(csvValues(conversation));
      return;
    default:
      if (answer.conversations.length > 0) yield formatTable(columns, answer.conversations.map(tableRow));
  }
}

const csvNames =
  'client clientPort server serverPort protocol startMs endMs flowsToServer packetsToServer bytesToServer flowsToClient packetsToClient bytesToClient exporters site openedBy certainty'.split(
    ' ',
  );

function csvValues(one: Conversation): (string | number | null)[] {
  const { client, clientPort, server, serverPort, protocol, toServer, toClient, startMs, endMs } = one;
  const time = (value: number): number | null => (Number.isNaN(value) ? null : value);
  const values = [client, clientPort, server, serverPort, protocol, time(startMs), time(endMs)];
  for (const { flows, packets, bytes } of [toServer, toClient]) values.push(flows, packets, bytes);
  return [...values, one.exporters.join(' '), one.site, one.openedBy.join(' '), one.certainty];
}

const right = (title: string): TableColumn => ({ title, align: 'right' });

const columns: readonly TableColumn[] = [
  { title: 'Start (UTC)' },
  right('Seconds'),
  right('Proto'),
  right('Client'),
  { title: '' },
  { title: 'Server' },
  right('Packets'),
  right('Bytes'),
  right('Packets back'),
  right('Bytes back'),
  { title: 'Opened by' },
  { title: 'Exporters' },
];

function tableRow(one: Conversation): string[] {
  const { toServer, toClient, startMs, endMs } = one;
  const counts = [toServer, toClient].flatMap(({ packets, bytes }) => [packets, bytes]);
  return [
    Number.isNaN(startMs) ? 'unknown' : formatTime(epochMs(startMs)).replace('T', ' ').replace('Z', ''),
    Number.isNaN(startMs) ? '' : ((endMs - startMs) / 1000).toFixed(3),
    String(one.protocol),
    endpoint(one.client, one.clientPort),
    '->',
    endpoint(one.server, one.serverPort),
    ...counts.map((count) => String(Math.round(count))),
    `${one.openedBy.join(', ') || 'nothing says'} (${Math.round(100 * one.certainty)} %)`,
    one.exporters.join(' '),
  ];
}

function endpoint(address: string, port: number): string {
  const host = address === '' ? '-' : address;
  if (port === 0) return host;
  return formatEndpoint(host, port);
}
