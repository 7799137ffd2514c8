/**
 * Datagrams that were received and are not yet decoded, first in, first out: in memory while they are few, in files beyond
 * that, so that a burst costs disk and time and no datagram. What a cut-off collection leaves in files is taken up by the
 * next one.
 *
 * A block, in memory and on disk, is a row of datagrams: length (u16), port (u16), number of the address in the block's
 * table (u32), time received (f64 epoch ms), payload. A file is one block:
 *
 * | bytes | value                                            |
 * |-------|--------------------------------------------------|
 * | 4     | `BTQ1`                                           |
 * | 4     | CRC-32 of everything after it                    |
 * | 4     | datagrams                                        |
 * | 4     | bytes of the datagrams with their heads          |
 * | ...   | the datagrams                                    |
 * | ...   | the table of addresses, separated by line feeds  |
 *
 * A file is written under another name and renamed when it is whole, and removed when it has been read back: from then on
 * its datagrams are as safe as any that are being decoded. All numbers are little-endian.
 */
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { epochMs, type EpochMs } from '../model/time.ts';

export interface BacklogLimits {
  /** Bytes of a block: some thousands of datagrams. */
  readonly blockBytes: number;
  /** Blocks in memory before more go to disk. */
  readonly memoryBlocks: number;
  /** Blocks on disk before datagrams are refused. */
  readonly diskBlocks: number;
}

/** 32 MiB in memory, and at most 4 GiB on disk: some 90 million flows. */
const defaultLimits: BacklogLimits = { blockBytes: 4 << 20, memoryBlocks: 8, diskBlocks: 1024 };

export interface QueuedDatagram {
  /** Borrowed: valid until the next call. */
  readonly payload: Uint8Array;
  readonly address: string;
  readonly port: number;
  readonly received: EpochMs;
}

export interface BacklogStatus {
  /** Datagrams that wait to be decoded, and their bytes with some for each. */
  readonly datagrams: number;
  readonly bytes: number;
  /** Of these bytes, those in files. */
  readonly bytesOnDisk: number;
  /** When the first of them was received. */
  readonly oldestReceived: EpochMs | null;
}

const MAGIC = Buffer.from('BTQ1');
const FILE_HEADER = 16;
const HEAD = 16;
const WRITTEN = '.datagrams';
const UNFINISHED = '.unfinished';
/** Writes on their way at a time: beyond, the disk is too slow and memory has to be given back. */
const MAX_WRITES = 16;

interface Block {
  /** Undefined while it is only on disk. */
  bytes: Buffer | undefined;
  addresses: string[];
  count: number;
  /** Bytes of datagrams in it. */
  length: number;
  readAt: number;
  readCount: number;
  /** Its file, once that is whole. */
  file: string | undefined;
  work: Promise<void> | undefined;
}

export class Backlog {
  readonly #limits: BacklogLimits;
  readonly #onReady: () => void;
  /** The first is read from, the last is written to. */
  #blocks: Block[] = [];
  #addressIndex = new Map<string, number>();
  readonly #spare: Buffer[] = [];
  #folder: string | undefined;
  /** What the disk is doing for us. */
  readonly #works = new Set<Promise<void>>();
  #fileNumber = 0;
  #writes = 0;
  #datagrams = 0;
  #bytes = 0;
  /** Why nothing can be put on disk at present; null where all is well. */
  problem: string | null = null;

  /** `onReady` is told when a block that `shift` waited for has been read. */
  constructor(onReady: () => void, limits: Partial<BacklogLimits> = {}) {
    this.#onReady = onReady;
    this.#limits = { ...defaultLimits, ...limits };
  }

  get empty(): boolean {
    return this.#datagrams === 0;
  }

  status(): BacklogStatus {
    const onDisk = this.#blocks.filter(({ bytes }) => bytes === undefined);
    return {
      datagrams: this.#datagrams,
      bytes: this.#bytes,
      bytesOnDisk: onDisk.reduce((sum, block) => sum + block.length, 0),
      oldestReceived: this.#oldest(),
    };
  }

  /**
   * Puts blocks that memory has no room for into this folder from now on. What an earlier collection left there comes
   * first; returns how many datagrams that are. Files whose writing was cut off are removed: they were the last moment's.
   */
  async useFolder(folder: string): Promise<number> {
    try {
      return await this.#takeUp(folder);
    } catch (error) {
      this.problem = `Nothing can wait in ${folder} (${messageOf(error)}).`;
      return 0;
    }
  }

