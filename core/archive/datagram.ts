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

const versions: ReadonlySet<number> = new Set([1, 5, 7, 8, 9, 10]);

/** Nobody noted who sent a payload that was saved alone. */
const UNKNOWN_ADDRESS = '';

/** True where a file's first bytes are the version number of a flow export and its size can be a datagram's. */
export function isRawExport(head: Uint8Array): boolean {
  const [high = -1, version = -1, , low] = head;
  // sFlow's version number has 32 bits.
  const known = high === 0 && (versions.has(version) || (version === 0 && head[2] === 0 && low === 5));
  return known && (head.length <= MAX_DATAGRAM || isMessageSequence(head));
}

/** True where an IPFIX message is followed by another in a file that is no single datagram. */
export function isMessageSequence(head: Uint8Array): boolean {
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
  const payload = cursor.peek(MAX_DATAGRAM);
  stream.push(payload, UNKNOWN_ADDRESS, null, null, cursor.offset);
  cursor.skip(payload.length);
  return yield* stream.finish(cursor, 'datagram');
}

/**
 * Reads a file that `isMessageSequence` accepted, to its end or to where no message begins: nothing says where the next
 * one would.
 */
export function* readIpfixFile(
  cursor: ByteCursor,
  stream: DatagramStream,
): Generator<FlowChunk, ArchiveSummary> {
  while (!cursor.atEnd()) {
    const { offset } = cursor;
    const length = messageLength(cursor.peek(HEADER_10));
    if (length === 0) {
      const text = `no IPFIX message begins at byte ${offset}: the rest of the file was left`;
      stream.breakAt('bad-length', offset, text);
      break;
    }
    const message = cursor.peek(length);
    if (message.length < length) {
      stream.breakAt('truncated', offset, `the file ends within the message at byte ${offset}`);
    }
    stream.push(message, UNKNOWN_ADDRESS, null, null, offset);
    cursor.skip(message.length);
    if (stream.full) yield stream.take(cursor.offset);
  }
  return yield* stream.finish(cursor, 'ipfix');
}
