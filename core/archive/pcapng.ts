/**
 * pcapng files (draft-ietf-opsawg-pcapng) that hold export datagrams.
 *
 * A block: u32 type, u32 length, body, u32 length again; the length counts all of it and is a multiple of 4.
 *
 * | type     | block                | body                                                                    |
 * |----------|----------------------|-------------------------------------------------------------------------|
 * | 0a0d0d0a | section header       | u32 1a2b3c4d in the section's byte order; interfaces begin anew          |
 * | 1        | interface            | u16 link type, u16 0, u32 snapshot length, options (9: time resolution)  |
 * | 6        | enhanced packet      | u32 interface, u32 time high, low, u32 captured, u32 on the wire, packet |
 * | 2        | packet (obsolete)    | u16 interface, u16 drops, the rest as above                              |
 * | 3        | simple packet        | u32 on the wire, packet; interface 0, no time                           |
 */
import type { FlowChunk } from '../model/chunk.ts';
import type { ArchiveSummary } from './archive.ts';
import { be16, be32 } from './big-endian.ts';
import { MAX_WINDOW, type ByteCursor } from './byte-cursor.ts';
import type { DatagramStream } from './datagram-stream.ts';
import { u16, u32 } from './little-endian.ts';
import { isKnownLink } from './packet.ts';

const BLOCK = { section: 0x0a0d0d0a, interface: 1, packet: 2, simple: 3, enhanced: 6 } as const;
const ORDER_LITTLE = 0x1a2b3c4d;
const ORDER_BIG = 0x4d3c2b1a;
const OPTION_RESOLUTION = 9;
const OPTION_OFFSET = 14;

/** More interfaces than any machine has. */
const MAX_INTERFACES = 65_536;

interface Interface {
  readonly link: number;
  readonly snapshot: number;
  readonly unitsPerMs: number;
  readonly offsetMs: number;
}

/** True where the file begins with a section header block. */
export const isPcapng = (head: Uint8Array): boolean =>
  u32(head, 0) === BLOCK.section && (u32(head, 8) === ORDER_LITTLE || u32(head, 8) === ORDER_BIG);

/** Reads a pcapng file that `isPcapng` accepted. */
export function* readPcapng(
  cursor: ByteCursor,
  stream: DatagramStream,
): Generator<FlowChunk, ArchiveSummary> {
  const section = new Section(stream);
  while (!cursor.atEnd()) {
    const offset = cursor.offset;
    if (!cursor.ensure(12)) {
      stream.breakAt('truncated', offset, `the file ends within a block header at byte ${offset}`);
      break;
    }
    if (u32(cursor.bytes, cursor.start) === BLOCK.section) section.begin(u32(cursor.bytes, cursor.start + 8));
    const length = section.long(cursor.bytes, cursor.start + 4);
    if (length < 12 || length % 4 !== 0) {
      const text = `the block at byte ${offset} says it has ${length} bytes: the rest of the file was left`;
      stream.breakAt('bad-length', offset, text);
      break;
    }
    if (length > MAX_WINDOW) {
      stream.report('bad-length', offset, `the block of ${length} bytes at byte ${offset} was passed over`);
    } else if (cursor.ensure(length)) {
      section.read(cursor.bytes, cursor.start, cursor.start + length - 4, offset);
    }
    if (cursor.skip(length) < length) {
      stream.breakAt('truncated', offset, `the file ends within the block at byte ${offset}`);
      break;
    }
    if (stream.full) yield stream.take(cursor.offset);
  }
  return yield* stream.finish(cursor, 'pcap');
}

/** What a section header and the interface blocks after it say. */
class Section {
  long = u32;
  readonly #stream: DatagramStream;
  #short = u16;
  #interfaces: Interface[] = [];

  constructor(stream: DatagramStream) {
    this.#stream = stream;
  }

  begin(order: number): void {
    this.long = order === ORDER_BIG ? be32 : u32;
    this.#short = order === ORDER_BIG ? be16 : u16;
    this.#interfaces = [];
  }

  /** Reads the block that begins at `at`; its body ends at `end`. */
  read(bytes: Uint8Array, at: number, end: number, offset: number): void {
    const body = at + 8;
    switch (this.long(bytes, at)) {
      case BLOCK.interface:
        if (end - body >= 8) this.#addInterface(bytes, body, end, offset);
        return;
      case BLOCK.enhanced:
        if (end - body >= 20) this.#packet(bytes, body, end, this.long(bytes, body), offset - at);
        return;
      case BLOCK.packet:
        if (end - body >= 20) this.#packet(bytes, body, end, this.#short(bytes, body), offset - at);
        return;
      case BLOCK.simple: {
        const first = this.#interfaces[0];
        if (!first || end - body < 4) return;
        const length = Math.min(this.long(bytes, body), first.snapshot || Infinity, end - body - 4);
        this.#stream.packet(first.link, bytes, body + 4, body + 4 + length, null, offset - at + body + 4);
      }
    }
  }

  #packet(bytes: Uint8Array, body: number, end: number, index: number, toFile: number): void {
    const captured = this.long(bytes, body + 12);
    const from = body + 20;
    const source = this.#interfaces[index];
    if (!source || captured > end - from) {
      const what = source
        ? `${captured} bytes where its block has ${end - from}`
        : `interface ${index}, which no block describes`;
      this.#stream.report(
        'bad-record',
        toFile + body - 8,
        `a packet at byte ${toFile + body - 8} says ${what}`,
      );
      return;
    }
    const time = this.long(bytes, body + 4) * 0x1_0000_0000 + this.long(bytes, body + 8);
    const received = time / source.unitsPerMs + source.offsetMs;
    this.#stream.packet(source.link, bytes, from, from + captured, received, toFile + from);
  }

  #addInterface(bytes: Uint8Array, body: number, end: number, offset: number): void {
    const link = this.#short(bytes, body);
    let unitsPerMs = 1_000;
    let offsetMs = 0;
    for (let at = body + 8; at + 4 <= end;) {
      const code = this.#short(bytes, at);
      const length = this.#short(bytes, at + 2);
      if (code === 0 || at + 4 + length > end) break;
      // Seven bits of a power of ten, or of two where the highest bit is set.
      const resolution = bytes[at + 4] ?? 6;
      if (code === OPTION_RESOLUTION && length === 1) {
        unitsPerMs = (resolution & 0x80 ? 2 ** (resolution & 0x7f) : 10 ** resolution) / 1_000;
      } else if (code === OPTION_OFFSET && length === 8) {
        const high = this.long(bytes, this.long === be32 ? at + 4 : at + 8) | 0;
        const low = this.long(bytes, this.long === be32 ? at + 8 : at + 4);
        offsetMs = (high * 0x1_0000_0000 + low) * 1_000;
      }
      at += 4 + Math.ceil(length / 4) * 4;
    }
    if (this.#interfaces.length >= MAX_INTERFACES) return;
    this.#interfaces.push({ link, snapshot: this.long(bytes, body + 4), unitsPerMs, offsetMs });
    if (!isKnownLink(link)) {
      const text = `packets of link type ${link} cannot be read: all were passed over`;
      this.#stream.report('unsupported', offset, text);
    }
  }
}
