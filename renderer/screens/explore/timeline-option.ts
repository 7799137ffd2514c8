/** The timeline as echarts draws it. */
import type { EChartsCoreOption } from 'echarts/core';
import type { SeriesAnswer } from '../../../core/model/query.ts';
import { formatClock, formatMeasure, formatStamp, localTime } from '../../parts/format.ts';
import { monoFont, textFont } from '../../theme/theme.ts';
import type { Palette } from '../../theme/palette.ts';
import type { TimeRange } from '../../state/view-url.ts';
import { plot } from './timeline-window.ts';
import { asField } from './fields.ts';

/** A colour stays with its value while the window moves, in the order in which the values were first seen. */
const taken = new Map<string, string[]>();

export function seriesColour(palette: Palette, split: string, key: string): string {
  if (key === 'other') return palette.rest;
  // What nobody told has no colour of its own.
  if (key === '' || (split === asField.field && key === '0')) return palette.faint;
  const keys = taken.get(split) ?? [];
  taken.set(split, keys);
  if (!keys.includes(key)) keys.push(key);
  return palette.series[keys.indexOf(key) % palette.series.length] ?? palette.rest;
}

export interface TimelineOption {
  readonly answer: SeriesAnswer;
  readonly window: TimeRange;
  readonly palette: Palette;
  readonly split: string;
  readonly label: (key: string) => string;
}

export function timelineOption({ answer, window, palette, split, label }: TimelineOption): EChartsCoreOption {
  const { startMs, bucketMs, buckets, lines, by } = answer;
  const axis = { color: palette.dim, fontFamily: textFont, fontSize: 11 };
  return {
    animation: false,
    grid: { ...plot, outerBoundsMode: 'none' },
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: 'line', lineStyle: { color: palette.faint, type: 'solid', width: 1 } },
      backgroundColor: palette.raised,
      borderColor: palette.line,
      padding: [8, 10],
      textStyle: { color: palette.ink, fontFamily: textFont, fontSize: 12 },
      confine: true,
      transitionDuration: 0,
      order: 'seriesDesc',
      formatter: (points: readonly TooltipPoint[]) => tooltipText(points, answer, label),
    },
    xAxis: {
      type: 'time',
      min: window.from,
      max: window.to,
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: { ...axis, hideOverlap: true, formatter: (ms: number) => tickLabel(ms, window) },
    },
    yAxis: {
      type: 'value',
      splitNumber: 3,
      axisLabel: {
        ...axis,
        fontFamily: monoFont,
        fontSize: 10.5,
        formatter: (value: number) => formatMeasure(value, by),
      },
      splitLine: { lineStyle: { color: palette.line, opacity: 0.55 } },
    },
    series: lines.map((line) => ({
      name: line.key,
      type: 'bar',
      stack: 'all',
      barCategoryGap: '12%',
      large: false,
      silent: true,
      itemStyle: { color: seriesColour(palette, split, line.key) },
      data: Array.from({ length: buckets }, (_, i) => [startMs + (i + 0.5) * bucketMs, line.values[i] ?? 0]),
    })),
  };
}

interface TooltipPoint {
  readonly seriesName: string;
  readonly color: string;
  readonly value: readonly [number, number];
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function tooltipText(
  points: readonly TooltipPoint[],
  { bucketMs, by }: SeriesAnswer,
  label: (key: string) => string,
): string {
  const middle = points[0]?.value[0] ?? 0;
  const from = middle - bucketMs / 2;
  const rows = points
    .filter(({ value }) => value[1] > 0)
    .map(
      ({ seriesName, color, value }) =>
        `<div style="display:flex;gap:16px;justify-content:space-between"><span><span style="color:${color}">■</span> ${escaped(label(seriesName))}</span><span style="font-family:${monoFont}">${formatMeasure(value[1], by)}</span></div>`,
    );
  const head = `${formatStamp(from)} – ${formatClock(from + bucketMs)} UTC`;
  return `<div title="${localTime(from)}">${head}</div>${rows.join('') || '<div>nothing</div>'}`;
}

const DAY = 86_400_000;

/** As much of a time as the window needs: the day, the minute, the second, the millisecond. */
function tickLabel(ms: number, { from, to }: TimeRange): string {
  const text = formatStamp(ms);
  const span = to - from;
  if (span > 300 * DAY) return text.slice(0, 7);
  if (span > 3 * DAY) return text.slice(5, 10);
  const midnight = ms % DAY === 0;
  if (midnight) return text.slice(5, 10);
  if (span > 5 * 60_000) return text.slice(11, 16);
  return span > 5000 ? text.slice(11, 19) : text.slice(14, 23);
}
