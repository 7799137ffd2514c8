/** `backtrail report`: a month, one trace, or a whole case, on paper. */
import { basename, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { DEFAULT_WITHIN } from '../../app/trace/store.ts';
import { ApiError } from '../../model/api-error.ts';
import { tablesOf, type PaperSize, type Report } from '../../model/report.ts';
import { durationMs, type EpochMs } from '../../model/time.ts';
import type { Party } from '../../model/trace-question.ts';
import { interruptible, unlessAborted } from '../interrupt.ts';
import type { CliIo } from '../io.ts';
import { parseCountOption, parseTimeOption } from '../options.ts';
import { parsePartyOption } from './trace.ts';

interface ReportOptions {
  readonly store: string;
  readonly out: string;
  readonly month?: string;
  readonly trace?: true;
  readonly case?: string | true;
  readonly victim?: Party;
  readonly at?: EpochMs;
  readonly from?: Party;
  readonly within: number;
  readonly site?: string;
  readonly paper: PaperSize;
  readonly tables?: string;
}

const MINUTE_MS = 60_000;

export function registerReport(program: Command, io: CliIo): void {
  program
    .command('report')
    .description('write a report as a PDF: of a month, of one trace, or of a case')
    .requiredOption('--store <dir>', 'the store to read')
    .requiredOption('--out <file.pdf>', 'where the report goes')
    .option('--month <yyyy-mm>', 'report on this month (UTC)')
    .option('--trace', 'report on a trace: --victim and --at say which')
    .option('--case [name]', 'report on this case, by its name or id; on the one that is open without')
    .option('--victim <ip[:port]>', 'the machine that was logged into', parsePartyOption)
    .option('--at <time>', 'a moment at which the connection was open', parseTimeOption)
    .option('--from <ip[:port]>', 'the peer that the victim saw', parsePartyOption)
    .option(
      '--within <minutes>',
      'how far around that moment flows are read',
      parseCountOption,
      DEFAULT_WITHIN / MINUTE_MS,
    )
    .option('--site <name>', 'only what this site saw; of a trace: the site of the victim')
    .addOption(new Option('--paper <size>', 'the size of the paper').choices(['a4', 'letter']).default('a4'))
    .option('--tables <dir>', 'write every table there as CSV and JSON')
    .action((options: ReportOptions) => report(options, io));
}

async function report(options: ReportOptions, io: CliIo): Promise<void> {
  const { month, trace, case: ofCase, out, paper, tables } = options;
  if ([month, trace, ofCase].filter((wanted) => wanted !== undefined).length !== 1) {
    throw new ApiError(
      'usage',
      'Say which report is wanted: --month 2026-11, --trace with --victim and --at, or --case.',
    );
  }
  await interruptible(io, (signal) =>
    unlessAborted(signal, async () => {
      const { checkTarget, readDrawing, writeReport } = await import('../../app/report/files.ts');
      checkTarget(out);
      const making =
        month !== undefined
          ? ofMonth(month, options, signal, io)
          : ofCase !== undefined
            ? ofCaseNamed(ofCase, options)
            : ofTrace(options);
      // Meanwhile files are read, and threads start.
      const [made] = await Promise.all([making, readDrawing()]);
      const files = await writeReport(made, { out, paper, tables });
      io.err(made.answer);
      const beside =
        tables === undefined
          ? ''
          : `, and ${files} files with its ${tablesOf(made).length} tables to ${tables}`;
      io.err(`The report was written to ${out}${beside}.`);
    }),
  );
}

async function ofMonth(
  month: string,
  { store, site }: ReportOptions,
  signal: AbortSignal,
  io: CliIo,
): Promise<Report> {
  const bar = io.isTerminal ? io.progress('Asking the store', 1000) : undefined;
  const onProgress = (done: number, of: number): void => bar?.update(Math.round((1000 * done) / of));
  const { reportMonth } = await import('../../app/report/month.ts');
  try {
    return await reportMonth(store, { month, site, nowMs: Date.now() }, { signal, onProgress });
  } finally {
    bar?.end();
  }
}

async function ofCaseNamed(name: string | true, { store }: ReportOptions): Promise<Report> {
  const { reportCase } = await import('../../app/report/case.ts');
  return reportCase(store, { case: name === true ? undefined : name, nowMs: Date.now() });
}

async function ofTrace({ store, victim, at, from, site, within }: ReportOptions): Promise<Report> {
  if (!victim || at === undefined) {
    throw new ApiError('usage', 'A trace needs --victim and --at.');
  }
  const { reportTrace } = await import('../../app/report/trace.ts');
  return reportTrace(store, {
    victim,
    at,
    within: durationMs(within * MINUTE_MS),
    ...(from ? { from } : {}),
    ...(site === undefined ? {} : { site }),
    nowMs: Date.now(),
    storeArgument: basename(resolve(store)),
  });
}
