/** The store: a folder with a catalogue and one file a day. Everything else of this room is behind it. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { epochMs, type EpochMs } from '../model/time.ts';
import { beginSource, dayNames, placeAgain, recount } from './begin-source.ts';
import { CATALOG_FILE, CATALOG_PAGE_SIZE, catalogMigrations, openCatalog } from './catalog.ts';
import { insertCollection, listCollections, type StoredCollection } from './collections.ts';
import { createDatabase, type Database } from './database.ts';
import { DayFiles } from './day-files.ts';
import { DayFile, type SegmentPart } from './day-file.ts';
import { dayFileName, UNDATED, type DayName } from './flow-time.ts';
import { finishRemovals, type DayContext } from './day-drops.ts';
import { ImportSession } from './import-session.ts';
import { LiveSession } from './live-session.ts';
import { lockForCollection, lockForImport, unlessBusy } from './locks.ts';
import { mergeDays } from './merge-segments.ts';
import type { SegmentCache } from './segment-cache.ts';
import type { SegmentInfo } from './segment-info.ts';
import { scanStore, type ScanOptions } from './scan.ts';
import { SegmentList } from './segment-list.ts';
import {
  SegmentReader,
  type StoreDamage,
  type StoredBatch,
  type StoredSegment,
  type TimeBounds,
} from './segment-reader.ts';
import {
  assignAddress,
  listExporters,
  listSites,
  type Placement,
  type SiteConflict,
  type Site,
  type StoredExporter,
} from './sites.ts';
import {
  findSource,
  listSources,
  readOptions,
  type NewSource,
  type StoredOptionsRecord,
  type StoredSource,
} from './sources.ts';
import { reportStorage, type StorageReport } from './storage-report.ts';
import { explained } from './store-error.ts';
import { listTemplates, type StoredTemplate } from './templates.ts';

/** How long an import waits for another program's import to end before it is told to come back. */
const IMPORT_WAIT_MS = 10_000;
const DAY_MS = 86_400_000;

export interface StoreOptions {
  /** Make the store where there is none. Without it an absent store is ApiError `no-store`. */
  readonly create: boolean;
  /** How long to wait for another program that is importing. */
  readonly importWaitMs?: number;
}

/** The answer to an import of bytes that are in the store. */
export interface AlreadyImported {
  readonly already: StoredSource;
  /** Exporter addresses that stayed at the site where they were. */
  readonly siteConflicts: readonly SiteConflict[];
}

export class Store implements Disposable {
  readonly folder: string;
  readonly #catalog: Database;
  readonly #dayFiles = new DayFiles();
  readonly #segments: SegmentList;
  /** Days that imports have put segments into. */
  readonly #touched = new Set<DayName>();
  readonly #importWaitMs: number;

  private constructor(folder: string, catalog: Database, importWaitMs: number) {
    this.folder = folder;
    this.#catalog = catalog;
    this.#segments = new SegmentList(folder, catalog);
    this.#importWaitMs = importWaitMs;
  }

  /** Opens the store in `folder`. Throws ApiError: no-store, newer-store, damaged-store, cannot-write, busy-store. */
  static open(folder: string, options: StoreOptions): Store {
    const path = join(folder, CATALOG_FILE);
    return explained(folder, () => {
      const importWaitMs = options.importWaitMs ?? IMPORT_WAIT_MS;
      if (!existsSync(path) && options.create) {
        mkdirSync(folder, { recursive: true });
        using _lock = lockForImport(folder, importWaitMs);
        createDatabase(path, catalogMigrations, CATALOG_PAGE_SIZE);
      }
      return new Store(folder, openCatalog(folder), importWaitMs);
    });
  }

