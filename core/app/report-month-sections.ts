/** A month's answers as sections of a document. */
import type { Place } from '../model/place.ts';
import type { TopAnswer, TopRow } from '../model/query.ts';
import type {
  MonthSectionId,
  ReportBlock,
  ReportColumn,
  ReportFigure,
  ReportTable,
  ReportValue,
} from '../model/report.ts';
import { epochMs, formatTime } from '../model/time.ts';
import { completenessBlocks, daysWithoutData } from './report-month-completeness.ts';
import type { MonthData, MonthRange } from './report-month-data.ts';
import { placeWords, protocolWord, shareOf } from './report-words.ts';

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
      hosts: hostBlocks(facts),
      completeness: completenessBlocks(facts),
    },
  };
}

const number = (value: number): string => Math.round(value).toLocaleString('en-GB');

function answerOf(facts: MonthFacts): string {
  const { distribution, exporters, byBytes, range, nowMs } = facts;
  const { flows, bytes, packets } = distribution.total;
  if (flows === 0) {
    return nowMs < range.from
      ? 'The month has not begun: there is nothing to report.'
      : 'No flow of this month is stored. Nothing can be said of what happened in it.';
  }
  const seen = exporters.rows.length;
  const first = byBytes.rows[0];
  const largest = first
    ? ` The largest host is ${first.key[0]} with ${shareText(first.bytes, bytes)} of the bytes.`
    : '';
  const gaps = daysWithoutData(facts).length;
  const gap = gaps === 0 ? '' : ` On ${gaps} ${gaps === 1 ? 'day' : 'days'} no flow began.`;
  return `${number(flows)} ${flows === 1 ? 'flow' : 'flows'} with ${number(packets)} packets and ${number(bytes)} bytes, told by ${seen} ${seen === 1 ? 'exporter' : 'exporters'}.${largest}${gap}`;
}

const shareText = (part: number, whole: number): string =>
  whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : 'none';

function figuresOf({ distribution, byBytes, exporters }: MonthFacts): ReportFigure[] {
  const { flows, packets, bytes } = distribution.total;
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
    figure('Hosts', byBytes.distinct, 'count'),
    figure('Exporters', exporters.rows.length, 'count'),
  ];
}

