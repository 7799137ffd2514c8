/** A month on paper against what the flows say: counted here by hand, and by nfdump on the same recordings. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { keepTrace, withCases } from '../../core/app/case/desk.ts';
import { importIntoFolder } from '../../core/app/import/files.ts';
import { loadSampleCase } from '../../core/app/sample-case.ts';
import { openQueries } from '../../core/app/query/queries.ts';
import { monthsOf, reportMonth } from '../../core/app/report/month.ts';
import { tablesOf, type Report, type ReportTable } from '../../core/model/report.ts';
import { durationMs, epochMs } from '../../core/model/time.ts';
import type { TraceResult } from '../../core/model/trace-result.ts';
import { renderReport } from '../../core/report/render-report.ts';
import { buildBatch, type FlowRow } from '../build/flow-chunks.ts';
import { makeStore } from '../build/made-store.ts';
import { describeWith, temporaryFolder } from '../support.ts';
import { pagesOf } from './pdf.ts';

const NOW = Date.UTC(2026, 11, 5);
const at = (day: number, hour = 12, month = 10): number => Date.UTC(2026, month, day, hour);

const flow = (startMs: number, part: Partial<FlowRow> = {}): FlowRow => ({
  source: '198.51.100.7',
  destination: '203.0.113.9',
  sourceTransportPort: 40_000,
  destinationTransportPort: 22,
  protocolIdentifier: 6,
  tcpControlBits: 0x1b,
  packetDeltaCount: 10,
  octetDeltaCount: 1000,
  flowStartMilliseconds: startMs,
  flowEndMilliseconds: startMs + 1000,
  ...part,
});

function tableNamed(report: Report, name: string): ReportTable {
  const table = tablesOf(report).find((one) => one.name === name);
  if (!table) throw new Error(`the report has no table ${name}`);
  return table;
}

/** A column of a table, by its key. */
function column(report: Report, name: string, key: string): unknown[] {
  const table = tableNamed(report, name);
  const index = table.columns.findIndex((one) => one.key === key);
  return table.rows.map((row) => row[index]);
}

const listOf = (report: Report, id: string): string =>
  (report.sections.find((section) => section.id === id)?.blocks ?? [])
    .map((block) => (block.kind === 'list' ? block.items.join(' ') : block.kind === 'text' ? block.text : ''))
    .join(' ');

const store = (rows: readonly FlowRow[]): string =>
  makeStore(join(temporaryFolder(), 'store'), [buildBatch(rows)]);

