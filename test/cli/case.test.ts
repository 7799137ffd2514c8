import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { importIntoFolder } from '../../core/app/import/files.ts';
import { loadSampleCase } from '../../core/app/sample-case.ts';
import { runCli, temporaryFolder, type CliResult } from '../support.ts';

const folder = temporaryFolder();
const store = join(folder, 'store');
const bundle = join(folder, 'sample.backtrail-case');
const inCase = (...args: string[]): Promise<CliResult> => runCli(['case', ...args, '--store', store]);

beforeAll(async () => {
  for (const { folder: source, site } of loadSampleCase().sources)
    await importIntoFolder(store, [source], { site });
});

describe('backtrail case', () => {
  it('makes a case, keeps a trace and a note, exports them and finds them sound', async () => {
    expect((await inCase('new', 'Sample')).code).toBe(0);
    const { victim, from, site } = loadSampleCase().question;
    const asked = ['--victim', `${victim.address}:${victim.port}`, '--from', `${from.address}:${from.port}`];
    const at = ['--at', '2026-11-21T00:41:23.800Z', '--site', site];
    const kept = await inCase('add-trace', ...asked, ...at, '--note', 'the login');
    expect(kept).toMatchObject({
      code: 0,
      stdout: '1\ttrace\tTrace of the login to 192.168.1.11:22 from 177.34.210.9:52326\n',
    });
    expect((await inCase('add-note', 'called the owner')).code).toBe(0);
    expect((await inCase('show')).stdout).toContain('called the owner');
    const exported = await inCase('export', '--out', bundle);
    expect(exported.stdout).toMatch(/^[0-9a-f]{64}\n$/);
    const verified = await runCli(['case', 'verify', bundle, '--sha256', exported.stdout.trim()]);
    expect(verified.code).toBe(0);
    expect(verified.stdout).toContain('finds the same path of 3 hops');
    expect(verified.stdout).toContain('Sound: it is the file whose SHA-256 was given');
  }, 120_000);

  it('is reported on by its name, or as the one that is open, with its tables', async () => {
    const out = join(folder, 'case.pdf');
    const tables = join(folder, 'tables');
    const report = (...args: string[]): Promise<CliResult> =>
      runCli(['report', '--store', store, '--out', out, ...args]);
    const named = await report('--case', 'Sample', '--tables', tables);
    expect(named).toMatchObject({ code: 0, stdout: '' });
    expect(named.stderr).toContain('It came through 2 earlier logins.');
    expect(readFileSync(out).toString('latin1', 0, 5)).toBe('%PDF-');
    expect(readFileSync(join(tables, 'traces.csv'), 'utf8')).toContain('the login');
    expect((await report('--case')).code).toBe(0);
    const unknown = await report('--case', 'unknown');
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no case "unknown"') as string,
    });
    expect((await report('--case', '--month', '2026-11')).code).toBe(2);
  }, 120_000);

  it('ends with 1 and names the file where a byte of it was changed', async () => {
    const bytes = readFileSync(bundle);
    const at = bytes.indexOf('flows/1.csv') + 2000;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    const changed = join(folder, 'changed.backtrail-case');
    writeFileSync(changed, bytes);
    const { code, stdout } = await runCli(['case', 'verify', changed, '--no-rerun']);
    expect(code).toBe(1);
    expect(stdout).toContain('NOT SOUND: flows/1.csv was changed');
  }, 120_000);

  it('says what to do where there is no store, no case, or no bundle', async () => {
    const nowhere = await runCli(['case', 'new', 'x', '--store', join(folder, 'nowhere')]);
    expect(nowhere).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no store') as string,
    });
    const unknown = await inCase('show', '--case', 'unknown');
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('backtrail case list') as string,
    });
    const none = await runCli(['case', 'verify', join(folder, 'none')]);
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be read') as string });
  }, 120_000);
});
