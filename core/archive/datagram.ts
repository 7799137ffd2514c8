/**
 * Files that hold export datagrams as they were on the wire, without any framing: one UDP payload, or IPFIX messages
 * back to back (RFC 5655).
 */
import type { FlowChunk } from '../model/chunk.ts';
import type { ArchiveSummary } from './archive.ts';
import type { ByteCursor } from './byte-cursor.ts';
import type { DatagramStream } from './datagram-stream.ts';

/** The largest UDP payload. */
const MAX_DATAGRAM = 65_535;

/**
 * What an Ethernet frame leaves to a UDP payload. A file that would have fitted one frame is taken as one datagram, as
 * receivers do, whatever comes after its first message.
 */
const ETHERNET_PAYLOAD = 1_472;

const HEADER_10 = 16;

/** Nobody noted who sent a payload that was saved alone. */
const UNKNOWN_ADDRESS = '';

/** True where a file's first bytes are the version number of NetFlow v5, v9 or IPFIX and its size can be such a file's. */
export function isRawExport(head: Uint8Array): boolean {
  const version = head[0] === 0 ? (head[1] ?? 0) : 0;
  if (version !== 5 && version !== 9 && version !== 10) return false;
  return head.length <= MAX_DATAGRAM || isMessageSequence(head);
}

/** True where an IPFIX message is followed by another in a file that is no single datagram. */
function isMessageSequence(head: Uint8Array): boolean {
  const length = messageLength(head);
  return length > 0 && head.length > ETHERNET_PAYLOAD && messageLength(head.subarray(length)) > 0;
}

/** The length that an IPFIX message header at the start of `bytes` tells; 0 where there is none. */
function messageLength(bytes: Uint8Array): number {
  const length = bytes[0] === 0 && bytes[1] === 10 ? ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0) : 0;
  return length >= HEADER_10 ? length : 0;
}

/** Reads a file that `isRawExport` accepted. */
export function* readRawExport(
  cursor: ByteCursor,
  stream: DatagramStream,
): Generator<FlowChunk, ArchiveSummary> {
  const many = isMessageSequence(cursor.peek(MAX_DATAGRAM + 1));
  while (!cursor.atEnd()) {
    const head = cursor.peek(MAX_DATAGRAM);
    const length = many ? messageLength(head) || head.length : head.length;
    if (length > head.length) {
      stream.breakAt('truncated', cursor.offset, `the file ends within the message at byte ${cursor.offset}`);
    }
    const payload = head.subarray(0, length);
    stream.push(payload, UNKNOWN_ADDRESS, null, null, cursor.offset);
    cursor.skip(payload.length);
    if (stream.full) yield stream.take(cursor.offset);
  }
  return yield* stream.finish(cursor, 'datagram');
}
