/** Live collections as the catalogue knows them: each is a source of its own, beside the imported files. */
import { randomUUID } from 'node:crypto';
import { epochMs, type EpochMs } from '../model/time.ts';
import type { Database } from './database.ts';
import { insertSource } from './sources.ts';

export interface StoredCollection {
  /** Its source in the catalogue. */
  readonly source: number;
  readonly name: string;
  readonly started: EpochMs;
  /** When it last stored something or said that it was alive. */
  readonly lastSeen: EpochMs;
  /** When it was ended on purpose; null where it still runs or was cut off. */
  readonly ended: EpochMs | null;
  readonly rows: number;
  /** The last account that its collector gave, as JSON. */
  readonly status: string;
}

/** The kind of a source that is a collection. */
export const LIVE_KIND = 'live';

/** Begins a collection; returns its source. */
export function insertCollection(catalog: Database, name: string, decoder: string, now: number): number {
  const sha256 = `live ${randomUUID()}`;
  insertSource(catalog, { name, sha256, bytes: 0, decoder }, now);
  const id = Number(catalog.get('SELECT id FROM sources WHERE sha256 = ?', sha256)?.['id']);
  // There is nothing to resume: what a collection has stored is complete at any time.
  catalog.run(`UPDATE sources SET state = 'complete', kind = ? WHERE id = ?`, LIVE_KIND, id);
  catalog.run('INSERT INTO collections (source, started, lastSeen) VALUES (?, ?, ?)', id, now, now);
  return id;
}

export function touchCollection(catalog: Database, source: number, now: number, status: string): void {
  catalog.run('UPDATE collections SET lastSeen = ?, status = ? WHERE source = ?', now, status, source);
}

export function endCollection(catalog: Database, source: number, now: number): void {
  catalog.run('UPDATE collections SET ended = ? WHERE source = ?', now, source);
}

/** The latest first. */
export function listCollections(catalog: Database): StoredCollection[] {
  return catalog
    .all(
      `SELECT c.*, s.name, s.rows FROM collections c JOIN sources s ON s.id = c.source ORDER BY c.source DESC`,
    )
    .map((row) => ({
      source: Number(row['source']),
      name: String(row['name']),
      started: epochMs(Number(row['started'])),
      lastSeen: epochMs(Number(row['lastSeen'])),
      ended: row['ended'] === null ? null : epochMs(Number(row['ended'])),
      rows: Number(row['rows']),
      status: String(row['status']),
    }));
}
