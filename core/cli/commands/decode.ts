/** `backtrail decode`: any supported file as JSON lines in the neutral form. */
import type { Command } from 'commander';
import { statSync } from 'node:fs';
import { decodeFiles } from '../../app/import/decode-files.ts';
import { loadMapping } from '../../app/import/mapping.ts';
import type { CliIo } from '../io.ts';

export function registerDecode(program: Command, io: CliIo): void {
  program
    .command('decode')
    .description('print flow records as JSON lines')
    .argument(
      '<file...>',
      'flow archives of any kind, or raw datagram payloads; those of datagrams are one stream',
    )
    .option('--named', 'vendor elements by name and type, and events as events')
    .option('--csv-mapping <file>', 'JSON that says what the columns of a table mean')
    .action((paths: string[], options: DecodeCommandOptions) => decode(paths, options, io));
}

/** The size of the files together, for the progress bar: those that cannot be read count nothing. */
function totalSize(paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}

interface DecodeCommandOptions {
  readonly csvMapping?: string;
  readonly named?: boolean;
}

interface IssueSummary {
  readonly path: string;
  readonly first: string;
  count: number;
}

function decode(paths: readonly string[], { csvMapping, named }: DecodeCommandOptions, io: CliIo): void {
  const mapping = csvMapping === undefined ? undefined : loadMapping(csvMapping);
  const progress = io.progress('decoding', totalSize(paths));
  const summaries = new Map<string, IssueSummary>();
  for (const event of decodeFiles(paths, { mapping, named })) {
    switch (event.kind) {
      case 'records':
        for (const record of event.records) io.out(`${JSON.stringify(record)}\n`);
        break;
      case 'issues':
        for (const { code, message } of event.issues) {
          const summary = summaries.get(code);
          if (summary) summary.count++;
          else summaries.set(code, { path: event.path, first: message, count: 1 });
        }
        break;
      case 'fault':
        io.err(`backtrail: ${event.error.message}`);
        io.fail(event.error.exitCode);
        break;
      case 'broken':
        io.err(`backtrail: ${event.path} breaks off at byte ${event.at}: what came before was decoded.`);
        io.fail(1);
        break;
      case 'progress':
        progress.update(event.bytesRead);
        break;
    }
  }
  io.flush();
  progress.end();
  for (const [code, { path, first, count }] of summaries) {
    io.err(`${code}: ${count} ${count === 1 ? 'time' : 'times'}, first in ${path}: ${first}`);
  }
}
