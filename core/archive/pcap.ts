/**
 * pcap files (https://www.tcpdump.org/manpages/pcap-savefile.5.html) that hold export datagrams.
 *
 * | at | file header (24 bytes)                    |   | at | packet header (16 bytes)          |
 * |----|-------------------------------------------|---|----|-----------------------------------|
 * |  0 | u32 magic: a1b2c3d4 µs, a1b23c4d ns       |   |  0 | u32 seconds                       |
 * |  4 | u16 major, u16 minor                      |   |  4 | u32 µs or ns                      |
 * |  8 | i32 zone, u32 accuracy (both unused)      |   |  8 | u32 bytes captured                |
 * | 16 | u32 snapshot length                       |   | 12 | u32 bytes on the wire             |
 * | 20 | u32 link type (upper bits: FCS length)    |
 *
 * All numbers in the byte order that the magic shows.
 */
import type { FlowChunk } from '../model/chunk.ts';
import type { ByteCursor } from './byte-cursor.ts';
import type { ArchiveSummary } from './archive.ts';
import type { DatagramStream } from './datagram-stream.ts';
import { be32 } from './big-endian.ts';
import { isKnownLink } from './packet.ts';
import { u32 } from './little-endian.ts';

const FILE_HEADER = 24;
const PACKET_HEADER = 16;

/** The largest packet libpcap itself accepts (MAXIMUM_SNAPLEN); a longer one is a broken length field. */
const MAX_PACKET = 262_144;

export interface PcapKind {
  readonly littleEndian: boolean;
  /** Parts of a second that the packet header counts. */
  readonly unitsPerMs: 1_000 | 1_000_000;
}

/** What kind of pcap the first four bytes announce. */
export function pcapKind(head: Uint8Array): PcapKind | undefined {
  switch (u32(head, 0)) {
    case 0xa1b2c3d4:
      return { littleEndian: true, unitsPerMs: 1_000 };
    case 0xa1b23c4d:
      return { littleEndian: true, unitsPerMs: 1_000_000 };
    case 0xd4c3b2a1:
      return { littleEndian: false, unitsPerMs: 1_000 };
    case 0x4d3cb2a1:
      return { littleEndian: false, unitsPerMs: 1_000_000 };
    default:
      return undefined;
  }
}

/** Reads a pcap file whose magic has been recognised. */
export function* readPcap(
  cursor: ByteCursor,
  kind: PcapKind,
  stream: DatagramStream,
): Generator<FlowChunk, ArchiveSummary> {
  const order = kind.littleEndian ? u32 : be32;
  const broken = (message: string): void => {
    stream.breakAt('truncated', cursor.offset, message);
  };
  if (!cursor.ensure(FILE_HEADER)) {
    broken(`the pcap file header is cut off after ${cursor.available} of ${FILE_HEADER} bytes`);
    return yield* stream.finish(cursor, 'pcap');
  }
  const link = order(cursor.bytes, cursor.start + 20) & 0xffff;
  if (!isKnownLink(link)) {
    stream.report('unsupported', 20, `packets of link type ${link} cannot be read: all were passed over`);
  }
  cursor.skip(FILE_HEADER);
  while (!cursor.atEnd()) {
    if (!cursor.ensure(PACKET_HEADER)) {
      broken(`the file ends within a packet header at byte ${cursor.offset}`);
      break;
    }
    const at = cursor.start;
    const seconds = order(cursor.bytes, at);
    const fraction = order(cursor.bytes, at + 4);
    const captured = order(cursor.bytes, at + 8);
    if (captured > MAX_PACKET) {
      stream.breakAt(
        'bad-length',
        cursor.offset,
        `the packet at byte ${cursor.offset} says it has ${captured} bytes, which no capture holds: the rest of the file was left`,
      );
      break;
    }
    if (!cursor.ensure(PACKET_HEADER + captured)) {
      broken(`the file ends within the packet at byte ${cursor.offset}`);
      break;
    }
    const packet = cursor.start + PACKET_HEADER;
    const received = seconds * 1000 + fraction / kind.unitsPerMs;
    stream.packet(link, cursor.bytes, packet, packet + captured, received, cursor.offset + PACKET_HEADER);
    cursor.skip(PACKET_HEADER + captured);
    if (stream.full) yield stream.take(cursor.offset);
  }
  return yield* stream.finish(cursor, 'pcap');
}
