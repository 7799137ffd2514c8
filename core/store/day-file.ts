/**
 * A day file: the segments of one UTC day.
 *
 * | table    | a row is                                                                                          |
 * |----------|---------------------------------------------------------------------------------------------------|
 * | segments | one segment: the chunk of a source it is (`source`, `ordinal`: once a file), counts and bounds     |
 * | columns  | one column of a segment: encoding, size before compression, checksum, bytes                       |
 *
 * Bounds let a scan skip a segment; NULL where no flow has a value. The checksums are CRC-32 over what is stored, so
 * that a changed byte is noticed even where SQLite and zstd would not.
 */
import { crc32 } from 'node:zlib';
import type { Exporter, FlowBatch } from '../model/flow-batch.ts';
import type { Encoding } from './column-codec.ts';
import { openDatabase, type Database, type SqlRow } from './database.ts';
import { concatBatches } from './concat-batches.ts';
import { flowSpans, type FlowSpans } from './flow-time.ts';
import type { Migrations } from './migrations.ts';
import { decodeSegment, encodeSegment, type SegmentColumns, type StoredColumn } from './segment.ts';
import { DamagedColumn } from './varint.ts';

/** A column fills its last page half on average: with 32,768 that was a tenth of the file, and not written faster. */
export const DAY_FILE_PAGE_SIZE = 8192;

export const dayFileMigrations: Migrations = {
  what: 'The day file',
  minSafeVersion: 1,
  steps: new Map([
    [
      1,
      (database) =>
        database.exec(`
          CREATE TABLE segments (
            id INTEGER PRIMARY KEY,
            source INTEGER NOT NULL,
            ordinal INTEGER NOT NULL,
            rows INTEGER NOT NULL,
            datagrams INTEGER NOT NULL,
            minStart REAL, maxStart REAL, minEnd REAL, maxEnd REAL,
            minOctets REAL, maxOctets REAL, octets REAL,
            minPackets REAL, maxPackets REAL, packets REAL,
            checksum INTEGER NOT NULL,
            UNIQUE (source, ordinal)
          );
          CREATE TABLE columns (
            segment INTEGER NOT NULL REFERENCES segments (id),
            name TEXT NOT NULL,
            length INTEGER NOT NULL,
            encoding TEXT NOT NULL,
            compressed INTEGER NOT NULL,
            plainBytes INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            data BLOB NOT NULL,
            UNIQUE (segment, name)
          )`),
    ],
  ]),
};

const boundNames = [
  'minStart',
  'maxStart',
  'minEnd',
  'maxEnd',
  'minOctets',
  'maxOctets',
  'octets',
  'minPackets',
  'maxPackets',
  'packets',
] as const;

