/** The report on the trace of the sample case. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { importIntoFolder } from '../../core/app/import/files.ts';
import { reportTrace } from '../../core/app/report/trace.ts';
import { loadSampleCase } from '../../core/app/sample-case.ts';
import { DEFAULT_WITHIN, traceStore } from '../../core/app/trace/store.ts';
import { tablesOf, type Report } from '../../core/model/report.ts';
import { renderReport } from '../../core/report/render-report.ts';
import { describeWith, temporaryFolder } from '../support.ts';
import { fontsOf, pagesOf } from './pdf.ts';

const NOW = Date.UTC(2026, 11, 5);

describe('the report on a trace', () => {
  const folder = join(temporaryFolder(), 'store');
  const { question, sources } = loadSampleCase();
  const request = { ...question, within: DEFAULT_WITHIN };
  let report: Report;

  beforeAll(async () => {
    for (const { folder: files, site } of sources) await importIntoFolder(folder, [files], { site });
    report = await reportTrace(folder, { ...request, nowMs: NOW, storeArgument: "the case's store" });
  }, 60_000);

  it('gives the path of the trace, its candidates, its notes and the hashes of what it rests on', () => {
    const { paths, candidates, notes } = traceStore(folder, request);
    const blocks = report.sections.flatMap((section) => section.blocks);
    const hops = blocks.flatMap((block) => (block.kind === 'path' ? block.hops : []));
    expect(hops.map(({ from, to }) => [from, to])).toEqual(paths[0]?.hops.map(({ from, to }) => [from, to]));
    expect(tablesOf(report).find(({ name }) => name === 'candidates')?.rows).toHaveLength(candidates.length);
    const items = blocks.flatMap((block) => (block.kind === 'list' ? block.items : []));
    for (const note of notes) expect(items).toContain(note);
    const hashes = tablesOf(report)
      .find(({ name }) => name === 'sources')
      ?.rows.map(([, sha256]) => sha256);
    expect(hashes).toHaveLength(12);
    for (const hash of hashes ?? []) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('names the command that runs it again, as a shell takes it', () => {
    const commands = report.sections.flatMap(({ blocks }) =>
      blocks.flatMap((block) => (block.kind === 'command' ? [block.text] : [])),
    );
    expect(commands).toEqual([
      "backtrail trace --store 'the case'\\''s store' --victim 192.168.1.11:22 --at 2026-11-21T00:41:23.800Z --from 177.34.210.9:52326 --site 'United States' --explain",
    ]);
  });

  describeWith('pdftotext', 'on paper', () => {
    it('answers on its first page, and has every hop and every hash in it', async () => {
      const pdf = await renderReport(report, 'letter');
      const pages = pagesOf(pdf);
      expect(pages.length).toBeLessThan(10);
      expect(pages[0]).toMatch(/It came through \d+ earlier logins?/);
      const text = pages.join('\n');
      for (const { from, to } of traceStore(folder, request).paths[0]?.hops ?? []) {
        expect(text).toContain(from);
        expect(text).toContain(to);
      }
      const table = tablesOf(report).find(({ name }) => name === 'sources');
      for (const [, sha256] of table?.rows ?? []) expect(text).toContain(sha256);
      expect(fontsOf(pdf).filter(({ embedded }) => !embedded)).toEqual([]);
    });
  });
});
