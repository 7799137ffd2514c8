/** The document, drawn from reports that are written out here. */
import { describe, expect, it } from 'vitest';
import type { Report, ReportBlock, ReportTable } from '../../core/model/report.ts';
import { renderReport } from '../../core/report/render-report.ts';
import { tableFiles } from '../../core/report/table-files.ts';
import { describeWith } from '../support.ts';
import { boxesOf, fontsOf, infoOf, pagesOf } from './pdf.ts';

const reportOf = (blocks: readonly ReportBlock[], part: Partial<Report> = {}): Report => ({
  what: 'month',
  title: 'November 2026',
  question: 'What was seen?',
  answer: 'This and that.',
  generatedMs: Date.UTC(2026, 10, 21, 12),
  fromMs: Date.UTC(2026, 10, 1),
  toMs: Date.UTC(2026, 11, 1),
  store: 'gateway',
  program: 'backtrail 9.9.9',
  sections: [{ id: 'one', title: 'One', blocks }],
  ...part,
});

const tableOf = (rows: readonly (readonly (string | number | null)[])[]): ReportTable => ({
  name: 'hosts',
  title: 'Hosts',
  columns: [
    { key: 'host', title: 'Host', kind: 'address', weight: 2 },
    { key: 'place', title: 'Place', kind: 'text', weight: 2 },
    { key: 'bytes', title: 'Bytes', kind: 'bytes' },
  ],
  rows,
  empty: 'No host.',
});

