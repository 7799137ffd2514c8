/** The report on a whole case, compared with what the case holds. */
import { beforeAll, describe, expect, it } from 'vitest';
import { addNote, createCase, keepSource, sourcesOf, withCases } from '../../core/app/case/desk.ts';
import { reportCase } from '../../core/app/report/case.ts';
import { tablesOf, type Report } from '../../core/model/report.ts';
import { renderReport } from '../../core/report/render-report.ts';
import { makeSampleCase } from '../cases/sample.ts';
import { describeWith, temporaryFolder } from '../support.ts';
import { boxesOf, fontsOf, pagesOf } from './pdf.ts';

const folder = temporaryFolder();
const nowMs = Date.UTC(2026, 10, 22, 12);
let id = '';

beforeAll(async () => {
  id = await makeSampleCase(folder);
  withCases(folder, (book) => {
    const { id: mistake } = addNote(book, folder, id, 'A mistake of mine.');
    book.withdraw(id, mistake, 'written into the wrong case');
    keepSource(book, folder, id, sourcesOf(folder)[0]?.sha256 ?? '', 'from the provider');
  });
}, 120_000);

const rowsOf = (report: Report, name: string): readonly (readonly unknown[])[] =>
  tablesOf(report).find((table) => table.name === name)?.rows ?? [];

describe('the report on a case', () => {
  it('has every item and every step of the case, with the hashes of its log and its sources', async () => {
    const report = await reportCase(folder, { case: 'The sample', nowMs });
    const { items, steps, info } = withCases(folder, (book) => ({
      items: book.items(id),
      steps: book.steps(id),
      info: book.info(id),
    }));
    expect(rowsOf(report, 'traces').map(([item]) => item)).toEqual(['1', '2']);
    expect(rowsOf(report, 'flows')).toEqual([['3', 'port 22', null, null, 'logins']]);
    expect(rowsOf(report, 'hosts')).toHaveLength(1);
    expect(rowsOf(report, 'screenshots')).toEqual([['6', 'The path', items[5]?.sha256, '']]);
    const [source] = sourcesOf(folder);
    expect(rowsOf(report, 'kept-sources')).toEqual([
      ['8', source?.name.split('/').at(-1), source?.sha256, 'from the provider'],
    ]);
    expect(rowsOf(report, 'withdrawn')).toEqual([
      ['7', 'note', 'A mistake of mine.', 'written into the wrong case'],
    ]);
    expect(rowsOf(report, 'log').map(([step, , action, hash]) => [step, action, hash])).toEqual(
      steps.toReversed().map(({ sequence, action, hash }) => [String(sequence), action, hash]),
    );
    expect(rowsOf(report, 'sources')).toHaveLength(12);
    expect(report.sections.find(({ id: section }) => section === 'log')?.blocks).toContainEqual({
      kind: 'command',
      text: info.head,
    });
  });

  it('counts what is in the case, without what was withdrawn', async () => {
    const report = await reportCase(folder, { case: id, nowMs });
    const [figures] = report.sections[0]?.blocks ?? [];
    const counts = figures?.kind === 'figures' ? figures.figures : [];
    const { steps } = withCases(folder, (book) => book.info(id));
    expect(Object.fromEntries(counts.map(({ label, value }) => [label, value]))).toEqual({
      Traces: 2,
      'Selections of flows': 1,
      Hosts: 1,
      Notes: 1,
      Screenshots: 1,
      Sources: 1,
      'Steps of the log': steps,
    });
  });

  it('draws each trace with its path, its evidence and its limits', async () => {
    const report = await reportCase(folder, { nowMs });
    const kinds = (trace: number): Set<string> =>
      new Set(
        report.sections
          .filter(({ id: section }) => section.startsWith(`trace-${trace}-`))
          .flatMap(({ blocks }) => blocks.map(({ kind }) => kind)),
      );
    for (const trace of [1, 2]) {
      expect([...kinds(trace)]).toEqual(
        expect.arrayContaining(['path', 'map', 'gantt', 'fingerprint', 'table', 'list']),
      );
    }
    const names = tablesOf(report).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('says so where the case holds nothing', async () => {
    const empty = temporaryFolder();
    createCase(empty, { name: 'Nothing yet', reference: '2026/117', examiner: 'J. Kowalska' });
    await expect(reportCase(empty, { nowMs })).rejects.toMatchObject({ code: 'no-store' });
    const { id: other } = createCase(folder, { name: 'Nothing yet', reference: '2026/117', examiner: '' });
    const report = await reportCase(folder, { case: other, nowMs });
    expect(report.answer).toBe('No trace is kept in this case.');
    expect(report.question).toContain('2026/117');
    await expect(reportCase(folder, { case: 'nowhere', nowMs })).rejects.toMatchObject({ code: 'usage' });
  });
});

describeWith('pdftotext', 'the PDF of a case', () => {
  it.each([
    ['a4', 595.28],
    ['letter', 612],
  ] as const)('says on %s paper what the case says, within its margins', async (paper, width) => {
    const pdf = await renderReport(await reportCase(folder, { case: id, nowMs }), paper);
    const pages = pagesOf(pdf);
    expect(pages.length).toBeLessThan(12);
    const text = pages.join('\n');
    for (const words of ['The sample', 'The owner was told.', 'written into the wrong case', '177.34.210.9'])
      expect(text).toContain(words);
    const { head } = withCases(folder, (book) => book.info(id));
    expect(text).toContain(head);
    const sources = withCases(folder, (book) => book.steps(id)).map(({ hash }) => hash);
    for (const hash of sources) expect(text).toContain(hash);
    expect(boxesOf(pdf).filter(({ left, right }) => left < 40 || right > width - 40)).toEqual([]);
    expect(fontsOf(pdf).every(({ embedded }) => embedded)).toBe(true);
  });
});
