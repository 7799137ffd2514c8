/** `backtrail flows`: the flows of a store as a table, or for other programs. */
import { Option, type Command } from 'commander';
import { showingFilter } from '../../app/query/filter-fault.ts';
import {
  flowSortKeys,
  listedFields,
  listFlows,
  type FlowSortKey,
  type ListedFlow,
} from '../../app/query/list-flows.ts';
import { epochMs, formatTime, type EpochMs } from '../../model/time.ts';
import { interruptible, unlessAborted } from '../interrupt.ts';
import type { CliIo } from '../io.ts';
import { formatOption, parseCountOption, parseTimeOption, type OutputFormat } from '../options.ts';
import { csvLine, formatTable, type TableColumn } from '../table.ts';
import { formatEndpoint } from '../../model/address.ts';

interface FlowsOptions {
  readonly store: string;
  readonly from?: EpochMs;
  readonly to?: EpochMs;
  readonly limit: number;
  readonly sort: FlowSortKey;
  readonly desc?: true;
  readonly format: OutputFormat;
}

export function registerFlows(program: Command, io: CliIo): void {
  program
    .command('flows')
    .description('list the flows of a store')
    .argument('[filter...]', "only flows that match, in nfdump's filter language")
    .requiredOption('--store <dir>', 'the store to read')
    .option('--from <time>', 'only flows that were there at this time or later', parseTimeOption)
    .option('--to <time>', 'only flows that began before this time', parseTimeOption)
    .option('--limit <count>', 'how many flows to list', parseCountOption, 100)
    .addOption(
      new Option('--sort <key>', 'start, end: earliest first; the others: largest first')
        .choices(flowSortKeys)
        .default('start'),
    )
    .option('--desc', 'latest or largest first, whatever the key')
    .addOption(formatOption('table', 'json', 'jsonl', 'csv'))
    .action((words: string[], options: FlowsOptions) => flows(words.join(' '), options, io));
}

async function flows(filter: string, options: FlowsOptions, io: CliIo): Promise<void> {
  const { desc, format, store, ...rest } = options;
  const list = await interruptible(io, (signal) =>
    unlessAborted(signal, () =>
      showingFilter(filter, () =>
        listFlows(store, { ...rest, filter: filter === '' ? undefined : filter, descending: desc, signal }),
      ),
    ),
  );
  if (!list) return;
  for (const text of render(list.flows.map(picked), format)) io.out(text);
  io.flush();
  for (const sentence of list.damages) io.err(`backtrail: ${sentence}`);
  if (list.damages.length > 0) io.fail(1);
  for (const sentence of list.notes) io.err(sentence);
  if (list.total > list.flows.length) {
    io.err(
      `${list.flows.length} of ${list.total} flows are listed: --limit shows more, --from and --to fewer.`,
    );
  }
}

function picked(flow: ListedFlow): ListedFlow {
  return Object.fromEntries(listedFields.map((field) => [field, flow[field]])) as unknown as ListedFlow;
}

function* render(flows: readonly ListedFlow[], format: OutputFormat): Generator<string> {
  switch (format) {
    case 'json':
      yield `${JSON.stringify(flows, null, 2)}\n`;
      return;
    case 'jsonl':
      for (const flow of flows) yield `${JSON.stringify(flow)}\n`;
      return;
    case 'csv':
      yield csvLine(listedFields);
      for (const flow of flows) {
        yield csvLine(listedFields.map((field) => flow[field]));
      }
      return;
    default:
      if (flows.length > 0) yield formatTable(columns, flows.map(tableRow));
  }
}

const columns: readonly TableColumn[] = [
  { title: 'Start (UTC)' },
  { title: 'Seconds', align: 'right' },
  { title: 'Proto' },
  { title: 'Source', align: 'right' },
  { title: '' },
  { title: 'Destination' },
  { title: 'Flags' },
  { title: 'Packets', align: 'right' },
  { title: 'Bytes', align: 'right' },
  { title: 'Exporter' },
  { title: 'Site' },
];

function tableRow(flow: ListedFlow): string[] {
  const { startMs, endMs } = flow;
  return [
    startMs === null ? 'unknown' : formatTime(epochMs(startMs)).replace('T', ' ').replace('Z', ''),
    startMs === null || endMs === null ? '' : ((endMs - startMs) / 1000).toFixed(3),
    protocolNames.get(flow.protocol) ?? String(flow.protocol),
    endpoint(flow.source, flow.sourcePort, flow.protocol),
    '->',
    endpoint(flow.destination, flow.destinationPort, flow.protocol),
    flow.protocol === TCP ? flagLetters(flow.tcpFlags) : '',
    String(flow.packets ?? ''),
    String(flow.bytes ?? ''),
    flow.exporterPort === null ? flow.exporter : endpoint(flow.exporter, flow.exporterPort, TCP),
    flow.site === flow.exporter ? '' : flow.site,
  ];
}

const TCP = 6;
const ICMP = 1;
const ICMP6 = 58;

/** IANA protocol numbers that people know by name. */
const protocolNames: ReadonlyMap<number, string> = new Map([
  [ICMP, 'ICMP'],
  [2, 'IGMP'],
  [4, 'IPIP'],
  [TCP, 'TCP'],
  [17, 'UDP'],
  [41, 'IPv6'],
  [47, 'GRE'],
  [50, 'ESP'],
  [51, 'AH'],
  [ICMP6, 'ICMP6'],
  [89, 'OSPF'],
  [132, 'SCTP'],
]);

/** `address:port`; for ICMP, whose exporters put type * 256 + code into the port, the address and `type.code`. */
function endpoint(address: string, port: number, protocol: number): string {
  const host = address === '' ? '-' : address;
  const isIcmp = protocol === ICMP || protocol === ICMP6;
  if (isIcmp) return port === 0 ? host : `${host} ${port >> 8}.${port & 0xff}`;
  return formatEndpoint(host, port);
}

/** The eight TCP flags in the order of the header, a dot for each that was never set: `...AP.SF`. */
function flagLetters(flags: number): string {
  return Array.from('CEUAPRSF', (letter, i) => ((flags >> (7 - i)) & 1 ? letter : '.')).join('');
}
