/**
 * The catalogue: which files were imported and how far, who exported, which sites there are, which days have flows.
 *
 * | table            | a row is                                                                                 |
 * |------------------|------------------------------------------------------------------------------------------|
 * | sources          | one imported file, by the SHA-256 of its bytes; `chunks` of it are wholly stored         |
 * | source_exporters | an exporter that a source holds flows of                                                 |
 * | options          | the options records of one chunk: zstd-compressed JSON                                   |
 * | sites            | one address space; `named` by a person, or the default of an exporter's address           |
 * | exporters        | one exporting process; `scope` tells processes apart whose address the archive has lost   |
 * | collections      | a source that came in live: when it began, was last heard of, and ended if on purpose     |
 * | templates        | what the collector knew of the exporters' records, for its next start                    |
 * | days             | a day file and the bounds of its flows: at least as wide as what the file holds           |
 * | removals         | a day that retention has dropped and whose file is still to be deleted                   |
 *
 * `rows` of a source are stored at present; `dropped` ones went with their days.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '../model/api-error.ts';
import { openDatabase, type Database } from './database.ts';
import type { Migrations } from './migrations.ts';

export const CATALOG_FILE = 'catalog.sqlite';
export const CATALOG_PAGE_SIZE = 4096;

export const catalogMigrations: Migrations = {
  what: 'The catalogue',
  minSafeVersion: 1,
  steps: new Map([
    [
      1,
      (database) =>
        database.exec(`
          CREATE TABLE sources (
            id INTEGER PRIMARY KEY,
            sha256 TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            kind TEXT,
            state TEXT NOT NULL CHECK (state IN ('importing', 'complete')),
            decoder TEXT NOT NULL,
            imported REAL NOT NULL,
            chunks INTEGER NOT NULL DEFAULT 0,
            bytesRead INTEGER NOT NULL DEFAULT 0,
            rows INTEGER NOT NULL DEFAULT 0,
            options INTEGER NOT NULL DEFAULT 0,
            issues TEXT NOT NULL DEFAULT '{"counts":{},"examples":[]}',
            skipped TEXT NOT NULL DEFAULT '{}',
            brokeAt INTEGER
          );
          CREATE TABLE sites (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            named INTEGER NOT NULL
          );
          CREATE TABLE exporters (
            id INTEGER PRIMARY KEY,
            address TEXT NOT NULL,
            port INTEGER,
            observationDomainId INTEGER NOT NULL,
            scope TEXT NOT NULL,
            site INTEGER NOT NULL REFERENCES sites (id)
          );
          CREATE UNIQUE INDEX exporter_identity
            ON exporters (address, ifnull(port, -1), observationDomainId, scope);
          CREATE TABLE source_exporters (
            source INTEGER NOT NULL REFERENCES sources (id),
            exporter INTEGER NOT NULL REFERENCES exporters (id),
            PRIMARY KEY (source, exporter)
          ) WITHOUT ROWID;
          CREATE TABLE options (
            source INTEGER NOT NULL REFERENCES sources (id),
            ordinal INTEGER NOT NULL,
            records INTEGER NOT NULL,
            data BLOB NOT NULL,
            PRIMARY KEY (source, ordinal)
          );
          CREATE TABLE days (
            day TEXT PRIMARY KEY,
            minStart REAL,
            maxEnd REAL
          ) WITHOUT ROWID`),
    ],
    [
      2,
      (database) =>
        database.exec(`
          CREATE TABLE collections (
            source INTEGER PRIMARY KEY REFERENCES sources (id),
            started REAL NOT NULL,
            lastSeen REAL NOT NULL,
            ended REAL,
            status TEXT NOT NULL DEFAULT '{}'
          );
          CREATE TABLE templates (
            id INTEGER PRIMARY KEY,
            address TEXT NOT NULL,
            version INTEGER NOT NULL,
            observationDomainId INTEGER NOT NULL,
            options INTEGER NOT NULL,
            octets BLOB NOT NULL
          )`),
    ],
    [
      3,
      (database) =>
        database.exec(`
          ALTER TABLE sources ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0;
          CREATE TABLE removals (day TEXT PRIMARY KEY) WITHOUT ROWID`),
    ],
  ]),
};

/** Opens the catalogue of the store in `folder`. Throws ApiError `no-store`, `newer-store`. */
export function openCatalog(folder: string): Database {
  const path = join(folder, CATALOG_FILE);
  if (existsSync(path)) return openDatabase(path, catalogMigrations);
  const sentence = `There is no store in ${folder}: make one with "backtrail import FILE... --store ${folder}".`;
  throw new ApiError('no-store', sentence);
}
