/** Day files held open for writing, the most recently used ones: an import stays in few days at a time. */
import { createDatabase } from './database.ts';
import { DayFile } from './day-file.ts';
import { DAY_FILE_PAGE_SIZE, dayFileMigrations } from './day-layout.ts';

const OPEN_FILES = 8;

export class DayFiles implements Disposable {
  readonly #open = new Map<string, DayFile>();

  /** Makes an empty day file where there is none; see `createDatabase` for the draft's name. */
  create(path: string, draftEnding?: string): void {
    if (!this.#open.has(path)) createDatabase(path, dayFileMigrations, DAY_FILE_PAGE_SIZE, draftEnding);
  }

  /** The open file; it may be closed by the next call. */
  open(path: string): DayFile {
    const file = this.#open.get(path) ?? new DayFile(path);
    this.#open.delete(path);
    this.#open.set(path, file);
    for (const [oldest, other] of this.#open) {
      if (this.#open.size <= OPEN_FILES) break;
      other.close();
      this.#open.delete(oldest);
    }
    return file;
  }

  /** Closes a file that is about to be deleted. */
  close(path: string): void {
    this.#open.get(path)?.close();
    this.#open.delete(path);
  }

  [Symbol.dispose](): void {
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
  }
}
