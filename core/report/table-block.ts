/** Tables: the head stands again on each page, a row is never divided, numbers stand at the right. */
import { Text, View } from '@react-pdf/renderer';
import type { ReactElement } from 'react';
import type { ReportColumn, ReportTable, ReportValue } from '../model/report.ts';
import { fitting, MONO, printable, SANS } from './fonts.ts';
import { formatCount, formatValue } from './format.ts';
import { h, ink, styles } from './page-theme.ts';

const FONT_SIZE = 7.5;
const GAP = 6;
/** Before words that follow on figures, which end where their column ends. */
const AFTER_FIGURES = 8;
/** Between two halves of a table. */
const BETWEEN = 20;
/** Width of a character beside the font's size, which few words go beyond. */
const CHARACTER = 0.6;

/** `width`: points that the table has. The parts stand on the page itself, so that a title never ends a page. */
export function tableBlock(table: ReportTable, width: number): ReactElement[] {
  const { columns, rows, title, empty, name } = table;
  const shown = rows.slice(0, table.shown);
  const rest = rows.length - shown.length;
  const caption = h(
    Text,
    { style: styles.caption, minPresenceAhead: 56 },
    fitting(printable(title), 60, 200),
  );
  if (rows.length === 0) {
    return [
      caption,
      h(Text, { style: { color: ink.dim, marginBottom: 12 } }, fitting(printable(empty), 60, 400)),
    ];
  }
  const more = `${formatCount(rest)} more ${rest === 1 ? 'row is' : 'rows are'} in the file ${name}.csv.`;
  return [
    caption,
    table.halves ? halves(columns, shown, width) : panel(columns, shown, width, rest > 0 ? 3 : 12),
    ...(rest > 0 ? [h(Text, { style: { ...styles.small, marginBottom: 12 } }, more)] : []),
  ];
}

function panel(
  columns: readonly ReportColumn[],
  rows: ReportTable['rows'],
  width: number,
  marginBottom: number,
): ReactElement {
  const widths = columnWidths(columns, width);
  return h(
    View,
    { style: { width, borderTopWidth: 0.75, borderTopColor: ink.text, marginBottom } },
    headRow(columns, widths),
    ...rows.map((row) => bodyRow(row, columns, widths)),
  );
}

/** The first half of the rows, and the second beside it. */
function halves(columns: readonly ReportColumn[], rows: ReportTable['rows'], width: number): ReactElement {
  const middle = Math.ceil(rows.length / 2);
  const half = (width - BETWEEN) / 2;
  return h(
    View,
    { wrap: false, style: { flexDirection: 'row', justifyContent: 'space-between', marginBottom: 12 } },
    panel(columns, rows.slice(0, middle), half, 0),
    panel(columns, rows.slice(middle), half, 0),
  );
}

function columnWidths(columns: readonly ReportColumn[], width: number): number[] {
  const weights = columns.map(({ weight, kind }) => weight ?? (isNumber(kind) ? 1 : 1.6));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (weight / total) * width);
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
): ReactElement {
  return h(
    View,
    {
      wrap: false,
      style: {
        flexDirection: 'row',
        borderBottomWidth: 0.4,
        borderBottomColor: ink.line,
        paddingVertical: 2,
      },
    },
    ...columns.map(({ kind }, i) => {
      const room = (widths[i] ?? 0) - GAP - indentOf(columns, i);
      const fits = Math.max(4, Math.floor(room / (sizeOf(kind) * CHARACTER)));
      const text = printable(formatValue(row[i] ?? null, kind), isMono(kind) ? MONO : SANS);
      return h(Text, { style: cellStyle(columns, i, widths) }, fitting(text, fits, fits * 3));
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

const isMono = (kind: ReportColumn['kind']): boolean => kind === 'address' || kind === 'hash';

/** A hash of 64 characters has to stand on one line. */
const sizeOf = (kind: ReportColumn['kind']): number =>
  kind === 'hash' ? 5.8 : kind === 'address' ? FONT_SIZE - 0.6 : FONT_SIZE;
