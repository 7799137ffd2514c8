import type { FlowChunk } from '../model/chunk.ts';
import type { ArchiveSummary } from './archive.ts';
import type { ByteCursor } from './byte-cursor.ts';
import type { DatagramStream } from './datagram-stream.ts';

/** Nobody noted who sent a payload that was saved alone. */
const UNKNOWN_ADDRESS = '0.0.0.0';

/** Reads a file that is one UDP payload, already seen to look like a flow export. */
export function* readDatagram(
  cursor: ByteCursor,
  stream: DatagramStream,
): Generator<FlowChunk, ArchiveSummary> {
  const payload = cursor.peek(cursor.available);
  stream.push(payload, UNKNOWN_ADDRESS, null, null, 0);
  cursor.skip(payload.length);
  return yield* stream.finish(cursor, 'datagram');
}
