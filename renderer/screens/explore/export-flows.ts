/** The whole result as a file, not what happens to be on the screen. */
import type { FlowListQuestion, FlowRow } from '../../../core/model/query.ts';
import { epochMs, formatTime } from '../../../core/model/time.ts';
import { MAX_PAGE_ROWS } from '../../../core/wire/contract-query.ts';
import { core } from '../../link/core.ts';

export type ExportFormat = 'csv' | 'jsonl';

/** More rows than this would not fit into a browser's memory as a file. */
const MAX_EXPORT_ROWS = 2_000_000;

const columns: readonly (keyof FlowRow)[] = [
  'startMs',
  'endMs',
  'protocol',
  'source',
  'sourcePort',
  'destination',
  'destinationPort',
  'tcpFlags',
  'tos',
  'packets',
  'bytes',
  'inputInterface',
  'outputInterface',
  'sourceAs',
  'destinationAs',
  'exporter',
  'exporterPort',
  'observationDomainId',
  'site',
];

export interface ExportWatch {
  readonly signal: AbortSignal;
  readonly onProgress: (rows: number, total: number) => void;
}

/** Reads every row of `question` from the core. Times are ISO 8601 in UTC; counters are raw. */
export async function exportFlows(
  question: FlowListQuestion,
  format: ExportFormat,
  { signal, onProgress }: ExportWatch,
): Promise<Blob> {
  const { list, total } = await core.call('flows.open', question, { signal });
  try {
    if (total > MAX_EXPORT_ROWS) {
      throw new Error(
        `The result has ${total} rows; a browser can keep ${MAX_EXPORT_ROWS}. Narrow the filter or the range.`,
      );
    }
    const parts: string[] = format === 'csv' ? [`${columns.map(headOf).join(',')}\n`] : [];
    for (let offset = 0; offset < total; offset += MAX_PAGE_ROWS) {
      const { rows } = await core.call('flows.page', { list, offset, limit: MAX_PAGE_ROWS }, { signal });
      parts.push(rows.map((row) => `${format === 'csv' ? csvLine(row) : jsonLine(row)}\n`).join(''));
      onProgress(Math.min(total, offset + rows.length), total);
    }
    return new Blob(parts, { type: format === 'csv' ? 'text/csv' : 'application/jsonl' });
  } finally {
    await core.call('flows.close', { list }).catch(() => undefined);
  }
}

const headOf = (name: keyof FlowRow): string => name.replace(/Ms$/, '');

function valueOf(row: FlowRow, name: keyof FlowRow): string | number | null {
  const value = row[name];
  return name === 'startMs' || name === 'endMs'
    ? value === null
      ? null
      : formatTime(epochMs(Number(value)))
    : value;
}

const jsonLine = (row: FlowRow): string =>
  JSON.stringify(Object.fromEntries(columns.map((name) => [headOf(name), valueOf(row, name)])));

const csvLine = (row: FlowRow): string => columns.map((name) => csvCell(valueOf(row, name))).join(',');

/** A text is quoted where it needs to be, and one that a spreadsheet would take for a formula is kept a text. */
function csvCell(value: string | number | null): string {
  if (value === null) return '';
  const text = typeof value === 'string' && /^[=+@-]/.test(value) ? `'${value}` : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
