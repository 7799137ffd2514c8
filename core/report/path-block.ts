/** A traced path as a chain of hosts, the attacker's side first. */
import { Circle, Line, Svg, Text, View } from '@react-pdf/renderer';
import type { ReactElement } from 'react';
import type { ReportHop } from '../model/report.ts';
import { MONO } from './fonts.ts';
import { h, ink, styles } from './page-theme.ts';
import { mono, sans } from './text-blocks.ts';

const RAIL = 26;
const NODE = 24;
const EDGE = 30;

export function pathBlock(hops: readonly ReportHop[]): ReactElement {
  const last = hops.at(-1);
  return h(
    View,
    { style: styles.block },
    ...hops.flatMap((hop, i) => [
      h(
        View,
        { wrap: false },
        node(hop.from, hop.fromPlace, i === 0 ? 'first' : 'middle', i === 0 ? 'earliest observed' : ''),
        edge(hop, i, i === hops.length - 1),
      ),
    ]),
    ...(last ? [node(last.to, last.toPlace, 'last', 'the victim')] : []),
  );
}

function node(address: string, place: string, at: 'first' | 'middle' | 'last', role: string): ReactElement {
  const colour = at === 'last' ? ink.amber : ink.blue;
  const rail = { x1: 10, x2: 10, stroke: ink.grey, strokeWidth: 1.2 };
  return h(
    View,
    { wrap: false, style: { flexDirection: 'row', height: NODE, alignItems: 'center' } },
    h(
      Svg,
      { width: RAIL, height: NODE },
      ...(at === 'first' ? [] : [h(Line, { ...rail, y1: 0, y2: NODE / 2 })]),
      ...(at === 'last' ? [] : [h(Line, { ...rail, y1: NODE / 2, y2: NODE })]),
      h(Circle, { cx: 10, cy: NODE / 2, r: 6, fill: '#ffffff', stroke: colour, strokeWidth: 2 }),
      ...(at === 'middle' ? [] : [h(Circle, { cx: 10, cy: NODE / 2, r: 2.6, fill: colour })]),
    ),
    h(Text, { style: { fontFamily: MONO, fontSize: 9.5, marginRight: 10 } }, mono(address, 48)),
    h(
      Text,
      { style: { ...styles.small, flex: 1, marginTop: 3 } },
      [place, role]
        .filter((text) => text !== '')
        .map((text) => sans(text, 40))
        .join(' · '),
    ),
  );
}

function edge({ inferred, label, scoreNats }: ReportHop, index: number, isTarget: boolean): ReactElement {
  const colour = inferred ? ink.grey : isTarget ? ink.amber : ink.blue;
  const dash = inferred ? { strokeDasharray: '3 3' } : {};
  const words = inferred
    ? 'inferred: at least one hop that no exporter saw'
    : scoreNats === null
      ? isTarget
        ? 'the login in question'
        : ''
      : `carried the next login, ${scoreNats.toFixed(1)} nats`;
  return h(
    View,
    { style: { flexDirection: 'row', height: EDGE, alignItems: 'center' } },
    h(
      Svg,
      { width: RAIL, height: EDGE },
      h(Line, { x1: 10, x2: 10, y1: 0, y2: EDGE, stroke: colour, strokeWidth: 2, ...dash }),
      h(Line, { x1: 6.5, x2: 10, y1: EDGE - 7, y2: EDGE - 1, stroke: colour, strokeWidth: 1.4 }),
      h(Line, { x1: 13.5, x2: 10, y1: EDGE - 7, y2: EDGE - 1, stroke: colour, strokeWidth: 1.4 }),
    ),
    h(
      View,
      { style: { flex: 1 } },
      h(Text, { style: { fontSize: 8.5, color: colour, fontWeight: 600 } }, `${index + 1}. ${words}`),
      ...(label === '' ? [] : [h(Text, { style: styles.small }, sans(label, 90))]),
    ),
  );
}
