/** What changed since the month before: the totals, and the hosts that are largest in either month. */
import type { ReportBlock, ReportColumn, ReportTable } from '../../model/report.ts';
import type { MonthData } from './month-data.ts';
import { placeWords } from './words.ts';

export function changeBlocks({
  changes,
  places,
  sums,
  ...facts
}: Pick<MonthData, 'changes' | 'places' | 'sums' | 'earlier'>): ReportBlock[] {
  const earlier = facts.earlier.total;
  const { total } = sums;
  if (earlier.flows === 0) {
    return [
      { kind: 'text', text: 'No flow of the month before is stored: there is nothing to compare with.' },
    ];
  }
  const totals: ReportTable = {
    name: 'change-of-totals',
    title: 'Totals of both months',
    columns: [
      { key: 'measure', title: 'Measure', kind: 'text' },
      { key: 'before', title: 'Month before', kind: 'count' },
      { key: 'now', title: 'This month', kind: 'count' },
      { key: 'difference', title: 'Difference', kind: 'change' },
    ],
    rows: (['flows', 'packets', 'bytes'] as const).map((measure) => [
      measure,
      earlier[measure],
      total[measure],
      total[measure] - earlier[measure],
    ]),
    empty: '',
  };
  const columns: readonly ReportColumn[] = [
    { key: 'address', title: 'Host', kind: 'address', weight: 2.1 },
    { key: 'place', title: 'Place', kind: 'text', weight: 1.8 },
    { key: 'before', title: 'Bytes before', kind: 'bytes', weight: 1.3 },
    { key: 'now', title: 'Bytes now', kind: 'bytes', weight: 1.3 },
    { key: 'difference', title: 'Difference', kind: 'change', weight: 1.4 },
  ];
  const table = (name: string, title: string, rows: MonthData['changes'], empty: string): ReportBlock => ({
    kind: 'table',
    table: {
      name,
      title,
      columns,
      empty,
      shown: 8,
      rows: rows.map(({ address, now, before: then }) => [
        address,
        placeWords(places.get(address)),
        then,
        now,
        now - then,
      ]),
    },
  });
  const by = (sign: 1 | -1) => (a: MonthData['changes'][number], b: MonthData['changes'][number]) =>
    sign * (b.now - b.before - (a.now - a.before));
  const risers = changes.filter((host) => host.before > 0 && host.now > host.before).toSorted(by(1));
  const fallers = changes.filter((host) => host.now > 0 && host.now < host.before).toSorted(by(-1));
  const fresh = changes.filter((host) => host.before === 0 && host.now > 0).toSorted(by(1));
  const gone = changes.filter((host) => host.now === 0 && host.before > 0).toSorted(by(-1));
  return [
    {
      kind: 'text',
      text: `Compared are the ${changes.length} largest hosts of either month, by bytes of both directions.`,
    },
    { kind: 'table', table: totals },
    table('risers', 'Biggest risers', risers, 'No host has risen.'),
    table('fallers', 'Biggest fallers', fallers, 'No host has fallen.'),
    table(
      'new-hosts',
      'New: among the largest, and not seen at all in the month before',
      fresh,
      'None is new.',
    ),
    table(
      'gone-hosts',
      'Gone: among the largest of the month before, and not seen any more',
      gone,
      'None is gone.',
    ),
  ];
}
