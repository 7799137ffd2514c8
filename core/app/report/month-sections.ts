/** A month's answers as sections of a document. */
import type { MonthSectionId, ReportBlock, ReportFigure, ReportValue } from '../../model/report.ts';
import { traceBlocks } from './month-cases.ts';
import { changeBlocks } from './month-changes.ts';
import { completenessBlocks, daysWithoutData } from './month-completeness.ts';
import { exporterBlocks } from './month-exporters.ts';
import { number, type MonthFacts } from './month-facts.ts';
import { geographyBlocks } from './month-geography.ts';
import { hostBlocks, talkerBlocks } from './month-hosts.ts';
import { dayBlocks, serviceBlocks } from './month-traffic.ts';

export interface MonthBlocks {
  readonly answer: string;
  readonly blocks: Readonly<Record<MonthSectionId | 'summary', readonly ReportBlock[]>>;
}

export function sectionsOfMonth(facts: MonthFacts): MonthBlocks {
  return {
    answer: answerOf(facts),
    blocks: {
      summary: [{ kind: 'figures', figures: figuresOf(facts) }],
      days: dayBlocks(facts),
      services: serviceBlocks(facts),
      talkers: talkerBlocks(facts),
      geography: geographyBlocks(facts),
      exporters: exporterBlocks(facts),
      changes: changeBlocks(facts),
      traces: traceBlocks(facts.cases),
      hosts: hostBlocks(facts),
      completeness: completenessBlocks(facts),
    },
  };
}

function answerOf(facts: MonthFacts): string {
  const { sums, exporters, range, nowMs } = facts;
  const { flows, bytes, packets } = sums.total;
  if (flows === 0) {
    return nowMs < range.from
      ? 'The month has not begun: there is nothing to report.'
      : 'No flow of this month is stored. Nothing can be said of what happened in it.';
  }
  const seen = exporters.rows.length;
  const [first] = sums.hostsByBytes;
  const largest = first
    ? ` The largest host is ${first.key} with ${shareText(first.bytes, bytes)} of the bytes.`
    : '';
  const gaps = daysWithoutData(facts).length;
  const gap = gaps === 0 ? '' : ` On ${several(gaps, 'day')} no flow began.`;
  return `${several(flows, 'flow')} with ${several(packets, 'packet')} and ${several(bytes, 'byte')}, told by ${several(seen, 'exporter')}.${largest}${gap}`;
}

const several = (value: number, noun: string): string =>
  `${number(value)} ${noun}${Math.round(value) === 1 ? '' : 's'}`;

function shareText(part: number, whole: number): string {
  if (whole === 0) return 'none';
  const share = (100 * part) / whole;
  return share < 0.05 ? 'less than 0.1\u00A0%' : `${share.toFixed(1)}\u00A0%`;
}

function figuresOf({ sums, exporters }: MonthFacts): ReportFigure[] {
  const { flows, packets, bytes } = sums.total;
  const figure = (
    label: string,
    value: ReportValue,
    kind: ReportFigure['kind'],
    note = '',
  ): ReportFigure => ({
    label,
    value,
    kind,
    note,
  });
  return [
    figure('Flows', flows, 'count'),
    figure('Packets', packets, 'count'),
    figure('Bytes', bytes, 'bytes'),
    figure('Hosts', sums.hosts, 'count'),
    figure('Exporters', exporters.rows.length, 'count'),
  ];
}
