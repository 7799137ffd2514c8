/** The `backtrail` program: its commands, and how it ends. */
import { Command, CommanderError } from 'commander';
import { packageVersion } from '../app/resources.ts';
import { ApiError } from '../model/api-error.ts';
import { ClosedPipe, processIo, type CliIo } from './io.ts';

type Registration = (program: Command, io: CliIo) => void;

/** In the order of the help. A command's modules are read when it is run. */
const commands: ReadonlyMap<string, () => Promise<Registration>> = new Map([
  ['demo', async () => (await import('./commands/demo.ts')).registerDemo],
  ['decode', async () => (await import('./commands/decode.ts')).registerDecode],
  ['import', async () => (await import('./commands/import.ts')).registerImport],
  ['flows', async () => (await import('./commands/flows.ts')).registerFlows],
  ['top', async () => (await import('./commands/top.ts')).registerTop],
  ['series', async () => (await import('./commands/series.ts')).registerSeries],
  ['conversations', async () => (await import('./commands/conversations.ts')).registerConversations],
  ['summary', async () => (await import('./commands/summary.ts')).registerSummary],
  ['host', async () => (await import('./commands/host.ts')).registerHost],
  ['sql', async () => (await import('./commands/sql.ts')).registerSql],
  ['export', async () => (await import('./commands/export.ts')).registerExport],
  ['trace', async () => (await import('./commands/trace.ts')).registerTrace],
  ['discover', async () => (await import('./commands/discover.ts')).registerDiscover],
  ['report', async () => (await import('./commands/report.ts')).registerReport],
  ['store', async () => (await import('./commands/store.ts')).registerStore],
  ['flood', async () => (await import('./commands/flood.ts')).registerFlood],
  ['collect', async () => (await import('./commands/collect.ts')).registerCollect],
  ['exporter-config', async () => (await import('./commands/exporter-config.ts')).registerExporterConfig],
  ['place', async () => (await import('./commands/place.ts')).registerPlace],
  ['whois', async () => (await import('./commands/whois.ts')).registerWhois],
  ['case', async () => (await import('./commands/case.ts')).registerCase],
  ['serve', async () => (await import('./commands/serve.ts')).registerServe],
  ['start', async () => (await import('./commands/start.ts')).registerStart],
]);

/** Runs one command line (without the program's own name) and returns the exit code. */
export async function main(
  args: readonly string[],
  io: CliIo = processIo(),
  registrations?: readonly Registration[],
): Promise<number> {
  try {
    await buildProgram(args[0], io, registrations ?? (await load(args[0]))).parseAsync(args, {
      from: 'user',
    });
    io.flush();
  } catch (error) {
    return explain(error, io);
  }
  return io.exitCode;
}

/** The command that is named; all of them for the help and for what is no command; none for the version. */
async function load(first: string | undefined): Promise<readonly Registration[]> {
  if (first === '--version' || first === '-V') return [];
  const named = commands.get(first ?? '');
  return named ? [await named()] : Promise.all([...commands.values()].map(async (one) => one()));
}

function buildProgram(first: string | undefined, io: CliIo, registrations: readonly Registration[]): Command {
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
  for (const register of registrations) register(program, io);
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