  /** The sites that have an exporter, by name. */
  sites(): Site[] {
    return explained(this.folder, () => listSites(this.#catalog));
  }

  exporters(): StoredExporter[] {
    return explained(this.folder, () => listExporters(this.#catalog));
  }

  /** The imported files in the order of their import, interrupted ones with the state `importing`. */
  sources(): StoredSource[] {
    return explained(this.folder, () => listSources(this.#catalog));
  }

  /** The source with these bytes, if any. */
  findSource(sha256: string): StoredSource | undefined {
    return explained(this.folder, () => findSource(this.#catalog, sha256));
  }

  /** The options records of a source, in the order of its bytes. */
  optionsOf(source: number): Generator<StoredOptionsRecord> {
    return readOptions(this.#catalog, source);
  }

  /**
   * From the first start to the last end of the dated flows; undefined where there are none. An interrupted import can
   * make it wider than the flows are.
   */
  timeRange(): { readonly start: EpochMs; readonly end: EpochMs } | undefined {
    const days = explained(this.folder, () =>
      this.#catalog.all('SELECT * FROM days WHERE day <> ? AND minStart IS NOT NULL ORDER BY day', UNDATED),
    );
    let start = Number.POSITIVE_INFINITY;
    let end = Number.NEGATIVE_INFINITY;
    for (const row of days) {
      start = Math.min(start, Number(row['minStart']));
      // One end that cannot be true must not stretch the range by centuries: a flow of over a day counts to its day's end.
      const dayEnd = Date.parse(String(row['day'])) + DAY_MS;
      const maxEnd = Number(row['maxEnd']);
      end = Math.max(end, maxEnd < dayEnd + DAY_MS ? maxEnd : dayEnd);
    }
    return start <= end ? { start: epochMs(start), end: epochMs(end) } : undefined;
  }

  /** Puts all exporters of an address into the site of that name, whatever site they were in. */
  assignSite(address: string, site: string): void {
    explained(this.folder, () =>
      this.#catalog.transaction(() => assignAddress(this.#catalog, address, site, { force: true })),
    );
  }

  /**
   * Begins or takes up the import of a file; the returned session must be disposed of. `already` where the same bytes
   * are in the store. Holds the store's import lock: throws ApiError `busy-store` where another import keeps it.
   */
  beginImport(
    source: NewSource,
    placement: { readonly site?: string | undefined; readonly fallbackSite: string },
  ): ImportSession | AlreadyImported {
    return explained(this.folder, () => {
      const lock = lockForImport(this.folder, this.#importWaitMs);
      try {
        finishRemovals(this.#days);
        const begun = beginSource(this.#days, source);
        if (begun.state === 'importing') {
          const context = { ...this.#days, touched: this.#touched, lock };
          const where: Placement = { site: placement.site, fallbackSite: placement.fallbackSite };
          return new ImportSession(context, begun, where);
        }
        const siteConflicts = placeAgain(this.#catalog, begun, placement.site);
        lock[Symbol.dispose]();
        return { already: begun, siteConflicts };
      } catch (error) {
        lock[Symbol.dispose]();
        throw error;
      }
    });
  }

  /** The live collections, the latest first. */
  collections(): StoredCollection[] {
    return explained(this.folder, () => listCollections(this.#catalog));
  }

  /** The collector's templates, as it last kept them. */
  templates(): StoredTemplate[] {
    return explained(this.folder, () => listTemplates(this.#catalog));
  }

  /**
   * Begins a live collection; the returned session must be finished or disposed of. One at a time: throws ApiError
   * `busy-store` where another collector runs. Imports go on beside it. What an earlier collection stored without
   * counting it is counted first.
   */
  beginCollection(
    name: string,
    decoder: string,
    sites: ReadonlyMap<string, string> = new Map(),
  ): LiveSession {
    return explained(this.folder, () => {
      const lock = lockForCollection(this.folder);
      try {
        for (const [address, site] of sites) this.assignSite(address, site);
        const catalog = this.#catalog;
        finishRemovals(this.#days);
        for (const { source, ended } of listCollections(catalog)) {
          if (ended !== null) continue;
          mergeDays(this.#days, recount(this.#days, source), (segment) => segment.source === source);
        }
        const id = catalog.transaction(() => insertCollection(catalog, name, decoder, Date.now()));
        return new LiveSession({ folder: this.folder, catalog, dayFiles: this.#dayFiles, lock, sites }, id);
      } catch (error) {
        lock[Symbol.dispose]();
        throw error;
      }
    });
  }

  /**
   * Puts small segments of an hour together, in the days that this store's imports have written to or in all. Leaves
   * interrupted imports as they are, and live collections while a collector runs. Returns how many segments became how
   * many; nothing where another program imports.
   */
  mergeSegments(days: 'written' | 'all'): { readonly before: number; readonly after: number } {
    return explained(this.folder, () => {
      const total = { before: 0, after: 0 };
      const importLock = unlessBusy(() => lockForImport(this.folder, 0));
      if (!importLock) return total;
      using _importing = importLock;
      const collectLock = unlessBusy(() => lockForCollection(this.folder));
      try {
        const resting = new Set(
          listSources(this.#catalog).flatMap(({ id, state }) => (state === 'complete' ? id : [])),
        );
        if (!collectLock) {
          for (const { source, ended } of listCollections(this.#catalog))
            if (ended === null) resting.delete(source);
        }
        const written = days === 'all' ? dayNames(this.#catalog) : [...this.#touched];
        const mayMerge = (segment: SegmentInfo, file: DayFile): boolean =>
          file.parts(segment).every(({ source }) => resting.has(source));
        const merged = mergeDays(this.#days, written, mayMerge);
        this.#touched.clear();
        return merged;
      } finally {
        collectLock?.[Symbol.dispose]();
      }
    });
  }

  get #days(): DayContext {
    return { folder: this.folder, catalog: this.#catalog, dayFiles: this.#dayFiles };
  }

  /**
   * The stored flows, segment by segment: those that overlap the half-open range [from, to) and may concern the
   * addresses. Never throws on a damaged day file: `onDamage` is told, the rest is served.
   */
  scan(options: ScanOptions = {}): Generator<StoredBatch> {
    return scanStore(this.folder, this.#catalog, options);
  }

  /** The segments that the bounds leave over, for a reader; what is damaged is told and left out. */
  segments(bounds: TimeBounds, onDamage: (damage: StoreDamage) => void): StoredSegment[] {
    return explained(this.folder, () => this.#segments.list(bounds, onDamage));
  }

  /** Has `segments` read every day file again, where one of them turned out to be gone. */
  relist(): void {
    this.#segments.forget();
  }

  /** The chunks of sources that a segment was put together of, in the order of its rows. */
  partsOf(segment: StoredSegment): SegmentPart[] {
    return explained(this.folder, () => {
      using file = new DayFile(join(this.folder, dayFileName(segment.day)));
      return file.parts(segment);
    });
  }

  /** Reads single segments, with what the cache has of them; must be closed, and holds their day file as it is until then. */
  reader(cache?: SegmentCache): SegmentReader {
    return new SegmentReader(this.folder, this.#catalog, cache);
  }

  /** What the store takes, by day and by column. Throws ApiError `damaged-store`. */
  storage(): StorageReport {
    return explained(this.folder, () => reportStorage(this.folder, this.#catalog));
  }

  close(): void {
    this.#dayFiles[Symbol.dispose]();
    this.#catalog.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
