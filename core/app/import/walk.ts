/** Which files an import is about. */
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ApiError } from '../../model/api-error.ts';

/** A file to import, or what stands in the way of it. */
export interface ImportCandidate {
  readonly path: string;
  /** 0 where it cannot be told. */
  readonly bytes: number;
  /** True where nobody named it: it was found in a folder. */
  readonly walked: boolean;
  readonly error?: ApiError;
}

/**
 * The files at the paths: a file stands for itself, a folder for all regular files in it and below, by name. Links inside
 * folders are not followed, and the folder `except` (the store's own) is left out.
 */
export function walkFiles(paths: readonly string[], except: string): ImportCandidate[] {
  return paths.flatMap((path) => {
    try {
      const stat = statSync(path);
      return stat.isDirectory()
        ? walkFolder(path, resolve(except))
        : [{ path, bytes: stat.size, walked: false }];
    } catch (error) {
      return [{ path, bytes: 0, walked: false, error: explain(path, error) }];
    }
  });
}

function walkFolder(folder: string, except: string): ImportCandidate[] {
  if (resolve(folder) === except) return [];
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry): ImportCandidate[] => {
    const path = join(folder, entry.name);
    try {
      if (entry.isDirectory()) return walkFolder(path, except);
      return entry.isFile() ? [{ path, bytes: statSync(path).size, walked: true }] : [];
    } catch (error) {
      return [{ path, bytes: 0, walked: true, error: explain(path, error) }];
    }
  });
}

function explain(path: string, error: unknown): ApiError {
  const { code, message } = error as NodeJS.ErrnoException;
  const what = code === 'ENOENT' ? 'does not exist' : `cannot be read (${message})`;
  return new ApiError('unreadable-file', `${path} ${what}.`, { cause: error });
}
