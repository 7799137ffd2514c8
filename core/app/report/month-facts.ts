/** What the sections of a monthly report share. */
import type { ReportBlock, ReportColumn } from '../../model/report.ts';
import type { MonthData, MonthRange } from './month-data.ts';

export interface MonthFacts extends MonthData {
  readonly range: MonthRange;
  readonly before: MonthRange;
  readonly nowMs: number;
  readonly store: string;
  readonly site: string | undefined;
}

/** Rows of a table of hosts, countries or systems that are shown. */
export const SHOWN = 10;

export const counted: readonly ReportColumn[] = [
  { key: 'flows', title: 'Flows', kind: 'count' },
  { key: 'packets', title: 'Packets', kind: 'count' },
  { key: 'bytes', title: 'Bytes', kind: 'bytes', weight: 1.3 },
];

/** What explains a table, where that has rows. */
export const explained = (has: boolean, text: string): ReportBlock[] => (has ? [{ kind: 'text', text }] : []);

export const number = (value: number): string => Math.round(value).toLocaleString('en-GB');
