/**
 * The import of one file, chunk by chunk.
 *
 * Order of the commits, each on disk before the next begins: day files exist; the catalogue knows the chunk's exporters
 * and days; each day file has the chunk's segment; the catalogue counts the chunk. A process that dies in between leaves
 * a chunk that is not counted. The next import of the same bytes makes the same chunk again: days that have it already
 * refuse it by its key (source, ordinal), the others get it.
 */
import { join } from 'node:path';
import type { FlowChunk } from '../model/chunk.ts';
import { exporterKey, type FlowBatch } from '../model/flow-batch.ts';
import type { Database } from './database.ts';
import type { DayFiles } from './day-files.ts';
import { dayFileName, flowSpans, splitByDay, type DayName } from './flow-time.ts';
import { encodeSegment } from './segment.ts';
import { selectRows } from './select-rows.ts';
import { assignAddress, internExporter, type Placement, type SiteConflict } from './sites.ts';
import {
  advanceSource,
  completeSource,
  findSource,
  type ImportSummary,
  type StoredSource,
} from './sources.ts';
import { explained } from './store-error.ts';

export interface SessionContext {
  readonly folder: string;
  readonly catalog: Database;
  readonly dayFiles: DayFiles;
  /** Held until the session ends. */
  readonly lock: Disposable;
}

export class ImportSession implements Disposable {
  /** The source as it was when the session began: `chunks` above 0 where an interrupted import is taken up again. */
  readonly source: StoredSource;
  readonly #context: SessionContext;
  readonly #placement: Placement;
  readonly #exporters = new Map<string, number>();
  readonly #days = new Map<DayName, { minStart: number; maxEnd: number }>();
  readonly #conflicts = new Map<string, SiteConflict>();
  #chunks: number;

  constructor(context: SessionContext, source: StoredSource, placement: Placement) {
    this.#context = context;
    this.source = source;
    this.#placement = placement;
    this.#chunks = source.chunks;
  }

  /** Exporter addresses that stayed at the site where they were. */
  get siteConflicts(): readonly SiteConflict[] {
    return [...this.#conflicts.values()];
  }

  /**
   * Stores chunk `ordinal` (0, 1, 2, ... in the order of the file). Returns false where it was stored before. Throws
   * ApiError `cannot-write` on a full or failing disk: what was added before stays.
   */
  add(ordinal: number, chunk: FlowChunk): boolean {
    if (ordinal < this.#chunks) return false;
    explained(this.#context.folder, () => this.#store(ordinal, chunk));
    this.#chunks = ordinal + 1;
    return true;
  }

  /** Marks the source complete and ends the session. */
  finish(summary: ImportSummary): StoredSource {
    const { catalog, folder } = this.#context;
    return explained(folder, () => {
      completeSource(catalog, this.source.id, summary);
      this[Symbol.dispose]();
      return findSource(catalog, this.source.sha256) ?? this.source;
    });
  }

  /** Ends the session; without `finish` before, the source stays `importing`. */
  [Symbol.dispose](): void {
    this.#context.lock[Symbol.dispose]();
  }

  #store(ordinal: number, chunk: FlowChunk): void {
    const { catalog, dayFiles, folder } = this.#context;
    const { batch } = chunk;
    const spans = flowSpans(batch);
    const parts = splitByDay(batch, spans);
    for (const part of parts) dayFiles.create(join(folder, dayFileName(part.day)));
    const exporterIds = this.#prepare(batch, spans, parts);
    for (const part of parts) {
      const whole = parts.length === 1;
      const segment = whole ? batch : selectRows(batch, part.rows, part.datagrams);
      const ids = whole ? exporterIds : segment.exporters.map((exporter) => this.#idOf(exporter));
      dayFiles
        .open(join(folder, dayFileName(part.day)))
        .write(
          { source: this.source.id, ordinal },
          segment,
          whole ? spans : flowSpans(segment),
          encodeSegment(segment, ids),
        );
    }
    catalog.transaction(() => advanceSource(catalog, this.source.id, ordinal, chunk, exporterIds));
  }

  /** Makes the catalogue know the exporters and days of a chunk before any day file holds it. */
  #prepare(
    batch: FlowBatch,
    spans: { readonly starts: Float64Array; readonly ends: Float64Array },
    parts: readonly { readonly day: DayName; readonly rows: readonly number[] }[],
  ): number[] {
    const { catalog } = this.#context;
    const newExporters = batch.exporters.filter((exporter) => !this.#exporters.has(exporterKey(exporter)));
    const widened = parts.flatMap((part) => this.#widen(part.day, part.rows, spans));
    if (newExporters.length > 0 || widened.length > 0) {
      catalog.transaction(() => {
        for (const exporter of newExporters) {
          const { site } = this.#placement;
          if (site !== undefined && exporter.address !== '') {
            const conflict = assignAddress(catalog, exporter.address, site, { force: false });
            if (conflict) this.#conflicts.set(conflict.address, conflict);
          }
          const id = internExporter(catalog, exporter, this.#placement);
          catalog.run(
            'INSERT OR IGNORE INTO source_exporters (source, exporter) VALUES (?, ?)',
            this.source.id,
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

  #idOf(exporter: FlowBatch['exporters'][number]): number {
    const id = this.#exporters.get(exporterKey(exporter));
    if (id === undefined) throw new Error(`exporter ${exporterKey(exporter)} was not prepared`);
    return id;
  }

  /** The day's new bounds where these rows widen what this session has told the catalogue. */
  #widen(
    day: DayName,
    rows: readonly number[],
    spans: { readonly starts: Float64Array; readonly ends: Float64Array },
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
