/**
 * A damaged day file is replaced by one with everything that is whole in it, and kept beside it.
 *
 * The new file gets the name `DAY.sqlite.repaired` when it is complete, then the damaged one gives up its name, then the
 * new one takes it: whoever dies in between leaves either file under the day's name or the new one ready to take it.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { ApiError } from '../model/api-error.ts';
import { createDatabase, SqlError } from './database.ts';
import { DayFile } from './day-file.ts';
import { DAY_FILE_PAGE_SIZE, dayFileMigrations } from './day-layout.ts';
import { verifyDay, type DayVerdict, type KnownIds } from './verify-day.ts';

const COMPANIONS = ['', '-wal', '-shm'];

/** Ends what a repair before this one did not live to end. */
export function finishRepair(path: string): void {
  const ready = `${path}.repaired`;
  if (!existsSync(ready)) return;
  if (existsSync(path)) rmSync(ready);
  else renameSync(ready, path);
}

/** The verdict on a day file; a file that cannot be opened at all has nothing whole. */
export function verifyDayFile(path: string, known: KnownIds): DayVerdict {
  try {
    using file = new DayFile(path);
    file.holdStill();
    return verifyDay(file, known);
  } catch (error) {
    if (!(error instanceof SqlError) && !(error instanceof ApiError && error.code === 'damaged-store'))
      throw error;
    return { whole: [], faulty: [], faults: [error.message] };
  }
}

/** Replaces the file; returns the path of the damaged one. The caller holds both locks. */
export function repairDayFile(path: string, verdict: DayVerdict, now: Date): string {
  const draft = `${path}.repair`;
  for (const companion of COMPANIONS) rmSync(draft + companion, { force: true });
  createDatabase(draft, dayFileMigrations, DAY_FILE_PAGE_SIZE);
  const stale = verdict.faulty.filter((fault) => fault.of === 'summary').map(({ info }) => info);
  if (verdict.whole.length + stale.length > 0) {
    using damaged = new DayFile(path);
    using repaired = new DayFile(draft);
    repaired.copyFrom(damaged, verdict.whole);
    for (const info of stale) {
      repaired.copyFrom(damaged, [info]);
      repaired.renew(info);
    }
  }
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const kept = path.replace(/\.sqlite$/, `.damaged-${stamp}.sqlite`);
  renameSync(draft, `${path}.repaired`);
  for (const companion of COMPANIONS) {
    if (existsSync(path + companion)) renameSync(path + companion, kept + companion);
  }
  renameSync(`${path}.repaired`, path);
  return kept;
}
