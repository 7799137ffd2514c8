/**
 * Layout versions of a database.
 *
 * A database holds one row that says which layout it has and the oldest program that can still work with it. A program
 * brings an older database up to date, step by step, in one transaction; it refuses one whose `minSafeVersion` is above
 * its own version, since it would write what the newer layout forbids.
 */
import { ApiError } from '../model/api-error.ts';
import type { Database } from './database.ts';

export interface Migrations {
  /** What the file is, for the person who reads a refusal. */
  readonly what: string;
  /** The oldest layout version whose programs can safely use the layout that the last step makes. */
  readonly minSafeVersion: number;
  /** Step n makes layout n from layout n - 1; numbered from 1 without gaps. */
  readonly steps: ReadonlyMap<number, (database: Database) => void>;
}

/** Brings the database to the newest layout. Throws `newer-store` where a newer program has made it. */
export function runMigrations(database: Database, migrations: Migrations): void {
  const newest = Math.max(...migrations.steps.keys());
  const version = checkVersion(database, migrations, newest);
  if (version >= newest) return;
  database.transaction(() => {
    // Another program may have been quicker between the check and the lock.
    const from = checkVersion(database, migrations, newest);
    for (let step = from + 1; step <= newest; step++) migrations.steps.get(step)?.(database);
    database.exec(`
      CREATE TABLE IF NOT EXISTS layout (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        version INTEGER NOT NULL,
        minSafeVersion INTEGER NOT NULL
      )`);
    database.run(
      'INSERT OR REPLACE INTO layout (one, version, minSafeVersion) VALUES (1, ?, ?)',
      newest,
      migrations.minSafeVersion,
    );
  });
}

function checkVersion(database: Database, migrations: Migrations, newest: number): number {
  if (!database.get(`SELECT 1 FROM sqlite_schema WHERE name = 'layout'`)) return 0;
  const row = database.get('SELECT version, minSafeVersion FROM layout');
  if (Number(row?.['minSafeVersion']) > newest) {
    throw new ApiError(
      'newer-store',
      `${migrations.what} ${database.path} was written by a newer Backtrail (layout ${Number(row?.['version'])}, this program knows ${newest}): open it with that version.`,
    );
  }
  return Number(row?.['version'] ?? 0);
}
