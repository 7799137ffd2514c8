/**
 * zlib, gzip (RFC 1950 to 1952) and zstd (RFC 8878) as a source of bytes: unpacked as they are pulled, straight into the
 * puller's window, so that nothing piles up whatever a file expands to.
 *
 * node:zlib offers streams, which wait for the event loop, and calls that hold the whole result. Between them lies the
 * call that both are made of, `writeSync` of the stream's handle: input and output of given sizes, and how much of each
 * was left. It is not in the documentation (pngjs and others have relied on it for a decade); test/archive/unzip.test.ts
 * says so first when a version of Node changes it.
 */
import { constants, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import type { ByteCursor, ByteSource } from './byte-cursor.ts';

export type Packing = 'gzip' | 'zstd' | 'zlib';

/** Where damage is found, what the last piece of input gave is lost: this much input at most. */
const PIECE = 1024;

interface Handle {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputLength: number,
    output: Uint8Array,
    outputAt: number,
    outputLength: number,
  ): void;
  reset(): void;
  close(): void;
}

interface Engine {
  readonly _handle: Handle;
  /** After a call: room left in the output, bytes left of the input. */
  readonly _writeState: Uint32Array;
}

const kinds = {
  gzip: { open: createGunzip, go: constants.Z_NO_FLUSH, end: constants.Z_FINISH },
  zlib: { open: createInflate, go: constants.Z_NO_FLUSH, end: constants.Z_FINISH },
  zstd: { open: createZstdDecompress, go: constants.ZSTD_e_continue, end: constants.ZSTD_e_end },
} as const;

export class UnzippedSource implements ByteSource {
  /** What is wrong with the packed bytes, once it is known: worded to follow "its gzip data are damaged: ". */
  fault: string | undefined;
  /** True where the packed bytes end before what they hold. */
  cut = false;
  readonly #cursor: ByteCursor;
  readonly #packing: Packing;
  #engine: Engine | undefined;
  #error: string | undefined;

  constructor(cursor: ByteCursor, packing: Packing) {
    this.#cursor = cursor;
    this.#packing = packing;
    // The stream's own buffer is not used: as small as may be.
    const engine = kinds[packing].open({ chunkSize: 64 }) as unknown as Engine;
    Object.assign(engine._handle, { onerror: (message: string) => void (this.#error = message) });
    this.#engine = engine;
  }

  pull(target: Uint8Array): number {
    const cursor = this.#cursor;
    const { go, end } = kinds[this.#packing];
    while (this.#engine) {
      const input = cursor.peekUpTo(PIECE);
      const last = input.length === 0;
      const [consumed, produced] = this.#step(last ? end : go, input, target);
      if (this.#error !== undefined) {
        this.cut = last;
        this.#end(last ? 'they end too early' : this.#error);
        return 0;
      }
      cursor.skip(consumed);
      if (produced > 0) return produced;
      if (last) this.#end(undefined);
      // Behind the end: zeros to fill a tape's block, or another member that began with a new piece.
      else if (consumed === 0 && input.every((byte) => byte === 0)) cursor.skip(input.length);
      else if (consumed === 0) this.#engine._handle.reset();
    }
    return 0;
  }

  #step(flush: number, input: Uint8Array, target: Uint8Array): [consumed: number, produced: number] {
    const engine = this.#engine;
    if (!engine) return [0, 0];
    engine._handle.writeSync(flush, input, 0, input.length, target, 0, target.length);
    const [room = 0, left = 0] = engine._writeState;
    return this.#error === undefined ? [input.length - left, target.length - room] : [0, 0];
  }

  /** Gives up the decompressor's memory, for a puller that wants no more. */
  close(): void {
    // The handle, not its stream: that would wait for the event loop, which a long reading does not come to.
    this.#engine?._handle.close();
    this.#engine = undefined;
  }

  #end(fault: string | undefined): void {
    this.fault = fault;
    this.close();
  }
}
