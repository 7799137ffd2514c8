/** The table of columns in a day file: how a segment's columns are written and read, each with its checksum. */
import { crc32 } from 'node:zlib';
import type { Encoding } from './column-codec.ts';
import { packings } from './column-pieces.ts';
import type { Database } from './database.ts';
import type { SegmentInfo } from './segment-info.ts';
import type { SegmentColumns, StoredColumn } from './segment.ts';
import { DamagedColumn } from './varint.ts';

/** Bytes stored under a column's name, and what they were before compression. */
export interface ColumnSum {
  readonly name: string;
  readonly stored: number;
  readonly plain: number;
}

export function insertColumn(database: Database, segment: number, column: StoredColumn): void {
  database.run(
    `INSERT INTO columns (segment, name, length, encoding, compressed, plainBytes, checksum, data)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    segment,
    column.name,
    column.length,
    column.encoding,
    packings.indexOf(column.packing),
    column.plainBytes,
    columnChecksum(column),
    column.data,
  );
}

/** The columns of a segment, read one by one when they are asked for. */
export function readColumns(database: Database, info: SegmentInfo): SegmentColumns {
  let names: readonly string[] | undefined;
  return {
    rows: info.rows,
    get names() {
      return (names ??= database
        .all('SELECT name FROM columns WHERE segment = ? ORDER BY rowid', info.id)
        .map((row) => String(row['name'])));
    },
    column(name) {
      const row = database.get('SELECT * FROM columns WHERE segment = ? AND name = ?', info.id, name);
      if (!row) throw new DamagedColumn(`its column ${name} is missing`);
      const column: StoredColumn = {
        name,
        length: Number(row['length']),
        encoding: row['encoding'] as Encoding,
        packing: packings[Number(row['compressed'])] ?? 'plain',
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

/** What the columns of all segments take, by name. */
export function sumColumns(database: Database): ColumnSum[] {
  return database
    .all('SELECT name, sum(length(data)) AS stored, sum(plainBytes) AS plain FROM columns GROUP BY name')
    .map((row) => ({
      name: String(row['name']),
      stored: Number(row['stored']),
      plain: Number(row['plain']),
    }));
}

function columnChecksum(column: StoredColumn): number {
  const { name, length, encoding, packing, plainBytes } = column;
  return crc32(column.data, crc32([name, length, encoding, packings.indexOf(packing), plainBytes].join(' ')));
}
