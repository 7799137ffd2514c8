/** LEB128: non-negative integers up to 2^53, seven bits a byte, the lowest first. */

/** The fault of a column whose bytes are not what was written. */
export class DamagedColumn extends Error {}

export class VarintWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  write(value: number): void {
    if (this.#length + 8 > this.#bytes.length) {
      const bytes = new Uint8Array(this.#bytes.length * 2 + 16);
      bytes.set(this.#bytes);
      this.#bytes = bytes;
    }
    let rest = value;
    while (rest > 0x7fff_ffff) {
      this.#bytes[this.#length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

export class VarintReader {
  offset: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.offset = offset;
  }

  read(): number {
    const first = this.#bytes[this.offset];
    if (first !== undefined && first < 128) {
      this.offset++;
      return first;
    }
    let value = 0;
    for (let scale = 1; scale <= 2 ** 56; scale *= 128) {
      const byte = this.#bytes[this.offset++];
      if (byte === undefined) throw new DamagedColumn('it is too short');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw new DamagedColumn('it holds a number that is too long');
  }
}
