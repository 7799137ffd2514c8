/** Files that hold export datagrams as they were on the wire, without any framing. */
import type { ByteCursor } from '../archive/byte-cursor.ts';
import { HEADER_10 } from '../decode/template-messages.ts';

/** The longest UDP payload. */
const MAX_DATAGRAM = 65_535;
/** What an Ethernet frame leaves to a UDP payload. Exporters do not send longer ones. */
const ETHERNET_PAYLOAD = 1472;

export interface RawDatagram {
  /** Borrowed until the next is asked for. */
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/**
 * The datagrams of a file: the file itself where it begins as NetFlow v5, v9 or IPFIX, or its IPFIX messages one by one
 * where they stand back to back (RFC 5655). A file that would have fitted one frame is taken as one datagram, as
 * receivers do, whatever comes after its first message. Returns undefined for a file that is none of these; then the
 * cursor has not moved.
 */
export function rawDatagrams(cursor: ByteCursor): Iterable<RawDatagram> | undefined {
  const head = cursor.peek(MAX_DATAGRAM + 1);
  const version = readU16(head, 0);
  if (version === 10 && head.length > ETHERNET_PAYLOAD) {
    const first = readU16(head, 2);
    if (first >= HEADER_10 && readU16(head, first) === 10) return messages(cursor);
  }
  const known = version === 5 || version === 9 || version === 10;
  return known && head.length <= MAX_DATAGRAM ? [{ bytes: head, offset: 0 }] : undefined;
}

/** The messages of an IPFIX file. What is no message any more comes as a last piece, for the decoder to report. */
function* messages(cursor: ByteCursor): Generator<RawDatagram> {
  while (!cursor.atEnd()) {
    const head = cursor.peek(4);
    const length = readU16(head, 0) === 10 ? readU16(head, 2) : 0;
    const sound = length >= HEADER_10;
    const bytes = cursor.peek(sound ? length : MAX_DATAGRAM);
    yield { bytes, offset: cursor.offset };
    if (!sound) return;
    cursor.skip(bytes.length);
  }
}

function readU16(bytes: Uint8Array, at: number): number {
  return at + 2 <= bytes.length ? ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0) : -1;
}