/** What a scan knows of a segment before it reads it. Times are the spans' of flow-time.ts. */
export interface SegmentInfo extends Readonly<Record<(typeof boundNames)[number], number | null>> {
  readonly id: number;
  readonly source: number;
  readonly ordinal: number;
  readonly rows: number;
  readonly datagrams: number;
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
   * Puts one segment in the place of several of one source, in one transaction; the ids in the order of their chunks.
   * Returns the new one, or undefined where they do not fit one segment. Throws DamagedColumn.
   */
  merge(ids: readonly number[]): { readonly id: number; readonly rows: number } | undefined {
    return this.#database.transaction(() => {
      const infos = ids.flatMap((id) => {
        const row = this.#database.get('SELECT * FROM segments WHERE id = ?', id);
        return row ? [readInfo(row)] : [];
      });
      const [first] = infos;
      if (!first || infos.length < 2) return undefined;
      const batch = concatBatches(infos.map((info) => decodeSegment(this.columns(info), numberedExporter)));
      if (batch.layouts.length + batch.exporters.length > MAX_CODES) return undefined;
      for (const { id } of infos) {
        this.#database.run('DELETE FROM columns WHERE segment = ?', id);
        this.#database.run('DELETE FROM segments WHERE id = ?', id);
      }
      const { source, ordinal } = first;
      const columns = encodeSegment(batch, batch.exporters.map(numberOfExporter));
      const id = this.#insert({ source, ordinal }, batch, flowSpans(batch), columns);
      return id === undefined ? undefined : { id, rows: batch.count };
    });
  }

  /** Writes a segment in one transaction; its id, or undefined where this chunk of this source is there already. */
  write(
    chunk: { readonly source: number; readonly ordinal: number },
    batch: FlowBatch,
    spans: FlowSpans,
    columns: readonly StoredColumn[],
  ): number | undefined {
    return this.#database.transaction(() => this.#insert(chunk, batch, spans, columns));
  }

  #insert(
    chunk: { readonly source: number; readonly ordinal: number },
    batch: FlowBatch,
    spans: FlowSpans,
    columns: readonly StoredColumn[],
  ): number | undefined {
    const info = {
      id: 0,
      ...chunk,
      rows: batch.count,
      datagrams: batch.datagrams.length,
      ...bounds(batch, spans),
    };
    const { changes, id } = this.#database.run(
      `INSERT OR IGNORE INTO segments (source, ordinal, rows, datagrams, ${boundNames.join(', ')}, checksum)
         VALUES (?, ?, ?, ?, ${boundNames.map(() => '?').join(', ')}, ?)`,
      info.source,
      info.ordinal,
      info.rows,
      info.datagrams,
      ...boundNames.map((name) => info[name]),
      infoChecksum(info),
    );
    if (changes === 0) return undefined;
    for (const column of columns) {
      this.#database.run(
        `INSERT INTO columns (segment, name, length, encoding, compressed, plainBytes, checksum, data)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        id,
        column.name,
        column.length,
        column.encoding,
        column.compressed ? 1 : 0,
        column.plainBytes,
        columnChecksum(column),
        column.data,
      );
    }
    return id;
  }

  /** Flows that this file holds of a source, and how many chunks that source has at least. */
  countSource(source: number): { readonly rows: number; readonly chunks: number } {
    const row = this.#database.get(
      'SELECT ifnull(sum(rows), 0) AS rows, ifnull(max(ordinal) + 1, 0) AS chunks FROM segments WHERE source = ?',
      source,
    );
    return { rows: Number(row?.['rows']), chunks: Number(row?.['chunks']) };
  }

  /** Removes what an interrupted import of a source has left. */
  removeSource(source: number): void {
    this.#database.transaction(() => {
      this.#database.run(
        'DELETE FROM columns WHERE segment IN (SELECT id FROM segments WHERE source = ?)',
        source,
      );
      this.#database.run('DELETE FROM segments WHERE source = ?', source);
    });
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
    const database = this.#database;
    const names = database.all('SELECT name FROM columns WHERE segment = ? ORDER BY rowid', info.id);
    return {
      rows: info.rows,
      names: names.map((row) => String(row['name'])),
      column(name) {
        const row = database.get('SELECT * FROM columns WHERE segment = ? AND name = ?', info.id, name);
        if (!row) throw new DamagedColumn(`its column ${name} is missing`);
        const column: StoredColumn = {
          name,
          length: Number(row['length']),
          encoding: row['encoding'] as Encoding,
          compressed: row['compressed'] === 1,
          plainBytes: Number(row['plainBytes']),
          data: row['data'] as Uint8Array,
        };
        if (columnChecksum(column) !== row['checksum']) {
          throw new DamagedColumn(`its column ${name} is not what was written`);
        }
        return column;
      },
    };
  }

  /** Bytes stored per column name, and what they were before compression. */
  storage(): { readonly name: string; readonly stored: number; readonly plain: number }[] {
    return this.#database
      .all('SELECT name, sum(length(data)) AS stored, sum(plainBytes) AS plain FROM columns GROUP BY name')
      .map((row) => ({
        name: String(row['name']),
        stored: Number(row['stored']),
        plain: Number(row['plain']),
      }));
  }

  close(): void {
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function bounds(batch: FlowBatch, spans: FlowSpans): Record<(typeof boundNames)[number], number | null> {
  const { octetDeltaCount, packetDeltaCount } = batch.columns;
  const [minStart, maxStart] = extent(spans.starts);
  const [minEnd, maxEnd] = extent(spans.ends);
  const [minOctets, maxOctets] = extent(octetDeltaCount);
  const [minPackets, maxPackets] = extent(packetDeltaCount);
  const octets = octetDeltaCount.reduce((sum, value) => sum + value, 0);
  const packets = packetDeltaCount.reduce((sum, value) => sum + value, 0);
  return {
    minStart,
    maxStart,
    minEnd,
    maxEnd,
    minOctets,
    maxOctets,
    octets,
    minPackets,
    maxPackets,
    packets,
  };
}

function extent(values: Float64Array): [min: number | null, max: number | null] {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? [min, max] : [null, null];
}

function readInfo(row: SqlRow): SegmentInfo {
  const bound = (name: string): number | null => (typeof row[name] === 'number' ? row[name] : null);
  return {
    id: Number(row['id']),
    source: Number(row['source']),
    ordinal: Number(row['ordinal']),
    rows: Number(row['rows']),
    datagrams: Number(row['datagrams']),
    ...(Object.fromEntries(boundNames.map((name) => [name, bound(name)])) as Pick<
      SegmentInfo,
      (typeof boundNames)[number]
    >),
  };
}

function infoChecksum(info: SegmentInfo): number {
  const values = [
    info.source,
    info.ordinal,
    info.rows,
    info.datagrams,
    ...boundNames.map((name) => info[name]),
  ];
  return crc32(values.join(' '));
}

function columnChecksum(column: StoredColumn): number {
  const { name, length, encoding, compressed, plainBytes } = column;
  return crc32(column.data, crc32([name, length, encoding, compressed ? 1 : 0, plainBytes].join(' ')));
}
