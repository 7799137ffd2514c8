/** `backtrail store`: what a store takes, whether it is sound, what it keeps. */
import { InvalidArgumentError, type Command } from 'commander';
import {
  mergeStore,
  repairStore,
  reportStore,
  retainInStore,
  verifyStore,
  type DayProgress,
  type DroppedDay,
  type RepairReport,
  type StorageReport,
  type StoreVerdict,
} from '../../app/store-upkeep.ts';
import { ApiError } from '../../model/api-error.ts';
import { epochMs, formatTime } from '../../model/time.ts';
import type { CliIo } from '../io.ts';
import { formatOption, parseCountOption, type OutputFormat } from '../options.ts';
import { formatTable } from '../table.ts';

interface StoreOptions {
  readonly store: string;
  readonly format: OutputFormat;
}

interface RetainOptions extends StoreOptions {
  readonly keepDays?: number;
  readonly keepBytes?: number;
  readonly dryRun?: boolean;
}

const units = 'KMGT';

/** `500M`, `20G`: powers of 1,024; a number alone is bytes. */
export function parseSizeOption(text: string): number {
  const [, digits = '', unit = ''] =
    /^(\d{1,12}(?:\.\d{1,3})?)\s*([KMGT]?)(?:i?B)?$/i.exec(text.trim()) ?? [];
  const bytes = Math.floor(
    Number(digits || Number.NaN) * 1024 ** (units.indexOf(unit.toUpperCase() || ' ') + 1),
  );
  if (!(bytes >= 1)) throw new InvalidArgumentError('Write a size such as 500M, 20G or 1.5T.');
  return bytes;
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
        : `${count(before, 'small segment')} became ${count(after, 'segment')}.\n`,
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

/** Lines that say which days went. */
export function droppedText(dropped: readonly DroppedDay[], dryRun: boolean): string {
  if (dropped.length === 0) return 'Nothing is beyond what is to be kept.\n';
  const verb = dryRun ? 'would be dropped' : 'dropped';
  return dropped
    .map(
      ({ day, rows, bytes }) =>
        `${day} ${verb}: ${rows === undefined ? 'flows that nobody could count' : count(rows, 'flow')}, ${size(bytes)}.\n`,
    )
    .join('');
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

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function size(bytes: number): string {
  if (bytes < 1024) return count(bytes, 'byte');
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length);
  return `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1]}iB`;
}

function reportText({ days, columns }: StorageReport): string {
  const flows = days.reduce((sum, day) => sum + day.flows, 0);
  const bytes = days.reduce((sum, day) => sum + day.bytes, 0);
  const perFlow = (value: number, of: number): string => (of === 0 ? '' : (value / of).toFixed(2));
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  const byDay = formatTable(
    [
      { title: 'Day' },
      ...['Flows', 'Size', 'Bytes a flow', 'Segments', 'Least', 'Median', 'Most'].map(right),
    ],
    days.map(({ day, flows: own, bytes: taken, segments, segmentFlows }) => [
      day,
      String(own),
      size(taken),
      perFlow(taken, own),
      String(segments),
      ...(segmentFlows ?? ['', '', '']).map(String),
    ]),
  );
  const byColumn = formatTable(
    [{ title: 'Column' }, right('Size'), right('Bytes a flow'), right('Of what it was')],
    columns.map(({ name, stored, plain }) => [
      name,
      size(stored),
      perFlow(stored, flows),
      plain === 0 ? '' : `${((stored / plain) * 100).toFixed(0)}%`,
    ]),
  );
  return `${byDay}\n${byColumn}\n${count(flows, 'flow')} in ${size(bytes)}, ${perFlow(bytes, flows) || '0'} bytes a flow.\n`;
}

function verdictText({ days, segments, flows, faults, counted }: StoreVerdict, folder: string): string {
  const lines = faults.map(
    ({ file, message, rows }) => `${file}: ${message}${rows ? ` (${count(rows, 'flow')})` : ''}.\n`,
  );
  lines.push(
    `${count(days, 'day')}, ${count(segments, 'segment')}, ${count(flows, 'whole flow')}: ${faults.length === 0 ? 'nothing is damaged' : count(faults.length, 'fault')}.\n`,
  );
  if (!counted) lines.push('Another program is writing: the counts of the catalogue were not compared.\n');
  if (faults.length > 0) lines.push(`"backtrail store repair --store ${folder}" mends what can be mended.\n`);
  return lines.join('');
}

function repairText({ kept, lost }: RepairReport): string {
  const lines = kept.map(({ file, damaged }) =>
    damaged === null
      ? `${file} is missing: the catalogue forgot the day.\n`
      : `${file} was made anew of what is whole; the damaged file is kept as ${damaged}.\n`,
  );
  for (const { source, rows, from, to, importable } of lost) {
    const when =
      from === null || to === null
        ? 'of a time that nobody can tell'
        : `between ${formatTime(epochMs(from))} and ${formatTime(epochMs(to))}`;
    const back = importable
      ? 'import the file again, and they come back'
      : 'they came in live, and cannot be brought back';
    lines.push(
      `${count(rows, 'flow')} of ${source.name} ${rows === 1 ? 'is' : 'are'} lost, ${when}: ${back}.\n`,
    );
  }
  if (kept.length === 0) lines.push('No day file is damaged.\n');
  if (kept.length > 0 && lost.length === 0) lines.push('No flow is lost.\n');
  return lines.join('');
}
