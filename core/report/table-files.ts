/** The tables of a report as files for other programs: CSV (RFC 4180) and JSON, all rows, raw values. */
import { tablesOf, type Report, type ReportTable, type ReportValue } from '../model/report.ts';

export interface ReportFile {
  readonly name: string;
  readonly text: string;
}

/** `NAME.csv` and `NAME.json` of each table, and `report.json`, the whole. */
export function tableFiles(report: Report): ReportFile[] {
  return [
    ...tablesOf(report).flatMap((table) => [
      { name: `${table.name}.csv`, text: csvOf(table) },
      { name: `${table.name}.json`, text: `${JSON.stringify(recordsOf(table), null, 2)}\n` },
    ]),
    { name: 'report.json', text: `${JSON.stringify(report, null, 2)}\n` },
  ];
}

function recordsOf({ columns, rows }: ReportTable): Record<string, ReportValue>[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ key }, i) => [key, row[i] ?? null])));
}

function csvOf({ columns, rows }: ReportTable): string {
  const lines = [columns.map(({ key }) => key), ...rows];
  return lines.map((line) => `${line.map(csvField).join(',')}\r\n`).join('');
}

/**
 * Names in flow records come from strangers: a spreadsheet would take a text that begins with `=`, `+`, `-` or `@` for a
 * formula, so such a text gets an apostrophe in front.
 */
function csvField(value: ReportValue): string {
  if (value === null) return '';
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
