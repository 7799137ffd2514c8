import Sqlite from 'better-sqlite3';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCase, withCases } from '../../core/app/case-desk.ts';
import { runCli, temporaryFolder } from '../support.ts';

/** A book as the first layout had it: without what a person says of a case beside its name. */
function makeOldBook(folder: string): string {
  mkdirSync(folder);
  const { id } = createCase(folder, { name: 'From before', reference: '', examiner: '' });
  const database = new Sqlite(join(folder, 'cases.sqlite'));
  database.exec(
    'ALTER TABLE cases DROP COLUMN reference; ALTER TABLE cases DROP COLUMN examiner; UPDATE layout SET version = 1',
  );
  database.close();
  return id;
}

describe('a book of cases', () => {
  it('of an earlier layout is brought up to date, and keeps its cases and the open one', () => {
    const folder = join(temporaryFolder(), 'store');
    const id = makeOldBook(folder);
    const made = createCase(folder, { name: 'Now', reference: 'IR-7', examiner: 'A. Kim' });
    const { cases, steps } = withCases(folder, (book) => ({ cases: book.list(), steps: book.steps(id) }));
    expect(cases.map(({ name, reference, examiner }) => [name, reference, examiner])).toEqual([
      ['From before', '', ''],
      ['Now', 'IR-7', 'A. Kim'],
    ]);
    expect(steps[0]?.action).toBe('case-opened');
    expect(withCases(folder, (book) => book.opened)).toBe(made.id);
  });

  it('tells on the command line under which number a case runs', async () => {
    const folder = temporaryFolder();
    const reference = ['--reference', 'IR-2026-117', '--examiner', 'M. Ivanova'];
    const made = await runCli(['case', 'new', 'The gateway', '--store', folder, ...reference]);
    expect(made.code).toBe(0);
    const shown = await runCli(['case', 'show', '--store', folder]);
    expect(shown.stdout).toContain('The gateway, IR-2026-117, M. Ivanova');
  });
});
