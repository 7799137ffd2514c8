/**
 * IPFIX over a byte stream (RFC 7011 10.4): messages back to back, each with its length in the header.
 *
 *   version u16 = 10, length u16 (with the header's 16 bytes), ...
 */
const HEADER_10 = 16;

/** The stream is not IPFIX, or has lost its framing: nothing after this can be read, the connection has to end. */
export class FramingFault extends Error {
  /** What is left of the stream, from the fault on. */
  readonly rest: Uint8Array;

  constructor(message: string, rest: Uint8Array) {
    super(message);
    this.rest = rest;
  }
}

/** Cuts a stream into messages. Keeps at most one message of 65,535 bytes and the piece that was handed in last. */
export class MessageFramer {
  #rest: Uint8Array = new Uint8Array(0);

  /** Bytes of a message that is not whole yet. */
  get pending(): number {
    return this.#rest.length;
  }

  /** The messages that are whole with `piece`. Throws FramingFault, after the messages before the fault. */
  *push(piece: Uint8Array): Generator<Uint8Array> {
    let bytes = piece;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + piece.length);
      bytes.set(this.#rest);
      bytes.set(piece, this.#rest.length);
    }
    let at = 0;
    while (bytes.length - at >= 4) {
      const version = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
      if (version !== 10 || length < HEADER_10) {
        throw new FramingFault(
          `no IPFIX message of ${length} bytes and version ${version}`,
          bytes.subarray(at),
        );
      }
      if (bytes.length - at < length) break;
      yield bytes.subarray(at, at + length);
      at += length;
    }
    this.#rest = bytes.slice(at);
  }
}
