/** Tables: the head stands again on each page, a row is never divided, numbers stand at the right. */
import { Text, View } from '@react-pdf/renderer';
import type { ReactElement } from 'react';
import type { ReportColumn, ReportTable, ReportValue } from '../model/report.ts';
import { fitting, MONO, printable, SANS } from './fonts.ts';
import { formatCount, formatValue, widthInEms } from './format.ts';
import { h, ink, styles } from './page-theme.ts';

const FONT_SIZE = 7.5;
const GAP = 6;
/** Above and below the words of a row: usually, and where that saves a page. */
const ROW_PADDING = { usual: 2, close: 1.3 } as const;
/** Rows that end a table together: one alone on a page would be hard to find. */
const TOGETHER = 3;
/** Of an address. */
const MOST_LINES = 4;
/** Before words that follow on figures, which end where their column ends. */
const AFTER_FIGURES = 8;
/** What a table of a month's days in two halves takes at least. */
const HALVES_HEIGHT = 215;
/** As an element of its own: a margin that does not fit would take the whole table to the next page. */
export const afterTable: ReactElement = h(View, { style: { height: 12 } });
/** Between two halves of a table. */
const BETWEEN = 20;
/** Width of a character beside the font's size, which few words go beyond. */
const CHARACTER = 0.6;
/** What a column of words keeps, points. */
const LEAST_WORDS = 48;

/** How a table is set. */
export interface TableSetting {
  /** Points that the table has. */
  readonly width: number;
  readonly spacing: keyof typeof ROW_PADDING;
}

/** The parts stand on the page itself, so that a title never ends a page. */
export function tableBlock(table: ReportTable, setting: TableSetting): ReactElement[] {
  const { columns, rows, title, empty, name } = table;
  const shown = rows.slice(0, table.shown);
  const rest = rows.length - shown.length;
  const caption = h(
    Text,
    { style: styles.caption, minPresenceAhead: table.halves ? HALVES_HEIGHT : 56 },
    fitting(printable(title), 60, 200),
  );
  if (rows.length === 0) {
    return [
      caption,
      h(Text, { style: { color: ink.dim, marginBottom: 12 } }, fitting(printable(empty), 60, 400)),
    ];
  }
  const more =
    rest === 0
      ? ''
      : `${formatCount(rest)} more ${rest === 1 ? 'row is' : 'rows are'} in the file ${name}.csv.`;
  const drawn = table.halves ? halves(columns, shown, setting) : panel(columns, shown, setting, more);
  return [caption, drawn, afterTable];
}

/** `more` is said under the last row, and goes to the next page with it. */
function panel(
  columns: readonly ReportColumn[],
  rows: ReportTable['rows'],
  { width, spacing }: TableSetting,
  more: string,
): ReactElement {
  const widths = columnWidths(columns, rows, width);
  const drawn = rows.map((row) => bodyRow(row, columns, widths, ROW_PADDING[spacing]));
  const ending = drawn.length > TOGETHER ? TOGETHER : 1;
  const last = h(
    View,
    { wrap: false },
    ...drawn.slice(-ending),
    ...(more === '' ? [] : [h(Text, { style: { ...styles.small, marginTop: 3 } }, more)]),
  );
  return h(
    View,
    { style: { width, borderTopWidth: 0.75, borderTopColor: ink.text } },
    headRow(columns, widths),
    ...drawn.slice(0, -ending),
    last,
  );
}

/** The first half of the rows, and the second beside it; all on one page. */
function halves(
  columns: readonly ReportColumn[],
  rows: ReportTable['rows'],
  { width, spacing }: TableSetting,
): ReactElement {
  const middle = Math.ceil(rows.length / 2);
  const half = (width - BETWEEN) / 2;
  const widths = columnWidths(columns, rows, half);
  const side = (some: ReportTable['rows']): ReactElement =>
    h(
      View,
      { style: { width: half, borderTopWidth: 0.75, borderTopColor: ink.text } },
      headRow(columns, widths),
      ...some.map((row) => bodyRow(row, columns, widths, ROW_PADDING[spacing] / 2)),
    );
  return h(
    View,
    { wrap: false, style: { flexDirection: 'row', justifyContent: 'space-between' } },
    side(rows.slice(0, middle)),
    side(rows.slice(middle)),
  );
}

/**
 * By their weights; a column of figures is never narrower than its longest figure, which cannot be shortened: what it
 * lacks the columns of words give.
 */
