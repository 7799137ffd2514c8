/** `backtrail case`: what an investigation keeps, and the bundle that is handed over. */
import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import {
  addNote,
  addScreenshot,
  createCase,
  findCase,
  keepFlows,
  keepHost,
  keepSource,
  keepTrace,
  withCases,
} from '../../app/case/desk.ts';
import { exportCase } from '../../app/case/export.ts';
import { TRACE_FLOWS } from '../../app/case/flows.ts';
import { verifyBundle } from '../../app/case/verify.ts';
import { traceStore } from '../../app/trace/store.ts';
import { ApiError } from '../../model/api-error.ts';
import type { CaseItem } from '../../model/case.ts';
import type { EpochMs } from '../../model/time.ts';
import { listText, showText, verifyText } from '../case-text.ts';
import { interruptible } from '../interrupt.ts';
import type { CliIo } from '../io.ts';
import { formatOption, parseCountOption, parseTimeOption, type OutputFormat } from '../options.ts';
import { addQuestionOptions, requestOf, type QuestionOptions } from './trace.ts';

interface InStore {
  readonly store: string;
  readonly case?: string;
  readonly note: string;
}

interface NewOptions {
  readonly store: string;
  readonly reference: string;
  readonly examiner: string;
}

export function registerCase(program: Command, io: CliIo): void {
  const group = program
    .command('case')
    .description('keep traces, flows and notes with the log of every step, and hand them over as evidence');
  registerBooks(group, io);
  registerKeeping(group, io);
  registerBundles(group, io);
}

/** A subcommand that works on a store, and on one of its cases: the one that is open unless another is named. */
function inCase(group: Command, name: string, description: string): Command {
  return group
    .command(name)
    .description(description)
    .requiredOption('--store <dir>', 'the store that the case is in')
    .option('--case <name>', 'the name or id of the case; without it the one that was opened last');
}

function registerBooks(group: Command, io: CliIo): void {
  group
    .command('new')
    .description('make a case and open it: what is done at the workstation from now on goes into its log')
    .argument('<name>', 'what the case is called')
    .requiredOption('--store <dir>', 'the store that the case is about')
    .option('--reference <text>', 'the number under which others know it', '')
    .option('--examiner <name>', 'who works on it', '')
    .action((name: string, { store, reference, examiner }: NewOptions) => {
      const trimmed = name.trim();
      if (trimmed === '') throw new ApiError('usage', 'Give the case a name.');
      withCases(store, () => undefined);
      const made = createCase(store, {
        name: trimmed,
        reference: reference.trim(),
        examiner: examiner.trim(),
      });
      io.out(`${made.id}\n`);
      io.err(`The case "${made.name}" is open.`);
    });
  group
    .command('list')
    .description('list the cases of a store')
    .requiredOption('--store <dir>', 'the store to read')
    .addOption(formatOption('table', 'json'))
    .action(({ store, format }: InStore & { readonly format: OutputFormat }) => {
      const { cases, opened } = withCases(store, (book) => ({ cases: book.list(), opened: book.opened }));
      io.out(format === 'json' ? json(cases) : listText(cases, opened));
    });
  inCase(group, 'close', 'close a case: nothing is kept in it, or taken out of it, until it is reopened')
    .option('--reason <text>', 'why', '')
    .action((options: InStore & { readonly reason: string }) => setClosed(options, true, io));
  inCase(group, 'reopen', 'take a closed case up again')
    .option('--reason <text>', 'why', '')
    .action((options: InStore & { readonly reason: string }) => setClosed(options, false, io));
  inCase(group, 'show', 'show what a case holds, and its log')
    .addOption(formatOption('text', 'json'))
    .action(({ store, case: name, format }: InStore & { readonly format: OutputFormat }) => {
      const shown = withCases(store, (book) => {
        const info = findCase(book, name);
        return { case: info, items: book.items(info.id), log: book.steps(info.id) };
      });
      io.out(format === 'json' ? json(shown) : showText(shown.case, shown.items, shown.log));
    });
}

function setClosed(options: InStore & { readonly reason: string }, closed: boolean, io: CliIo): void {
  const { store, case: name, reason } = options;
  const info = withCases(store, (book) => {
    const { id } = findCase(book, name);
    book.setClosed(id, closed, reason);
    return book.info(id);
  });
  io.err(`The case "${info.name}" is ${closed ? 'closed' : 'taken up again'}.`);
}

