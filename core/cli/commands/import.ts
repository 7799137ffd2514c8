/** `backtrail import`: files and folders into a store. */
import { InvalidArgumentError, type Command } from 'commander';
import { importIntoFolder, type FileReport } from '../../app/import/files.ts';
import { loadMapping, proposeMappingFile } from '../../app/import/mapping.ts';
import { interruptible } from '../interrupt.ts';
import type { CliIo } from '../io.ts';
import { formatOption, type OutputFormat } from '../options.ts';
import { formatTable } from '../table.ts';
import { counted } from '../../model/text.ts';

interface ImportCommandOptions {
  readonly store?: string;
  readonly site?: string;
  readonly csvMapping?: string;
  readonly proposeMapping?: boolean;
  readonly format: OutputFormat;
}

export function registerImport(program: Command, io: CliIo): void {
  program
    .command('import')
    .description('import flow archives into a store; what is there already is not added again')
    .argument('<file...>', 'flow archives of any kind (captures, nfcapd, tables, ...), or folders of them')
    .option('--store <dir>', 'the store, which is made where there is none')
    .option('--site <name>', 'the site that the exporters of these files belong to', parseSiteName)
    .option('--csv-mapping <file>', 'JSON that says what the columns of a table mean')
    .option('--propose-mapping', 'import nothing: print such a JSON for the table in <file>, to be corrected')
    .addOption(formatOption('table', 'json', 'jsonl'))
    .action((paths: string[], options: ImportCommandOptions, command: Command) => {
      if (options.proposeMapping) {
        for (const path of paths) io.out(proposeMappingFile(path));
        return undefined;
      }
      const { store } = options;
      if (store === undefined) return command.error("error: required option '--store <dir>' not specified");
      return importFiles(paths, { ...options, store }, io);
    });
}

function parseSiteName(text: string): string {
  const name = text.trim();
  if (name === '') throw new InvalidArgumentError('Write the name of a site.');
  return name;
}

async function importFiles(
  paths: readonly string[],
  options: ImportCommandOptions & { readonly store: string },
  io: CliIo,
): Promise<void> {
  const mapping = options.csvMapping === undefined ? undefined : loadMapping(options.csvMapping);
  let bar: ReturnType<CliIo['progress']> | undefined;
  let interrupted = false;
  const report = await interruptible(io, async (signal) => {
    const done = await importIntoFolder(options.store, paths, {
      site: options.site,
      mapping,
      signal,
      onProgress: (bytes, total) => (bar ??= io.progress('importing', total)).update(bytes),
    });
    interrupted = signal.aborted;
    return done;
  });
  bar?.end();
  io.out(render(report.files, options.format));
  io.flush();
  for (const file of report.files) {
    if (!file.error || file.outcome === 'left-out') continue;
    io.err(`backtrail: ${file.error.message}`);
    io.fail(file.error.exitCode);
  }
  // What lies after the break could not be read; the rest was.
  if (report.files.some(({ outcome, source }) => outcome === 'added' && source && source.brokeAt !== null)) {
    io.fail(1);
  }
  for (const sentence of issueSentences(report.files)) io.err(sentence);
  if (report.files.length > 1) io.err(totals(report.files));
  for (const sentence of new Set(report.files.flatMap(conflictSentences))) io.err(sentence);
  if (interrupted) io.err('Interrupted: run the same import again, it goes on where it stopped.');
  if (report.untried > 0)
    io.err(`${counted(report.untried, 'file')} ${report.untried === 1 ? 'was' : 'were'} not tried.`);
  if (report.untried > 0) io.fail(1);
  if (report.files.every(({ outcome }) => outcome === 'left-out') && !interrupted) {
    io.err('backtrail: There is no flow archive in the folders given.');
    io.fail(1);
  }
}

