/** The stores that were open, the latest first, in a file of the program's own folder. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const MAX_RECENT = 10;

export class RecentStores {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Those that are still there. */
  list(): string[] {
    let read: unknown;
    try {
      read = JSON.parse(readFileSync(this.#path, 'utf8'));
    } catch {
      return [];
    }
    const folders = Array.isArray(read) ? read.filter((folder) => typeof folder === 'string') : [];
    return folders.filter((folder) => existsSync(join(folder, 'catalog.sqlite'))).slice(0, MAX_RECENT);
  }

  note(folder: string): void {
    const noted = resolve(folder);
    const folders = [noted, ...this.list().filter((other) => other !== noted)].slice(0, MAX_RECENT);
    try {
      writeFileSync(this.#path, JSON.stringify(folders));
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
    }
  }
}
