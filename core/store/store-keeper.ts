/** Upkeep of a store as a whole: what it takes, whether it is sound, what is dropped, what can be mended. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CATALOG_FILE, openCatalog } from './catalog.ts';
import { LIVE_KIND } from './collections.ts';
import type { Database } from './database.ts';
import { DayFile } from './day-file.ts';
import { DayFiles } from './day-files.ts';
import {
  countDay,
  daysBeyond,
  dropDays,
  finishRemovals,
  listDays,
  type DayContext,
  type DroppedDay,
  type Retention,
} from './day-drops.ts';
import { dayFileName, type DayName } from './flow-time.ts';
import { lockForCollection, lockForImport, unlessBusy } from './locks.ts';
import { finishRepair, repairDayFile, verifyDayFile } from './repair-day.ts';
import { listExporters } from './sites.ts';
import { listSources, reopenLost, setRows, type StoredSource } from './sources.ts';
import { explained } from './store-error.ts';
import type { SegmentFault, DayVerdict, KnownIds } from './verify-day.ts';

/** How long retention and repair wait for an import to end. */
const LOCK_WAIT_MS = 10_000;

/** What is wrong with one day, or with the catalogue (`day` null). */
export interface StoreFault {
  readonly day: DayName | null;
  readonly file: string;
  readonly segment: number | null;
  /** Flows that cannot be read because of it; null where nobody knows. */
  readonly rows: number | null;
  readonly message: string;
}

export interface StoreVerdict {
  readonly days: number;
  readonly segments: number;
  readonly flows: number;
  readonly faults: readonly StoreFault[];
  /** False where another program was writing, so that the catalogue's counts could not be compared. */
  readonly counted: boolean;
}

/** Flows of one source that are gone. */
export interface LostFlows {
  readonly source: StoredSource;
  readonly rows: number;
  /** Epoch ms; null where what said so is gone too. */
  readonly from: number | null;
  readonly to: number | null;
  /** Whether importing the file again brings them back; not what came in live. */
  readonly importable: boolean;
}

export interface RepairReport {
  /** The damaged files, by the names that they have now. */
  readonly kept: readonly { readonly day: DayName; readonly file: string; readonly damaged: string | null }[];
  readonly lost: readonly LostFlows[];
}

export class StoreKeeper implements Disposable {
  readonly #context: DayContext;

  private constructor(folder: string, catalog: Database) {
    this.#context = { folder, catalog, dayFiles: new DayFiles() };
  }

  /** Opens the store in `folder`, which must be there. Throws what `Store.open` throws. */
  static open(folder: string): StoreKeeper {
    return explained(folder, () => new StoreKeeper(folder, openCatalog(folder)));
  }

  [Symbol.dispose](): void {
    this.#context.dayFiles[Symbol.dispose]();
    this.#context.catalog.close();
  }