  async #takeUp(folder: string): Promise<number> {
    await mkdir(folder, { recursive: true });
    const left: Block[] = [];
    for (const name of (await readdir(folder)).toSorted()) {
      const file = join(folder, name);
      if (name.endsWith(UNFINISHED)) await rm(file, { force: true });
      if (!name.endsWith(WRITTEN)) continue;
      this.#fileNumber = Math.max(this.#fileNumber, Number.parseInt(name, 10) + 1);
      const { count, length } = await readHeader(file);
      left.push({ ...emptyBlock(undefined), count, length, file });
    }
    this.#blocks.unshift(...left);
    const datagrams = left.reduce((sum, block) => sum + block.count, 0);
    this.#datagrams += datagrams;
    this.#bytes += left.reduce((sum, block) => sum + block.length, 0);
    this.#folder = folder;
    return datagrams;
  }

  /** Takes a datagram; `payload` is copied. False where there is no room for it. */
  push(payload: Uint8Array, address: string, port: number, received: EpochMs): boolean {
    const block = this.#blockFor(HEAD + payload.length);
    if (!block?.bytes) return false;
    let index = this.#addressIndex.get(address);
    if (index === undefined) {
      index = block.addresses.push(address) - 1;
      this.#addressIndex.set(address, index);
    }
    const { bytes } = block;
    const at = block.length;
    bytes.writeUInt16LE(payload.length, at);
    bytes.writeUInt16LE(port, at + 2);
    bytes.writeUInt32LE(index, at + 4);
    bytes.writeDoubleLE(received, at + 8);
    bytes.set(payload, at + HEAD);
    const size = HEAD + payload.length;
    block.length += size;
    block.count++;
    this.#datagrams++;
    this.#bytes += size;
    return true;
  }

  /** The next datagram; undefined where there is none, or where it is still being read from disk. */
  shift(): QueuedDatagram | undefined {
    const block = this.#head();
    const bytes = block?.bytes;
    if (!block || !bytes) return undefined;
    const at = block.readAt;
    const size = HEAD + bytes.readUInt16LE(at);
    block.readAt += size;
    block.readCount++;
    this.#datagrams--;
    this.#bytes -= size;
    return {
      // No Buffer: whoever keeps a piece of it takes a slice, and a Buffer's slice is no copy.
      payload: new Uint8Array(bytes.buffer, bytes.byteOffset + at + HEAD, size - HEAD),
      address: block.addresses[bytes.readUInt32LE(at + 4)] ?? '',
      port: bytes.readUInt16LE(at + 2),
      received: epochMs(bytes.readDoubleLE(at + 8)),
    };
  }

  /** Waits for the disk, and leaves what is in files to the next collection. */
  async close(): Promise<void> {
    await Promise.all(this.#works);
  }

  /** The block that the next datagram lies in, its bytes in memory or on their way. */
  #head(): Block | undefined {
    for (;;) {
      const [block] = this.#blocks;
      if (!block) return undefined;
      if (block.readCount === block.count) {
        if (this.#blocks.length === 1) {
          // Filled and read at once, as long as nothing piles up.
          block.readAt = block.length = block.readCount = block.count = 0;
          block.addresses = [];
          this.#addressIndex.clear();
          return undefined;
        }
        this.#blocks.shift();
        // While it is being written its memory is needed.
        if (!block.work) this.#release(block);
        continue;
      }
      if (!block.bytes) this.#fetch(block);
      // The next one is read while this one is decoded.
      const [, next] = this.#blocks;
      if (next && !next.bytes) this.#fetch(next);
      return block;
    }
  }

  #oldest(): EpochMs | null {
    const [block] = this.#blocks;
    if (!block?.bytes || block.readCount === block.count) return null;
    return epochMs(block.bytes.readDoubleLE(block.readAt + 8));
  }

  /** The last block, or a new one where it is full; undefined where nothing more can be held. */
  #blockFor(size: number): Block | undefined {
    const last = this.#blocks.at(-1);
    if (last?.bytes && !last.file && last.length + size <= last.bytes.length) return last;
    const inMemory = this.#blocks.filter(({ bytes }) => bytes).length;
    if (inMemory >= this.#limits.memoryBlocks) {
      const onDisk = this.#blocks.filter(({ file, work }) => file !== undefined || work !== undefined).length;
      if (!this.#folder || this.#writes >= MAX_WRITES || onDisk >= this.#limits.diskBlocks) return undefined;
      if (last?.bytes && !last.file && !last.work) this.#spill(last, this.#folder);
    }
    const block = emptyBlock(this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#limits.blockBytes));
    this.#blocks.push(block);
    this.#addressIndex = new Map();
    return block;
  }

  #spill(block: Block, folder: string): void {
    const { bytes } = block;
    if (!bytes) return;
    const name = String(this.#fileNumber++).padStart(10, '0');
    const unfinished = join(folder, name + UNFINISHED);
    const file = join(folder, name + WRITTEN);
    this.#writes++;
    const write = async (): Promise<void> => {
      await writeFile(unfinished, fileParts(block, bytes));
      // Its turn may have come meanwhile: then its datagrams are being decoded from memory, and no file may hold them again.
      if (this.#blocks.indexOf(block) > 0) {
        await rename(unfinished, file);
        block.file = file;
      }
      if (this.#blocks.indexOf(block) > 0) this.#release(block);
      else await Promise.all([unfinished, file].map(async (path) => rm(path, { force: true })));
      this.problem = null;
    };
    this.#track(
      block,
      write(),
      (error) => {
        this.problem = `What arrives faster than it can be read cannot be put on disk (${messageOf(error)}).`;
      },
      () => {
        this.#writes--;
        if (this.#blocks.indexOf(block) <= 0) block.file = undefined;
        if (!this.#blocks.includes(block)) this.#release(block);
      },
    );
  }

  /** Notes work on a block while it goes on. */
  #track(block: Block, work: Promise<void>, failed: (error: unknown) => void, done: () => void): void {
    const whole = work.catch(failed).finally(() => {
      this.#works.delete(whole);
      block.work = undefined;
      done();
    });
    block.work = whole;
    this.#works.add(whole);
  }

  #fetch(block: Block): void {
    const { file } = block;
    if (!file || block.work) return;
    const read = async (): Promise<void> => {
      try {
        const { bytes, addresses, length } = await readBlock(file);
        block.bytes = bytes;
        block.addresses = addresses;
        block.length = length;
      } catch (error) {
        this.problem = `Datagrams that waited on disk cannot be read back (${messageOf(error)}).`;
        this.#datagrams -= block.count;
        this.#bytes -= block.length;
        block.readCount = block.count;
      }
      // Only whole blocks are read back, and each once.
      await rm(file, { force: true });
    };
    this.#track(
      block,
      read(),
      (error) => {
        this.problem = `A file that has been read cannot be removed (${messageOf(error)}).`;
      },
      () => {
        block.file = undefined;
        this.#onReady();
      },
    );
  }

  #release(block: Block): void {
    const { bytes } = block;
    block.bytes = undefined;
    if (bytes?.length === this.#limits.blockBytes && this.#spare.length < MAX_WRITES) this.#spare.push(bytes);
  }
}

