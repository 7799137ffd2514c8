/** `backtrail store`: what a store takes, whether it is sound, what it keeps. */
import type { Command } from 'commander';
import {
  mergeStore,
  repairStore,
  reportStore,
  retainInStore,
  verifyStore,
  type DayProgress,
} from '../../app/store-upkeep.ts';
import { ApiError } from '../../model/api-error.ts';
import type { CliIo } from '../io.ts';
import { formatOption, parseCountOption, parseSizeOption, type OutputFormat } from '../options.ts';
import { droppedText, repairText, reportText, verdictText } from '../store-text.ts';
import { counted } from '../../model/text.ts';

interface StoreOptions {
  readonly store: string;
  readonly format: OutputFormat;
}

interface RetainOptions extends StoreOptions {
  readonly keepDays?: number;
  readonly keepBytes?: number;
  readonly dryRun?: boolean;
}

export function registerStore(program: Command, io: CliIo): void {
  const store = program
    .command('store')
    .description('look after a store: report, verify, repair, retain, merge');
  const add = (name: string, description: string): Command =>
    store
      .command(name)
      .description(description)
      .requiredOption('--store <dir>', 'the store')
      .addOption(formatOption('text', 'json'));
  add('report', 'what the store takes, by day and by column').action(
    ({ store: folder, format }: StoreOptions) => {
      const report = reportStore(folder);
      io.out(format === 'json' ? json(report) : reportText(report));
    },
  );
  add(
    'verify',
    'read everything and compare it with its checksums; exit 1 where something is damaged',
  ).action(({ store: folder, format }: StoreOptions) => {
    const verdict = withBar(io, 'verifying', (onDay) => verifyStore(folder, onDay));
    io.out(format === 'json' ? json(verdict) : verdictText(verdict, folder));
    if (verdict.faults.length > 0) io.fail(1);
  });
  add(
    'repair',
    'replace damaged day files by what is whole in them, and keep the damaged ones beside them',
  ).action(({ store: folder, format }: StoreOptions) => {
    const report = withBar(io, 'repairing', (onDay) => repairStore(folder, onDay));
    io.out(format === 'json' ? json(report) : repairText(report));
  });
  add(
    'merge',
    'put small segments together, which imports and collections do by themselves when they end',
  ).action(({ store: folder, format }: StoreOptions) => {
    const { before, after } = mergeStore(folder);
    io.out(
      format === 'json'
        ? json({ before, after })
        : `${counted(before, 'small segment')} became ${counted(after, 'segment')}.\n`,
    );
  });
  add('retain', 'drop the days beyond an age or a size, the oldest first, never today')
    .option('--keep-days <n>', 'keep today and the days before it, so many in all', parseCountOption)
    .option('--keep-bytes <size>', 'keep so much of day files: 500M, 20G', parseSizeOption)
    .option('--dry-run', 'drop nothing: say what would go')
    .action(({ store: folder, format, keepDays, keepBytes, dryRun = false }: RetainOptions) => {
      if (keepDays === undefined && keepBytes === undefined) {
        throw new ApiError('usage', 'Say what to keep: --keep-days N, --keep-bytes SIZE, or both.');
      }
      const dropped = retainInStore(folder, { keepDays, keepBytes }, dryRun);
      io.out(format === 'json' ? json({ dryRun, dropped }) : droppedText(dropped, dryRun));
    });
}

function withBar<T>(io: CliIo, label: string, work: (onDay: DayProgress) => T): T {
  let bar: ReturnType<CliIo['progress']> | undefined;
  try {
    return work((done, total) => (bar ??= io.progress(label, total)).update(done));
  } finally {
    bar?.end();
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
