/** A file on disk as a sequence of bytes. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from '../../archive/byte-cursor.ts';
import { ApiError } from '../../model/api-error.ts';

/** Reads a regular file from its start to where it ended when it was opened: a file that still grows is cut there. */
export class FileSource implements ByteSource, Disposable {
  readonly path: string;
  readonly size: number;
  readonly #descriptor: number;
  #offset = 0;

  /** Throws ApiError `unreadable-file` where there is no regular file to read. */
  constructor(path: string) {
    this.path = path;
    this.#descriptor = explained(path, () => openSync(path, 'r'));
    const stat = fstatSync(this.#descriptor);
    if (!stat.isFile()) {
      this[Symbol.dispose]();
      throw new ApiError(
        'unreadable-file',
        `${path} is not a regular file: give the path of a flow archive.`,
      );
    }
    this.size = stat.size;
  }

  pull(target: Uint8Array): number {
    const count = this.#read(target, this.#offset);
    this.#offset += count;
    return count;
  }

  /** Up to `length` bytes at `offset`: fewer at the end of the file. Where `pull` stands does not change. */
  readAt(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
    let filled = 0;
    while (filled < bytes.length) {
      const count = this.#read(bytes.subarray(filled), offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  }

  /** Begins again with the first byte. */
  rewind(): void {
    this.#offset = 0;
  }

  #read(target: Uint8Array, offset: number): number {
    const length = Math.min(target.length, this.size - offset);
    if (length <= 0) return 0;
    return explained(this.path, () => readSync(this.#descriptor, target, 0, length, offset));
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read by you',
  EPERM: 'may not be read by you',
  EISDIR: 'is a folder',
};

function explained<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new ApiError('unreadable-file', `${path} ${reasons[code] ?? `cannot be read (${message})`}.`, {
      cause: error,
    });
  }
}
