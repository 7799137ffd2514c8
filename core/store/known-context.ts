/**
 * What a session has told the catalogue: the exporters and the days of its chunks, each told once and widened when it must
 * be, before any day file holds what refers to it.
 */
import { exporterKey, type Exporter, type FlowBatch } from '../model/flow-batch.ts';
import type { Database } from './database.ts';
import type { DayName, FlowSpans } from './flow-time.ts';

/** Exporters whose catalogue numbers are remembered; a flood of forged ones makes them be looked up again. */
const MAX_REMEMBERED = 65_536;

export interface DayPart {
  readonly day: DayName;
  readonly rows: readonly number[];
}

interface DayBounds {
  readonly day: DayName;
  readonly minStart: number | null;
  readonly maxEnd: number | null;
}

export class KnownContext {
  readonly #catalog: Database;
  readonly #source: number;
  readonly #intern: (exporter: Exporter) => number;
  readonly #exporters = new Map<string, number>();
  readonly #days = new Map<DayName, { minStart: number; maxEnd: number }>();

  /** `intern` gives an exporter's catalogue number, and places a new one; it is called within a transaction. */
  constructor(catalog: Database, source: number, intern: (exporter: Exporter) => number) {
    this.#catalog = catalog;
    this.#source = source;
    this.#intern = intern;
  }

  /** True where the session has told of this day before. */
  hasDay(day: DayName): boolean {
    return this.#days.has(day);
  }

  /** The catalogue does not know the day any more. */
  forgetDay(day: DayName): void {
    this.#days.delete(day);
  }

  /** Tells the catalogue of a chunk's exporters and days; returns the catalogue numbers of the batch's exporters. */
  tell(batch: FlowBatch, spans: FlowSpans, parts: readonly DayPart[]): number[] {
    if (this.#exporters.size > MAX_REMEMBERED) this.#exporters.clear();
    const newExporters = batch.exporters.filter((exporter) => !this.#exporters.has(exporterKey(exporter)));
    const widened = parts.flatMap((part) => this.#widen(part, spans));
    if (newExporters.length > 0 || widened.length > 0) {
      this.#catalog.transaction(() => {
        for (const exporter of newExporters) this.#tellExporter(exporter);
        for (const bounds of widened) this.#tellDay(bounds);
      });
    }
    return batch.exporters.map((exporter) => this.idOf(exporter));
  }

  /** The catalogue number of an exporter that was told of. */
  idOf(exporter: Exporter): number {
    const id = this.#exporters.get(exporterKey(exporter));
    if (id === undefined) throw new Error(`exporter ${exporterKey(exporter)} was not told of`);
    return id;
  }

  #tellExporter(exporter: Exporter): void {
    const id = this.#intern(exporter);
    this.#catalog.run(
      'INSERT OR IGNORE INTO source_exporters (source, exporter) VALUES (?, ?)',
      this.#source,
      id,
    );
    this.#exporters.set(exporterKey(exporter), id);
  }

  #tellDay({ day, minStart, maxEnd }: DayBounds): void {
    this.#catalog.run(
      `INSERT INTO days (day, minStart, maxEnd) VALUES (?, ?, ?) ON CONFLICT (day) DO UPDATE SET
         minStart = min(ifnull(minStart, excluded.minStart), ifnull(excluded.minStart, minStart)),
         maxEnd = max(ifnull(maxEnd, excluded.maxEnd), ifnull(excluded.maxEnd, maxEnd))`,
      day,
      minStart,
      maxEnd,
    );
  }

  /** The day's new bounds where these rows widen what the catalogue was told. */
  #widen({ day, rows }: DayPart, spans: FlowSpans): DayBounds[] {
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
