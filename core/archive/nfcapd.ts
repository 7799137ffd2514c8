/**
 * nfcapd files of nfdump 1.6 (layout 1) and 1.7 (layout 2), little endian: file header, then blocks of records, each
 * compressed by itself or not at all. The layouts stand in README.md as tables.
 */
import type { FlowChunk } from '../model/chunk.ts';
import { ApiError } from '../model/api-error.ts';
import type { ArchiveSummary } from './archive.ts';
import { ByteCursor, MAX_WINDOW } from './byte-cursor.ts';
import type { ChunkBuilder } from './chunk-builder.ts';
import { u16, u32, u64 } from './little-endian.ts';
import { NfcapdRecords } from './nfcapd-records.ts';
import { NfcapdUnpacker, type NfcapdCompression } from './nfcapd-unpack.ts';

const FILE_HEADER_1 = 140;
const STAT_RECORD_1 = 136;
const FILE_HEADER_2 = 40;
const BLOCK_HEADER = 12;
const RECORD_HEADER = 4;

/** nfdump writes blocks of a few MiB; a size far beyond is a broken length, and what follows it cannot be found. */
const MAX_BLOCK = 1 << 26;

const compressions: Readonly<Record<number, NfcapdCompression>> = { 1: 'LZO', 2: 'bz2', 3: 'LZ4', 4: 'zstd' };

/** Block flag: this block is not compressed, though the file is (the appendix, mostly). */
const BLOCK_UNCOMPRESSED = 1;

/** Flag bits of the layout 1 header. */
const FLAG_LZO_1 = 1;
const FLAG_BZ2_1 = 8;
const FLAG_LZ4_1 = 16;

/** What the file header says. */
interface NfcapdHeader {
  readonly layout: 1 | 2;
  /** Bytes up to the first block. */
  readonly length: number;
  readonly compression: NfcapdCompression | undefined;
  /** The size of a writer's block buffer; 0 where the file does not say. */
  readonly blockSize: number;
  readonly encrypted: boolean;
  /** Blocks that should follow, data and appendix; 0 in a file that was never closed. */
  readonly blocks: number;
}

/** True where the file begins with nfcapd's magic number, in either byte order. */
export function isNfcapd(head: Uint8Array): boolean {
  return u16(head, 0) === 0xa50c || u16(head, 0) === 0x0ca5;
}

/** Reads an nfcapd file whose magic has been recognised. Throws ApiError where it is of a kind that we cannot read. */
export function* readNfcapd(cursor: ByteCursor, chunk: ChunkBuilder): Generator<FlowChunk, ArchiveSummary> {
  const header = readHeader(cursor.peek(FILE_HEADER_1));
  const records = new NfcapdRecords(chunk);
  const unpacker = header.compression && new NfcapdUnpacker(header.compression, header.blockSize);
  let brokeAt: number | null = null;
  const broken = (message: string): void => {
    brokeAt = cursor.offset;
    chunk.report('truncated', brokeAt, message);
  };
  let blocks = 0;
  if (cursor.skip(header.length) < header.length) broken('the file ends within its header');
  while (brokeAt === null && !cursor.atEnd()) {
    if (!cursor.ensure(BLOCK_HEADER)) {
      broken(`the file ends within a block header at byte ${cursor.offset}`);
      break;
    }
    const size = u32(cursor.bytes, cursor.start + 4);
    const type = u16(cursor.bytes, cursor.start + 8);
    const packed = unpacker && (u16(cursor.bytes, cursor.start + 10) & BLOCK_UNCOMPRESSED) === 0;
    if (size > (packed ? MAX_WINDOW : MAX_BLOCK)) {
      brokeAt = cursor.offset;
      const text = `the block at byte ${brokeAt} says it has ${size} bytes, more than any nfcapd block: the rest of the file was left`;
      chunk.report('bad-length', brokeAt, text);
      break;
    }
    const announced = u32(cursor.bytes, cursor.start);
    const blockOffset = cursor.offset;
    cursor.skip(BLOCK_HEADER);
    blocks++;
    if (!isRecordBlock(header.layout, type)) {
      chunk.report('unsupported', blockOffset, `a block of type ${type} was passed over`);
      if (cursor.skip(size) < size) broken(`the file ends within the block at byte ${blockOffset}`);
      continue;
    }
    const reading = packed
      ? readPacked(cursor, size, blockOffset, unpacker, records, chunk)
      : readRecords(cursor, size, undefined, records, chunk);
    const { whole, read, left } = yield* reading;
    if (!whole) broken(`the file ends within the block at byte ${blockOffset}`);
    else if (left === 0 && read !== announced) {
      const text = `the block at byte ${blockOffset} announces ${announced} records and has ${read}: these were read`;
      chunk.report('bad-length', blockOffset, text);
    }
    if (chunk.full) yield chunk.cut(cursor.offset);
  }
  if (brokeAt === null && blocks < header.blocks) {
    broken(`the file ends after ${blocks} of ${header.blocks} blocks`);
  }
  if (!chunk.empty) yield chunk.cut(cursor.offset);
  return { kind: 'nfcapd', bytesRead: cursor.offset, brokeAt, skipped: records.skipped };
}

