/** The `backtrail` program: its commands, and how it ends. */
import { Command, CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import { ApiError } from '../model/api-error.ts';
import { registerCase } from './commands/case.ts';
import { registerCollect } from './commands/collect.ts';
import { registerDecode } from './commands/decode.ts';
import { registerDemo } from './commands/demo.ts';
import { registerConversations } from './commands/conversations.ts';
import { registerSummary } from './commands/summary.ts';
import { registerHost } from './commands/host.ts';
import { registerSql } from './commands/sql.ts';
import { registerExport } from './commands/export.ts';
import { registerDiscover } from './commands/discover.ts';
import { registerExporterConfig } from './commands/exporter-config.ts';
import { registerFlood } from './commands/flood.ts';
import { registerFlows } from './commands/flows.ts';
import { registerImport } from './commands/import.ts';
import { registerPlace } from './commands/place.ts';
import { registerReport } from './commands/report.ts';
import { registerSeries } from './commands/series.ts';
import { registerServe } from './commands/serve.ts';
import { registerStart } from './commands/start.ts';
import { registerTop } from './commands/top.ts';
import { registerStore } from './commands/store.ts';
import { registerTrace } from './commands/trace.ts';
import { registerWhois } from './commands/whois.ts';
import { ClosedPipe, processIo, type CliIo } from './io.ts';

type Registration = (program: Command, io: CliIo) => void;

const registrations: readonly Registration[] = [
  registerDemo,
  registerDecode,
  registerImport,
  registerFlows,
  registerTop,
  registerSeries,
  registerConversations,
  registerSummary,
  registerHost,
  registerSql,
  registerExport,
  registerTrace,
  registerDiscover,
  registerReport,
  registerStore,
  registerFlood,
  registerCollect,
  registerExporterConfig,
  registerPlace,
  registerWhois,
  registerCase,
  registerServe,
  registerStart,
];

/** Runs one command line (without the program's own name) and returns the exit code. */
export async function main(
  args: readonly string[],
  io: CliIo = processIo(),
  commands: readonly Registration[] = registrations,
): Promise<number> {
  try {
    await buildProgram(args[0], io, commands).parseAsync(args, { from: 'user' });
    io.flush();
  } catch (error) {
    return explain(error, io);
  }
  return io.exitCode;
}

function buildProgram(first: string | undefined, io: CliIo, commands: readonly Registration[]): Command {
  const program = new Command('backtrail');
  const helpFor = (): string => {
    const known = program.commands.some((command) => command.name() === first);
    return known ? `backtrail ${first} --help` : 'backtrail --help';
  };
  program
    .description('Traces a network attack back to its origin from flow records alone.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
      outputError: (text, write) => write(`backtrail: ${asSentence(text)} See ${helpFor()}.`),
    });
  for (const register of commands) register(program, io);
  return program;
}

/** Commander's "error: unknown option '--x'\n(Did you mean --y?)\n" on one line, without its prefix. */
function asSentence(text: string): string {
  const sentence = text
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ');
  return /[.?)]$/.test(sentence) ? sentence : `${sentence}.`;
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Says what went wrong and returns the exit code: 0 for help and a closed pipe, 2 for usage, 1 for bugs. */
function explain(error: unknown, io: CliIo): number {
  try {
    io.flush();
  } catch (flushError) {
    if (flushError instanceof ClosedPipe) return 0;
    throw flushError;
  }
  if (error instanceof ClosedPipe) return 0;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const debug = process.env['BACKTRAIL_DEBUG'] === '1';
  if (error instanceof ApiError) {
    io.err(`backtrail: ${error.message}`);
    if (debug) io.err(traceOf(error));
    return Math.max(io.exitCode, error.exitCode);
  }
  const message = error instanceof Error ? error.message : String(error);
  io.err(`backtrail: this is a bug, please report it: ${message}`);
  io.err(debug ? traceOf(error) : 'Run the command again with BACKTRAIL_DEBUG=1 to see where it happened.');
  return Math.max(io.exitCode, 1);
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by ${traceOf(error.cause)}`;
}
