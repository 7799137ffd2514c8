/** What a store takes, by day and by column. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DayFile } from './day-file.ts';
import type { Database } from './database.ts';
import { listDays } from './day-drops.ts';
import { dayFileName, type DayName } from './flow-time.ts';

export interface DayStorage {
  readonly day: DayName;
  readonly flows: number;
  /** Of the file on disk. */
  readonly bytes: number;
  readonly segments: number;
  /** Flows of the smallest, the middle and the largest segment; null where there is none. */
  readonly segmentFlows: readonly [least: number, median: number, most: number] | null;
}

export interface ColumnStorage {
  readonly name: string;
  /** Bytes as they are stored. */
  readonly stored: number;
  /** Bytes before compression. */
  readonly plain: number;
}

export interface StorageReport {
  readonly days: readonly DayStorage[];
  /** The largest first. */
  readonly columns: readonly ColumnStorage[];
}

export function reportStorage(folder: string, catalog: Database): StorageReport {
  const columns = new Map<string, ColumnStorage>();
  const days = listDays({ folder, catalog }).flatMap(({ day, bytes }): DayStorage[] => {
    const path = join(folder, dayFileName(day));
    if (!existsSync(path)) return [];
    using file = new DayFile(path);
    const sizes = file
      .segments(() => undefined)
      .map(({ rows }) => rows)
      .sort((a, b) => a - b);
    for (const { name, stored, plain } of file.storage()) {
      const before = columns.get(name);
      columns.set(name, {
        name,
        stored: stored + (before?.stored ?? 0),
        plain: plain + (before?.plain ?? 0),
      });
    }
    const [least, median, most] = [sizes[0], sizes[sizes.length >> 1], sizes.at(-1)];
    const known = least !== undefined && median !== undefined && most !== undefined;
    return [
      {
        day,
        flows: sizes.reduce((sum, rows) => sum + rows, 0),
        bytes,
        segments: sizes.length,
        segmentFlows: known ? [least, median, most] : null,
      },
    ];
  });
  return { days, columns: [...columns.values()].sort((a, b) => b.stored - a.stored) };
}
