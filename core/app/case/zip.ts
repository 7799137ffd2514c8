/**
 * Reading an evidence bundle that somebody else hands over: a zip file (PKWARE APPNOTE 6.3) with nothing in it but files,
 * one behind the other, and a seal as its comment; it may have been packed anew by another program, without one. What its directory says is bounded before it is believed; contents come a piece at a time.
 */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { createInflateRaw } from 'node:zlib';
import { ApiError } from '../../model/api-error.ts';
import { isBundlePath, MAX_BUNDLE_FILES, SEAL, SEAL_LENGTH } from '../../model/case-bundle.ts';

const END = 22;
const CENTRAL = 46;
const LOCAL = 30;
const DESCRIPTOR = 16;
const MAX_DIRECTORY_BYTES = 8 << 20;
const MAX_COMMENT = 0xffff;
const DEFLATED_NOTHING = 2;
/** Files, and the folders that another program may put in. */
const MAX_ENTRIES = MAX_BUNDLE_FILES + 16;
/** Deflate can pack 1,032 to 1; tables of flows stay far below this. */
const MAX_RATIO = 300;
const RATIO_FREE_BYTES = 1 << 20;

export interface ZipEntry {
  readonly path: string;
  readonly packed: boolean;
  readonly packedBytes: number;
  readonly bytes: number;
  /** Where its header begins, and where its content does. */
  readonly offset: number;
  readonly start: number;
}

export interface OpenZip {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /** The hash that the file's comment names; undefined where another program has packed it. */
  readonly seal: string | undefined;
  /** The bytes that it is of. */
  readonly sealedBytes: number;
}

/** Reads the directory. Throws ApiError `unreadable-file` for what is no bundle of ours, or means harm. */
export function openZip(path: string): OpenZip {
  const descriptor = reading(path, () => openSync(path, 'r'));
  try {
    return reading(path, () => readDirectory(path, descriptor));
  } finally {
    closeSync(descriptor);
  }
}

function readDirectory(path: string, descriptor: number): OpenZip {
  const { size } = fstatSync(descriptor);
  const { end, at: endAt } = findEnd(path, descriptor, size);
  const comment = end.toString('latin1', END);
  const count = end.readUInt16LE(10);
  const length = end.readUInt32LE(12);
  const start = end.readUInt32LE(16);
  if (count > MAX_ENTRIES || length > MAX_DIRECTORY_BYTES) throw refused(path, 'its directory is too large');
  if (start + length !== endAt) throw refused(path, 'its directory is not where it says');
  const directory = readAt(path, descriptor, start, length);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  let expected = 0;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL > length || directory.readUInt32LE(at) !== 0x0201_4b50) {
      throw refused(path, 'its directory is damaged');
    }
    const entry = readEntry(path, directory, at);
    const { path: name, offset } = entry;
    if (entries.has(name)) throw refused(path, `it holds ${JSON.stringify(name)} twice`);
    // One behind the other: none of them overlaps another, which is how small bombs grow large.
    if (offset !== expected) throw refused(path, `${name} does not lie where the one before it ends`);
    const flags = directory.readUInt16LE(at + 8);
    const local = readAt(path, descriptor, offset, LOCAL);
    const nameLength = local.readUInt16LE(26);
    const same =
      local.readUInt32LE(0) === 0x0403_4b50 &&
      nameLength === directory.readUInt16LE(at + 28) &&
      readAt(path, descriptor, offset + LOCAL, nameLength).toString('utf8') === name;
    if (!same) throw refused(path, `the directory and the header of ${name} say different things`);
    const contentAt = offset + LOCAL + nameLength + local.readUInt16LE(28);
    expected = contentAt + entry.packedBytes + ((flags & 8) === 0 ? 0 : DESCRIPTOR);
    if (expected > start) throw refused(path, `${name} reaches into the directory`);
    if (!isFolder(entry)) entries.set(name, { ...entry, start: contentAt });
    at += CENTRAL + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  if (at !== length || expected !== start)
    throw refused(path, 'there are bytes in it that belong to no file');
  if (entries.size > MAX_BUNDLE_FILES) throw refused(path, 'it holds too many files');
  const sealed = comment.length === SEAL_LENGTH && comment.startsWith(SEAL);
  return {
    entries,
    seal: sealed ? comment.slice(SEAL.length) : undefined,
    sealedBytes: sealed ? size - SEAL_LENGTH : size,
  };
}

