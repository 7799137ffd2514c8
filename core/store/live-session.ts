/**
 * A collection: flows that come in live, until somebody ends it.
 *
 * `add` makes a chunk's segments durable; `commit` tells the catalogue how far it has come, and keeps the collector's
 * account and templates. A process that dies in between leaves segments that the catalogue has not counted; they are
 * found by every scan, and the next collection counts them.
 */
import { join } from 'node:path';
import type { FlowChunk } from '../model/chunk.ts';
import { endCollection, touchCollection } from './collections.ts';
import { ColumnEncoder } from './column-encoder.ts';
import type { Database } from './database.ts';
import type { DayFile } from './day-file.ts';
import type { DayFiles } from './day-files.ts';
import { daySegments } from './day-segments.ts';
import { dayFileName, flowSpans, splitByDay, type DayName } from './flow-time.ts';
import { daysBeyond, dropDays, listDays, type DroppedDay, type Retention } from './day-drops.ts';
import { KnownContext } from './known-context.ts';
import { lockForImport, unlessBusy } from './locks.ts';
import { HOUR_MS, mergeWhole, planMerges } from './merge-segments.ts';
import { internExporter } from './sites.ts';
import { advanceSource } from './sources.ts';
import { explained } from './store-error.ts';
import { saveTemplates, type StoredTemplate } from './templates.ts';

export interface LiveContext {
  readonly folder: string;
  readonly catalog: Database;
  readonly dayFiles: DayFiles;
  /** Held until the session ends. */
  readonly lock: Disposable;
  /** Site by exporter address, where a person named one. */
  readonly sites: ReadonlyMap<string, string>;
}

/** Segments that are worth putting together, and how many at a time. */
const SMALL_ROWS = 1024;
const FAN_IN = 60;
/** Days whose small segments are remembered; only hostile times name more. */
const MAX_MERGED_DAYS = 256;

export class LiveSession implements Disposable {
  /** Catalogue id of the collection. */
  readonly source: number;
  readonly #context: LiveContext;
  readonly #encoder = new ColumnEncoder();
  readonly #known: KnownContext;
  readonly #uncounted: { readonly chunk: FlowChunk; readonly exporterIds: readonly number[] }[] = [];
  /** By day: small segments, segments of FAN_IN small ones, and of FAN_IN of those. */
  readonly #levels = new Map<DayName, number[][]>();
  /** Days that got segments since their hours were last put together. */
  readonly #touched = new Set<DayName>();
  #closed: { readonly day: DayName; readonly ids: readonly number[] }[] = [];
  #hour = Math.floor(Date.now() / HOUR_MS);
  #ordinal = 0;

