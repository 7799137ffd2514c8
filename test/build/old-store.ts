/**
 * Stores as older programs left them: the layouts as their migrations made them, with rows that were written then.
 * They are written out here and take nothing from the program, which may change.
 */
import Sqlite from 'better-sqlite3';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, zstdCompressSync } from 'node:zlib';

const layoutTable = `CREATE TABLE layout (
  one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, minSafeVersion INTEGER NOT NULL)`;

/** The catalogue's steps, each with what it added. */
const catalogSteps: readonly string[] = [
  `CREATE TABLE sources (
     id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, name TEXT NOT NULL, bytes INTEGER NOT NULL, kind TEXT,
     state TEXT NOT NULL CHECK (state IN ('importing', 'complete')), decoder TEXT NOT NULL, imported REAL NOT NULL,
     chunks INTEGER NOT NULL DEFAULT 0, bytesRead INTEGER NOT NULL DEFAULT 0, rows INTEGER NOT NULL DEFAULT 0,
     options INTEGER NOT NULL DEFAULT 0, issues TEXT NOT NULL DEFAULT '{"counts":{},"examples":[]}',
     skipped TEXT NOT NULL DEFAULT '{}', brokeAt INTEGER);
   CREATE TABLE sites (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, named INTEGER NOT NULL);
   CREATE TABLE exporters (
     id INTEGER PRIMARY KEY, address TEXT NOT NULL, port INTEGER, observationDomainId INTEGER NOT NULL,
     scope TEXT NOT NULL, site INTEGER NOT NULL REFERENCES sites (id));
   CREATE UNIQUE INDEX exporter_identity ON exporters (address, ifnull(port, -1), observationDomainId, scope);
   CREATE TABLE source_exporters (
     source INTEGER NOT NULL REFERENCES sources (id), exporter INTEGER NOT NULL REFERENCES exporters (id),
     PRIMARY KEY (source, exporter)) WITHOUT ROWID;
   CREATE TABLE options (
     source INTEGER NOT NULL REFERENCES sources (id), ordinal INTEGER NOT NULL, records INTEGER NOT NULL,
     data BLOB NOT NULL, PRIMARY KEY (source, ordinal));
   CREATE TABLE days (day TEXT PRIMARY KEY, minStart REAL, maxEnd REAL) WITHOUT ROWID;
   INSERT INTO sources (sha256, name, bytes, kind, state, decoder, imported, chunks, bytesRead, rows)
     VALUES ('${'ab'.repeat(32)}', 'old.pcap', 100, 'pcap', 'complete', '0.1.0', 1763640000000, 1, 100, 3);
   INSERT INTO sites (name, named) VALUES ('Seoul', 1);
   INSERT INTO exporters (address, port, observationDomainId, scope, site) VALUES ('192.0.2.1', 2055, 7, '', 1);
   INSERT INTO source_exporters VALUES (1, 1);
   INSERT INTO days VALUES ('2026-11-20', 1795176000000, 1795176003000)`,
  `CREATE TABLE collections (
     source INTEGER PRIMARY KEY REFERENCES sources (id), started REAL NOT NULL, lastSeen REAL NOT NULL, ended REAL,
     status TEXT NOT NULL DEFAULT '{}');
   CREATE TABLE templates (
     id INTEGER PRIMARY KEY, address TEXT NOT NULL, version INTEGER NOT NULL, observationDomainId INTEGER NOT NULL,
     options INTEGER NOT NULL, octets BLOB NOT NULL)`,
];

/** Beside the tables of layout 1. */
const dayTables2 = `
  ALTER TABLE segments ADD COLUMN protocols TEXT;
  CREATE TABLE parts (
    segment INTEGER NOT NULL REFERENCES segments (id), first INTEGER NOT NULL, rows INTEGER NOT NULL,
    source INTEGER NOT NULL, ordinal INTEGER NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY (segment, first)) WITHOUT ROWID;
  CREATE INDEX part_source ON parts (source, ordinal)`;

