/** Option values as people type them: each parser returns the value or refuses with a sentence. */
import { InvalidArgumentError, Option } from 'commander';
import { parseTime, type EpochMs } from '../model/time.ts';

/** For `.option('--at <time>', '...', parseTimeOption)`: ISO 8601 (UTC unless it has an offset) or epoch milliseconds. */
export function parseTimeOption(text: string): EpochMs {
  const time = parseTime(text);
  if (time === undefined) {
    throw new InvalidArgumentError(
      'Write a time as ISO 8601 in UTC, such as 2026-03-01T14:05:00Z, or as epoch milliseconds.',
    );
  }
  return time;
}

/** For counts: a whole number, 1 or more. */
export function parseCountOption(text: string): number {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new InvalidArgumentError('Write a whole number, 1 or more.');
  return count;
}

const units = 'KMGT';

/** For sizes: `500M`, `20G`, in powers of 1,024; a number alone is bytes. */
export function parseSizeOption(text: string): number {
  const [, digits = '', unit = ''] =
    /^(\d{1,12}(?:\.\d{1,3})?)\s*([KMGT]?)(?:i?B)?$/i.exec(text.trim()) ?? [];
  const power = unit === '' ? 0 : units.indexOf(unit.toUpperCase()) + 1;
  const bytes = Math.floor(Number(digits === '' ? Number.NaN : digits) * 1024 ** power);
  if (!(bytes >= 1)) throw new InvalidArgumentError('Write a size such as 500M, 20G or 1.5T.');
  return bytes;
}

export type OutputFormat = 'json' | 'jsonl' | 'csv' | 'table' | 'text';

/** For `.addOption(formatOption('table', 'json'))`: the first format is the default. */
export function formatOption(...formats: readonly [OutputFormat, ...OutputFormat[]]): Option {
  return new Option('--format <name>', 'how results are written').choices(formats).default(formats[0]);
}
