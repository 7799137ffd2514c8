/**
 * The bytes of a column in pieces: what is alike (one plane of bytes) lies in one of them, and each is compressed by
 * itself where that is worth it. What cannot be shrunk costs no decompression, and does not spoil what stands beside it.
 *
 * | packing | bytes                                                                                            |
 * |---------|--------------------------------------------------------------------------------------------------|
 * | plain   | all pieces, one after the other                                                                  |
 * | zstd    | the same in one zstd frame                                                                       |
 * | pieces  | varint count, then of each piece its length and what it takes here, then the pieces: a zstd frame where it takes less |
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { concatBytes } from './column-basic.ts';
import { DamagedColumn, VarintReader, VarintWriter } from './varint.ts';

/** In the order of their numbers in a day file. */
export const packings = ['plain', 'zstd', 'pieces'] as const;
export type Packing = (typeof packings)[number];

export interface PackedBytes {
  readonly packing: Packing;
  /** Length of all pieces together. */
  readonly plainBytes: number;
  readonly data: Uint8Array;
}

/** Below this a zstd frame's own header eats what it saves. */
const COMPRESS_FROM_BYTES = 32;

/** Where no piece is as long, they are packed together. */
const SPLIT_FROM_BYTES = 2048;

/** A piece that shrinks by less than this part of it is quicker to read than to decompress. */
const WORTH_A_FRAME = 1 / 16;

/** What a damaged length may make us allocate before the bytes are there. */
const LARGEST_CHUNK = 1 << 21;

/** Packs the pieces, each by itself where they are long. */
export function packPieces(all: readonly Uint8Array[]): PackedBytes {
  const pieces = all.filter((piece) => piece.length > 0);
  if (pieces.length > 1 && pieces.some((piece) => piece.length >= SPLIT_FROM_BYTES)) return split(pieces);
  const bytes = pieces.length === 1 && pieces[0] ? pieces[0] : concatBytes(pieces);
  const frame = frameOf(bytes, 0);
  return frame
    ? { packing: 'zstd', plainBytes: bytes.length, data: frame }
    : { packing: 'plain', plainBytes: bytes.length, data: bytes };
}

function split(pieces: readonly Uint8Array[]): PackedBytes {
  const head = new VarintWriter(64);
  head.write(pieces.length);
  let plainBytes = 0;
  const stored = pieces.map((piece) => {
    const kept = frameOf(piece, WORTH_A_FRAME) ?? piece;
    head.write(piece.length);
    head.write(kept.length);
    plainBytes += piece.length;
    return kept;
  });
  return { packing: 'pieces', plainBytes, data: concatBytes([head.finish(), ...stored]) };
}

/** A zstd frame of the bytes; undefined where that does not save more than `worth` of them. */
function frameOf(bytes: Uint8Array, worth: number): Uint8Array | undefined {
  if (bytes.length < COMPRESS_FROM_BYTES) return undefined;
  const frame = zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  return frame.length < bytes.length * (1 - worth) ? frame : undefined;
}

function unframe(frame: Uint8Array, plainBytes: number): Uint8Array {
  try {
    const bytes = zstdDecompressSync(frame, {
      maxOutputLength: Math.max(plainBytes, 1),
      // In one piece: otherwise it comes in pieces of 16 KiB that are put together afterwards.
      chunkSize: Math.min(plainBytes + 64, LARGEST_CHUNK),
    });
    if (bytes.length === plainBytes) return bytes;
  } catch (error) {
    throw new DamagedColumn('its compressed bytes cannot be read', { cause: error });
  }
  throw new DamagedColumn('its compressed bytes have another length than was written');
}

/** Reads the pieces one after the other, however they are packed. */
export class PieceReader {
  /** What is not read of the piece at hand. */
  #piece: Uint8Array;
  /** The further pieces, as they are stored. */
  readonly #next: { readonly plainBytes: number; readonly stored: Uint8Array }[] = [];

  /** Throws DamagedColumn where the lengths are not those of the bytes. */
  constructor({ packing, plainBytes, data }: PackedBytes) {
    if (packing !== 'pieces') {
      this.#piece = bytesOf(packing === 'zstd' ? unframe(data, plainBytes) : data);
      return;
    }
    this.#piece = new Uint8Array(0);
    const head = new VarintReader(data, 0);
    const count = head.read();
    if (count * 2 > data.length) throw new DamagedColumn('its pieces are not there');
    const lengths = Array.from({ length: count }, () => ({ plain: head.read(), stored: head.read() }));
    let at = head.offset;
    let total = 0;
    for (const { plain, stored } of lengths) {
      this.#next.push({ plainBytes: plain, stored: data.subarray(at, at + stored) });
      at += stored;
      total += plain;
    }
    if (at !== data.length || total !== plainBytes)
      throw new DamagedColumn('its pieces do not fit its length');
  }

  /** The next `length` bytes, which lie in one piece. Throws DamagedColumn. */
  take(length: number): Uint8Array {
    if (this.#piece.length === 0 && length > 0) this.#open();
    if (this.#piece.length < length) throw new DamagedColumn('it is too short');
    const bytes = this.#piece.subarray(0, length);
    this.#piece = this.#piece.subarray(length);
    return bytes;
  }

  /** One number that stands as a varint. Throws DamagedColumn. */
  varint(): number {
    if (this.#piece.length === 0) this.#open();
    const reader = new VarintReader(this.#piece, 0);
    const value = reader.read();
    this.#piece = this.#piece.subarray(reader.offset);
    return value;
  }

  /** What is left of the piece at hand, or the next piece. Throws DamagedColumn. */
  rest(): Uint8Array {
    if (this.#piece.length === 0 && this.#next.length > 0) this.#open();
    return this.take(this.#piece.length);
  }

  /** Throws DamagedColumn where more follows. */
  end(): void {
    if (this.#piece.length > 0 || this.#next.length > 0) throw new DamagedColumn('it is too long');
  }

  #open(): void {
    const next = this.#next.shift();
    if (!next) throw new DamagedColumn('it is too short');
    const { plainBytes, stored } = next;
    if (stored.length > plainBytes) throw new DamagedColumn('its pieces do not fit its length');
    this.#piece = bytesOf(stored.length < plainBytes ? unframe(stored, plainBytes) : stored);
  }
}

/** Not as a Buffer: loops that see one kind of array alone are twice as quick. */
function bytesOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
