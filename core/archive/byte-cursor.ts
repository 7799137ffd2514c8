/**
 * A window that slides over a file: bytes are pulled as they are needed and dropped when they are passed.
 *
 * The window grows only while bytes really arrive and never past MAX_WINDOW, so a length field in a hostile file
 * cannot make it allocate more than the file has.
 */

/** Bytes in order. `pull` fills `target` from its start and returns how many bytes it wrote; 0 means the end. */
export interface ByteSource {
  pull(target: Uint8Array): number;
}

/** The most bytes that `ensure` can put side by side: the largest packet, record or compressed block here fits. */
export const MAX_WINDOW = 1 << 23;

const INITIAL_WINDOW = 1 << 16;

export class ByteCursor {
  /** The window. Valid from `start`, for `available` bytes, until the next `ensure` or `skip`. */
  bytes: Uint8Array;
  start = 0;
  #end = 0;
  #windowOffset = 0;
  #ended = false;
  readonly #source: ByteSource;

  constructor(source: ByteSource, window = INITIAL_WINDOW) {
    this.#source = source;
    this.bytes = new Uint8Array(window);
  }

  /** A cursor over bytes in memory, which are not copied. */
  static over(bytes: Uint8Array): ByteCursor {
    const cursor = new ByteCursor(nothing, 0);
    cursor.bytes = bytes;
    cursor.#end = bytes.length;
    cursor.#ended = true;
    return cursor;
  }

  /** Where the cursor stands in the file. */
  get offset(): number {
    return this.#windowOffset + this.start;
  }

  /** How many bytes lie in the window after the cursor. */
  get available(): number {
    return this.#end - this.start;
  }

  /**
   * Pulls until `length` bytes lie after the cursor. False where the file ends before; then everything that is left is
   * in the window. Throws RangeError past MAX_WINDOW: the caller must check lengths that come from the file.
   */
  ensure(length: number): boolean {
    if (this.#end - this.start >= length) return true;
    if (length > MAX_WINDOW) throw new RangeError(`${length} bytes asked of a window of ${MAX_WINDOW}`);
    while (this.#end - this.start < length && !this.#ended) this.#pull();
    return this.#end - this.start >= length;
  }

  /** Passes over `length` bytes without keeping them; returns how many there were. */
  skip(length: number): number {
    let left = length;
    while (left > 0) {
      const step = Math.min(left, this.#end - this.start);
      this.start += step;
      left -= step;
      if (left > 0) {
        if (this.#ended) break;
        this.#pull();
      }
    }
    return length - left;
  }

  /** True when nothing is left. */
  atEnd(): boolean {
    return !this.ensure(1);
  }

  /** The next `length` bytes, or what is left of them. They stay valid until the next call. */
  peek(length: number): Uint8Array {
    this.ensure(length);
    return this.bytes.subarray(this.start, Math.min(this.start + length, this.#end));
  }

  /** What lies in the window, `length` bytes of it at most; pulls only where it is empty. */
  peekUpTo(length: number): Uint8Array {
    this.ensure(1);
    return this.bytes.subarray(this.start, Math.min(this.start + length, this.#end));
  }

  #pull(): void {
    if (this.#end === this.bytes.length) this.#makeRoom();
    const pulled = this.#source.pull(this.bytes.subarray(this.#end));
    if (pulled === 0) this.#ended = true;
    this.#end += pulled;
  }

  /** Moves what is left to the front; doubles the window where nothing could be dropped. */
  #makeRoom(): void {
    const kept = this.bytes.subarray(this.start, this.#end);
    this.#windowOffset += this.start;
    if (kept.length * 2 > this.bytes.length) {
      const grown = new Uint8Array(this.bytes.length * 2);
      grown.set(kept);
      this.bytes = grown;
    } else {
      this.bytes.copyWithin(0, this.start, this.#end);
    }
    this.#end = kept.length;
    this.start = 0;
  }
}

const nothing: ByteSource = { pull: () => 0 };

/** A source over bytes in memory. */
export function memorySource(bytes: Uint8Array): ByteSource {
  let at = 0;
  return {
    pull(target) {
      const step = Math.min(target.length, bytes.length - at);
      target.set(bytes.subarray(at, at + step));
      at += step;
      return step;
    },
  };
}
