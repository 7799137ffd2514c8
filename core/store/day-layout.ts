/**
 * The tables of a day file.
 *
 * | table    | a row is                                                                                          |
 * |----------|---------------------------------------------------------------------------------------------------|
 * | segments | one segment: the chunk of a source it is (`source`, `ordinal`: once a file), counts and bounds     |
 * | columns  | one column of a segment: encoding, size before compression, checksum, bytes                       |
 * | parts    | of a segment that was put together: rows from `first` on are chunks `ordinal` to `last` of `source` |
 *
 * Bounds let a scan skip a segment; NULL where no flow has a value. `protocols` lists those that occur, NULL where
 * nobody looked. A segment of several sources has the source 0. The checksums are CRC-32 over what is stored, so that a
 * changed byte is noticed even where SQLite and zstd would not.
 */
import type { Database } from './database.ts';
import type { Migrations } from './migrations.ts';

/** A column fills its last page half on average: with 32,768 that was a tenth of the file, and not written faster. */
export const DAY_FILE_PAGE_SIZE = 8192;

export const dayFileMigrations: Migrations = {
  what: 'The day file',
  // Programs of layout 3 know no pieces, those of layout 2 neither all encodings nor addresses in their own order.
  minSafeVersion: 4,
  steps: new Map<number, (database: Database) => void>([
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
    [
      2,
      (database) =>
        database.exec(`
          ALTER TABLE segments ADD COLUMN protocols TEXT;
          CREATE TABLE parts (
            segment INTEGER NOT NULL REFERENCES segments (id),
            first INTEGER NOT NULL,
            rows INTEGER NOT NULL,
            source INTEGER NOT NULL,
            ordinal INTEGER NOT NULL,
            last INTEGER NOT NULL,
            PRIMARY KEY (segment, first)
          ) WITHOUT ROWID;
          CREATE INDEX part_source ON parts (source, ordinal)`),
    ],
    // Other columns and encodings, in the same tables.
    [3, () => undefined],
    // Columns in pieces of their own: `compressed` may be 2 (column-pieces.ts).
    [4, () => undefined],
  ]),
};
