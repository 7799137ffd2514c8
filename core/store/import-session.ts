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
import type { Exporter } from '../model/flow-batch.ts';
import { ColumnEncoder } from './column-encoder.ts';
import type { Database } from './database.ts';
import type { DayFiles } from './day-files.ts';
import { daySegments } from './day-segments.ts';
import { dayFileName, flowSpans, splitByDay, type DayName } from './flow-time.ts';
import { KnownContext } from './known-context.ts';
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
  /** Days that got a segment. */
  readonly touched: Set<DayName>;
  /** Held until the session ends. */
  readonly lock: Disposable;
}

export class ImportSession implements Disposable {
  /** The source as it was when the session began: `chunks` above 0 where an interrupted import is taken up again. */
  readonly source: StoredSource;
  readonly #context: SessionContext;
  readonly #placement: Placement;
  readonly #encoder = new ColumnEncoder();
  readonly #known: KnownContext;
  readonly #conflicts = new Map<string, SiteConflict>();
  #chunks: number;

  constructor(context: SessionContext, source: StoredSource, placement: Placement) {
    this.#context = context;
    this.source = source;
    this.#placement = placement;
    this.#chunks = source.chunks;
    this.#known = new KnownContext(context.catalog, source.id, (exporter) => this.#place(exporter));
  }

  /** Exporter addresses that stayed at the site where they were. */
  get siteConflicts(): readonly SiteConflict[] {
    return [...this.#conflicts.values()];
  }

  /**
   * Stores chunk `ordinal` (0, 1, 2, ... in the order of the file). Returns how many flows of it were not stored before.
   * Throws ApiError `cannot-write` on a full or failing disk: what was added before stays.
   */
  add(ordinal: number, chunk: FlowChunk): number {
    if (ordinal < this.#chunks) return 0;
    const added = explained(this.#context.folder, () => this.#store(ordinal, chunk));
    this.#chunks = ordinal + 1;
    return added;
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

  #store(ordinal: number, chunk: FlowChunk): number {
    let added = 0;
    const { catalog, dayFiles, folder } = this.#context;
    const { batch } = chunk;
    const spans = flowSpans(batch);
    const parts = splitByDay(batch, spans);
    for (const part of parts) dayFiles.create(join(folder, dayFileName(part.day)));
    const exporterIds = this.#known.tell(batch, spans, parts);
    for (const { day, segment, spans: own, columns } of daySegments(
      batch,
      spans,
      parts,
      this.#known,
      this.#encoder,
    )) {
      const key = { source: this.source.id, ordinal };
      const id = dayFiles.open(join(folder, dayFileName(day))).write(key, segment, own, columns);
      if (id !== undefined) added += segment.count;
      this.#context.touched.add(day);
    }
    catalog.transaction(() => advanceSource(catalog, this.source.id, ordinal, chunk, added, exporterIds));
    return added;
  }

  /** The catalogue number of an exporter, which goes to the site that was asked for unless it has one. */
  #place(exporter: Exporter): number {
    const { catalog } = this.#context;
    const { site } = this.#placement;
    if (site !== undefined && exporter.address !== '') {
      const conflict = assignAddress(catalog, exporter.address, site, { force: false });
      if (conflict) this.#conflicts.set(conflict.address, conflict);
    }
    return internExporter(catalog, exporter, this.#placement);
  }
}