/** The end record, with a comment that reaches to the end of the file: the last such, since the comment may be anything. */
function findEnd(path: string, descriptor: number, size: number): { end: Buffer; at: number } {
  if (size < END) throw refused(path, 'it is too short');
  const tailAt = Math.max(0, size - END - MAX_COMMENT);
  const tail = readAt(path, descriptor, tailAt, size - tailAt);
  for (let at = tail.length - END; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== 0x0605_4b50 || at + END + tail.readUInt16LE(at + 20) !== tail.length)
      continue;
    return { end: tail.subarray(at), at: tailAt + at };
  }
  throw refused(path, 'its end is missing or was changed');
}

/** Other programs give folders an entry of their own, which holds nothing. */
const isFolder = ({ path, bytes, packedBytes }: Pick<ZipEntry, 'path' | 'bytes' | 'packedBytes'>): boolean =>
  /^[a-z]+\/$/.test(path) && bytes === 0 && packedBytes <= DEFLATED_NOTHING;

function readEntry(path: string, directory: Buffer, at: number): ZipEntry {
  const method = directory.readUInt16LE(at + 10);
  const packedBytes = directory.readUInt32LE(at + 20);
  const bytes = directory.readUInt32LE(at + 24);
  const name = directory.toString('utf8', at + CENTRAL, at + CENTRAL + directory.readUInt16LE(at + 28));
  if (!isBundlePath(name) && !isFolder({ path: name, bytes, packedBytes }))
    throw refused(path, `it holds a file of the name ${JSON.stringify(name.slice(0, 200))}`);
  if (method !== 0 && method !== 8) throw refused(path, `${name} is packed in a way that bundles are not`);
  if (method === 0 && packedBytes !== bytes) throw refused(path, `${name} has two sizes`);
  if (bytes > RATIO_FREE_BYTES && bytes > packedBytes * MAX_RATIO) {
    throw refused(
      path,
      `${name} would become ${Math.round(bytes / Math.max(1, packedBytes))} times as large`,
    );
  }
  return {
    path: name,
    packed: method === 8,
    packedBytes,
    bytes,
    offset: directory.readUInt32LE(at + 42),
    start: 0,
  };
}

/**
 * The content of a file. Throws ApiError `unreadable-file` where it cannot be unpacked, or is longer than the directory
 * says, before more of it than that was given out.
 */
export async function* readEntryBytes(path: string, entry: ZipEntry): AsyncGenerator<Buffer> {
  if (entry.packedBytes === 0) return;
  const input = createReadStream(path, { start: entry.start, end: entry.start + entry.packedBytes - 1 });
  const unpacked = entry.packed
    ? input.on('error', (error) => inflate?.destroy(error)).pipe(createInflateRaw())
    : input;
  const inflate = entry.packed ? unpacked : undefined;
  let bytes = 0;
  try {
    for await (const piece of unpacked as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > entry.bytes) throw refused(path, `${entry.path} is longer than it says`);
      yield piece;
    }
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw refused(path, `${entry.path} cannot be unpacked`, error);
  } finally {
    input.destroy();
    inflate?.destroy();
  }
}

/** The whole content, of at most `limit` octets. Throws ApiError `unreadable-file`. */
export async function readWhole(path: string, entry: ZipEntry, limit: number): Promise<Buffer> {
  if (entry.bytes > limit) throw refused(path, `${entry.path} is larger than ${limit} bytes`);
  const pieces: Buffer[] = [];
  for await (const piece of readEntryBytes(path, entry)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** SHA-256 of the sealed part, and of the whole file. */
export async function hashBundle(
  path: string,
  sealedBytes: number,
): Promise<{ sealed: string; whole: string }> {
  const hash = createHash('sha256');
  let at = 0;
  let sealed = '';
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    const room = sealedBytes - at;
    if (room > 0 && room <= piece.length) {
      sealed = hash.update(piece.subarray(0, room)).copy().digest('hex');
      hash.update(piece.subarray(room));
    } else hash.update(piece);
    at += piece.length;
  }
  return { sealed, whole: hash.digest('hex') };
}

function readAt(path: string, descriptor: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const read = readSync(descriptor, bytes, at, length - at, offset + at);
    if (read === 0) throw refused(path, 'it ends too early');
    at += read;
  }
  return bytes;
}

function refused(path: string, why: string, cause?: unknown): ApiError {
  return new ApiError('unreadable-file', `${path} is no evidence bundle that can be read: ${why}.`, {
    cause,
  });
}

function reading<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ApiError || !(error instanceof Error && 'syscall' in error)) throw error;
    throw new ApiError('unreadable-file', `${path} cannot be read: ${error.message}.`, { cause: error });
  }
}
