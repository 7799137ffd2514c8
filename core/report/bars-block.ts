/** Stacked bars over time, as vectors. */
import { Line, Rect, Svg, Text, View } from '@react-pdf/renderer';
import type { ReactElement } from 'react';
import type { ReportBars } from '../model/report.ts';
import { sans } from './text-blocks.ts';
import { formatBrief, formatBytes } from './format.ts';
import { h, ink, seriesColours, styles } from './page-theme.ts';
import { svgText } from './svg-text.ts';

const HEIGHT = 128;
const LEFT = 46;
const TOP = 8;
const BOTTOM = 16;
/** Marks of the vertical axis. */
const MARKS = 4;

export function barsBlock({ title, kind, labels, series, missing }: ReportBars, width: number): ReactElement {
  const sums = labels.map((_, i) => series.reduce((sum, { values }) => sum + (values[i] ?? 0), 0));
  const top = roundUp(Math.max(1, ...sums));
  const plot = { width: width - LEFT, height: HEIGHT - TOP - BOTTOM };
  const y = (value: number): number => TOP + plot.height * (1 - value / top);
  const slot = plot.width / Math.max(1, labels.length);
  const label = kind === 'bytes' ? formatBytes : formatBrief;
  const marks = Array.from({ length: MARKS + 1 }, (_, i) => (top * i) / MARKS);
  const absent = new Set(missing);
  const every = Math.ceil(labels.length / 16);
  return h(
    View,
    { wrap: false, style: styles.block },
    h(Text, { style: styles.caption }, sans(title, 60)),
    h(
      Svg,
      { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}` },
      ...marks.flatMap((value) => [
        h(Line, {
          x1: LEFT,
          x2: width,
          y1: y(value),
          y2: y(value),
          stroke: ink.line,
          strokeWidth: value === 0 ? 0.8 : 0.4,
        }),
        svgText(LEFT - 5, y(value) + 2.3, label(value), { anchor: 'end' }),
      ]),
      ...labels.flatMap((text, i) => {
        const x = LEFT + slot * i;
        const parts: ReactElement[] = [];
        if (absent.has(i)) {
          parts.push(svgText(x + slot / 2, y(0) - 3, '–', { anchor: 'middle', colour: ink.red, size: 7 }));
        }
        let below = 0;
        for (const [s, { values }] of series.entries()) {
          const value = values[i] ?? 0;
          if (value <= 0) continue;
          const height = Math.max(0.2, y(below) - y(below + value));
          below += value;
          const fill = seriesColours[s % seriesColours.length] ?? ink.blue;
          parts.push(h(Rect, { x: x + slot * 0.12, y: y(below), width: slot * 0.76, height, fill }));
        }
        if (i % every === 0) parts.push(svgText(x + slot / 2, HEIGHT - 5, text, { anchor: 'middle' }));
        return parts;
      }),
    ),
    legend(
      series.map(({ name }) => name),
      absent.size > 0,
    ),
  );
}

function legend(names: readonly string[], absent: boolean): ReactElement {
  const items = names.map((name, i) =>
    h(
      View,
      { style: { flexDirection: 'row', alignItems: 'center', gap: 4 } },
      h(View, {
        style: { width: 7, height: 7, backgroundColor: seriesColours[i % seriesColours.length] ?? ink.blue },
      }),
      h(Text, { style: styles.small }, sans(name, 24)),
    ),
  );
  const none = h(Text, { style: styles.small }, '– a day without data');
  return h(
    View,
    { style: { flexDirection: 'row', flexWrap: 'wrap', columnGap: 12, paddingLeft: LEFT } },
    ...items,
    ...(absent ? [none] : []),
  );
}

/** The next 1, 2, 4, 5 or 10 times a power of ten: quarters of it are round. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 6, 8, 10].find((step) => step * power >= value) ?? 10) * power;
}