describe('the report on a month', () => {
  it('of one flow says so, in few pages', async () => {
    const report = await reportMonth(store([flow(at(21))]), { month: '2026-11', nowMs: NOW });
    expect(report.answer).toContain('1 flow with 10 packets and 1,000 bytes, told by 1 exporter.');
    expect(column(report, 'days', 'flows').filter((flows) => flows !== 0)).toEqual([1]);
    expect(listOf(report, 'completeness')).toContain('On 29 days no flow began: 01 to 20, 22 to 30.');
    expect(column(report, 'sources', 'sha256')).toEqual(['cd'.repeat(32)]);
  });

  it('without flows says that nothing can be said', async () => {
    const report = await reportMonth(store([flow(at(21))]), { month: '2026-10', nowMs: NOW });
    expect(report.answer).toContain('No flow of this month is stored.');
    expect(tableNamed(report, 'talkers-by-bytes').rows).toEqual([]);
  });

  it('tells what rose and fell, what is new and what is gone', async () => {
    const host = (address: string, startMs: number, octets: number) =>
      flow(startMs, { source: address, octetDeltaCount: octets });
    const folder = store([
      host('192.0.2.1', at(3, 0, 9), 100),
      host('192.0.2.1', at(3), 900),
      host('192.0.2.2', at(3, 0, 9), 5000),
      host('192.0.2.2', at(3), 4000),
      host('192.0.2.3', at(3), 70),
      host('192.0.2.4', at(3, 0, 9), 60),
    ]);
    const report = await reportMonth(folder, { month: '2026-11', nowMs: NOW });
    expect(tableNamed(report, 'risers').rows.map(([address, , , , change]) => [address, change])).toEqual([
      ['192.0.2.1', 800],
    ]);
    expect(tableNamed(report, 'fallers').rows.map(([address, , , , change]) => [address, change])).toEqual([
      ['192.0.2.2', -1000],
      ['203.0.113.9', -190],
    ]);
    expect(column(report, 'new-hosts', 'address')).toEqual(['192.0.2.3']);
    expect(column(report, 'gone-hosts', 'address')).toEqual(['192.0.2.4']);
    expect(column(report, 'change-of-totals', 'before')).toEqual([3, 30, 5160]);
  });

  it('asks by address for hosts beyond the largest before it calls one new', async () => {
    const many = Array.from({ length: 150 }, (_, i) =>
      flow(at(3, 0, 9), { source: `10.1.0.${i}`, destination: `10.2.0.${i}`, octetDeltaCount: 1000 + i }),
    );
    const small = flow(at(4, 0, 9), { source: '10.3.0.1', destination: '10.2.0.149', octetDeltaCount: 7 });
    const large = flow(at(4), { source: '10.3.0.1', destination: '10.4.0.1', octetDeltaCount: 5000 });
    const report = await reportMonth(store([...many, small, large]), { month: '2026-11', nowMs: NOW });
    const rows = tableNamed(report, 'risers').rows.map(([address, , before, now]) => [address, before, now]);
    expect(rows).toEqual([['10.3.0.1', 7, 5000]]);
    expect(column(report, 'new-hosts', 'address')).toEqual(['10.4.0.1']);
  });

  it('names hosts whose openings nobody answered', async () => {
    const scan = Array.from({ length: 5 }, (_, i) =>
      flow(at(9), { source: '192.0.2.66', destination: `203.0.113.${i}`, tcpControlBits: 2 }),
    );
    const report = await reportMonth(store([...scan, flow(at(9))]), { month: '2026-11', nowMs: NOW });
    expect(
      tableNamed(report, 'unanswered-openings').rows.map(([address, , flows]) => [address, flows]),
    ).toEqual([['192.0.2.66', 5]]);
  });

  it('names files without the folders that they were in, and says nothing of days that have not begun', async () => {
    const folder = join(temporaryFolder(), 'store');
    makeStore(folder, [buildBatch([flow(at(3))])], undefined, '/data/someone/made-up.pcap');
    const report = await reportMonth(folder, { month: '2026-11', nowMs: at(20) });
    expect(column(report, 'sources', 'name')).toEqual(['made-up.pcap']);
    expect(JSON.stringify(report)).not.toContain('someone');
    const flows = column(report, 'days', 'flows');
    expect([flows.slice(1, 4), flows.slice(19, 21)]).toEqual([
      [0, 1, 0],
      [0, null],
    ]);
  });

  it('lists the traces that cases hold of the month, but for withdrawn ones, each with the name of its case', async () => {
    const folder = store([flow(at(21))]);
    const may = Date.UTC(2001, 4, 9);
    const asked = { at: epochMs(may), within: durationMs(60_000) };
    const victim = { address: '203.0.113.9', port: 22 };
    const result = {
      paths: [],
      candidates: [],
      refusal: 'Too few silences to tell.',
    } as unknown as TraceResult;
    const june = { victim, at: epochMs(Date.UTC(2001, 5, 1)), within: durationMs(60_000) };
    withCases(folder, (book) => {
      const { id } = book.create(
        { name: 'The stolen password', reference: '', examiner: '' },
        { program: 'test' },
      );
      keepTrace(book, folder, id, { question: { victim, ...asked }, result }, '');
      const gone = keepTrace(book, folder, id, { question: { victim, ...asked }, result }, '');
      book.withdraw(id, gone.id, 'a mistake');
      keepTrace(book, folder, id, { question: june, result }, '');
    });
    const report = await reportMonth(folder, { month: '2001-05', nowMs: NOW });
    expect(tableNamed(report, 'kept-traces').rows).toEqual([
      [may, 'The stolen password', '203.0.113.9:22', '', 'Too few silences to tell.'],
    ]);
  });

  it('has only the sections that were asked for, and says which are left out', async () => {
    const report = await reportMonth(store([flow(at(21))]), {
      month: '2026-11',
      nowMs: NOW,
      sections: ['completeness'],
    });
    expect(report.sections.map(({ id }) => id)).toEqual(['summary', 'completeness', 'left-out']);
    expect(listOf(report, 'left-out')).toContain('Top talkers');
  });

  it('refuses what is no month, and sites that the store does not have', async () => {
    const folder = store([flow(at(21))]);
    await expect(reportMonth(folder, { month: '2026-13', nowMs: NOW })).rejects.toMatchObject({
      code: 'usage',
    });
    await expect(
      reportMonth(folder, { month: '2026-11', nowMs: NOW, site: 'Atlantis' }),
    ).rejects.toMatchObject({
      code: 'unknown-site',
    });
    expect(monthsOf(folder, 12)).toEqual(['2026-11']);
  });
});

