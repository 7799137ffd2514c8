/** Files that hold export datagrams as they were on the wire, without any framing. */
import { closeSync, openSync, readSync } from 'node:fs';
import { HEADER_10 } from '../decode/template-messages.ts';

/** What such a file begins with: the version number of NetFlow v5, v9 or IPFIX. */
export function looksLikeExport(head: Uint8Array): boolean {
  return head[0] === 0 && (head[1] === 5 || head[1] === 9 || head[1] === 10);
}

/** The longest UDP payload. */
const MAX_DATAGRAM = 65_535;
/** What an Ethernet frame leaves to a UDP payload. Exporters do not send longer ones. */
const ETHERNET_PAYLOAD = 1472;

export interface RawPiece {
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/**
 * The datagrams of a file of `size` bytes: the file itself, or its IPFIX messages one by one where they stand back to back
 * (RFC 5655). A file that would have fitted one frame is taken as one datagram, as receivers do, whatever comes after its
 * first message. Returns undefined for a file too long to be any of these.
 */
export function rawDatagrams(path: string, size: number): Iterable<RawPiece> | undefined {
  const file = openSync(path, 'r');
  try {
    const head = readAt(file, 0, 4);
    const messageLength = ((head[2] ?? 0) << 8) | (head[3] ?? 0);
    const many = head[1] === 10 && size > ETHERNET_PAYLOAD && size > messageLength;
    if (many && messageLength >= HEADER_10 && startsMessage(readAt(file, messageLength, 4))) {
      return messages(path, size);
    }
    return size <= MAX_DATAGRAM ? [{ bytes: readAt(file, 0, size), offset: 0 }] : undefined;
  } finally {
    closeSync(file);
  }
}

function startsMessage(head: Uint8Array): boolean {
  return head[0] === 0 && head[1] === 10;
}

/** The messages of an IPFIX file. What is no message any more comes as a last piece, for the decoder to report. */
function* messages(path: string, size: number): Generator<RawPiece> {
  const file = openSync(path, 'r');
  try {
    let offset = 0;
    while (offset < size) {
      const head = readAt(file, offset, 4);
      const length = startsMessage(head) ? ((head[2] ?? 0) << 8) | (head[3] ?? 0) : 0;
      const bytes = readAt(file, offset, length < HEADER_10 ? Math.min(MAX_DATAGRAM, size - offset) : length);
      if (bytes.length === 0) return;
      yield { bytes, offset };
      if (length < HEADER_10) return;
      offset += bytes.length;
    }
  } finally {
    closeSync(file);
  }
}

/** Up to `length` bytes at `offset`: fewer at the end of the file. */
function readAt(file: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(file, bytes, filled, length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