  /**
   * Drops the days that are not to be kept, or with `dryRun` says which they are. Throws ApiError `busy-store` while
   * another program writes.
   */
  retain(retention: Retention, dryRun: boolean): DroppedDay[] {
    return explained(this.#context.folder, () => {
      const beyond = daysBeyond(listDays(this.#context), retention, Date.now());
      if (dryRun) {
        return beyond.map((use) => {
          const counts = countDay(this.#context, use.day);
          return { ...use, rows: counts && sumOf(counts.values()) };
        });
      }
      using _importing = lockForImport(this.#context.folder, LOCK_WAIT_MS);
      using _collecting = lockForCollection(this.#context.folder);
      finishRemovals(this.#context);
      return dropDays(this.#context, beyond);
    });
  }

  /** Reads everything there is and compares it with its checksums, its summaries and the catalogue. */
  verify(onDay: (done: number, total: number) => void): StoreVerdict {
    const { folder } = this.#context;
    return explained(folder, () => {
      const importing = unlessBusy(() => lockForImport(folder, 0));
      const collecting = unlessBusy(() => lockForCollection(folder));
      try {
        return this.#verify(onDay, importing !== undefined && collecting !== undefined);
      } finally {
        importing?.[Symbol.dispose]();
        collecting?.[Symbol.dispose]();
      }
    });
  }

  #verify(onDay: (done: number, total: number) => void, counted: boolean): StoreVerdict {
    const { folder, catalog } = this.#context;
    const faults: StoreFault[] = [];
    const catalogFile = join(folder, CATALOG_FILE);
    for (const row of catalog.all('PRAGMA quick_check(8)')) {
      const message = String(row['quick_check']);
      if (message !== 'ok') faults.push({ day: null, file: catalogFile, segment: null, rows: null, message });
    }
    const known = this.#knownIds();
    const days = this.#allDays();
    let segments = 0;
    let flows = 0;
    for (const [done, day] of days.entries()) {
      onDay(done, days.length);
      const file = join(folder, dayFileName(day));
      const tell = (message: string, segment: number | null = null, rows: number | null = null): void => {
        faults.push({ day, file, segment, rows, message });
      };
      if (!existsSync(file)) {
        tell('the day file is missing');
        continue;
      }
      const verdict = verifyDayFile(file, known);
      for (const message of verdict.faults) tell(message);
      for (const { info, of, what } of verdict.faulty) {
        tell(`segment ${info.id}: ${what}`, info.id, of === 'flows' ? info.rows : 0);
      }
      const infos = [...verdict.whole, ...verdict.faulty.map(({ info }) => info)];
      const bounds = catalog.get('SELECT minStart, maxEnd FROM days WHERE day = ?', day);
      if (!bounds) tell('the catalogue does not know of this day');
      else if (infos.some((info) => isOutside(info, bounds)))
        tell('its flows go beyond what the catalogue says');
      segments += infos.length;
      flows += sumOf(verdict.whole.map(({ rows }) => rows));
    }
    onDay(days.length, days.length);
    if (counted) {
      for (const { source, found } of this.#counts()) {
        // What an interrupted import has stored is counted when it goes on, and a collector's when the next one starts.
        if (found === source.rows || source.state === 'importing') continue;
        if (source.kind === LIVE_KIND && found > source.rows) continue;
        const message = `the catalogue counts ${source.rows} flows of ${source.name}, and ${found} are there`;
        const rows = Math.max(source.rows - found, 0);
        faults.push({ day: null, file: catalogFile, segment: null, rows, message });
      }
    }
    return { days: days.length, segments, flows, faults, counted };
  }

  /**
   * Replaces damaged day files by what is whole in them, keeps the damaged ones beside them, and counts anew. A file whose
   * flows are gone can be imported again. Throws ApiError `busy-store` while another program writes.
   */
  repair(now: Date, onDay: (done: number, total: number) => void): RepairReport {
    const { folder, dayFiles } = this.#context;
    return explained(folder, () => {
      using _importing = lockForImport(folder, LOCK_WAIT_MS);
      using _collecting = lockForCollection(folder);
      finishRemovals(this.#context);
      const kept: RepairReport['kept'][number][] = [];
      const spans = new Map<number, { from: number; to: number }>();
      const known = this.#knownIds();
      for (const day of this.#knownDays()) finishRepair(join(folder, dayFileName(day)));
      const days = this.#allDays();
      for (const [done, day] of days.entries()) {
        onDay(done, days.length);
        const file = join(folder, dayFileName(day));
        dayFiles.close(file);
        if (!existsSync(file)) {
          kept.push({ day, file, damaged: null });
          this.#context.catalog.run('DELETE FROM days WHERE day = ?', day);
          continue;
        }
        const verdict = verifyDayFile(file, known);
        if (isDamaged(verdict)) {
          noteSpans(spans, file, verdict.faulty);
          kept.push({ day, file, damaged: repairDayFile(file, verdict, now) });
        }
        this.#tellDay(day);
      }
      onDay(days.length, days.length);
      return { kept, lost: this.#recount(spans) };
    });
  }

  /** Days that the catalogue knows or that have a file. */
  #allDays(): DayName[] {
    const { folder, catalog } = this.#context;
    const removed = new Set(catalog.all('SELECT day FROM removals').map((row) => row['day']));
    const flows = join(folder, 'flows');
    const names = existsSync(flows) ? readdirSync(flows, { recursive: true, encoding: 'utf8' }) : [];
    const found = names.flatMap((name) => {
      const day = /(?:^|[\\/])(\d{4}-\d\d-\d\d|undated)\.sqlite$/.exec(name)?.[1];
      return day !== undefined && !removed.has(day) ? [day] : [];
    });
    return [...new Set([...this.#knownDays(), ...found])].sort();
  }

  #knownDays(): DayName[] {
    return listDays(this.#context).map(({ day }) => day);
  }

  #knownIds(): KnownIds {
    const { catalog } = this.#context;
    return {
      sources: new Set(listSources(catalog).map(({ id }) => id)),
      exporters: new Set(listExporters(catalog).map(({ id }) => id)),
    };
  }

  #counts(): { readonly source: StoredSource; readonly found: number }[] {
    const found = new Map<number, number>();
    for (const day of this.#knownDays()) {
      for (const [source, rows] of countDay(this.#context, day) ?? []) {
        found.set(source, (found.get(source) ?? 0) + rows);
      }
    }
    return listSources(this.#context.catalog).map((source) => ({ source, found: found.get(source.id) ?? 0 }));
  }

  /** Notes a day and its bounds as its file has them. */
  #tellDay(day: DayName): void {
    using file = new DayFile(join(this.#context.folder, dayFileName(day)));
    const infos = file.segments(() => undefined);
    const starts = infos.flatMap(({ minStart }) => minStart ?? []);
    const ends = infos.flatMap(({ maxEnd }) => maxEnd ?? []);
    this.#context.catalog.run(
      'INSERT OR REPLACE INTO days (day, minStart, maxEnd) VALUES (?, ?, ?)',
      day,
      starts.length > 0 ? Math.min(...starts) : null,
      ends.length > 0 ? Math.max(...ends) : null,
    );
  }

  #recount(spans: ReadonlyMap<number, { readonly from: number; readonly to: number }>): LostFlows[] {
    const { catalog } = this.#context;
    const lost: LostFlows[] = [];
    for (const { source, found } of this.#counts()) {
      if (found === source.rows) continue;
      const importable = source.kind !== LIVE_KIND;
      catalog.transaction(() => {
        setRows(catalog, source.id, found);
        if (found < source.rows && importable) reopenLost(catalog, source.id);
      });
      if (found > source.rows) continue;
      const span = spans.get(source.id);
      const rows = source.rows - found;
      lost.push({ source, rows, from: span?.from ?? null, to: span?.to ?? null, importable });
    }
    return lost;
  }
}

function isDamaged({ faults, faulty }: DayVerdict): boolean {
  return faults.length > 0 || faulty.length > 0;
}

function isOutside(
  info: { readonly minStart: number | null; readonly maxEnd: number | null },
  bounds: Readonly<Record<string, unknown>>,
): boolean {
  const { minStart, maxEnd } = bounds as { minStart: number | null; maxEnd: number | null };
  if (info.minStart === null || info.maxEnd === null) return false;
  return minStart === null || maxEnd === null || info.minStart < minStart || info.maxEnd > maxEnd;
}

/** From when to when the flows of each source were that a damaged segment had. */
function noteSpans(
  spans: Map<number, { from: number; to: number }>,
  path: string,
  faulty: readonly SegmentFault[],
): void {
  const gone = faulty.filter(({ of }) => of === 'flows');
  if (gone.length === 0) return;
  using file = new DayFile(path);
  for (const { info } of gone) {
    if (info.minStart === null || info.maxEnd === null) continue;
    for (const { source } of file.parts(info)) {
      const span = spans.get(source) ?? { from: info.minStart, to: info.maxEnd };
      spans.set(source, { from: Math.min(span.from, info.minStart), to: Math.max(span.to, info.maxEnd) });
    }
  }
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
