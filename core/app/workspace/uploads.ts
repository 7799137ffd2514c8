/** Files that a browser sends in pieces: kept in the store's folder until they are imported, and never longer. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { ApiError } from '../../model/api-error.ts';

const FOLDER = 'uploads';
/** Bare files lie in a folder of this name, which becomes the site of exporters without an address. */
const DROPPED = 'dropped';
const MAX_UPLOADS = 16;
/** What stays free on the disk, for the flows of the files and for everybody else. */
const RESERVE_BYTES = 256 << 20;

export interface AnnouncedFile {
  /** May be a path with slashes. */
  readonly name: string;
  readonly bytes: number;
}

interface Upload {
  readonly root: string;
  readonly files: readonly { readonly name: string; readonly path: string; readonly bytes: number }[];
  /** The file that comes now, and how much of it is there. */
  current: number;
  received: number;
  descriptor: number | undefined;
}

/** An upload that has come in whole. */
export interface ReceivedUpload {
  /** Names are relative to this. */
  readonly root: string;
  /** What was dropped: files, and folders. */
  readonly paths: readonly string[];
  /** Of all files, as they were announced. */
  readonly names: readonly string[];
  remove(): void;
}

export class Uploads {
  readonly #folder: string;
  readonly #uploads = new Map<string, Upload>();

  /** Removes what a program that ended in the middle has left. */
  constructor(storeFolder: string) {
    this.#folder = join(storeFolder, FOLDER);
    for (const name of existsSync(this.#folder) ? readdirSync(this.#folder) : []) {
      if (!isAlive(Number(name.split('-')[0])))
        rmSync(join(this.#folder, name), { recursive: true, force: true });
    }
  }

  /** Throws ApiError: `usage` for names that cannot be kept, `cannot-write` where the disk has no room. */
  announce(files: readonly AnnouncedFile[]): string {
    if (this.#uploads.size >= MAX_UPLOADS) {
      throw new ApiError('usage', `${MAX_UPLOADS} uploads are under way: wait for one of them to end.`);
    }
    const id = randomUUID();
    const root = join(this.#folder, `${process.pid}-${id}`);
    const placed = files.map(({ name, bytes }) => ({
      name,
      path: join(root, ...safeParts(name)),
      bytes,
    }));
    if (new Set(placed.map(({ path }) => path)).size < placed.length) {
      throw new ApiError('usage', 'Two of the files have the same name: drop them one after the other.');
    }
    writing(() => {
      mkdirSync(root, { recursive: true, mode: 0o700 });
      const total = placed.reduce((sum, { bytes }) => sum + bytes, 0);
      const { bavail, bsize } = statfsSync(root);
      if (total + RESERVE_BYTES > bavail * bsize) {
        rmSync(root, { recursive: true, force: true });
        const sentence = `The disk of ${this.#folder} has no room for ${total} bytes more.`;
        throw new ApiError('cannot-write', sentence);
      }
    });
    this.#uploads.set(id, { root, files: placed, current: 0, received: 0, descriptor: undefined });
    return id;
  }

  /** Pieces come in order, file after file. Throws ApiError: `usage` where they do not, `cannot-write`. */
  piece(id: string, file: number, offset: number, bytes: Uint8Array): void {
    const upload = this.#find(id);
    while (upload.current < file && isWhole(upload)) nextFile(upload);
    const target = upload.files[file];
    if (!target || file !== upload.current || offset !== upload.received) {
      throw new ApiError('usage', 'A piece of the file came out of turn: send the files again.');
    }
    if (offset + bytes.length > target.bytes) {
      throw new ApiError('usage', 'The file is longer than it was announced: send it again.');
    }
    writing(() => {
      upload.descriptor ??= create(target.path);
      for (let at = 0; at < bytes.length;) at += writeSync(upload.descriptor, bytes, at);
    });
    upload.received += bytes.length;
  }

  /** Takes an upload out that has come in whole. Throws ApiError `usage` where something of it is missing. */
  finish(id: string): ReceivedUpload {
    const upload = this.#find(id);
    while (upload.current < upload.files.length && isWhole(upload)) nextFile(upload);
    if (upload.current < upload.files.length) {
      throw new ApiError('usage', 'A part of the files is missing: send them again.');
    }
    this.#uploads.delete(id);
    const { root } = upload;
    const tops = new Set(
      upload.files.map(({ path }) => {
        const parts = path.slice(root.length + 1).split(/[/\\]/);
        return parts[0] === DROPPED ? path : join(root, parts[0] ?? '');
      }),
    );
    return {
      root,
      paths: [...tops],
      names: upload.files.map(({ name }) => name),
      remove: () => rmSync(root, { recursive: true, force: true }),
    };
  }

  /** Does nothing where there is no such upload any more. */
  discard(id: string): void {
    const upload = this.#uploads.get(id);
    if (!upload) return;
    this.#uploads.delete(id);
    if (upload.descriptor !== undefined) closeSync(upload.descriptor);
    rmSync(upload.root, { recursive: true, force: true });
  }

  close(): void {
    for (const id of this.#uploads.keys()) this.discard(id);
  }

  #find(id: string): Upload {
    const upload = this.#uploads.get(id);
    if (!upload) throw new ApiError('usage', 'This upload is over: send the files again.');
    return upload;
  }
}

const isWhole = ({ files, current, received }: Upload): boolean => received === files[current]?.bytes;

/** A file of no bytes has had no piece: it is there all the same. */
function nextFile(upload: Upload): void {
  writing(() => {
    const file = upload.files[upload.current];
    if (file) upload.descriptor ??= create(file.path);
  });
  if (upload.descriptor !== undefined) closeSync(upload.descriptor);
  upload.descriptor = undefined;
  upload.current++;
  upload.received = 0;
}

function create(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return openSync(path, 'wx', 0o600);
}

/** The parts of a name below the upload's folder: none of them leaves it, or means something to a file system. */
function safeParts(name: string): string[] {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  const bad = parts.some(
    (part) => part === '..' || part.length > 255 || /[\u0000-\u001f\\:]/.test(part) || part === DROPPED,
  );
  if (bad || parts.length === 0 || parts.length > 32) {
    throw new ApiError('usage', `A file cannot be kept under the name ${JSON.stringify(name)}: rename it.`);
  }
  return parts.length === 1 ? [DROPPED, ...parts] : parts;
}

function writing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ApiError) throw error;
    const what = error instanceof Error ? error.message : String(error);
    throw new ApiError('cannot-write', `The file cannot be kept for its import (${what}).`, { cause: error });
  }
}

/** Whether a process of that number runs. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