function fileParts(block: Block, bytes: Buffer): Buffer[] {
  const datagrams = bytes.subarray(0, block.length);
  const addresses = Buffer.from(block.addresses.join('\n'));
  const header = Buffer.alloc(FILE_HEADER);
  MAGIC.copy(header);
  header.writeUInt32LE(block.count, 8);
  header.writeUInt32LE(block.length, 12);
  const sum = crc32(addresses, crc32(datagrams, crc32(header.subarray(8))));
  header.writeUInt32LE(sum, 4);
  return [header, datagrams, addresses];
}

function emptyBlock(bytes: Buffer | undefined): Block {
  return {
    bytes,
    addresses: [],
    count: 0,
    length: 0,
    readAt: 0,
    readCount: 0,
    file: undefined,
    work: undefined,
  };
}

/** What a file says of itself; no datagrams where it is too short to say anything. */
async function readHeader(file: string): Promise<{ readonly count: number; readonly length: number }> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(FILE_HEADER), 0, FILE_HEADER, 0);
    if (bytesRead < FILE_HEADER) return { count: 0, length: 0 };
    return { count: buffer.readUInt32LE(8), length: buffer.readUInt32LE(12) };
  } finally {
    await handle.close();
  }
}

/** Throws where the file is not what was written. */
async function readBlock(
  file: string,
): Promise<{ readonly bytes: Buffer; readonly addresses: string[]; readonly length: number }> {
  const bytes = await readFile(file);
  const whole =
    bytes.length >= FILE_HEADER &&
    MAGIC.equals(bytes.subarray(0, 4)) &&
    crc32(bytes.subarray(8)) === bytes.readUInt32LE(4);
  if (!whole) throw new Error(`${file} is not what was written`);
  const length = bytes.readUInt32LE(12);
  return {
    bytes: bytes.subarray(FILE_HEADER, FILE_HEADER + length),
    addresses: bytes.toString('utf8', FILE_HEADER + length).split('\n'),
    length,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
