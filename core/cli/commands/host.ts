/** `backtrail host`: what is known of one host. */
import type { Command } from 'commander';
import { summarizeHost } from '../../app/query/host.ts';
import type { HostSummary, TopRow } from '../../model/query.ts';
import { epochMs, formatTime } from '../../model/time.ts';
import { addSelectionOptions, askStore, selectionOf, tellNotes, type SelectionOptions } from '../answer.ts';
import type { CliIo } from '../io.ts';
import { csvLine, formatTable, type TableColumn } from '../table.ts';

interface HostOptions extends SelectionOptions {
  readonly site?: string;
}

export function registerHost(program: Command, io: CliIo): void {
  addSelectionOptions(
    program
      .command('host')
      .description('what is known of a host: since when, how much, with whom, which services')
      .argument('<address>', 'IPv4 or IPv6')
      .argument('[filter...]', "only flows that match, in nfdump's filter language")
      .option('--site <name>', 'the site, for an address that several sites have'),
  ).action((address: string, filter: string[], options: HostOptions) => host(address, filter, options, io));
}

async function host(address: string, filter: string[], options: HostOptions, io: CliIo): Promise<void> {
  const selection = selectionOf(filter, options);
  const question = { ...selection, address, site: options.site };
  const answer = await askStore(io, options.store, selection, (queries, signal) =>
    summarizeHost(queries, question, { signal }),
  );
  if (!answer) return;
  for (const text of render(answer, options)) io.out(text);
  tellNotes(io, answer, selection);
  if (answer.sent.flows + answer.received.flows === 0) io.err(`No flow of ${address} is in the selection.`);
}

function* render(answer: HostSummary, { format }: HostOptions): Generator<string> {
  switch (format) {
    case 'json':
      yield `${JSON.stringify(answer, null, 2)}\n`;
      return;
    case 'jsonl':
      yield `${JSON.stringify(answer)}\n`;
      return;
    case 'csv':
      yield csvLine(['what', 'key', 'flows', 'packets', 'bytes', 'firstMs', 'lastMs']);
      yield csvLine(['sent', '', ...countsOf(answer.sent), null, null]);
      yield csvLine(['received', '', ...countsOf(answer.received), null, null]);
      for (const [what, , rows] of listsOf(answer)) {
        for (const row of rows) {
          yield csvLine([what, row.key.join(' '), ...countsOf(row), row.firstMs, row.lastMs]);
        }
      }
      return;
    default:
      if (answer.sent.flows + answer.received.flows > 0) yield* text(answer);
  }
}

const countsOf = ({ flows, packets, bytes }: HostSummary['sent']): number[] => [flows, packets, bytes];

const listsOf = (
  answer: HostSummary,
): readonly (readonly [what: string, title: string, rows: readonly TopRow[]])[] => [
  ['peer', 'Talks most with', answer.topPeers],
  ['offers', 'Offers', answer.servicesOffered],
  ['uses', 'Uses', answer.servicesUsed],
];

const right = (title: string): TableColumn => ({ title, align: 'right' });
const counts = ['Flows', 'Packets', 'Bytes'].map(right);

function* text(answer: HostSummary): Generator<string> {
  const at = answer.site === null ? '' : ` at ${answer.site}`;
  yield `${answer.address}${at}, seen from ${timeText(answer.firstMs)} to ${timeText(answer.lastMs)}, ${answer.peers} peers\n\n`;
  const numbers = (what: HostSummary['sent']): string[] =>
    countsOf(what).map((count) => String(Math.round(count)));
  yield formatTable(
    [{ title: '' }, ...counts],
    [
      ['sent', ...numbers(answer.sent)],
      ['received', ...numbers(answer.received)],
    ],
  );
  for (const [, title, rows] of listsOf(answer)) {
    if (rows.length === 0) continue;
    const columns = [{ title }, ...counts, { title: 'First (UTC)' }, { title: 'Last (UTC)' }];
    yield `\n${formatTable(
      columns,
      rows.map((row) => [row.key.join(' '), ...numbers(row), timeText(row.firstMs), timeText(row.lastMs)]),
    )}`;
  }
}

const timeText = (time: number | null): string =>
  time === null ? 'unknown' : formatTime(epochMs(time)).replace('T', ' ').replace('Z', '');