describe('the report on the month of the sample', () => {
  const folder = join(temporaryFolder(), 'store');
  let report: Report;

  beforeAll(async () => {
    for (const { folder: files, site } of loadSampleCase().sources) {
      await importIntoFolder(folder, [files], { site });
    }
    report = await reportMonth(folder, { month: '2026-11', nowMs: NOW });
  }, 60_000);

  it('has the numbers of independent questions', async () => {
    const queries = openQueries(folder, { inPlaceRows: 0, threads: 2 });
    try {
      const { rows, total } = await queries.top({ fields: ['proto'], by: 'flows', limit: 100 });
      expect(report.answer).toContain(`${total.flows.toLocaleString('en-GB')} flows with`);
      const sum = (key: 'flows' | 'packets' | 'bytes'): number =>
        rows.reduce((all, row) => all + row[key], 0);
      const days = (key: string): number =>
        (column(report, 'days', key) as number[]).reduce((all, one) => all + one, 0);
      expect([days('flows'), days('packets'), days('bytes')]).toEqual([
        sum('flows'),
        sum('packets'),
        sum('bytes'),
      ]);
      for (const [address, , flows, packets, bytes] of tableNamed(report, 'talkers-by-flows').rows) {
        const plain = String(address).split('@', 1)[0];
        const site = /@(.*)/.exec(String(address))?.[1];
        const filter = `ip ${plain}${site === undefined ? '' : ` and site "${site}"`}`;
        const list = await queries.top({ fields: ['proto'], by: 'flows', limit: 100, filter });
        expect([address, list.total]).toEqual([address, { flows, packets, bytes }]);
      }
    } finally {
      await queries.close();
    }
  });

  it('has in every table what the question to it answers', async () => {
    const queries = openQueries(folder, { inPlaceRows: 0, threads: 2 });
    try {
      const top = async (fields: readonly string[], by: 'bytes' | 'flows', more = {}) => {
        const { rows } = await queries.top({ fields, by, limit: 100, ...more });
        return rows.map(({ key, flows, packets, bytes }) => [key[0], flows, packets, bytes]);
      };
      const counted = (name: string): unknown[][] =>
        ['flows', 'packets', 'bytes']
          .map((key) => column(report, name, key))
          .reduce<unknown[][]>((rows, values) => values.map((value, i) => [...(rows[i] ?? []), value]), []);
      const named = (name: string, key: string): unknown[][] =>
        column(report, name, key).map((value, i) => [value, ...(counted(name)[i] ?? [])]);
      expect(named('talkers-by-bytes', 'address')).toEqual(await top(['ip'], 'bytes'));
      expect(named('talkers-by-flows', 'address')).toEqual(await top(['ip'], 'flows'));
      const exporters = await top(['exporter'], 'flows', { everyObservation: true });
      expect(column(report, 'exporters', 'exporter')).toEqual(exporters.map(([address]) => address));
      expect(column(report, 'exporters', 'flows')).toEqual(exporters.map(([, flows]) => flows));
      const openings = { filter: 'proto tcp and flags S and not flags AFRPU' };
      expect(named('unanswered-openings', 'address')).toEqual(await top(['srcip'], 'flows', openings));
      const { rows } = await queries.run('countries', { side: 'any' });
      expect(named('countries', 'code')).toEqual(
        rows.flatMap(({ country, flows, packets, bytes }) =>
          country === '' ? [] : [[country, flows, packets, bytes]],
        ),
      );
    } finally {
      await queries.close();
    }
  });

  it('narrowed to a site has what that site saw', async () => {
    const korea = await reportMonth(folder, { month: '2026-11', nowMs: NOW, site: 'korea' });
    expect(korea.answer).toContain('512 flows with');
    expect(column(korea, 'exporters', 'exporter')).toEqual(['10.255.0.11']);
  });

  describeWith('pdftotext', 'on paper', () => {
    it('shows every number of its tables as the store has it', async () => {
      const pages = pagesOf(await renderReport(report, 'a4'));
      expect(pages.length).toBeLessThan(8);
      const text = pages.join('\n');
      for (const { rows, columns, shown } of tablesOf(report)) {
        for (const row of rows.slice(0, shown)) {
          for (const [i, value] of row.entries()) {
            const counted = columns[i]?.kind === 'count' || columns[i]?.kind === 'bytes';
            if (counted && typeof value === 'number') expect(text).toContain(value.toLocaleString('en-GB'));
          }
        }
      }
      for (const sha256 of column(report, 'sources', 'sha256').slice(0, 12)) expect(text).toContain(sha256);
    });
  });

  describeWith('nfdump', 'beside nfdump', () => {
    it('counts the files of one site as nfdump does', async () => {
      const files = loadSampleCase().sources.find(({ site }) => site === 'Korea')?.folder ?? '';
      const { stdout } = spawnSync(
        'nfdump',
        ['-q', '-R', files, '-s', 'proto/flows', '-n', '0', '-o', 'csv'],
        {
          encoding: 'utf8',
          env: { ...process.env, TZ: 'UTC' },
        },
      );
      const theirs = stdout
        .split('\n')
        .filter((line) => /^\d{4}-/.test(line))
        .map((line) => line.split(','))
        .map(([, , , , , flows, , packets, , bytes]) => [Number(flows), Number(packets), Number(bytes)]);
      const sums = [0, 1, 2].map((i) => theirs.reduce((sum, row) => sum + (row[i] ?? 0), 0));
      const korea = await reportMonth(folder, { month: '2026-11', nowMs: NOW, site: 'Korea' });
      const [flows = 0, packets = 0, bytes = 0] = sums;
      for (const sum of [flows, packets, bytes]) expect(korea.answer).toContain(sum.toLocaleString('en-GB'));
    });
  });
});