function columnWidths(
  columns: readonly ReportColumn[],
  rows: ReportTable['rows'],
  width: number,
): readonly number[] {
  const weights = columns.map(({ weight, kind }) => weight ?? (isNumber(kind) ? 1 : 1.6));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const widths = weights.map((weight) => (weight / total) * width);
  const needs = columns.map(({ kind }, i) => {
    if (!isNumber(kind)) return 0;
    const texts = rows.map((row) => formatValue(row[i] ?? null, kind));
    return GAP + FONT_SIZE * Math.max(...texts.map(widthInEms), 0);
  });
  const lacks = widths.map((own, i) => Math.max(0, (needs[i] ?? 0) - own));
  const lacking = lacks.reduce((sum, lack) => sum + lack, 0);
  const spare = widths.map((own, i) =>
    Math.max(0, own - (isNumber(columns[i]?.kind ?? 'text') ? (needs[i] ?? 0) : LEAST_WORDS)),
  );
  const given = spare.reduce((sum, one) => sum + one, 0);
  const part = given === 0 ? 0 : Math.min(1, lacking / given);
  return widths.map((own, i) => own + (lacks[i] ?? 0) - part * (spare[i] ?? 0));
}

const isNumber = (kind: ReportColumn['kind']): boolean =>
  kind !== 'text' && kind !== 'address' && kind !== 'hash' && kind !== 'time';

function headRow(columns: readonly ReportColumn[], widths: readonly number[]): ReactElement {
  return h(
    View,
    {
      fixed: true,
      wrap: false,
      style: {
        flexDirection: 'row',
        borderBottomWidth: 0.75,
        borderBottomColor: ink.dim,
        paddingVertical: 2.5,
      },
    },
    ...columns.map(({ title }, i) =>
      h(
        Text,
        { style: { ...cellStyle(columns, i, widths), fontFamily: SANS, fontWeight: 600, fontSize: 7 } },
        title,
      ),
    ),
  );
}

function bodyRow(
  row: readonly ReportValue[],
  columns: readonly ReportColumn[],
  widths: readonly number[],
  paddingVertical: number,
): ReactElement {
  return h(
    View,
    {
      wrap: false,
      style: {
        flexDirection: 'row',
        borderBottomWidth: 0.4,
        borderBottomColor: ink.line,
        paddingVertical,
      },
    },
    ...columns.map(({ kind }, i) => {
      const room = (widths[i] ?? 0) - GAP - indentOf(columns, i);
      const fits = Math.max(4, Math.floor(room / (sizeOf(kind) * CHARACTER)));
      const text = printable(formatValue(row[i] ?? null, kind), isMono(kind) ? MONO : SANS);
      const style = cellStyle(columns, i, widths);
      if (kind !== 'address')
        return h(Text, { style }, isNumber(kind) ? text : fitting(text, fits, fits * 3));
      const lines = inLines(text, fits);
      // Each is a text of its own: a line end within one can be drawn by itself, in a face that is not embedded.
      if (lines.length > 1) return h(View, { style }, ...lines.map((line) => h(Text, null, line)));
      return h(Text, { style }, lines[0]);
    }),
  );
}

function cellStyle(columns: readonly ReportColumn[], i: number, widths: readonly number[]) {
  const kind = columns[i]?.kind ?? 'text';
  return {
    width: widths[i] ?? 0,
    paddingLeft: indentOf(columns, i),
    // What ends at the right margin is in line with the rules.
    paddingRight: i === columns.length - 1 ? 0 : GAP,
    fontSize: sizeOf(kind),
    lineHeight: 1.35,
    fontFamily: isMono(kind) ? MONO : SANS,
    textAlign: isNumber(kind) ? ('right' as const) : ('left' as const),
    // Figures stand under each other; in words the wide signs of this feature would look odd.
    fontFeatureSettings: isNumber(kind) ? ['tnum'] : [],
  };
}

function indentOf(columns: readonly ReportColumn[], i: number): number {
  const [before, own] = [columns[i - 1], columns[i]];
  return before && own && isNumber(before.kind) && !isNumber(own.kind) ? AFTER_FIGURES : 0;
}

/** A long address goes on in further lines, each after a mark of its own: its middle tells as much as its ends. */
function inLines(text: string, fits: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > fits && !rest.includes(' ')) {
    const mark = Math.max(...[':', '.', '@'].map((sign) => rest.lastIndexOf(sign, fits - 1)));
    if (mark <= 0 || lines.length > MOST_LINES) break;
    lines.push(rest.slice(0, mark + 1));
    rest = rest.slice(mark + 1);
  }
  return [...lines, fitting(rest, fits, fits * 3)];
}

const isMono = (kind: ReportColumn['kind']): boolean => kind === 'address' || kind === 'hash';

/** A hash of 64 characters has to stand on one line. */
const sizeOf = (kind: ReportColumn['kind']): number =>
  kind === 'hash' ? 5.8 : kind === 'address' ? FONT_SIZE - 0.6 : FONT_SIZE;
