/** Flows as lines of text: CSV (RFC 4180, with a line of names) and JSON objects, one a line. */
import type { StoredBatch } from '../store/segment-reader.ts';
import { forEachRow, type FlowEncoder } from './export-encoder.ts';
import type { CellValue, ExportColumn } from './export-rows.ts';

/** How lines are put together: what stands before each cell, and how a cell is written. */
interface LineStyle {
  readonly header: string;
  readonly before: (column: ExportColumn, index: number) => string;
  readonly cell: (value: CellValue, column: ExportColumn) => string;
  readonly after: string;
}

export const csvEncoder = (columns: readonly ExportColumn[]): FlowEncoder =>
  lineEncoder(columns, {
    header: `${columns.map(({ name }) => name).join(',')}\r\n`,
    before: (_, index) => (index === 0 ? '' : ','),
    cell: (value) => (value === null ? '' : typeof value === 'number' ? String(value) : csvText(value)),
    after: '\r\n',
  });

export const jsonLinesEncoder = (columns: readonly ExportColumn[]): FlowEncoder =>
  lineEncoder(columns, {
    header: '',
    before: ({ name }, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`,
    cell: (value, { kind }) => {
      if (value === null) return 'null';
      return typeof value === 'number' || kind === 'json' ? String(value) : JSON.stringify(value);
    },
    after: '}\n',
  });

function lineEncoder(columns: readonly ExportColumn[], style: LineStyle): FlowEncoder {
  const befores = columns.map((column, index) => style.before(column, index));
  let header = style.header;
  return {
    add(batch: StoredBatch, rows, scale) {
      const cells = columns.map((column, index) => {
        const value = column.bind(batch, scale);
        const before = befores[index] ?? '';
        return (row: number): string => before + style.cell(value(row), column);
      });
      let text = header;
      header = '';
      forEachRow(batch.count, rows, (row) => {
        for (const cell of cells) text += cell(row);
        text += style.after;
      });
      return [Buffer.from(text)];
    },
    finish: () => ({ rest: [Buffer.from(header)] }),
  };
}

function csvText(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