const dayTables = `
  CREATE TABLE segments (
    id INTEGER PRIMARY KEY, source INTEGER NOT NULL, ordinal INTEGER NOT NULL, rows INTEGER NOT NULL,
    datagrams INTEGER NOT NULL, minStart REAL, maxStart REAL, minEnd REAL, maxEnd REAL,
    minOctets REAL, maxOctets REAL, octets REAL, minPackets REAL, maxPackets REAL, packets REAL,
    checksum INTEGER NOT NULL, UNIQUE (source, ordinal));
  CREATE TABLE columns (
    segment INTEGER NOT NULL REFERENCES segments (id), name TEXT NOT NULL, length INTEGER NOT NULL,
    encoding TEXT NOT NULL, compressed INTEGER NOT NULL, plainBytes INTEGER NOT NULL, checksum INTEGER NOT NULL,
    data BLOB NOT NULL, UNIQUE (segment, name))`;

/** 2026-11-20T12:00:00Z. */
export const OLD_START = 1_795_176_000_000;

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float64Array.from(values).buffer);
const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
const shorts = (...values: number[]): Uint8Array => new Uint8Array(Uint16Array.from(values).buffer);
const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

type OldColumn = readonly [name: string, length: number, encoding: string, data: Uint8Array];

/** Three flows from 10.0.0.1 to 198.51.100.7, one in each encoding that there was. */
const oldColumns: readonly OldColumn[] = [
  ['flowStartMilliseconds', 3, 'raw', floats(OLD_START, OLD_START + 1000, OLD_START + 2000)],
  // One run: count, the value, its length.
  ['flowEndMilliseconds', 3, 'rle', Uint8Array.of(1, ...floats(OLD_START + 3000), 3)],
  ['collectionTimeMilliseconds', 3, 'delta', Uint8Array.of(0, 0, 0)],
  ['sourceAddress', 3, 'rle', Uint8Array.of(1, ...words(1), 3)],
  ['destinationAddress', 3, 'rle', Uint8Array.of(1, ...words(2), 3)],
  // 1 + zigzag: 22, then +1, then -2.
  ['sourceTransportPort', 3, 'delta', Uint8Array.of(45, 3, 4)],
  // Two values, then which of them.
  ['destinationTransportPort', 3, 'dict', Uint8Array.of(2, ...shorts(443, 8080), 0, 1, 0)],
  ['protocolIdentifier', 3, 'raw', Uint8Array.of(6, 17, 6)],
  ['tcpControlBits', 3, 'raw', shorts(2, 0, 27)],
  ['ipClassOfService', 3, 'raw', Uint8Array.of(0, 0, 0)],
  ['octetDeltaCount', 3, 'raw', floats(100, 200, 300)],
  ['packetDeltaCount', 3, 'raw', floats(1, 2, 3)],
  ...['ingressInterface', 'egressInterface', 'bgpSourceAsNumber', 'bgpDestinationAsNumber'].map(
    (name): OldColumn => [name, 3, 'raw', words(0, 0, 0)],
  ),
  ['exporter', 3, 'raw', shorts(0, 0, 0)],
  ['datagram', 3, 'raw', words(0xffff_ffff, 0xffff_ffff, 0xffff_ffff)],
  ['layout', 3, 'raw', shorts(0, 0, 0)],
  ['sourceOffset', 3, 'raw', floats(24, 72, 120)],
  ['addresses.families', 3, 'raw', Uint8Array.of(0, 4, 4)],
  ['addresses.bytes', 3, 'raw', Uint8Array.of(10, 0, 0, 1, 198, 51, 100, 7)],
  ['addresses.filter', 3, 'raw', Uint8Array.of(0xff, 0xff, 0xff)],
  ['exporters', 1, 'raw', words(1)],
  ['layouts', 1, 'json', json([{ templateId: 0, fields: ['protocolIdentifier'] }])],
  ...['exporter', 'version', 'sequenceNumber', 'exportTime', 'sysUpTime'].map((name): OldColumn => [
    `datagrams.${name}`,
    0,
    'rle',
    Uint8Array.of(0),
  ]),
  ...['received', 'records', 'ordinal', 'sourceOffset'].map((name): OldColumn => [
    `datagrams.${name}`,
    0,
    'rle',
    Uint8Array.of(0),
  ]),
];