function dayBlocks(facts: MonthFacts): ReportBlock[] {
  const { bytesByDay, packetsByDay, flowsByDay, range } = facts;
  const days = dayStarts(range);
  const at = (series: MonthData['flowsByDay'], day: number): number => {
    const bucket = Math.round((day - series.startMs) / series.bucketMs);
    return series.lines.reduce((sum, { values }) => sum + (values[bucket] ?? 0), 0);
  };
  const label = (ms: number): string => formatTime(epochMs(ms)).slice(8, 10);
  const absent = new Set(daysWithoutData(facts));
  const series = bytesByDay.lines.map((line) => ({
    name: line.key === 'other' ? 'other' : protocolWord(line.key),
    values: days.map((day) => line.values[Math.round((day - bytesByDay.startMs) / bytesByDay.bucketMs)] ?? 0),
  }));
  const table: ReportTable = {
    name: 'days',
    title: 'Totals by day',
    columns: [
      { key: 'day', title: 'Day', kind: 'text', weight: 1 },
      { key: 'flows', title: 'Flows begun', kind: 'count' },
      { key: 'packets', title: 'Packets', kind: 'count' },
      { key: 'bytes', title: 'Bytes', kind: 'bytes', weight: 1.3 },
    ],
    rows: days.map((day) => [
      formatTime(epochMs(day)).slice(0, 10),
      ...[flowsByDay, packetsByDay, bytesByDay].map((answer) => Math.round(at(answer, day))),
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
    {
      kind: 'text',
      text: 'A flow counts on the day on which it begins; its packets and bytes are spread evenly over its life, and what lies outside of the month is left out. The sums of the days can therefore be smaller than the totals above, which count each flow that was there in the month whole.',
    },
    { kind: 'table', table },
  ];
}

const dayStarts = ({ from, to }: MonthRange): number[] =>
  Array.from({ length: Math.round((to - from) / DAY_MS) }, (_, i) => from + i * DAY_MS);

const counted: readonly ReportColumn[] = [
  { key: 'flows', title: 'Flows', kind: 'count' },
  { key: 'packets', title: 'Packets', kind: 'count' },
  { key: 'bytes', title: 'Bytes', kind: 'bytes', weight: 1.3 },
];

function serviceBlocks({ distribution }: MonthFacts): ReportBlock[] {
  const { protocols, total } = distribution;
  const rows = protocols
    .filter(({ flows }) => flows > 0)
    .toSorted((a, b) => b.bytes - a.bytes)
    .map((row) => [
      row.name,
      row.flows,
      row.packets,
      row.bytes,
      shareOf(row.bytes, total.bytes),
      row.packetsPerFlow,
      row.bytesPerPacket,
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

function talkerBlocks({ byBytes, byFlows, places }: MonthFacts): ReportBlock[] {
  const table = (name: string, title: string, answer: TopAnswer, by: 'bytes' | 'flows'): ReportBlock => ({
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
      rows: answer.rows.map((row) => [
        row.key[0] ?? '',
        placeOf(places, row),
        row.flows,
        row.packets,
        row.bytes,
        shareOf(row[by], answer.total[by]),
      ]),
      shown: SHOWN,
      empty: 'No host was seen.',
    },
  });
  return [
    {
      kind: 'text',
      text: 'Both directions count: what a host sent and what it received. A flow has two ends, so the shares add up to 200 %.',
    },
    table('talkers-by-bytes', 'Hosts by bytes', byBytes, 'bytes'),
    table('talkers-by-flows', 'Hosts by flows', byFlows, 'flows'),
  ];
}

const placeOf = (places: ReadonlyMap<string, Place>, { key }: TopRow): string =>
  placeWords(places.get(key[0] ?? ''));

function geographyBlocks({ countries, systems, distribution }: MonthFacts): ReportBlock[] {
  return [...countryBlocks(countries), ...systemBlocks(systems, distribution.total.bytes)];
}

function countryBlocks(countries: MonthData['countries']): ReportBlock[] {
  if (typeof countries === 'string') {
    return [{ kind: 'notice', text: `Countries are left out. ${countries}` }];
  }
  const { elsewhere, total, sources } = countries;
  const credits = sources.map(({ name, date, credit, url, licence }) =>
    [`${name} of ${date ?? 'an unknown day'}`, credit, url, licence]
      .filter((part) => part !== null && part !== '')
      .join(', '),
  );
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
        rows: countries.countries.map((row) => [
          row.countryName,
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
    {
      kind: 'text',
      text: `A flow counts once in each country that it has an end in. ${number(elsewhere.flows)} flows have an end at an address of no country (${number(elsewhere.addresses)} private, special or unknown addresses). A database says where an address is registered or believed to be, which need not be where the machine stands. Countries are those of ${credits.join('; ')}.`,
    },
  ];
}

function systemBlocks(systems: TopAnswer, bytes: number): ReportBlock[] {
  const rows = systems.rows.filter(({ key }) => key[0] !== '0');
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
          `AS${row.key[0]}`,
          row.flows,
          row.packets,
          row.bytes,
          shareOf(row.bytes, bytes),
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
    {
      kind: 'text',
      text: 'Lost is what sequence numbers miss: flows in NetFlow v5, data records in IPFIX, datagrams in NetFlow v9 and sFlow. A dash: nothing tells, for the archive keeps no datagram headers. Flows are as each exporter told them, those that others saw too among them.',
    },
    ...(notes.length === 0 ? [] : [{ kind: 'list', items: notes } as const]),
  ];
}

function changeBlocks({ changes, places, distribution, ...facts }: MonthFacts): ReportBlock[] {
  const earlier = facts.earlier.total;
  const { total } = distribution;
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

function hostBlocks({ unanswered, places }: MonthFacts): ReportBlock[] {
  const table: ReportTable = {
    name: 'unanswered-openings',
    title: 'Hosts with the most TCP openings that went unanswered',
    columns: [
      { key: 'address', title: 'Host', kind: 'address', weight: 2.1 },
      { key: 'place', title: 'Place', kind: 'text', weight: 1.8 },
      ...counted,
    ],
    rows: unanswered.rows.map((row) => [
      row.key[0] ?? '',
      placeOf(places, row),
      row.flows,
      row.packets,
      row.bytes,
    ]),
    shown: SHOWN,
    empty: 'No TCP flow consisted of an opening alone.',
  };
  return [
    { kind: 'table', table },
    {
      kind: 'text',
      text: 'Flows of which the exporter saw SYN and no other flag. Many of them from one host are what a scan looks like; a server that was down, or a path that the exporter sees in one direction only, looks the same.',
    },
  ];
}
