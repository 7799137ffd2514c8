/** Who exported in a month. */
import type { ReportBlock, ReportTable } from '../../model/report.ts';
import { explained, type MonthFacts } from './month-facts.ts';

export function exporterBlocks({ exporters }: MonthFacts): ReportBlock[] {
  const { rows, notes } = exporters;
  const table: ReportTable = {
    name: 'exporters',
    title: 'Exporters by flows',
    columns: [
      { key: 'exporter', title: 'Exporter', kind: 'address', weight: 2 },
      { key: 'site', title: 'Site', kind: 'text', weight: 1.6 },
      { key: 'flows', title: 'Flows', kind: 'count' },
      { key: 'bytes', title: 'Bytes', kind: 'bytes', weight: 1.3 },
      { key: 'datagrams', title: 'Datagrams', kind: 'count' },
      { key: 'lost', title: 'Lost', kind: 'count', weight: 0.8 },
      { key: 'samplingInterval', title: 'Sampling 1 in', kind: 'count', weight: 0.9 },
    ],
    rows: rows.map((row) => [
      row.address === '' ? '(not told)' : row.address,
      row.site,
      row.flows,
      row.bytes,
      row.datagrams,
      row.lost,
      row.samplingInterval,
    ]),
    shown: 20,
    empty: 'No exporter has flows in this month.',
  };
  return [
    { kind: 'table', table },
    ...explained(
      rows.length > 0,
      'Lost is what sequence numbers miss: flows in NetFlow v5, data records in IPFIX, datagrams in NetFlow v9 and sFlow. A dash: nothing tells, for the archive keeps no datagram headers. Flows are as each exporter told them, those that others saw too among them.',
    ),
    ...(notes.length === 0 ? [] : [{ kind: 'list', items: notes } as const]),
  ];
}
