/** A day file: the segments of one UTC day, as tables of day-layout.ts. */
import type { Exporter, FlowBatch } from '../model/flow-batch.ts';
import type { ColumnEncoder } from './column-encoder.ts';
import { concatBatches } from './concat-batches.ts';
import { openDatabase, type Database, type SqlRow } from './database.ts';
import { insertColumn, readColumns, sumColumns, type ColumnSum } from './day-columns.ts';
import { dayFileMigrations } from './day-layout.ts';
import { flowSpans, type FlowSpans } from './flow-time.ts';
import { boundNames, describeSegment, infoChecksum, readInfo, type SegmentInfo } from './segment-info.ts';
import { decodeSegment, encodeSegment, type SegmentColumns, type StoredColumn } from './segment.ts';
import { selectRows } from './select-rows.ts';
import { DamagedColumn } from './varint.ts';

/** Rows of a segment that one source gave: its chunks `ordinal` to `last`. */
export interface SegmentPart {
  readonly rows: number;
  readonly source: number;
  readonly ordinal: number;
  readonly last: number;
}

interface ChunkKey {
  readonly source: number;
  readonly ordinal: number;
}

/** Layouts and exporters of a segment have 16-bit codes. */
const MAX_CODES = 60_000;

/** While segments are put together an exporter is its number in the catalogue. */
const numberedExporter = (id: number): Exporter => ({
  address: String(id),
  port: null,
  observationDomainId: 0,
});
const numberOfExporter = ({ address }: Exporter): number => Number(address);

/** One day's file, open. */
export class DayFile implements Disposable {
  readonly #database: Database;

  constructor(path: string) {
    this.#database = openDatabase(path, dayFileMigrations);
  }

  /** From here on reads see the file as it is now, whatever others write, until it is closed. */
  holdStill(): void {
    this.#database.exec('BEGIN');
  }

  /**
   * Puts one segment in the place of several, in one transaction; the ids in the order of their rows. Returns the new
   * one, or undefined where one of them is gone or they do not fit one segment. Throws DamagedColumn.
   */
  merge(
    ids: readonly number[],
    encoder: ColumnEncoder,
  ): { readonly id: number; readonly rows: number } | undefined {
    return this.#database.transaction(() => {
      const infos = ids.flatMap((id) => this.#info(id) ?? []);
      const [first] = infos;
      if (!first || infos.length < 2 || infos.length < ids.length) return undefined;
      const batch = concatBatches(infos.map((info) => decodeSegment(this.columns(info), numberedExporter)));
      if (batch.layouts.length + batch.exporters.length > MAX_CODES) return undefined;
      const parts = joinParts(infos.flatMap((info) => this.parts(info)));
      for (const { id } of infos) this.#remove(id);
      return { id: this.#rewrite(parts, batch, encoder), rows: batch.count };
    });
  }

  /** The sources of a segment's rows, in their order. */
  parts({ id, source, ordinal, rows }: SegmentInfo): SegmentPart[] {
    const found = this.#database.all('SELECT * FROM parts WHERE segment = ? ORDER BY first', id);
    if (found.length === 0) return [{ rows, source, ordinal, last: ordinal }];
    return found.map((row) => ({
      rows: Number(row['rows']),
      source: Number(row['source']),
      ordinal: Number(row['ordinal']),
      last: Number(row['last']),
    }));
  }