/** How many planes there are and the least value: what stands before planes. */
const planesOf = (planes: number, least: number): Uint8Array =>
  Uint8Array.of(planes, 0, 0, 0, 0, 0, 0, 0, ...floats(least));

/** What layout 2 could say in other ways. */
const newerColumns: readonly OldColumn[] = [
  // 3000, 2000 and 1000 after the start: 1 + the difference to 1000, low octets before high ones.
  ['flowEndMilliseconds', 3, 'after', Uint8Array.of(...planesOf(2, 1000), 0xd1, 0xe9, 1, 7, 3, 0)],
  ['packetDeltaCount', 3, 'planes', Uint8Array.of(...planesOf(1, 1), 1, 2, 3)],
  // Of two addresses, none of which differs in a row: nothing for the first, 64500 for the second.
  ['bgpSourceAsNumber', 3, 'by', Uint8Array.of(2, 0, ...planesOf(1, 64_500), 0, 1)],
];

/** What layout 3 could say in other ways; all of it was one zstd frame where that was smaller. */
const newestColumns: readonly OldColumn[] = [
  // The first value, then planes of the steps 0, 1000 and 1000.
  [
    'flowStartMilliseconds',
    3,
    'steps',
    Uint8Array.of(...floats(OLD_START), ...planesOf(2, 0), 1, 233, 233, 0, 3, 3),
  ],
  ['packetDeltaCount', 3, 'planes', Uint8Array.of(...planesOf(1, 1), 1, 2, 3)],
  // 100, 100 and 100 a packet, and nothing left over.
  ['octetDeltaCount', 3, 'per', Uint8Array.of(...planesOf(0, 100), ...planesOf(0, 0))],
  ['bgpSourceAsNumber', 3, 'by', Uint8Array.of(2, 0, ...planesOf(1, 64_500), 0, 1)],
];

/** Makes the store in `folder` with the catalogue of that layout, 1 or 2, and the day file of that, 1 to 3. */
export function writeOldStore(folder: string, catalogLayout: number, dayLayout = 1): void {
  mkdirSync(join(folder, 'flows/2026-11'), { recursive: true });
  const catalog = new Sqlite(join(folder, 'catalog.sqlite'));
  catalog.exec(
    `PRAGMA journal_mode = WAL; ${layoutTable}; INSERT INTO layout VALUES (1, ${catalogLayout}, 1)`,
  );
  for (const step of catalogSteps.slice(0, catalogLayout)) catalog.exec(step);
  catalog.close();
  const day = new Sqlite(join(folder, 'flows/2026-11/2026-11-20.sqlite'));
  day.exec(
    `PRAGMA page_size = 32768; PRAGMA journal_mode = WAL; ${layoutTable}; INSERT INTO layout VALUES (1, ${dayLayout}, ${dayLayout})`,
  );
  day.exec(dayTables);
  if (dayLayout > 1) day.exec(dayTables2);
  const [first, last] = [OLD_START, OLD_START + 2000];
  const values = [1, 0, 3, 0, first, last, OLD_START + 3000, OLD_START + 3000, 100, 300, 600, 1, 3, 6];
  const protocols = dayLayout > 1 ? ['6,17'] : [];
  const described = [...values, crc32([...values, ...protocols].join(' ')), ...protocols];
  day.prepare(`INSERT INTO segments VALUES (1, ${described.map(() => '?').join(', ')})`).run(...described);
  const insert = day.prepare('INSERT INTO columns VALUES (1, ?, ?, ?, ?, ?, ?, ?)');
  const newer = [[], [], newerColumns, newestColumns][dayLayout] ?? [];
  const kept = oldColumns.filter(([name]) => !newer.some(([other]) => other === name));
  for (const column of [...kept, ...newer]) {
    const [name, length, encoding, plain] = column;
    const compressed = newestColumns.includes(column) ? 1 : 0;
    const data = compressed === 1 ? zstdCompressSync(plain) : plain;
    const sum = crc32(data, crc32([name, length, encoding, compressed, plain.length].join(' ')));
    insert.run(name, length, encoding, compressed, plain.length, sum, data);
  }
  day.close();
}