/** What became of a block. */
interface BlockReading {
  /** False where the file ends within it. */
  readonly whole: boolean;
  readonly read: number;
  /** Bytes that were passed over. */
  readonly left: number;
}

/** Where a block lies that was unpacked: its rows begin there, and that much of the file is read. */
interface PackedPlace {
  readonly blockOffset: number;
  readonly bytesRead: number;
  /** False where the block is known to be damaged behind what was unpacked. */
  readonly sound: boolean;
}

/** Reads the records of `size` bytes, all of a block. */
function* readRecords(
  cursor: ByteCursor,
  size: number,
  place: PackedPlace | undefined,
  records: NfcapdRecords,
  chunk: ChunkBuilder,
): Generator<FlowChunk, BlockReading> {
  let left = size;
  let read = 0;
  while (left >= RECORD_HEADER) {
    if (!cursor.ensure(RECORD_HEADER)) break;
    const length = u16(cursor.bytes, cursor.start + 2);
    if (length < RECORD_HEADER || length > left) {
      if (place && !place.sound && length > left) break;
      const where = place ? `${cursor.offset} of the unpacked block` : cursor.offset;
      const text = `the record at byte ${where} says it has ${length} bytes where its block has ${left} left: the rest of the block was passed over`;
      chunk.report('bad-length', place?.blockOffset ?? cursor.offset, text);
      break;
    }
    if (!cursor.ensure(length)) break;
    records.read(cursor.bytes, cursor.start, length, place?.blockOffset ?? cursor.offset);
    cursor.skip(length);
    left -= length;
    read++;
    if (chunk.full) yield chunk.cut(place?.bytesRead ?? cursor.offset);
  }
  return { whole: cursor.skip(left) === left, read, left };
}

/** Unpacks a block of `size` bytes, or what is there of it, and reads its records. */
function* readPacked(
  cursor: ByteCursor,
  size: number,
  blockOffset: number,
  unpacker: NfcapdUnpacker,
  records: NfcapdRecords,
  chunk: ChunkBuilder,
): Generator<FlowChunk, BlockReading> {
  const packed = cursor.peek(size);
  const whole = packed.length === size;
  const { bytes, fault } = unpacker.unpack(packed);
  cursor.skip(packed.length);
  const place = { blockOffset, bytesRead: cursor.offset, sound: fault === undefined };
  const { read, left } = yield* readRecords(ByteCursor.over(bytes), bytes.length, place, records, chunk);
  if (whole && fault !== undefined) {
    const text = `the ${unpacker.method} block at byte ${blockOffset} is damaged: ${fault}; the ${read} records before that were read`;
    chunk.report('bad-record', blockOffset, text);
  }
  return { whole, read, left: place.sound ? left : Math.max(left, 1) };
}

const isRecordBlock = (layout: 1 | 2, type: number): boolean => (layout === 1 ? type === 2 : type === 3);

function readHeader(head: Uint8Array): NfcapdHeader {
  if (u16(head, 0) !== 0xa50c) {
    throw new ApiError(
      'unsupported-file',
      'This nfcapd file was written on a big-endian machine, which is not read: replay it there with `nfreplay -r FILE` to a collector on a little-endian machine.',
    );
  }
  if (head.length < FILE_HEADER_2) {
    throw new ApiError(
      'unreadable-file',
      `An nfcapd file that ends after ${head.length} bytes, within its header, holds no flows: fetch it again from its collector.`,
    );
  }
  const layout = u16(head, 2);
  if (layout !== 1 && layout !== 2) {
    throw new ApiError(
      'unsupported-file',
      `This nfcapd file has layout ${layout}; layouts 1 (nfdump 1.6) and 2 (nfdump 1.7) are read: rewrite it with nfdump 1.7, \`nfdump -r FILE -w OUT\`.`,
    );
  }
  const header = layout === 1 ? readHeader1(head) : readHeader2(head);
  if (header.encrypted) {
    throw new ApiError('unsupported-file', 'This nfcapd file is encrypted: decrypt it with nfdump first.');
  }
  return header;
}

function readHeader1(head: Uint8Array): NfcapdHeader {
  const flags = u32(head, 4);
  const compression =
    (flags & FLAG_LZO_1) !== 0
      ? 'LZO'
      : (flags & FLAG_BZ2_1) !== 0
        ? 'bz2'
        : (flags & FLAG_LZ4_1) !== 0
          ? 'LZ4'
          : undefined;
  const length = FILE_HEADER_1 + STAT_RECORD_1;
  return { layout: 1, length, compression, blockSize: 0, encrypted: false, blocks: u32(head, 8) };
}

function readHeader2(head: Uint8Array): NfcapdHeader {
  const code = head[16] ?? 0;
  const compression = compressions[code];
  if (code !== 0 && !compression) {
    throw new ApiError(
      'unsupported-file',
      `This nfcapd file is compressed by method ${code}, which is not known: rewrite it uncompressed with \`nfdump -r FILE -w OUT\`.`,
    );
  }
  return {
    layout: 2,
    length: FILE_HEADER_2,
    compression,
    blockSize: u32(head, 32),
    encrypted: head[17] !== 0,
    blocks: u32(head, 36) + (u64(head, 24) === 0 ? 0 : u16(head, 18)),
  };
}
