/** A month's answers as sections of a document. */
import type {
  MonthSectionId,
  ReportBlock,
  ReportColumn,
  ReportFigure,
  ReportTable,
  ReportValue,
} from '../../model/report.ts';
import { epochMs, formatTime } from '../../model/time.ts';
import type { KeyCounts } from '../../query/report-keys.ts';
import { geoTables } from '../geo/book.ts';
import { changeBlocks } from './month-changes.ts';
import { keptHostBlocks, traceBlocks } from './month-cases.ts';
import { completenessBlocks, daysWithoutData } from './month-completeness.ts';
import { LISTED, type MonthData, type MonthRange } from './month-data.ts';
import { placeWords, protocolWord, shareOf } from './words.ts';

export interface MonthFacts extends MonthData {
  readonly range: MonthRange;
  readonly before: MonthRange;
  readonly nowMs: number;
  readonly store: string;
  readonly site: string | undefined;
}

export interface MonthBlocks {
  readonly answer: string;
  readonly blocks: Readonly<Record<MonthSectionId | 'summary', readonly ReportBlock[]>>;
}

const SHOWN = 10;
/** Protocols that have a colour of their own in the bars. */
const PROTOCOLS_SHOWN = 5;
const DAY_MS = 86_400_000;

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

/** What explains a table, where that has rows. */
const explained = (has: boolean, text: string): ReportBlock[] => (has ? [{ kind: 'text', text }] : []);

const number = (value: number): string => Math.round(value).toLocaleString('en-GB');

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

function dayBlocks(facts: MonthFacts): ReportBlock[] {
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

const counted: readonly ReportColumn[] = [
  { key: 'flows', title: 'Flows', kind: 'count' },
  { key: 'packets', title: 'Packets', kind: 'count' },
  { key: 'bytes', title: 'Bytes', kind: 'bytes', weight: 1.3 },
];

function serviceBlocks({ sums }: MonthFacts): ReportBlock[] {
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

function talkerBlocks({ sums, places }: MonthFacts): ReportBlock[] {
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

function geographyBlocks({ sums, placeNotes }: MonthFacts): ReportBlock[] {
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

function exporterBlocks({ exporters }: MonthFacts): ReportBlock[] {
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

function hostBlocks({ sums, places, cases }: MonthFacts): ReportBlock[] {
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