function totals(files: readonly FileReport[]): string {
  const added = files.reduce((sum, file) => sum + addedFlows(file), 0);
  const count = (outcome: FileReport['outcome']): number =>
    files.filter((file) => file.outcome === outcome).length;
  const parts = [`${counted(added, 'flow')} added from ${counted(count('added'), 'file')}`];
  if (count('already') > 0) parts.push(`${count('already')} were in the store already`);
  if (count('left-out') > 0) parts.push(`${count('left-out')} left out, being no flow archives`);
  if (count('failed') > 0) parts.push(`${count('failed')} could not be read`);
  return `${parts.join(', ')}.`;
}

function addedFlows({ addedRows, addedAggregates }: FileReport): number {
  return addedRows - addedAggregates;
}

/** One sentence a kind of issue, however many files had it. */
function issueSentences(files: readonly FileReport[]): string[] {
  const kinds = new Map<string, { count: number; readonly first: string }>();
  for (const { path, outcome, source } of files) {
    if (!source || outcome === 'already') continue;
    for (const [code, count] of Object.entries(source.issues)) {
      const known = kinds.get(code);
      const example = source.issueExamples.find((issue) => issue.code === code);
      if (known) known.count += count;
      else kinds.set(code, { count, first: `${path}${example ? `: ${example.message}` : ''}` });
    }
  }
  return [...kinds].map(
    ([code, { count, first }]) => `${code}: ${counted(count, 'time')}, first in ${first}`,
  );
}

function conflictSentences(file: FileReport): string[] {
  return file.siteConflicts.map(
    ({ address, site, asked }) =>
      `The exporter ${address} stays at the site ${site}, where an earlier import put it: if ${asked} has another router with this address, import its files into a store of their own.`,
  );
}

function render(files: readonly FileReport[], format: OutputFormat): string {
  if (format === 'json') return `${JSON.stringify(files.map(summary), null, 2)}\n`;
  if (format === 'jsonl') return files.map((file) => `${JSON.stringify(summary(file))}\n`).join('');
  if (files.length === 0) return '';
  const rows = files.map((file) => [file.path, String(addedFlows(file)), describe(file)]);
  return formatTable(
    [{ title: 'File' }, { title: 'Flows added', align: 'right' }, { title: 'What happened' }],
    rows,
  );
}

/** The report for other programs. */
function summary(file: FileReport): Record<string, unknown> {
  const { path, outcome, addedAggregates, resumed, source, siteConflicts, error } = file;
  return {
    path,
    outcome,
    addedFlows: addedFlows(file),
    ...(addedAggregates > 0 && { addedAggregates }),
    resumed,
    ...(source && {
      sha256: source.sha256,
      kind: source.kind,
      flows: source.rows,
      options: source.options,
      issues: source.issues,
      issueExamples: source.issueExamples,
      skipped: source.skipped,
      brokeAt: source.brokeAt,
    }),
    ...(siteConflicts.length > 0 && { siteConflicts }),
    ...(error && { error: { code: error.code, message: error.message } }),
  };
}

/** One file in words: what was done, what was passed over and why, where it broke. */
function describe(file: FileReport): string {
  const { outcome, source } = file;
  if (file.outcome === 'left-out') return 'not a flow archive, left out';
  if (!source) return 'not read';
  const parts = [heading(file)];
  if (outcome !== 'already') {
    if (file.addedAggregates > 0) parts.push(counted(file.addedAggregates, 'aggregate'));
    if (source.options > 0) parts.push(counted(source.options, 'options record'));
    for (const [reason, count] of Object.entries(source.skipped))
      parts.push(`passed over: ${count} ${reason}`);
    for (const [code, count] of Object.entries(source.issues)) parts.push(`${count} ${code}`);
  }
  if (source.brokeAt !== null) parts.push(`breaks off at byte ${source.brokeAt} of ${source.bytes}`);
  return parts.join('; ');
}

function heading({ outcome, source, resumed }: FileReport): string {
  switch (outcome) {
    case 'already':
      return `is in the store already (${counted(source?.rows ?? 0, 'flow')}), nothing added`;
    case 'stopped':
      return 'stopped on the way';
    case 'failed':
    case 'left-out':
      return outcome;
    case 'added':
      return resumed ? `${source?.kind}, taken up where it had stopped` : String(source?.kind);
  }
}
