/** Words: paragraphs, lists, notices, key figures, commands. */
import { Text, View } from '@react-pdf/renderer';
import type { ReactElement } from 'react';
import type { ReportFigure } from '../model/report.ts';
import { fitting, printable, SANS, MONO } from './fonts.ts';
import { formatBytes, formatValue, widthInEms } from './format.ts';
import { h, ink, styles } from './page-theme.ts';

const WORD = 60;
const LONGEST = 1500;

const prose = (text: string): string => fitting(printable(text), WORD, LONGEST);

export const paragraph = (text: string): ReactElement => h(Text, { style: styles.block }, prose(text));

export function list(items: readonly string[]): ReactElement {
  return h(
    View,
    { style: styles.block },
    ...items.map((item) =>
      h(
        View,
        { style: { flexDirection: 'row', marginBottom: 2 } },
        h(Text, { style: { width: 12, color: ink.dim } }, '–'),
        h(Text, { style: { flex: 1 } }, prose(item)),
      ),
    ),
  );
}

/** With a bar at its side: colour is not its only sign. */
export function notice(text: string): ReactElement {
  return h(
    View,
    {
      wrap: false,
      style: {
        ...styles.block,
        borderLeftWidth: 2.5,
        borderLeftColor: ink.amber,
        backgroundColor: ink.panel,
        paddingVertical: 5,
        paddingHorizontal: 9,
      },
    },
    h(Text, null, prose(text)),
  );
}

const FIGURES_IN_ROW = 5;
const FIGURE_SIZE = 15;
/** Points that a figure has on the narrowest paper. */
const FIGURE_WIDTH = 94;

export function figures(all: readonly ReportFigure[]): ReactElement {
  return h(
    View,
    { style: { ...styles.block, flexDirection: 'row', flexWrap: 'wrap', rowGap: 8 } },
    ...all.map((figure) =>
      h(View, { wrap: false, style: { width: `${100 / FIGURES_IN_ROW}%` } }, ...oneFigure(figure)),
    ),
  );
}

function oneFigure({ label, value, kind, note }: ReportFigure): ReactElement[] {
  const isBytes = kind === 'bytes' && typeof value === 'number';
  const exact = isBytes && value >= 1000 ? `${formatValue(value, 'bytes')} bytes` : '';
  const notes = [exact, note].filter((text) => text !== '');
  const text = printable(isBytes ? formatBytes(value) : formatValue(value, kind));
  const size = Math.min(FIGURE_SIZE, FIGURE_WIDTH / widthInEms(text));
  return [
    h(Text, { style: styles.small }, prose(label)),
    h(
      Text,
      // The line is as high for all, so that they stand on one.
      { style: { fontSize: size, fontWeight: 600, lineHeight: (1.25 * FIGURE_SIZE) / size } },
      text,
    ),
    ...notes.map((text) => h(Text, { style: { ...styles.small, paddingRight: 8 } }, prose(text))),
  ];
}

const COMMAND_WIDTH = 92;

/** A shell reads the lines as one: each but the last ends with a backslash. */
export function command(text: string): ReactElement {
  return h(
    View,
    { wrap: false, style: { ...styles.block, backgroundColor: ink.panel, padding: 7 } },
    ...commandLines(printable(text, MONO)).map((line) =>
      h(Text, { style: { fontFamily: MONO, fontSize: 7.5, lineHeight: 1.45 } }, line),
    ),
  );
}

function commandLines(text: string): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > COMMAND_WIDTH) {
    const blank = rest.lastIndexOf(' ', COMMAND_WIDTH - 1);
    const at = blank > 0 ? blank + 1 : COMMAND_WIDTH;
    lines.push(`${rest.slice(0, at)}\\`);
    rest = rest.slice(at);
  }
  return [...lines, rest];
}

export const sans = (text: string, length: number): string =>
  fitting(printable(text, SANS), length, length * 3);

export const mono = (text: string, length: number): string => fitting(printable(text, MONO), length, length);
