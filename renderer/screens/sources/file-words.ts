/** What became of a file, in words. */
import type { JobFile, SourceInfo } from '../../../core/wire/contract-workspace.ts';
import { formatCount, formatShort } from '../../parts/format.ts';
import type { Tone } from '../../parts/Tag.tsx';

export const outcomeWords: Readonly<Record<JobFile['outcome'], string>> = {
  waiting: 'waiting',
  running: 'reading',
  added: 'added',
  already: 'already stored',
  failed: 'not read',
  stopped: 'stopped',
  'left-out': 'left out',
};

export const outcomeTone: Readonly<Record<JobFile['outcome'], Tone>> = {
  waiting: 'quiet',
  running: 'busy',
  added: 'good',
  already: 'quiet',
  failed: 'bad',
  stopped: 'bad',
  'left-out': 'quiet',
};

/** What was not taken, and why: empty where the file was read whole. */
export function fileRemarks(file: JobFile): string[] {
  const remarks = [...contentRemarks(file)];
  if (file.error) remarks.unshift(withoutName(file.error.message, file.name));
  if (file.resumed) remarks.push('taken up where an earlier import stopped');
  for (const { address, site, asked } of file.siteConflicts) {
    remarks.push(`${address} stays at site ${site}, not ${asked}`);
  }
  for (const example of file.issueExamples.slice(0, 3)) {
    remarks.push(`at byte ${formatCount(example.offset)}: ${example.message}`);
  }
  return remarks;
}

/** Its name stands beside it already: `a/b.bin does not hold flows` becomes `does not hold flows`. */
function withoutName(message: string, name: string): string {
  if (!message.startsWith(name)) return message;
  return message.slice(name.length).replace(/^[:\s]+/, '');
}

type Content = Pick<SourceInfo, 'brokeAt' | 'skipped' | 'issues'>;

/** What of a file's content could not be used. */
export function contentRemarks({ brokeAt, skipped, issues }: Content): string[] {
  const remarks: string[] = [];
  if (brokeAt !== null)
    remarks.push(`breaks off at byte ${formatCount(brokeAt)}: what stands before it is stored`);
  for (const [what, count] of Object.entries(skipped))
    remarks.push(`${formatShort(count)} ${words(what)} left out`);
  for (const [code, count] of Object.entries(issues)) remarks.push(`${formatShort(count)} × ${words(code)}`);
  return remarks;
}

const words = (name: string): string => name.replaceAll('-', ' ');

/** The end of a path, by which a person knows the file: its name and the folder that it lies in. A URL stays whole. */
export const shortName = (path: string): string =>
  path.includes('://') ? path : path.split(/[\\/]/).slice(-2).join('/');