function registerKeeping(group: Command, io: CliIo): void {
  const said = (item: CaseItem): void => io.out(`${item.id}\t${item.kind}\t${item.title}\n`);
  const noted = (command: Command): Command => command.option('--note <text>', 'what it shows', '');
  addQuestionOptions(
    noted(inCase(group, 'add-trace', 'run a trace and keep its question and answer')),
  ).action((options: InStore & QuestionOptions) => {
    const { store, note } = options;
    const id = withCases(store, (book) => findCase(book, options.case).id);
    const question = requestOf(options);
    const result = traceStore(store, { ...question, explain: 'path' });
    said(withCases(store, (book) => keepTrace(book, store, id, { question, result }, note)));
  });
  noted(inCase(group, 'add-flows', 'keep the flows that a filter selects'))
    .argument('[filter...]', 'in the language of nfdump')
    .option('--from <time>', 'only flows that were there at this time or later', parseTimeOption)
    .option('--to <time>', 'only flows that began before this time', parseTimeOption)
    .action((filter: string[], options: InStore & { readonly from?: EpochMs; readonly to?: EpochMs }) => {
      const { store, note, from = null, to = null } = options;
      const flows = { filter: filter.join(' '), fromMs: from, toMs: to, kind: 'flow' } as const;
      said(withCases(store, (book) => keepFlows(book, store, findCase(book, options.case).id, flows, note)));
    });
  noted(inCase(group, 'add-host', 'keep an address'))
    .argument('<address>', 'the address of the host')
    .option('--site <name>', 'the site that it is at')
    .action((address: string, options: InStore & { readonly site?: string }) => {
      const { store, note, site = null } = options;
      said(
        withCases(store, (book) =>
          keepHost(book, store, findCase(book, options.case).id, { address, site }, note),
        ),
      );
    });
  inCase(group, 'add-note', 'keep a note')
    .argument('<text>', 'the note')
    .action((text: string, options: InStore) => {
      if (text.trim() === '') throw new ApiError('usage', 'Write a note.');
      said(
        withCases(options.store, (book) =>
          addNote(book, options.store, findCase(book, options.case).id, text),
        ),
      );
    });
  noted(inCase(group, 'add-screenshot', 'keep a PNG file'))
    .argument('<file>', 'the picture')
    .option('--title <text>', 'what it is called; the name of the file without it')
    .action((file: string, options: InStore & { readonly title?: string }) => {
      const { store, note, title = basename(file) } = options;
      const picture = { title, png: readPicture(file), note };
      said(withCases(store, (book) => addScreenshot(book, store, findCase(book, options.case).id, picture)));
    });
  noted(inCase(group, 'add-source', 'keep the hash of an imported file'))
    .argument('<sha256>', 'of the file, as sha256sum prints it')
    .action((source: string, options: InStore) => {
      const { store, note } = options;
      said(
        withCases(store, (book) => keepSource(book, store, findCase(book, options.case).id, source, note)),
      );
    });
  inCase(group, 'withdraw', 'take an item out of the case; that it was there stays in the log')
    .argument('<item>', 'its number, as "backtrail case show" has it', Number)
    .requiredOption('--reason <text>', 'why')
    .action((item: number, options: InStore & { readonly reason: string }) => {
      withCases(options.store, (book) =>
        book.withdraw(findCase(book, options.case).id, item, options.reason),
      );
    });
}

function registerBundles(group: Command, io: CliIo): void {
  inCase(group, 'export', 'write the case as one evidence bundle, and print its SHA-256: write that down')
    .requiredOption('--out <file>', 'the bundle, such as case.backtrail-case')
    .option('--force', 'in the place of a file that is there')
    .option(
      '--trace-flows <count>',
      'of a trace that read more flows than this, only those of its machines',
      parseCountOption,
      TRACE_FLOWS,
    )
    .action(
      (options: InStore & { readonly out: string; readonly force?: true; readonly traceFlows: number }) =>
        interruptible(io, async (signal) => {
          const { store, out, force = false, traceFlows } = options;
          const { id } = withCases(store, (book) => findCase(book, options.case));
          const made = await exportCase(store, id, out, { force, signal, traceFlows });
          io.out(`${made.sha256}\n`);
          for (const note of made.notes) io.err(note);
          io.err(
            `${out}: ${made.files} files, ${made.bytes} bytes. Its SHA-256 is above: keep it apart from the bundle.`,
          );
        }),
    );
  group
    .command('verify')
    .description('check an evidence bundle, and run its traces again on its own flows')
    .argument('<bundle>', 'the file')
    .option('--sha256 <hash>', 'the SHA-256 that was written down when the bundle was made')
    .option('--no-rerun', 'do not run the traces again')
    .addOption(formatOption('text', 'json'))
    .action(
      (
        path: string,
        options: { readonly sha256?: string; readonly rerun: boolean; readonly format: OutputFormat },
      ) =>
        interruptible(io, async (signal) => {
          const { sha256, rerun, format } = options;
          const report = await verifyBundle(path, { sha256, rerun, signal });
          io.out(format === 'json' ? json(report) : verifyText(report, sha256 !== undefined));
          if (report.findings.length > 0) io.fail(1);
        }),
    );
}

function readPicture(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new ApiError('unreadable-file', `${path} cannot be read: ${what}.`, { cause: error });
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
