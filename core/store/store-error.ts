/** What a person is told when SQLite or the disk refuses. */
import { ApiError } from '../model/api-error.ts';
import { isDamage, SqlError } from './database.ts';

/** File system faults that the person can mend. */
const diskFaults = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'ENOTDIR',
  'EEXIST',
  'EFBIG',
  'ENOENT',
]);

/** The fault as an ApiError where it is one that a person can mend; the fault itself otherwise. */
function explainFault(error: unknown, folder: string): unknown {
  if (error instanceof SqlError) return explainSql(error, folder);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!diskFaults.has(code)) return error;
  const sentence = `The store ${folder} cannot be written (${(error as Error).message}): choose a folder that you may write to, on a disk with free space.`;
  return new ApiError('cannot-write', sentence, { cause: error });
}

function explainSql(error: SqlError, folder: string): ApiError {
  const cause = { cause: error };
  if (error.code.startsWith('SQLITE_BUSY')) {
    const sentence = `Another program is writing to the store ${folder}: wait until it is done, then run this again.`;
    return new ApiError('busy-store', sentence, cause);
  }
  if (isDamage(error)) {
    const sentence = `The store ${folder} is damaged (${error.message}): import the files into a new store, and keep this one for its evidence.`;
    return new ApiError('damaged-store', sentence, cause);
  }
  const full = error.code === 'SQLITE_FULL' || error.code.startsWith('SQLITE_IOERR');
  const sentence = full
    ? `The disk of the store ${folder} is full or failing (${error.code}): free some space and run the import again, it goes on where it stopped.`
    : `The store ${folder} cannot be written (${error.code}), which even reading needs: use or copy it where you may write.`;
  return new ApiError('cannot-write', sentence, cause);
}

/** Runs `work`; its faults become sentences. */
export function explained<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explainFault(error, folder);
  }
}
