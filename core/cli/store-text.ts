/** What the upkeep of a store says to people. */
import type { DroppedDay, RepairReport, StorageReport, StoreVerdict } from '../app/store-upkeep.ts';
import { epochMs, formatTime } from '../model/time.ts';
import { formatTable } from './table.ts';
import { counted } from '../model/text.ts';

const units = 'KMGT';

/** Lines that say which days went. */
export function droppedText(dropped: readonly DroppedDay[], dryRun: boolean): string {
  if (dropped.length === 0) return 'Nothing is beyond what is to be kept.\n';
  const verb = dryRun ? 'would be dropped' : 'dropped';
  return dropped
    .map(
      ({ day, rows, bytes }) =>
        `${day} ${verb}: ${rows === undefined ? 'flows that nobody could count' : counted(rows, 'flow')}, ${size(bytes)}.\n`,
    )
    .join('');
}

function size(bytes: number): string {
  if (bytes < 1024) return counted(bytes, 'byte');
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length);
  return `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1]}iB`;
}

/** By day and by column, for the eye. */
export function reportText({ days, columns }: StorageReport): string {
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
  return `${byDay}\n${byColumn}\n${counted(flows, 'flow')} in ${size(bytes)}, ${perFlow(bytes, flows) || '0'} bytes a flow.\n`;
}

export function verdictText(
  { days, segments, flows, faults, counted: compared }: StoreVerdict,
  folder: string,
): string {
  const lines = faults.map(
    ({ file, message, rows }) => `${file}: ${message}${rows ? ` (${counted(rows, 'flow')})` : ''}.\n`,
  );
  lines.push(
    `${counted(days, 'day')}, ${counted(segments, 'segment')}, ${counted(flows, 'whole flow')}: ${faults.length === 0 ? 'nothing is damaged' : counted(faults.length, 'fault')}.\n`,
  );
  if (!compared) lines.push('Another program is writing: the counts of the catalogue were not compared.\n');
  if (faults.length > 0) lines.push(`"backtrail store repair --store ${folder}" mends what can be mended.\n`);
  return lines.join('');
}

export function repairText({ kept, lost }: RepairReport): string {
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
      `${counted(rows, 'flow')} of ${source.name} ${rows === 1 ? 'is' : 'are'} lost, ${when}: ${back}.\n`,
    );
  }
  if (kept.length === 0) lines.push('No day file is damaged.\n');
  if (kept.length > 0 && lost.length === 0) lines.push('No flow is lost.\n');
  return lines.join('');
}