describeWith('pdftotext', 'the PDF', () => {
  it('shows Polish, Greek and Cyrillic names as they are written, and has every face in it', async () => {
    const names = ['Łódź, Świętokrzyskie', 'Αθήνα, Θεσσαλονίκη', 'Москва, Київ'];
    const pdf = await renderReport(
      reportOf([
        { kind: 'text', text: names.join('; ') },
        { kind: 'table', table: tableOf(names.map((name, i) => [`2001:db8::${i}`, name, i])) },
      ]),
      'a4',
    );
    const text = pagesOf(pdf).join('\n');
    for (const name of names) expect(text).toContain(name);
    expect(text).toContain('2001:db8::2');
    const fonts = fontsOf(pdf);
    expect(fonts.length).toBeGreaterThan(1);
    expect(fonts.filter(({ embedded }) => !embedded)).toEqual([]);
    expect(fonts.filter(({ name }) => /Helvetica|Times|Courier/.test(name))).toEqual([]);
  });

  it('repeats the head of a table on every page, and numbers the pages', async () => {
    const rows = Array.from({ length: 150 }, (_, i) => [`192.0.2.${i}`, 'somewhere', i * 1000]);
    const pages = pagesOf(await renderReport(reportOf([{ kind: 'table', table: tableOf(rows) }]), 'letter'));
    expect(pages.length).toBeGreaterThan(2);
    for (const [i, page] of pages.entries()) {
      expect(page).toMatch(/Host\s+Place\s+Bytes/);
      expect(page).toContain(`Page ${i + 1} of ${pages.length}`);
      expect(page).toContain('Made 2026-11-21 12:00:00 UTC by backtrail 9.9.9');
    }
    expect(pages.join('\n').match(/\b192\.0\.2\.\d+/g)).toHaveLength(150);
  });

  it('never shortens a figure, nor an address that has room in two lines', async () => {
    const figures = ['a', 'b', 'c', 'd', 'e'].map((key) => ({ key, title: key, kind: 'bytes' }) as const);
    const values = figures.map((_, i) => 1_234_567_890_123 + i);
    const address = '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff';
    const { columns } = tableOf([]);
    const table = {
      ...tableOf([[address, 'somewhere', ...values]]),
      columns: [...columns.slice(0, 2), ...figures],
    };
    const boxes = boxesOf(await renderReport(reportOf([{ kind: 'table', table }]), 'a4'));
    const words = boxes.map(({ word }) => word);
    for (const value of values) expect(words).toContain(value.toLocaleString('en-GB'));
    expect(words.filter((word) => address.includes(word) && word.length > 4).join('')).toBe(address);
    expect(boxes.filter(({ right }) => right > 595 - 40)).toEqual([]);
  });

  it('leaves no title behind where its chart goes to the next page', async () => {
    const at = Date.UTC(2026, 10, 21);
    const strip = (role: 'hop' | 'target') => ({
      label: `login ${role}`,
      role,
      spans: [at, at + 60_000],
      lossy: [],
    });
    const fingerprint = {
      title: 'Hop 1 and the login that it carried',
      upstream: strip('hop'),
      downstream: strip('target'),
      lagMs: 0,
      matches: [],
      unmatchedUpstream: [],
      unmatchedDownstream: [],
    };
    for (let lines = 20; lines <= 36; lines += 2) {
      const items = Array.from({ length: lines }, (_, i) => `Sentence ${i}.`);
      const sections = [
        { id: 'one', title: 'One', blocks: [{ kind: 'list', items } as const] },
        { id: 'two', title: 'Evidence', blocks: [{ kind: 'fingerprint', fingerprint } as const] },
      ];
      const pages = pagesOf(await renderReport(reportOf([], { sections }), 'letter'));
      const titled = pages.find((page) => page.includes('Evidence'));
      expect(titled).toContain('Hop 1 and the login that it carried');
    }
  });

  it('ends on no page of nothing, or of less than three rows', async () => {
    const rowsOf = (page = ''): number => page.match(/\b192\.0\.2\.\d+/g)?.length ?? 0;
    const counts = new Set<number>();
    for (let rows = 30; rows <= 44; rows++) {
      const all = Array.from({ length: rows }, (_, i) => [`192.0.2.${i}`, 'somewhere', i]);
      const pages = pagesOf(await renderReport(reportOf([{ kind: 'table', table: tableOf(all) }]), 'letter'));
      counts.add(pages.length);
      expect(pages.reduce((sum, page) => sum + rowsOf(page), 0)).toBe(rows);
      expect(rowsOf(pages.at(-1))).toBeGreaterThanOrEqual(3);
    }
    expect([...counts]).toEqual([1, 2]);
  });

  it('sets its lines closer where that saves a last page of a few rows', async () => {
    const table = (rows: number): ReportBlock => ({
      kind: 'table',
      table: tableOf(Array.from({ length: rows }, (_, i) => [`192.0.2.${i}`, 'somewhere', i])),
    });
    const heightOf = async (rows: number): Promise<number> => {
      const words = boxesOf(await renderReport(reportOf([table(rows)]), 'letter'));
      const [first = 0, second = 0] = words
        .filter(({ page, word }) => page === 1 && /^192\.0\.2\.[01]$/.test(word))
        .map(({ bottom }) => bottom);
      return second - first;
    };
    const usual = await heightOf(20);
    const heights = [];
    for (let rows = 30; rows <= 44; rows++) heights.push(await heightOf(rows));
    expect(heights.some((height) => height < usual - 1)).toBe(true);
    expect(heights.at(0)).toBeCloseTo(usual, 2);
  });

  it('has every face in it where addresses go on in further lines, however wide their column is', async () => {
    const tables = Array.from({ length: 16 }, (_, i): ReportBlock => ({
      kind: 'table',
      table: {
        ...tableOf([
          ['192.168.0.11@Korea', 'somewhere', 1],
          ['2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff@Germany', 'somewhere', 2],
        ]),
        name: `hosts-${i}`,
        columns: tableOf([]).columns.map((column) =>
          column.kind === 'address' ? { ...column, weight: 0.4 + i / 20 } : { ...column, weight: 2 },
        ),
      },
    }));
    const pdf = await renderReport(reportOf(tables), 'a4');
    expect(fontsOf(pdf).filter(({ embedded }) => !embedded)).toEqual([]);
    expect(
      pagesOf(pdf)
        .join('\n')
        .match(/192\.168\./g),
    ).toHaveLength(16);
  });

  it('says how many rows more there are on the page of the last row', async () => {
    const rows = Array.from({ length: 100 }, (_, i) => [`192.0.2.${i}`, 'somewhere', i]);
    for (const shown of [38, 40, 41, 42]) {
      const table = { ...tableOf(rows), shown };
      const pages = pagesOf(await renderReport(reportOf([{ kind: 'table', table }]), 'letter'));
      const last = pages.find((page) => page.includes(`${100 - shown} more rows are in the file hosts.csv.`));
      expect(last).toContain(`192.0.2.${shown - 1} `);
    }
  });

  it('has no title at the foot of a page whose table stands on the next', async () => {
    const rows = Array.from({ length: 31 }, (_, i) => [`192.0.2.${i}`, 'somewhere', i]);
    for (let before = 24; before < 36; before += 3) {
      const first = { ...tableOf(rows), shown: before, title: 'Before it' };
      const table = { ...tableOf(rows), halves: true as const, title: 'In two halves' };
      const blocks = [first, table].map((one) => ({ kind: 'table', table: one }) as const);
      const pages = pagesOf(await renderReport(reportOf(blocks), 'a4'));
      const page = pages.find((text) => text.includes('In two halves'));
      expect(page).toMatch(/In two halves\s+Host\s+Place\s+Bytes\s+Host\s+Place\s+Bytes/);
    }
  });

  it('is on the paper that was asked for, and says what it is', async () => {
    const report = reportOf([{ kind: 'text', text: 'Words.' }]);
    expect(infoOf(await renderReport(report, 'letter'))).toContain('612 x 792');
    const info = infoOf(await renderReport(report, 'a4'));
    expect(info).toContain('(A4)');
    expect(info).toMatch(/Title:\s+November 2026/);
    expect(info).toMatch(/Creator:\s+backtrail 9\.9\.9/);
  });

  it('keeps hostile names within the page: endless ones, controls, and text from right to left', async () => {
    const hostile = [
      'x'.repeat(5000),
      '\u202Egnp.exe\u0007\u0000',
      'שלום עולם',
      '東京',
      '😀',
      'a\nb\tc',
      'long '.repeat(900),
    ];
    const blocks: ReportBlock[] = [
      { kind: 'table', table: tableOf(hostile.map((name) => [name, name, null])) },
      { kind: 'list', items: hostile },
      { kind: 'notice', text: hostile.join(' ') },
      { kind: 'command', text: `backtrail trace --store '${hostile[0]}'` },
      {
        kind: 'bars',
        bars: {
          title: hostile[0] ?? '',
          kind: 'bytes',
          labels: ['1'],
          series: [{ name: hostile[2] ?? '', values: [5] }],
          missing: [],
        },
      },
      {
        kind: 'path',
        hops: [
          {
            inferred: false,
            from: hostile[0] ?? '',
            to: hostile[1] ?? '',
            fromPlace: hostile[0] ?? '',
            toPlace: '',
            label: hostile[2] ?? '',
            scoreNats: null,
          },
        ],
      },
      {
        kind: 'map',
        points: [{ name: hostile[0] ?? '', latitude: 90, longitude: 180, exact: false, accuracyKm: 20_000 }],
        legs: [[0, 0]],
        caption: hostile[0] ?? '',
      },
      {
        kind: 'gantt',
        title: hostile[0] ?? '',
        strips: [{ label: hostile[0] ?? '', role: 'hop', spans: [], lossy: [] }],
      },
    ];
    const pdf = await renderReport(
      reportOf(blocks, { title: hostile[0] ?? '', store: hostile[0] ?? '' }),
      'a4',
    );
    const boxes = boxesOf(pdf);
    expect(boxes.length).toBeGreaterThan(50);
    expect(
      boxes.filter(({ left, right, bottom }) => left < 20 || right > 595 - 20 || bottom > 842 - 20),
    ).toEqual([]);
    expect(fontsOf(pdf).filter(({ embedded }) => !embedded)).toEqual([]);
    expect(pagesOf(pdf).join('\n')).toContain('\\u{202e}gnp.exe\\u{7}\\u{0}');
  });
});

describe('the files beside it', () => {
  it('hold every row, also those that the document does not show, and quote what needs it', () => {
    const table = {
      ...tableOf([
        ['192.0.2.1', 'Paris, "Île"', 12.5],
        ['192.0.2.2', '=HYPERLINK("x")', null],
      ]),
      shown: 1,
    };
    const files = new Map(
      tableFiles(reportOf([{ kind: 'table', table }])).map(({ name, text }) => [name, text]),
    );
    expect(files.get('hosts.csv')).toBe(
      'host,place,bytes\r\n192.0.2.1,"Paris, ""Île""",12.5\r\n192.0.2.2,"\'=HYPERLINK(""x"")",\r\n',
    );
    expect(JSON.parse(files.get('hosts.json') ?? '')).toEqual([
      { host: '192.0.2.1', place: 'Paris, "Île"', bytes: 12.5 },
      { host: '192.0.2.2', place: '=HYPERLINK("x")', bytes: null },
    ]);
  });
});