  constructor(context: LiveContext, source: number) {
    this.#context = context;
    this.source = source;
    const { catalog, sites } = context;
    this.#known = new KnownContext(catalog, source, (exporter) =>
      internExporter(catalog, exporter, {
        site: sites.get(exporter.address),
        fallbackSite: exporter.address,
      }),
    );
  }

  /** Chunks of the collection that are on disk. */
  get chunks(): number {
    return this.#ordinal;
  }

  /** Stores a chunk; on disk when it returns. Throws ApiError `cannot-write` on a full or failing disk. */
  add(chunk: FlowChunk): void {
    explained(this.#context.folder, () => this.#store(chunk));
  }

  /** Tells the catalogue what was added, and keeps `status` (JSON) as the collector's last word. */
  commit(status: string, templates?: readonly StoredTemplate[]): void {
    const { catalog, folder } = this.#context;
    explained(folder, () =>
      catalog.transaction(() => {
        const first = this.#ordinal - this.#uncounted.length;
        for (const [i, { chunk, exporterIds }] of this.#uncounted.entries()) {
          advanceSource(catalog, this.source, first + i, chunk, chunk.batch.count, exporterIds);
        }
        touchCollection(catalog, this.source, Date.now(), status);
        if (templates) saveTemplates(catalog, templates);
      }),
    );
    this.#uncounted.length = 0;
  }

  /**
   * Puts small segments together, FAN_IN at a time: those of some seconds to one of a minute, those to one of an hour;
   * and when an hour has closed, all of it. Short work; call it now and then. `all` leaves nothing for later.
   */
  merge(all = false): void {
    explained(this.#context.folder, () => {
      const hour = Math.floor(Date.now() / HOUR_MS);
      if (all || hour > this.#hour) {
        this.#planHours(all ? Number.POSITIVE_INFINITY : hour * HOUR_MS);
        this.#hour = hour;
      }
      for (const { day, ids } of this.#closed.splice(0, all ? this.#closed.length : 1)) {
        mergeWhole(this.#file(day), ids, this.#encoder);
      }
      for (const [day, levels] of this.#levels) {
        for (const [level, ids] of levels.entries()) {
          if (ids.length < FAN_IN) continue;
          const merged = mergeWhole(this.#file(day), ids, this.#encoder);
          ids.length = 0;
          if (merged && merged.rows < SMALL_ROWS) levels[level + 1]?.push(merged.id);
        }
      }
    });
  }

  /**
   * Drops the days that are not to be kept. Waits for the next call while an import runs. Throws ApiError `cannot-write`.
   */
  retain(retention: Retention): DroppedDay[] {
    const { folder, catalog, dayFiles } = this.#context;
    return explained(folder, () => {
      const beyond = daysBeyond(listDays({ folder, catalog }), retention, Date.now());
      if (beyond.length === 0) return [];
      const lock = unlessBusy(() => lockForImport(folder, 0));
      if (!lock) return [];
      using _held = lock;
      for (const { day } of beyond) {
        this.#levels.delete(day);
        this.#touched.delete(day);
        this.#known.forgetDay(day);
      }
      this.#closed = this.#closed.filter(({ day }) => beyond.every((one) => one.day !== day));
      return dropDays({ folder, catalog, dayFiles }, beyond);
    });
  }

  /** The collection was ended on purpose, and everything it received is stored. */
  finish(status: string, templates?: readonly StoredTemplate[]): void {
    this.commit(status, templates);
    explained(this.#context.folder, () => endCollection(this.#context.catalog, this.source, Date.now()));
    this.merge(true);
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#context.lock[Symbol.dispose]();
  }

  /** Whatever small segments of this collection began before `closed`, in all days that got some. */
  #planHours(closed: number): void {
    // A segment that is gone when its turn comes keeps the others of its list as they are.
    this.#levels.clear();
    for (const day of this.#touched) {
      const own = this.#file(day)
        .segments(() => undefined)
        .filter(({ source }) => source === this.source);
      for (const ids of planMerges(own, closed)) this.#closed.push({ day, ids });
    }
    this.#touched.clear();
  }

  #file(day: DayName): DayFile {
    return this.#context.dayFiles.open(join(this.#context.folder, dayFileName(day)));
  }

  #store(chunk: FlowChunk): void {
    const { dayFiles, folder } = this.#context;
    const { batch } = chunk;
    const spans = flowSpans(batch);
    const parts = splitByDay(batch, spans);
    for (const part of parts) {
      if (!this.#known.hasDay(part.day)) dayFiles.create(join(folder, dayFileName(part.day)), 'live');
    }
    const exporterIds = this.#known.tell(batch, spans, parts);
    const key = { source: this.source, ordinal: this.#ordinal };
    for (const { day, segment, spans: own, columns } of daySegments(
      batch,
      spans,
      parts,
      this.#known,
      this.#encoder,
    )) {
      const id = dayFiles.open(join(folder, dayFileName(day))).write(key, segment, own, columns);
      this.#touched.add(day);
      if (id !== undefined && segment.count < SMALL_ROWS) this.#levelsOf(day)[0]?.push(id);
    }
    this.#ordinal++;
    this.#uncounted.push({ chunk, exporterIds });
  }

  #levelsOf(day: DayName): number[][] {
    let levels = this.#levels.get(day);
    if (!levels) {
      if (this.#levels.size >= MAX_MERGED_DAYS) this.#levels.clear();
      this.#levels.set(day, (levels = [[], [], []]));
    }
    return levels;
  }
}