  #info(id: number): SegmentInfo | undefined {
    const row = this.#database.get('SELECT * FROM segments WHERE id = ?', id);
    return row && readInfo(row);
  }

  #remove(id: number): void {
    this.#database.run('DELETE FROM columns WHERE segment = ?', id);
    this.#database.run('DELETE FROM parts WHERE segment = ?', id);
    this.#database.run('DELETE FROM segments WHERE id = ?', id);
  }

  /** Stores a batch of numbered exporters whose rows came in parts. */
  #rewrite(parts: readonly SegmentPart[], batch: FlowBatch, encoder: ColumnEncoder | undefined): number {
    const [only] = parts;
    const next = this.#database.get(
      'SELECT ifnull(max(ordinal) + 1, 0) AS next FROM segments WHERE source = 0',
    );
    const key = parts.length === 1 && only ? only : { source: 0, ordinal: Number(next?.['next']) };
    const columns = encodeSegment(
      batch,
      batch.exporters.map(numberOfExporter),
      encoder && ((name, column, tellers) => encoder.encode(name, column, tellers)),
    );
    const id = this.#insert(key, batch, flowSpans(batch), columns);
    if (id === undefined) throw new Error(`segment ${key.source}/${key.ordinal} is there already`);
    let first = 0;
    for (const { rows, source, ordinal, last } of parts) {
      this.#database.run(
        'INSERT INTO parts (segment, first, rows, source, ordinal, last) VALUES (?, ?, ?, ?, ?, ?)',
        id,
        first,
        rows,
        source,
        ordinal,
        last,
      );
      first += rows;
    }
    return id;
  }

  /** Writes a segment in one transaction; its id, or undefined where this chunk of this source is there already. */
  write(
    chunk: ChunkKey,
    batch: FlowBatch,
    spans: FlowSpans,
    columns: readonly StoredColumn[],
  ): number | undefined {
    return this.#database.transaction(() => {
      const merged = this.#database.get(
        'SELECT 1 FROM parts WHERE source = ? AND ordinal <= ? AND last >= ?',
        chunk.source,
        chunk.ordinal,
        chunk.ordinal,
      );
      return merged ? undefined : this.#insert(chunk, batch, spans, columns);
    });
  }

  #insert(
    chunk: ChunkKey,
    batch: FlowBatch,
    spans: FlowSpans,
    columns: readonly StoredColumn[],
  ): number | undefined {
    const info = describeSegment(chunk, batch, spans);
    const { changes, id } = this.#database.run(
      `INSERT OR IGNORE INTO segments
         (source, ordinal, rows, datagrams, ${boundNames.join(', ')}, protocols, checksum)
         VALUES (?, ?, ?, ?, ${boundNames.map(() => '?').join(', ')}, ?, ?)`,
      info.source,
      info.ordinal,
      info.rows,
      info.datagrams,
      ...boundNames.map((name) => info[name]),
      info.protocols?.join(',') ?? null,
      infoChecksum(info),
    );
    if (changes === 0) return undefined;
    for (const column of columns) insertColumn(this.#database, id, column);
    return id;
  }

  /** Flows that this file holds of each source, and how many chunks that source has at least. */
  countSources(): Map<number, { readonly rows: number; readonly chunks: number }> {
    const rows = this.#database.all(
      `SELECT source, sum(rows) AS rows, max(last) + 1 AS chunks FROM (
         SELECT source, rows, ordinal AS last FROM segments WHERE id NOT IN (SELECT segment FROM parts)
         UNION ALL SELECT source, rows, last FROM parts) GROUP BY source`,
    );
    return new Map(
      rows.map((row) => [
        Number(row['source']),
        { rows: Number(row['rows']), chunks: Number(row['chunks']) },
      ]),
    );
  }

  /** Removes what a source has left, also out of segments that it shares with others. Throws DamagedColumn. */
  removeSource(source: number): void {
    this.#database.transaction(() => {
      const whole = this.#database.all('SELECT id FROM segments WHERE source = ?', source);
      for (const { id } of whole) this.#remove(Number(id));
      const shared = this.#database.all('SELECT DISTINCT segment FROM parts WHERE source = ?', source);
      for (const { segment } of shared) this.#removeFrom(Number(segment), source);
    });
  }

  #removeFrom(id: number, source: number): void {
    const info = this.#info(id);
    if (!info) throw new DamagedColumn(`its segment ${id} is missing`);
    const parts = this.parts(info);
    const rows: number[] = [];
    let end = 0;
    for (const part of parts) {
      const first = end;
      end += part.rows;
      if (part.source !== source) for (let row = first; row < end; row++) rows.push(row);
    }
    const batch = selectRows(decodeSegment(this.columns(info), numberedExporter), rows);
    this.#remove(id);
    this.#rewrite(joinParts(parts.filter((part) => part.source !== source)), batch, undefined);
  }

  /**
   * The segments' descriptions by id. Reads from both ends where the middle of the list is damaged; `onDamage` is told
   * of what cannot be read.
   */
  segments(onDamage: (sentence: string) => void): SegmentInfo[] {
    const found = new Map<number, SegmentInfo>();
    const read = (row: SqlRow): void => {
      const info = readInfo(row);
      if (infoChecksum(info) === row['checksum']) found.set(info.id, info);
      else onDamage(`the description of segment ${info.id} is not what was written`);
    };
    const step = (order: string, from: number): SqlRow | undefined =>
      this.#database.get(`SELECT * FROM segments WHERE id ${order} LIMIT 1`, from);
    try {
      for (let row = step('> ? ORDER BY id', 0); row; row = step('> ? ORDER BY id', Number(row['id'])))
        read(row);
    } catch (error) {
      onDamage(`its list of segments is damaged (${(error as Error).message})`);
      try {
        let row = step('< ? ORDER BY id DESC', Number.MAX_SAFE_INTEGER);
        for (; row && !found.has(Number(row['id'])); row = step('< ? ORDER BY id DESC', Number(row['id'])))
          read(row);
      } catch {
        // The other end breaks off too: what is between has been reported.
      }
    }
    return [...found.values()].sort((a, b) => a.id - b.id);
  }

  /** Whether the segment is still as it was described; ids are given again after segments were put together. */
  has({ id, source, ordinal, rows }: SegmentInfo): boolean {
    const found = this.#database.get('SELECT source, ordinal, rows FROM segments WHERE id = ?', id);
    return found?.['source'] === source && found['ordinal'] === ordinal && found['rows'] === rows;
  }

  /** The columns of a segment, read one by one when they are asked for. */
  columns(info: SegmentInfo): SegmentColumns {
    return readColumns(this.#database, info);
  }

  /** What SQLite itself finds wrong with the file; empty where it is sound. */
  faults(): string[] {
    const rows = this.#database.all('PRAGMA quick_check(8)');
    return rows.map((row) => String(row['quick_check'])).filter((text) => text !== 'ok');
  }

  /** Takes segments of another file as they are stored there, all or none. */
  copyFrom(other: DayFile, segments: readonly SegmentInfo[]): void {
    this.#database.transaction(() => {
      for (const { id } of segments) {
        for (const [table, key] of [
          ['segments', 'id'],
          ['columns', 'segment'],
          ['parts', 'segment'],
        ] as const) {
          for (const row of other.#database.all(`SELECT * FROM ${table} WHERE ${key} = ?`, id)) {
            const names = Object.keys(row);
            const marks = names.map(() => '?').join(', ');
            this.#database.run(
              `INSERT INTO ${table} (${names.join(', ')}) VALUES (${marks})`,
              ...Object.values(row),
            );
          }
        }
      }
    });
  }

  /** Encodes a segment anew whose flows are whole and whose summaries are not. Throws DamagedColumn. */
  renew(info: SegmentInfo): void {
    this.#database.transaction(() => {
      const batch = decodeSegment(this.columns(info), numberedExporter);
      const parts = this.parts(info);
      const whole = selectRows(
        batch,
        Array.from({ length: batch.count }, (_, row) => row),
      );
      this.#remove(info.id);
      this.#rewrite(parts, whole, undefined);
    });
  }

  /** Bytes stored per column name, and what they were before compression. */
  storage(): ColumnSum[] {
    return sumColumns(this.#database);
  }

  close(): void {
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Parts of one source that follow one another are one. */
function joinParts(parts: readonly SegmentPart[]): SegmentPart[] {
  const joined: SegmentPart[] = [];
  for (const part of parts) {
    const before = joined.at(-1);
    if (before?.source === part.source && before.last < part.ordinal) {
      joined[joined.length - 1] = { ...before, rows: before.rows + part.rows, last: part.last };
    } else joined.push(part);
  }
  return joined;
}
