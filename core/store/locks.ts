/** Who may write: one import and one collector at a time; who drops or repairs needs both locks. */
import { join } from 'node:path';
import { ApiError } from '../model/api-error.ts';
import { Database, SqlError } from './database.ts';

const COLLECTING = 'Another collector writes into this store: end it, or collect into another store.';

/** Held by the one import that may run. Throws SqlError `SQLITE_BUSY` where another one keeps it for `waitMs`. */
export function lockForImport(folder: string, waitMs: number): Disposable {
  return lockFile(join(folder, 'import.lock'), waitMs);
}

/** Held by the one collector that may run. Throws ApiError `busy-store`. */
export function lockForCollection(folder: string): Disposable {
  try {
    return lockFile(join(folder, 'collect.lock'), 0);
  } catch (error) {
    if (!isBusy(error)) throw error;
    throw new ApiError('busy-store', COLLECTING, { cause: error });
  }
}

/** What `lock` gives; undefined where another program holds it. */
export function unlessBusy(lock: () => Disposable): Disposable | undefined {
  try {
    return lock();
  } catch (error) {
    if (isBusy(error) || (error instanceof ApiError && error.code === 'busy-store')) return undefined;
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof SqlError && error.code.startsWith('SQLITE_BUSY');
}

/** An open transaction on a file that holds nothing; it ends with the process that holds it. */
function lockFile(path: string, waitMs: number): Disposable {
  const lock = new Database(path, { lockWaitMs: waitMs });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw error;
  }
  return lock;
}
