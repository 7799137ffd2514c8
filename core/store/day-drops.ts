/**
 * Retention: whole days go, the oldest first.
 *
 * The catalogue forgets a day and notes its file for removal in one transaction, then the file is deleted: whoever dies
 * in between leaves a file that nobody reads, and the next writer deletes it before it could make the same day anew.
 */
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from './database.ts';
import { SqlError } from './database.ts';
import type { DayFiles } from './day-files.ts';
import { dayFileName, UNDATED, type DayName } from './flow-time.ts';

const DAY_MS = 86_400_000;

/** What is to be kept; without both, everything is. */
export interface Retention {
  /** Today and the days before it, so many in all. */
  readonly keepDays?: number | undefined;
  /** Bytes of all day files. Today and the newest day are kept, whatever they take. */
  readonly keepBytes?: number | undefined;
}

export interface DayUse {
  readonly day: DayName;
  /** Of the file and what SQLite keeps beside it. */
  readonly bytes: number;
}

export interface DroppedDay extends DayUse {
  /** Undefined where the file is too damaged to be counted. */
  readonly rows: number | undefined;
}

export interface DayContext {
  readonly folder: string;
  readonly catalog: Database;
  readonly dayFiles: DayFiles;
}

/** The days of the catalogue, the oldest first, undated flows last. */
export function listDays({ folder, catalog }: Pick<DayContext, 'folder' | 'catalog'>): DayUse[] {
  return catalog.all('SELECT day FROM days ORDER BY day').map((row) => {
    const day = String(row['day']);
    return { day, bytes: sizeOfDay(folder, day) };
  });
}

function sizeOfDay(folder: string, day: DayName): number {
  const path = join(folder, dayFileName(day));
  return ['', '-wal'].reduce(
    (sum, suffix) => sum + (statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

/** The days that are not to be kept at the time `now`. Undated flows have no age, and stay. */
export function daysBeyond(days: readonly DayUse[], retention: Retention, now: number): DayUse[] {
  const today = new Date(now).toISOString().slice(0, 10);
  const dated = days.filter(({ day }) => day !== UNDATED);
  const newest = dated.at(-1)?.day;
  const { keepDays = Number.POSITIVE_INFINITY, keepBytes = Number.POSITIVE_INFINITY } = retention;
  const beyond: DayUse[] = [];
  let bytes = days.reduce((sum, day) => sum + day.bytes, 0);
  for (const day of dated) {
    if (day.day >= today) break;
    const age = (Date.parse(today) - Date.parse(day.day)) / DAY_MS;
    const old = age >= keepDays;
    if (!old && (bytes <= keepBytes || day.day === newest)) continue;
    beyond.push(day);
    bytes -= day.bytes;
  }
  return beyond;
}

/** Flows of each source in a day; undefined where the file is missing or damaged. */
export function countDay({ folder, dayFiles }: DayContext, day: DayName): Map<number, number> | undefined {
  const path = join(folder, dayFileName(day));
  if (!existsSync(path)) return undefined;
  try {
    const counts = dayFiles.open(path).countSources();
    return new Map([...counts].map(([source, { rows }]) => [source, rows]));
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}

/** Drops days for good. The caller holds both locks. */
export function dropDays(context: DayContext, days: readonly DayUse[]): DroppedDay[] {
  const { catalog } = context;
  const dropped = days.map((use): DroppedDay => {
    const counts = countDay(context, use.day);
    catalog.transaction(() => {
      for (const [source, rows] of counts ?? []) {
        catalog.run(
          'UPDATE sources SET rows = rows - ?, dropped = dropped + ? WHERE id = ?',
          rows,
          rows,
          source,
        );
      }
      catalog.run('INSERT OR REPLACE INTO removals (day) VALUES (?)', use.day);
      catalog.run('DELETE FROM days WHERE day = ?', use.day);
    });
    const rows = counts && [...counts.values()].reduce((sum, count) => sum + count, 0);
    return { ...use, rows };
  });
  finishRemovals(context);
  return dropped;
}

/** Deletes the files of dropped days, also those that a process did not live to delete. */
export function finishRemovals({ folder, catalog, dayFiles }: DayContext): void {
  for (const { day } of catalog.all('SELECT day FROM removals')) {
    const path = join(folder, dayFileName(String(day)));
    dayFiles.close(path);
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
    catalog.run('DELETE FROM removals WHERE day = ?', String(day));
  }
}
