/** The segments of a store, day by day: what a day file lists is kept until the file changes. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from './database.ts';
import { dayFileName, type DayName } from './flow-time.ts';
import {
  isBounded,
  mayOverlap,
  openDayFile,
  overlaps,
  type StoreDamage,
  type StoredSegment,
  type TimeBounds,
} from './segment-reader.ts';

interface ListedDay {
  readonly stamp: string;
  readonly segments: readonly StoredSegment[];
}

export class SegmentList {
  readonly #folder: string;
  readonly #catalog: Database;
  readonly #days = new Map<DayName, ListedDay>();

  constructor(folder: string, catalog: Database) {
    this.#folder = folder;
    this.#catalog = catalog;
  }

  /** The segments that the bounds leave over, by day and as they were stored. Tells of day files that cannot be read. */
  list(bounds: TimeBounds, onDamage: (damage: StoreDamage) => void): StoredSegment[] {
    const found: StoredSegment[] = [];
    const days = this.#catalog.all('SELECT * FROM days ORDER BY day');
    if (days.length < this.#days.size) this.forget();
    for (const row of days) {
      const span = { start: row['minStart'] as number | null, end: row['maxEnd'] as number | null };
      if (isBounded(bounds) && !overlaps(span, bounds)) continue;
      for (const segment of this.#listDay(String(row['day']), onDamage)) {
        if (mayOverlap(segment, bounds)) found.push(segment);
      }
    }
    return found;
  }

  /** Has every day file read again. */
  forget(): void {
    this.#days.clear();
  }

  #listDay(day: DayName, onDamage: (damage: StoreDamage) => void): readonly StoredSegment[] {
    const path = join(this.#folder, dayFileName(day));
    // Before it is read: what is written meanwhile makes another stamp.
    const stamp = databaseStamp(path);
    const known = this.#days.get(day);
    if (known && known.stamp === stamp) return known.segments;
    this.#days.delete(day);
    const file = openDayFile(path, onDamage);
    if (!file) return [];
    using open = file;
    let whole = true;
    const infos = open.segments((what) => {
      whole = false;
      onDamage({
        file: path,
        rows: null,
        message: `In the day file ${path} ${what}: its flows are left out.`,
      });
    });
    const segments = infos.map((info): StoredSegment => ({ ...info, day }));
    if (whole && stamp !== undefined) this.#days.set(day, { stamp, segments });
    return segments;
  }
}

/** What SQLite changes in the WAL index with each commit: its header (https://sqlite.org/walformat.html, 2.1). */
const WAL_INDEX_HEADER_BYTES = 48;

/**
 * Differs after each commit to the database, of whatever process; undefined where that cannot be told. A file without a
 * log changes with its time, and one with a log with the header of the log's index.
 */
function databaseStamp(path: string): string | undefined {
  try {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true });
    const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
    const index = log && log.size > 0 ? readHead(`${path}-shm`, WAL_INDEX_HEADER_BYTES) : '';
    return `${ino} ${size} ${mtimeNs} ${index}`;
  } catch {
    return undefined;
  }
}

function readHead(path: string, length: number): string {
  const bytes = Buffer.alloc(length);
  const descriptor = openSync(path, 'r');
  try {
    readSync(descriptor, bytes, 0, length, 0);
  } finally {
    closeSync(descriptor);
  }
  return bytes.toString('base64');
}
