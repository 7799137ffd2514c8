/** Sessions over time: when each login was active, and how the silences of two agree. */
import { Line, Rect, Svg, Text, View } from '@react-pdf/renderer';
import type { ReactElement } from 'react';
import type { ReportFingerprint, ReportStrip } from '../model/report.ts';
import { MONO } from './fonts.ts';
import { formatDuration } from './format.ts';
import { h, ink, styles } from './page-theme.ts';
import { svgText } from './svg-text.ts';
import { sans } from './text-blocks.ts';
import { timeMarks } from './time-axis.ts';

const LABEL = 176;
const ROW = 17;
const AXIS = 16;
const MARKS = 7;
/** Lines between two strips that are drawn, evenly chosen; more would be a grey area. */
const MOST_LINES = 250;

const colours = { target: ink.amber, hop: ink.blue, twin: ink.violet } as const;

export function ganttBlock(title: string, strips: readonly ReportStrip[], width: number): ReactElement {
  const height = strips.length * ROW + AXIS;
  const scale = scaleOf(
    strips.flatMap(({ spans }) => [...spans]),
    width,
  );
  return h(
    View,
    { wrap: false, style: styles.block },
    h(Text, { style: styles.caption }, sans(title, 60)),
    h(
      Svg,
      { width, height, viewBox: `0 0 ${width} ${height}` },
      ...axis(scale, strips.length * ROW, height),
      ...strips.flatMap((strip, i) => stripMarks(strip, i * ROW, scale)),
    ),
    legend(strips),
  );
}

const GAP = 34;

export function fingerprintBlock(fingerprint: ReportFingerprint, width: number): ReactElement {
  const { title, upstream, downstream, lagMs, matches } = fingerprint;
  const height = 2 * ROW + GAP + AXIS;
  const scale = scaleOf([...upstream.spans, ...downstream.spans], width);
  const below = ROW + GAP;
  const every = Math.ceil(matches.length / MOST_LINES);
  const cross = (ms: number, y: number): ReactElement =>
    h(Line, { x1: scale.x(ms), x2: scale.x(ms), y1: y, y2: y + 5, stroke: ink.red, strokeWidth: 0.8 });
  const caption = `Lines join starts and ends of silences that recur on both sides, ${matches.length} in all${every > 1 ? `, one in ${every} drawn` : ''}; the upper login is ${formatDuration(Math.abs(lagMs))} ${lagMs < 0 ? 'earlier' : 'later'}. Red marks: no counterpart.`;
  return h(
    View,
    { wrap: false, style: styles.block },
    h(Text, { style: styles.caption }, sans(title, 60)),
    h(
      Svg,
      { width, height, viewBox: `0 0 ${width} ${height}` },
      ...axis(scale, below + ROW, height),
      ...matches
        .filter((_, i) => i % every === 0)
        .map(([up, down]) =>
          h(Line, {
            x1: scale.x(up),
            x2: scale.x(down),
            y1: ROW - 2,
            y2: below + 3,
            stroke: ink.grey,
            strokeWidth: 0.35,
          }),
        ),
      ...fingerprint.unmatchedUpstream.map((ms) => cross(ms, ROW - 1)),
      ...fingerprint.unmatchedDownstream.map((ms) => cross(ms, below - 3)),
      ...stripMarks(upstream, 0, scale),
      ...stripMarks(downstream, below, scale),
    ),
    h(Text, { style: { ...styles.small, paddingLeft: LABEL } }, caption),
  );
}

interface Scale {
  readonly x: (ms: number) => number;
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

function scaleOf(times: readonly number[], width: number): Scale {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const time of times) {
    from = Math.min(from, time);
    to = Math.max(to, time);
  }
  if (!(from < to)) to = from + 1000;
  return { from, to, width, x: (ms) => LABEL + ((ms - from) / (to - from)) * (width - LABEL - 4) };
}

function axis({ from, to, x }: Scale, bottom: number, height: number): ReactElement[] {
  return timeMarks(from, to, MARKS).flatMap(({ ms, label }) => [
    h(Line, { x1: x(ms), x2: x(ms), y1: 0, y2: bottom, stroke: ink.line, strokeWidth: 0.5 }),
    svgText(x(ms), height - 5, label, { anchor: 'middle' }),
  ]);
}

function stripMarks(
  { label, role, spans, lossy }: ReportStrip,
  y: number,
  { x, from, to }: Scale,
): ReactElement[] {
  const bars = joined(spans.map(x)).map(([left, right]) =>
    h(Rect, { x: left, y: y + 4, width: Math.max(0.6, right - left), height: ROW - 8, fill: colours[role] }),
  );
  const within = lossy.map((ms) => Math.min(to, Math.max(from, ms)));
  const lost = joined(within.map(x)).map(([left, right]) =>
    h(Rect, { x: left, y: y + ROW - 3, width: Math.max(0.8, right - left), height: 1.8, fill: ink.red }),
  );
  return [
    svgText(0, y + ROW / 2 + 2.2, label, { family: MONO, size: 6, colour: ink.text, room: 47 }),
    ...bars,
    ...lost,
  ];
}

/** Flat pairs as spans, those that nearly touch on paper together. */
function joined(edges: readonly number[]): [number, number][] {
  const spans: [number, number][] = [];
  for (let i = 0; i + 1 < edges.length; i += 2) {
    const [left, right] = [edges[i] ?? 0, edges[i + 1] ?? 0];
    const last = spans.at(-1);
    if (last && left - last[1] < 0.35) last[1] = Math.max(last[1], right);
    else spans.push([left, right]);
  }
  return spans;
}

function legend(strips: readonly ReportStrip[]): ReactElement {
  const words = {
    target: 'the login in question',
    hop: 'an observed hop',
    twin: 'the same login, other side of a NAT',
  };
  const roles = (['target', 'hop', 'twin'] as const).filter((role) =>
    strips.some((strip) => strip.role === role),
  );
  const items = roles.map((role) => [colours[role], words[role]] as const);
  const lost = strips.some(({ lossy }) => lossy.length > 0)
    ? [[ink.red, 'records may be lost'] as const]
    : [];
  return h(
    View,
    { style: { flexDirection: 'row', flexWrap: 'wrap', columnGap: 12, paddingLeft: LABEL } },
    ...[...items, ...lost].map(([backgroundColor, text]) =>
      h(
        View,
        { style: { flexDirection: 'row', alignItems: 'center', gap: 4 } },
        h(View, { style: { width: 8, height: 5, backgroundColor } }),
        h(Text, { style: styles.small }, text),
      ),
    ),
  );
}
