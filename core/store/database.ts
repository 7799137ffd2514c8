/**
 * The SQLite driver, wrapped once: what the store needs of it, closed by `using`, every fault with the SQL that met it.
 */
import Sqlite from 'better-sqlite3';
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runMigrations, type Migrations } from './migrations.ts';

export type SqlValue = number | string | Uint8Array | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** A fault that SQLite reported. `code` is SQLite's own, `SQLITE_CORRUPT` and the like. */
export class SqlError extends Error {
  readonly code: string;

  constructor(code: string, message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'SqlError';
    this.code = code;
  }
}

/** True where the file is not what SQLite wrote. */
export function isDamage({ code }: SqlError): boolean {
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB';
}

/** How long a statement waits for another program's lock before it is `SQLITE_BUSY`. */
const LOCK_WAIT_MS = 10_000;

/**
 * Statements are prepared once and kept as long as the database is open. Every SQL text is a literal of this room, so
 * the cache is as large as the room's vocabulary and needs no bound.
 */
export class Database implements Disposable {
  readonly path: string;
  readonly #handle: Sqlite.Database;
  readonly #statements = new Map<string, Sqlite.Statement<SqlValue[], SqlRow>>();

  constructor(path: string, options: { readonly mustExist?: boolean; readonly lockWaitMs?: number } = {}) {
    this.path = path;
    const timeout = options.lockWaitMs ?? LOCK_WAIT_MS;
    this.#handle = this.#told('open', () => {
      const fileMustExist = options.mustExist ?? false;
      try {
        return new Sqlite(path, { fileMustExist, timeout });
      } catch (error) {
        if (!fileMustExist || !existsSync(path)) throw error;
        // A folder or a medium that may only be read: reading is all that such a database is for.
        return new Sqlite(path, { fileMustExist, timeout, readonly: true });
      }
    });
  }

  /** Runs statements that return nothing. */
  exec(sql: string): void {
    this.#told(sql, () => this.#handle.exec(sql));
  }

  /** Runs one statement; returns how many rows it changed and the row id it inserted. */
  run(sql: string, ...values: SqlValue[]): { readonly changes: number; readonly id: number } {
    return this.#told(sql, () => {
      const { changes, lastInsertRowid } = this.#statement(sql).run(...values);
      return { changes, id: Number(lastInsertRowid) };
    });
  }

  get(sql: string, ...values: SqlValue[]): SqlRow | undefined {
    return this.#told(sql, () => this.#statement(sql).get(...values));
  }

  all(sql: string, ...values: SqlValue[]): SqlRow[] {
    return this.#told(sql, () => this.#statement(sql).all(...values));
  }

  /** Runs `work` in one transaction that holds the write lock from its start; rolls back when it throws. */
  transaction<T>(work: () => T): T {
    return this.#told('transaction', () => this.#handle.transaction(work).immediate());
  }

  close(): void {
    this.#statements.clear();
    this.#handle.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #statement(sql: string): Sqlite.Statement<SqlValue[], SqlRow> {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#handle.prepare<SqlValue[], SqlRow>(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #told<T>(sql: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof Sqlite.SqliteError) {
        throw new SqlError(error.code, `${error.message} (${error.code}) in ${this.path}: ${sql}`, error);
      }
      throw error;
    }
  }
}

/** Opens a database of ours for reading and writing and brings it to the present layout. */
export function openDatabase(path: string, migrations: Migrations): Database {
  const database = new Database(path, { mustExist: true });
  try {
    // A commit has reached the disk before it is reported: what a query has shown survives a power cut.
    database.exec('PRAGMA synchronous = FULL');
    runMigrations(database, migrations);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Creates a database of ours, whole or not at all: it is made under another name and given its own when it is complete.
 * Does nothing where the file exists. Who may hold `draft` as the other name's ending holds a lock: what is found there
 * was left by a process that died, and is removed. Two that make the same file both succeed, one file remains.
 */
export function createDatabase(
  path: string,
  migrations: Migrations,
  pageSize: number,
  draftEnding = 'new',
): void {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${draftEnding}`;
  removeDatabase(draft);
  try {
    using database = new Database(draft);
    database.exec(`PRAGMA page_size = ${pageSize}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`);
    runMigrations(database, migrations);
  } catch (error) {
    removeDatabase(draft);
    throw error;
  }
  nameDatabase(draft, path);
  // Day files lie two folders deep, and all of them may be new.
  for (const above of ['.', '..', '../..']) syncFolder(join(dirname(path), above));
}

/** Gives a finished draft its name, but never the name of a file that another program has made meanwhile. */
function nameDatabase(draft: string, path: string): void {
  try {
    linkSync(draft, path);
    rmSync(draft);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') rmSync(draft);
    // Some file systems know no second names.
    else renameSync(draft, path);
  }
}

/** Puts new names in a folder on disk. */
function syncFolder(folder: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(folder, 'r');
  } catch {
    // Windows opens no folders and keeps names safe by itself; in a folder that we may not read, nothing new is ours.
    return;
  }
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
}
