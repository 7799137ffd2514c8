/** The days of a month, its protocols and services. */
import type { ReportBlock, ReportTable } from '../../model/report.ts';
import { epochMs, formatTime } from '../../model/time.ts';
import { daysWithoutData } from './month-completeness.ts';
import type { MonthRange } from './month-data.ts';
import { counted, type MonthFacts } from './month-facts.ts';
import { protocolWord, shareOf } from './words.ts';

/** Protocols that have a colour of their own in the bars. */
const PROTOCOLS_SHOWN = 5;
const DAY_MS = 86_400_000;

export function dayBlocks(facts: MonthFacts): ReportBlock[] {
  const { sums, range } = facts;
  if (sums.total.flows === 0) return [{ kind: 'text', text: 'There is nothing to show.' }];
  const { flows, packets, bytes, protocols } = sums.days;
  const days = dayStarts(range);
  const label = (ms: number): string => formatTime(epochMs(ms)).slice(8, 10);
  const absent = new Set(daysWithoutData(facts));
  const series = protocols
    .slice(0, PROTOCOLS_SHOWN)
    .map((line) => ({ name: protocolWord(line.protocol), values: [...line.bytes] }));
  const others = protocols.slice(PROTOCOLS_SHOWN);
  if (others.length > 0) {
    const values = days.map((_, day) => others.reduce((sum, line) => sum + (line.bytes[day] ?? 0), 0));
    series.push({ name: 'other', values });
  }
  const table: ReportTable = {
    name: 'days',
    title: 'Totals by day',
    columns: [
      { key: 'day', title: 'Day', kind: 'text', weight: 1 },
      { key: 'flows', title: 'Flows begun', kind: 'count' },
      { key: 'packets', title: 'Packets', kind: 'count' },
      { key: 'bytes', title: 'Bytes', kind: 'bytes', weight: 1.3 },
    ],
    halves: true,
    // Of a day that has not begun nothing is known.
    rows: days.map((day, i) => [
      formatTime(epochMs(day)).slice(0, 10),
      ...[flows, packets, bytes].map((values) => (day < facts.nowMs ? Math.round(values[i] ?? 0) : null)),
    ]),
    empty: 'No days.',
  };
  return [
    {
      kind: 'bars',
      bars: {
        title: 'Bytes a day, by protocol',
        kind: 'bytes',
        labels: days.map(label),
        series,
        missing: days.flatMap((day, i) => (absent.has(day) ? [i] : [])),
      },
    },
    { kind: 'table', table },
    {
      kind: 'text',
      text: 'A flow counts on the day on which it begins; its packets and bytes are spread evenly over its life, and what lies outside of the month is left out. The sums of the days can therefore be smaller than the totals above, which count each flow that was there in the month whole.',
    },
  ];
}

const dayStarts = ({ from, to }: MonthRange): number[] =>
  Array.from({ length: Math.round((to - from) / DAY_MS) }, (_, i) => from + i * DAY_MS);

export function serviceBlocks({ sums }: MonthFacts): ReportBlock[] {
  const { services, total } = sums;
  const rows = services
    .toSorted((a, b) => b.bytes - a.bytes)
    .map((row) => [
      row.name,
      row.flows,
      row.packets,
      row.bytes,
      shareOf(row.bytes, total.bytes),
      shareOf(row.packets, row.flows),
      shareOf(row.bytes, row.packets),
    ]);
  const table: ReportTable = {
    name: 'services',
    title: "Protocols and services, by bytes: the router's table",
    columns: [
      { key: 'service', title: 'Service', kind: 'text', weight: 1.3 },
      ...counted,
      { key: 'shareOfBytes', title: 'Share', kind: 'share', weight: 0.7 },
      { key: 'packetsPerFlow', title: 'Packets/flow', kind: 'number', weight: 0.8 },
      { key: 'bytesPerPacket', title: 'Bytes/packet', kind: 'number', weight: 0.8 },
    ],
    rows,
    shown: 16,
    empty: 'No flow, and so no protocol.',
  };
  return [{ kind: 'table', table }];
}
