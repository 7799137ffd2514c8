/**
 * A collection: flows that come in live, until somebody ends it.
 *
 * `add` makes a chunk's segments durable; `commit` tells the catalogue how far it has come, and keeps the collector's
 * account and templates. A process that dies in between leaves segments that the catalogue has not counted; they are
 * found by every scan, and the next collection counts them.
 */
import { join } from 'node:path';
import type { FlowChunk } from '../model/chunk.ts';
import { exporterKey, type Exporter, type FlowBatch } from '../model/flow-batch.ts';
import { endCollection, touchCollection } from './collections.ts';
import { ColumnEncoder } from './column-encoder.ts';
import type { Database } from './database.ts';
import type { DayFile } from './day-file.ts';
import type { DayFiles } from './day-files.ts';
import { dayFileName, flowSpans, splitByDay, type DayName, type FlowSpans } from './flow-time.ts';
import { encodeSegment } from './segment.ts';
import { selectRows } from './select-rows.ts';
import { internExporter } from './sites.ts';
import { advanceSource } from './sources.ts';
import { explained } from './store-error.ts';
import { saveTemplates, type StoredTemplate } from './templates.ts';
import { DamagedColumn } from './varint.ts';

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
/** Exporters whose catalogue numbers are remembered. */
const MAX_REMEMBERED = 65_536;

export class LiveSession implements Disposable {
  /** Catalogue id of the collection. */
  readonly source: number;
  readonly #context: LiveContext;
  readonly #encoder = new ColumnEncoder();
  readonly #exporters = new Map<string, number>();
  readonly #days = new Map<DayName, { minStart: number; maxEnd: number }>();
  readonly #uncounted: { readonly chunk: FlowChunk; readonly exporterIds: readonly number[] }[] = [];
  /** By day: small segments, segments of FAN_IN small ones, and of FAN_IN of those. */
  readonly #levels = new Map<DayName, number[][]>();
  #ordinal = 0;

  constructor(context: LiveContext, source: number) {
    this.#context = context;
    this.source = source;
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
          advanceSource(catalog, this.source, first + i, chunk, exporterIds);
        }
        touchCollection(catalog, this.source, Date.now(), status);
        if (templates) saveTemplates(catalog, templates);
      }),
    );
    this.#uncounted.length = 0;
  }

  /**
   * Puts small segments together, FAN_IN at a time: those of some seconds to one of a minute, those to one of an hour.
   * Short work; call it now and then. `all` leaves nothing for later.
   */
  merge(all = false): void {
    const { dayFiles, folder } = this.#context;
    explained(folder, () => {
      for (const [day, levels] of this.#levels) {
        for (const [level, ids] of levels.entries()) {
          if (ids.length < (all ? 2 : FAN_IN)) continue;
          const merged = mergeWhole(dayFiles.open(join(folder, dayFileName(day))), ids);
          ids.length = 0;
          if (merged && merged.rows < SMALL_ROWS) levels[level + 1]?.push(merged.id);
        }
        if (all) this.#levels.delete(day);
      }
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

  #store(chunk: FlowChunk): void {
    const { dayFiles, folder } = this.#context;
    const { batch } = chunk;
    const spans = flowSpans(batch);
    const parts = splitByDay(batch, spans);
    for (const part of parts) {
      if (!this.#days.has(part.day)) dayFiles.create(join(folder, dayFileName(part.day)), 'live');
    }
    const exporterIds = this.#prepare(batch, spans, parts);
    for (const part of parts) {
      const whole = parts.length === 1;
      const segment = whole ? batch : selectRows(batch, part.rows, part.datagrams);
      const ids = whole ? exporterIds : segment.exporters.map((exporter) => this.#idOf(exporter));
      const columns = encodeSegment(segment, ids, (name, column) => this.#encoder.encode(name, column));
      const file = dayFiles.open(join(folder, dayFileName(part.day)));
      const key = { source: this.source, ordinal: this.#ordinal };
      const id = file.write(key, segment, whole ? spans : flowSpans(segment), columns);
      if (id !== undefined && segment.count < SMALL_ROWS) this.#levelsOf(part.day)[0]?.push(id);
    }
    this.#ordinal++;
    this.#uncounted.push({ chunk, exporterIds });
  }

  /** Makes the catalogue know the exporters and days of a chunk before any day file holds it. */
  #prepare(
    batch: FlowBatch,
    spans: FlowSpans,
    parts: readonly { readonly day: DayName; readonly rows: readonly number[] }[],
  ): number[] {
    const { catalog, sites } = this.#context;
    if (this.#exporters.size > MAX_REMEMBERED) this.#exporters.clear();
    const newExporters = batch.exporters.filter((exporter) => !this.#exporters.has(exporterKey(exporter)));
    const widened = parts.flatMap((part) => this.#widen(part.day, part.rows, spans));
    if (newExporters.length > 0 || widened.length > 0) {
      catalog.transaction(() => {
        for (const exporter of newExporters) {
          const id = internExporter(catalog, exporter, {
            site: sites.get(exporter.address),
            fallbackSite: exporter.address,
          });
          catalog.run(
            'INSERT OR IGNORE INTO source_exporters (source, exporter) VALUES (?, ?)',
            this.source,
            id,
          );
          this.#exporters.set(exporterKey(exporter), id);
        }
        for (const { day, minStart, maxEnd } of widened) {
          catalog.run(
            `INSERT INTO days (day, minStart, maxEnd) VALUES (?, ?, ?) ON CONFLICT (day) DO UPDATE SET
               minStart = min(ifnull(minStart, excluded.minStart), ifnull(excluded.minStart, minStart)),
               maxEnd = max(ifnull(maxEnd, excluded.maxEnd), ifnull(excluded.maxEnd, maxEnd))`,
            day,
            minStart,
            maxEnd,
          );
        }
      });
    }
    return batch.exporters.map((exporter) => this.#idOf(exporter));
  }

  #levelsOf(day: DayName): number[][] {
    let levels = this.#levels.get(day);
    if (!levels) {
      if (this.#levels.size >= MAX_MERGED_DAYS) this.#levels.clear();
      this.#levels.set(day, (levels = [[], [], []]));
    }
    return levels;
  }

  #idOf(exporter: Exporter): number {
    const id = this.#exporters.get(exporterKey(exporter));
    if (id === undefined) throw new Error(`exporter ${exporterKey(exporter)} was not prepared`);
    return id;
  }

  #widen(
    day: DayName,
    rows: readonly number[],
    spans: FlowSpans,
  ): { day: DayName; minStart: number | null; maxEnd: number | null }[] {
    const known = this.#days.get(day);
    let minStart = known?.minStart ?? Number.POSITIVE_INFINITY;
    let maxEnd = known?.maxEnd ?? Number.NEGATIVE_INFINITY;
    for (const row of rows) {
      const start = spans.starts[row] ?? Number.NaN;
      const end = spans.ends[row] ?? Number.NaN;
      if (start < minStart) minStart = start;
      if (end > maxEnd) maxEnd = end;
    }
    if (known && minStart === known.minStart && maxEnd === known.maxEnd) return [];
    this.#days.set(day, { minStart, maxEnd });
    const dated = minStart <= maxEnd;
    return [{ day, minStart: dated ? minStart : null, maxEnd: dated ? maxEnd : null }];
  }
}

/** Segments with a damaged one among them stay as they are: the rest of it can still be read. */
function mergeWhole(file: DayFile, ids: readonly number[]): ReturnType<DayFile['merge']> {
  try {
    return file.merge(ids);
  } catch (error) {
    if (error instanceof DamagedColumn) return undefined;
    throw error;
  }
}
