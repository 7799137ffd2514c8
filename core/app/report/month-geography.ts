/** The countries and autonomous systems of a month. */
import type { ReportBlock } from '../../model/report.ts';
import { geoTables } from '../geo/book.ts';
import { counted, explained, number, SHOWN, type MonthFacts } from './month-facts.ts';
import { shareOf } from './words.ts';

export function geographyBlocks({ sums, placeNotes }: MonthFacts): ReportBlock[] {
  return [...countryBlocks(sums, placeNotes), ...systemBlocks(sums)];
}

function countryBlocks({ countries, total }: MonthFacts['sums'], notes: readonly string[]): ReportBlock[] {
  if (!countries) return [{ kind: 'notice', text: `Countries are left out. ${notes.join(' ')}` }];
  const known = countries.filter(({ country }) => country !== '');
  const elsewhere = countries.find(({ country }) => country === '')?.flows ?? 0;
  const names = geoTables().countries;
  return [
    {
      kind: 'table',
      table: {
        name: 'countries',
        title: 'Countries, by flows',
        columns: [
          { key: 'country', title: 'Country', kind: 'text', weight: 2 },
          { key: 'code', title: 'Code', kind: 'text', weight: 0.6 },
          { key: 'addresses', title: 'Addresses', kind: 'count' },
          ...counted,
          { key: 'shareOfFlows', title: 'Share', kind: 'share', weight: 0.7 },
        ],
        rows: known.map((row) => [
          names.get(row.country)?.name ?? row.country,
          row.country,
          row.addresses,
          row.flows,
          row.packets,
          row.bytes,
          shareOf(row.flows, total.flows),
        ]),
        shown: SHOWN,
        empty: 'No flow has an end at an address of a known country.',
      },
    },
    ...explained(
      known.length > 0,
      `A flow counts once in each country that it has an end in. ${number(elsewhere)} flows have an end at an address of no country: a private, special or unknown one. A database says where an address is registered or believed to be, which need not be where the machine stands. ${notes.join(' ')}`,
    ),
  ];
}

function systemBlocks({ systems, total }: MonthFacts['sums']): ReportBlock[] {
  const rows = systems.filter(({ key }) => key !== '0');
  if (rows.length === 0) {
    return [
      { kind: 'text', text: 'Autonomous systems are left out: no exporter told an AS number in this month.' },
    ];
  }
  return [
    {
      kind: 'table',
      table: {
        name: 'autonomous-systems',
        title: 'Autonomous systems by bytes, as exporters told them',
        columns: [
          { key: 'as', title: 'AS', kind: 'text' },
          ...counted,
          { key: 'shareOfBytes', title: 'Share', kind: 'share', weight: 0.7 },
        ],
        rows: rows.map((row) => [
          `AS${row.key}`,
          row.flows,
          row.packets,
          row.bytes,
          shareOf(row.bytes, total.bytes),
        ]),
        shown: SHOWN,
        empty: '',
      },
    },
  ];
}
