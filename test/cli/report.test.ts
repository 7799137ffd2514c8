import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { importIntoFolder } from '../../core/app/import/files.ts';
import { loadSampleCase } from '../../core/app/sample-case.ts';
import { runCli, temporaryFolder } from '../support.ts';

describe('backtrail report', () => {
  const folder = temporaryFolder();
  const store = join(folder, 'store');

  beforeAll(async () => {
    for (const { folder: files, site } of loadSampleCase().sources) {
      await importIntoFolder(store, [files], { site });
    }
  }, 60_000);

  it('writes a month as a PDF into a folder that is not there yet, and its tables beside it', async () => {
    const out = join(folder, 'reports', 'november.pdf');
    const tables = join(folder, 'tables');
    const args = [
      '--month',
      '2026-11',
      '--store',
      store,
      '--out',
      out,
      '--tables',
      tables,
      '--paper',
      'letter',
    ];
    const { code, stderr, stdout } = await runCli(['report', ...args]);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain(`The report was written to ${out}`);
    expect(readFileSync(out).subarray(0, 5).toString()).toBe('%PDF-');
    expect(readdirSync(join(folder, 'reports'))).toEqual(['november.pdf']);
    const report = JSON.parse(readFileSync(join(tables, 'report.json'), 'utf8')) as { title: string };
    expect(report.title).toBe('November 2026');
    expect(readFileSync(join(tables, 'exporters.csv'), 'utf8').split('\r\n')[0]).toBe(
      'exporter,site,flows,bytes,datagrams,lost,samplingInterval',
    );
  }, 60_000);

  it('writes a trace, asked as trace is asked', async () => {
    const out = join(folder, 'trace.pdf');
    const question = [
      '--victim',
      '192.168.1.11:22',
      '--at',
      '2026-11-21T00:41:23.800Z',
      '--site',
      'United States',
    ];
    const { code, stderr } = await runCli(['report', '--trace', ...question, '--store', store, '--out', out]);
    expect(code).toBe(0);
    expect(stderr).toContain('It came through');
    expect(readFileSync(out).subarray(0, 5).toString()).toBe('%PDF-');
  }, 60_000);

  it.each([
    [['--month', 'November'], 'is no month'],
    [[], 'Say which report is wanted'],
    [['--month', '2026-11', '--trace'], 'Say which report is wanted'],
    [['--trace'], 'A trace needs --victim and --at'],
    [['--month', '2026-11', '--site', 'Atlantis'], 'has no site "Atlantis"'],
  ])('refuses %j with a sentence, and writes nothing', async (args, sentence) => {
    const out = join(folder, 'refused.pdf');
    const { code, stderr } = await runCli(['report', ...args, '--store', store, '--out', out]);
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
    expect(existsSync(out)).toBe(false);
  });

  it('says at once that a report cannot be written where it shall go', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, 'no folder');
    const args = ['--month', '2026-11', '--store', store, '--out', join(file, 'x.pdf')];
    const { code, stderr } = await runCli(['report', ...args]);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain('cannot be written');
  });
});
