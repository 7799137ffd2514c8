/** Rows as text: aligned for the eye, or CSV (RFC 4180) for other programs. */

export interface TableColumn {
  readonly title: string;
  /** Where the cells stand; `left` when absent. Numbers read better at the right. */
  readonly align?: 'left' | 'right';
}

/** An aligned table with a line of titles, each line ended by a newline, no blanks at line ends. */
export function formatTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, i) =>
    rows.reduce((width, row) => Math.max(width, row[i]?.length ?? 0), column.title.length),
  );
  const line = (cells: readonly string[]): string => {
    const padded = columns.map((column, i) => {
      const cell = oneLine(cells[i] ?? '');
      return column.align === 'right' ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0);
    });
    return `${padded.join('  ').trimEnd()}\n`;
  };
  return [line(columns.map((column) => column.title)), ...rows.map(line)].join('');
}

/** One CSV record, ended by CR LF. Absent values are empty fields. */
export function csvLine(values: readonly (string | number | null | undefined)[]): string {
  return `${values.map((value) => csvField(value)).join(',')}\r\n`;
}

function csvField(value: string | number | null | undefined): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Names in flow records come from strangers: control characters would move the cursor of whoever lists them. */
function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
}
