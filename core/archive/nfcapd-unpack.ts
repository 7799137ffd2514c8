/** The blocks of a compressed nfcapd file, each compressed by itself, one after the other into the same buffer. */
import { BZIP2_RATIO, unpackBzip2 } from './bzip2.ts';
import { ByteCursor, MAX_WINDOW } from './byte-cursor.ts';
import { LZ4_RATIO, unpackLz4 } from './lz4.ts';
import { LZO_RATIO, unpackLzo } from './lzo.ts';
import type { Unpacked } from './unpack.ts';
import { UnzippedSource } from './unzip.ts';

export type NfcapdCompression = 'LZO' | 'bz2' | 'LZ4' | 'zstd';

/** What nfdump's readers hold for a block, whatever the file says (BUFFSIZE). */
const NFDUMP_BUFFER = 5 << 20;

interface Method {
  /** The most bytes that a byte of input can become. */
  readonly ratio: number;
  readonly unpack: (input: Uint8Array, out: Uint8Array) => Unpacked;
}

const methods: Readonly<Record<NfcapdCompression, Method>> = {
  LZO: { ratio: LZO_RATIO, unpack: unpackLzo },
  LZ4: { ratio: LZ4_RATIO, unpack: unpackLz4 },
  bz2: { ratio: BZIP2_RATIO, unpack: unpackBzip2 },
  zstd: { ratio: Number.POSITIVE_INFINITY, unpack: unpackZstd },
};

export class NfcapdUnpacker {
  readonly method: NfcapdCompression;
  readonly #limit: number;
  #out = new Uint8Array(0);

  /** `blockSize` is what the file header says of its writer's buffer. */
  constructor(method: NfcapdCompression, blockSize: number) {
    this.method = method;
    this.#limit = Math.min(Math.max(blockSize, NFDUMP_BUFFER), MAX_WINDOW);
  }

  /** The block as it was, or what can be had of it, until the next call. */
  unpack(input: Uint8Array): { readonly bytes: Uint8Array; readonly fault: string | undefined } {
    const { ratio, unpack } = methods[this.method];
    const room = Math.min(this.#limit, (input.length + 1) * ratio);
    if (this.#out.length < room) this.#out = new Uint8Array(room);
    const { length, fault } = unpack(input, this.#out);
    return { bytes: this.#out.subarray(0, length), fault };
  }
}

function unpackZstd(input: Uint8Array, out: Uint8Array): Unpacked {
  const source = new UnzippedSource(ByteCursor.over(input), 'zstd');
  let length = 0;
  for (;;) {
    // Room for one byte more than may come shows whether more would come.
    const room = length < out.length ? out.subarray(length) : new Uint8Array(1);
    const count = source.pull(room);
    if (count === 0) return { length, fault: source.fault };
    if (length === out.length) {
      source.close();
      return { length, fault: 'it is longer than a block' };
    }
    length += count;
  }
}
