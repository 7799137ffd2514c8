/** `backtrail trace`: through which machines did this login really come? */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { traceStoreByCpf } from '../../app/trace/method.ts';
import { DEFAULT_WITHIN, traceStore, type TraceRequest } from '../../app/trace/store.ts';
import { formatAddress, parseAddress } from '../../model/address.ts';
import { durationMs, type EpochMs } from '../../model/time.ts';
import type { ConnectionName } from '../../model/trace-explanation.ts';
import type { Party } from '../../model/trace-question.ts';
import { renderCpfTrace } from '../cpf-text.ts';
import type { CliIo } from '../io.ts';
import { formatOption, parseCountOption, parseTimeOption, type OutputFormat } from '../options.ts';
import { pathPlaces } from '../trace-places.ts';
import { renderTrace } from '../trace-text.ts';

/** What is asked, as the options of a command line. */
export interface QuestionOptions {
  readonly victim: Party;
  readonly at: EpochMs;
  readonly from?: Party;
  readonly site?: string;
  readonly within: number;
}

interface TraceOptions extends QuestionOptions {
  readonly store: string;
  readonly method: 'engine' | 'cpf';
  readonly explain?: ConnectionName | true;
  readonly format: OutputFormat;
}

const MINUTE_MS = 60_000;

export function registerTrace(program: Command, io: CliIo): void {
  const command = program
    .command('trace')
    .description('trace a login back to where it came from')
    .requiredOption('--store <dir>', 'the store to read');
  addQuestionOptions(command)
    .addOption(
      new Option('--method <name>', 'the engine, or the published CPF > 0.8 for comparison')
        .choices(['engine', 'cpf'])
        .default('engine'),
    )
    .option(
      '--explain [source:port-dest:port]',
      'why, term by term: every hop of the path, or one connection',
      parseConnectionOption,
    )
    .addOption(formatOption('text', 'json'))
    .action((options: TraceOptions) => trace(options, io));
}

export function addQuestionOptions(command: Command): Command {
  return command
    .requiredOption('--victim <ip[:port]>', 'the machine that was logged into', parsePartyOption)
    .requiredOption('--at <time>', 'a moment at which the connection was open', parseTimeOption)
    .option('--from <ip[:port]>', 'the peer that the victim saw', parsePartyOption)
    .option('--site <name>', 'the site of the victim, where its private address repeats')
    .option(
      '--within <minutes>',
      'how far around that moment flows are read',
      parseCountOption,
      DEFAULT_WITHIN / MINUTE_MS,
    );
}

/** The question of the options. */
export function requestOf({ victim, at, from, site, within }: QuestionOptions): TraceRequest {
  return {
    victim,
    at,
    within: durationMs(within * MINUTE_MS),
    ...(from ? { from } : {}),
    ...(site === undefined ? {} : { site }),
  };
}

async function trace(options: TraceOptions, io: CliIo): Promise<void> {
  const { store, method, explain, format } = options;
  const request: TraceRequest = {
    ...requestOf(options),
    ...(explain === undefined ? {} : { explain: explain === true ? ('path' as const) : explain }),
  };
  if (method === 'cpf') {
    write(traceStoreByCpf(store, request), renderCpfTrace, format, io);
    return;
  }
  const result = traceStore(store, request);
  const places = format === 'json' ? [] : await pathPlaces(store, result);
  write(result, (traced) => renderTrace(traced, places), format, io);
}

function write<T>(result: T, render: (result: T) => string, format: OutputFormat, io: CliIo): void {
  io.out(format === 'json' ? `${JSON.stringify(result, null, 2)}\n` : render(result));
}

/** Two endpoints with ports and a `-` between them: `192.0.2.7:40000-198.51.100.2:22`. */
function parseConnectionOption(text: string): ConnectionName {
  const [from = '', to = '', ...rest] = text.split('-');
  const [source, destination] = [parsePartyOption(from), parsePartyOption(to)];
  if (rest.length > 0 || source.port === undefined || destination.port === undefined) {
    throw new InvalidArgumentError(
      'Write both ends with their ports, such as 192.0.2.7:40000-198.51.100.2:22.',
    );
  }
  return {
    source: source.address,
    sourcePort: source.port,
    destination: destination.address,
    destinationPort: destination.port,
  };
}

/** `192.0.2.1`, `192.0.2.1:22`, `2001:db8::1`, `[2001:db8::1]:22`. */
export function parsePartyOption(text: string): Party {
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text);
  const plain = text.split(':').length === 2 ? /^([^:]+):(\d{1,5})$/.exec(text) : null;
  const [, host = text, port] = bracketed ?? plain ?? [];
  const bytes = parseAddress(host);
  if (!bytes || Number(port ?? 0) > 65_535) {
    throw new InvalidArgumentError(
      'Write an address, or address:port, such as 192.0.2.7:22 or [2001:db8::7]:22.',
    );
  }
  const address = formatAddress(bytes);
  return port === undefined ? { address } : { address, port: Number(port) };
}
