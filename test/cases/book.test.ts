import Sqlite from 'better-sqlite3';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addNote, createCase, withCases } from '../../core/app/case/desk.ts';
import type { StepParameters } from '../../core/model/case.ts';
import { firstBrokenStep } from '../../core/store/case-log.ts';
import { runCli, temporaryFolder } from '../support.ts';

/** A book as the first layout had it: without what a person says of a case beside its name. */
function makeOldBook(folder: string): string {
  mkdirSync(folder);
  const { id } = createCase(folder, { name: 'From before', reference: '', examiner: '' });
  const database = new Sqlite(join(folder, 'cases.sqlite'));
  database.exec(
    'ALTER TABLE cases DROP COLUMN reference; ALTER TABLE cases DROP COLUMN examiner; ALTER TABLE cases DROP COLUMN closed; UPDATE layout SET version = 1',
  );
  database.close();
  return id;
}

const reasonOf = (parameters: StepParameters): unknown =>
  (parameters as { readonly reason?: unknown } | null)?.reason;

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

  it('keeps nothing in a closed case, and takes nothing out of it, until it is taken up again', () => {
    const folder = join(temporaryFolder(), 'store');
    mkdirSync(folder);
    const { id } = createCase(folder, { name: 'Done', reference: '', examiner: '' });
    const { id: item } = withCases(folder, (book) => addNote(book, folder, id, 'the last word'));
    withCases(folder, (book) => book.setClosed(id, true, 'handed over'));
    withCases(folder, (book) => {
      expect(book.opened).toBeUndefined();
      expect(book.info(id).closedMs).not.toBeNull();
      for (const refused of [
        () => addNote(book, folder, id, 'one word more'),
        () => book.withdraw(id, item, 'gone'),
        () => book.setOpened(id),
        () => book.setClosed(id, true, 'again'),
      ]) {
        expect(refused).toThrow(/closed/);
      }
      book.setClosed(id, false, 'a new lead');
      addNote(book, folder, id, 'one word more');
      expect(book.info(id)).toMatchObject({ closedMs: null, items: 2 });
      const told = book.steps(id).map(({ action, parameters }) => [action, reasonOf(parameters)]);
      expect(told).toEqual(
        expect.arrayContaining([
          ['case-closed', 'handed over'],
          ['case-reopened', 'a new lead'],
        ]),
      );
      expect(firstBrokenStep(book.steps(id))).toBeUndefined();
    });
  });

  it('tells on the command line under which number a case runs, and closes it', async () => {
    const folder = temporaryFolder();
    const reference = ['--reference', 'IR-2026-117', '--examiner', 'Night shift'];
    const made = await runCli(['case', 'new', 'The gateway', '--store', folder, ...reference]);
    expect(made.code).toBe(0);
    const shown = await runCli(['case', 'show', '--store', folder]);
    expect(shown.stdout).toContain('The gateway, IR-2026-117, Night shift');
    const closed = await runCli(['case', 'close', '--store', folder, '--reason', 'handed over']);
    expect(closed.code).toBe(0);
    const refused = await runCli(['case', 'add-note', 'late', '--store', folder, '--case', 'The gateway']);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('is closed')]);
    expect((await runCli(['case', 'list', '--store', folder])).stdout).toMatch(/^closed +The gateway/m);
  });
});
