/** The hosts of a month: the largest, those kept in cases, and those whose openings went unanswered. */
import type { ReportBlock, ReportTable } from '../../model/report.ts';
import type { KeyCounts } from '../../query/report-keys.ts';
import { keptHostBlocks } from './month-cases.ts';
import { LISTED } from './month-data.ts';
import { counted, explained, SHOWN, type MonthFacts } from './month-facts.ts';
import { placeWords, shareOf } from './words.ts';

export function talkerBlocks({ sums, places }: MonthFacts): ReportBlock[] {
  const table = (
    name: string,
    title: string,
    hosts: readonly KeyCounts[],
    by: 'bytes' | 'flows',
  ): ReportBlock => ({
    kind: 'table',
    table: {
      name,
      title,
      columns: [
        {
          key: 'address',
          title: 'Host',
          kind: 'address',
          weight: 2.1,
        },
        {
          key: 'place',
          title: 'Place',
          kind: 'text',
          weight: 1.8,
        },
        ...counted,
        {
          key: by === 'bytes' ? 'shareOfBytes' : 'shareOfFlows',
          title: 'Share',
          kind: 'share',
          weight: 0.7,
        },
      ],
      rows: hosts
        .slice(0, LISTED)
        .map((row) => [
          row.key,
          placeWords(places.get(row.key)),
          row.flows,
          row.packets,
          row.bytes,
          shareOf(row[by], sums.total[by]),
        ]),
      shown: SHOWN,
      empty: 'No host was seen.',
    },
  });
  return [
    ...explained(
      sums.hosts > 0,
      'Both directions count: what a host sent and what it received. A flow has two ends, so the shares add up to 200 %.',
    ),
    table('talkers-by-bytes', 'Hosts by bytes', sums.hostsByBytes, 'bytes'),
    table('talkers-by-flows', 'Hosts by flows', sums.hostsByFlows, 'flows'),
  ];
}

export function hostBlocks({ sums, places, cases }: MonthFacts): ReportBlock[] {
  const table: ReportTable = {
    name: 'unanswered-openings',
    title: 'Hosts with the most TCP openings that went unanswered',
    columns: [
      { key: 'address', title: 'Host', kind: 'address', weight: 2.1 },
      { key: 'place', title: 'Place', kind: 'text', weight: 1.8 },
      ...counted,
    ],
    rows: sums.unanswered.map((row) => [
      row.key,
      placeWords(places.get(row.key)),
      row.flows,
      row.packets,
      row.bytes,
    ]),
    shown: SHOWN,
    empty: 'No TCP flow consisted of an opening alone.',
  };
  return [
    ...keptHostBlocks(cases, places),
    { kind: 'table', table },
    ...explained(
      table.rows.length > 0,
      'Flows of which the exporter saw SYN and no other flag. Many of them from one host are what a scan looks like; a server that was down, or a path that the exporter sees in one direction only, looks the same.',
    ),
  ];
}
