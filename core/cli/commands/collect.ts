/** `backtrail collect`: flows from the wire into a store, until it is told to end. */
import { InvalidArgumentError, type Command } from 'commander';
import { readFileSync } from 'node:fs';
import {
  parseListen,
  startCollection,
  type Collection,
  type CollectStatus,
} from '../../app/collect/collect.ts';
import { ApiError } from '../../model/api-error.ts';
import { formatTime } from '../../model/time.ts';
import { shortStatus, startSentences, statusScreen } from '../collect-text.ts';
import { ClosedPipe, type CliIo } from '../io.ts';
import { formatOption, parseCountOption, parseSizeOption, type OutputFormat } from '../options.ts';
import { droppedText } from '../store-text.ts';

interface CollectCommandOptions {
  readonly store: string;
  readonly listen?: readonly string[];
  readonly allow?: readonly string[];
  readonly site?: ReadonlyMap<string, string>;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly keepDays?: number;
  readonly keepBytes?: number;
  readonly format: OutputFormat;
}

/** Only this machine can reach it; whoever wants more says so. */
const DEFAULT_LISTEN = 'udp://127.0.0.1:2055';
/** Where a log is written, a line this often. */
const TEXT_EVERY_MS = 10_000;
/** The terminal signals npm and the program, and npm passes on its own: within this it is one press. */
const ONE_PRESS_MS = 500;

export function registerCollect(program: Command, io: CliIo): void {
  program
    .command('collect')
    .description('receive NetFlow, IPFIX and sFlow and keep the flows in a store, until SIGTERM or Ctrl-C')
    .requiredOption('--store <dir>', 'the store, which is made where there is none')
    .option(
      '--listen <url...>',
      `where to listen: udp://HOST:PORT, tcp:// or tls:// (IPFIX); default ${DEFAULT_LISTEN}, reachable from this machine alone: udp://0.0.0.0:2055 opens it to every network`,
    )
    .option('--allow <address...>', 'take datagrams of these exporters only; refused ones are counted')
    .option('--site <name=address...>', 'the site of an exporter; without it, its address', parseSite)
    .option('--tls-cert <file>', 'PEM certificate for tls://')
    .option('--tls-key <file>', 'PEM key for tls://')
    .option('--keep-days <n>', 'keep today and the days before it, so many in all', parseCountOption)
    .option('--keep-bytes <size>', 'keep so much of day files: 500M, 20G', parseSizeOption)
    .addOption(formatOption('text', 'jsonl'))
    .action((options: CollectCommandOptions) => collect(options, io));
}

function parseSite(text: string, sites: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  const split = text.lastIndexOf('=');
  const name = text.slice(0, Math.max(split, 0)).trim();
  const address = text.slice(split + 1).trim();
  if (name === '' || address === '') throw new InvalidArgumentError('Write NAME=ADDRESS.');
  return new Map([...sites, [address, name]]);
}

async function collect(options: CollectCommandOptions, io: CliIo): Promise<void> {
  // Told to end while it starts, it ends as soon as it has started.
  let end = (): void => undefined;
  const toldToEnd = new Promise<void>((resolve) => (end = resolve));
  let pressedAt = Number.NaN;
  const told = (): void => {
    const now = performance.now();
    // Who asks again does not want to wait for the rest to be stored.
    if (now - pressedAt > ONE_PRESS_MS) process.exit(130);
    if (Number.isNaN(pressedAt)) pressedAt = now;
    end();
  };
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, told);
  try {
    const collection = await startCollection({
      folder: options.store,
      listen: (options.listen ?? [DEFAULT_LISTEN]).map(parseListen),
      allow: options.allow ?? [],
      sites: options.site ?? new Map(),
      tls: readIdentity(options),
      retention: { keepDays: options.keepDays, keepBytes: options.keepBytes },
    });
    for (const sentence of startSentences(collection)) io.err(sentence);
    report(collection, options.format, io, end);
    await Promise.race([toldToEnd, collection.ended]);
    const last = await collection.stop();
    if (options.format === 'jsonl') io.out(`${JSON.stringify(jsonStatus(last))}\n`);
    io.err(`Ended: ${shortStatus(last)}`);
    if (last.problem !== null) throw new ApiError('cannot-write', last.problem);
  } finally {
    for (const signal of signals) process.off(signal, told);
  }
}

/** Writes every status; a reader of stdout that goes away ends the collection. */
function report(collection: Collection, format: OutputFormat, io: CliIo, end: () => void): void {
  let lastText = performance.now();
  collection.watch({
    onDropped: (days) => io.err(droppedText(days, false)),
    onStatus(status) {
      if (format === 'jsonl') {
        try {
          io.out(`${JSON.stringify(jsonStatus(status))}\n`);
          io.flush();
        } catch (error) {
          if (!(error instanceof ClosedPipe)) throw error;
          end();
        }
      } else if (io.isTerminal) {
        io.err(`\u001b[H\u001b[J${statusScreen(status, collection)}`);
      } else if (performance.now() - lastText >= TEXT_EVERY_MS) {
        lastText = performance.now();
        io.err(`${formatTime(status.time)} ${shortStatus(status)}`);
      }
    },
  });
}

/** For other programs: the times as people write them. */
function jsonStatus(status: CollectStatus): Record<string, unknown> {
  return {
    ...status,
    time: formatTime(status.time),
    exporters: status.exporters.map((exporter) => ({
      ...exporter,
      firstReceived: formatTime(exporter.firstReceived),
      lastReceived: formatTime(exporter.lastReceived),
    })),
  };
}

function readIdentity({ tlsCert, tlsKey }: CollectCommandOptions): { cert: string; key: string } | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new ApiError('usage', 'TLS needs both --tls-cert FILE and --tls-key FILE.');
  }
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      throw new ApiError('usage', `${path} cannot be read (${what}): name a PEM file.`, { cause: error });
    }
  };
  return { cert: read(tlsCert), key: read(tlsKey) };
}
