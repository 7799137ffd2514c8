/**
 * flow-tools files (Mark Fullmer's flow-capture), stream format 3.
 *
 * | at | header                                   |    | type | what follows type and length (u16 each)      |
 * |----|------------------------------------------|----|------|----------------------------------------------|
 * |  0 | u8 cf, u8 10                             |    |  2   | u16 version of NetFlow: 1, 5, 6, 7, 8        |
 * |  2 | u8 byte order: 1 little, 2 big endian    |    |  3,4 | u8 version of the aggregation, u8 its number |
 * |  3 | u8 stream format                         |    |  8   | u32 flags: 2 where the records are deflated  |
 * |  4 | u32 bytes up to the records              |    | 10   | u32 flows in the file                        |
 * |  8 | type, length, value until then           |    |      |                                              |
 *
 * The records follow, all of one size (flow-tools-records.ts), where deflated as one zlib stream.
 */
import { ApiError } from '../model/api-error.ts';
import type { FlowChunk } from '../model/chunk.ts';
import type { ArchiveSummary } from './archive.ts';
import { be16, be32 } from './big-endian.ts';
import { ByteCursor } from './byte-cursor.ts';
import type { ChunkBuilder } from './chunk-builder.ts';
import { flowToolsFields } from './flow-tools-records.ts';
import { FlowToolsRow } from './flow-tools-row.ts';
import { u16, u32 } from './little-endian.ts';
import { UnzippedSource } from './unzip.ts';

const LITTLE = 1;
const BIG = 2;
const FIXED_HEADER = 8;
/** Names of interfaces and comments make a header long; no flow-tools writes one beyond this. */
const MAX_HEADER = 65_536;
const TLV = { version: 2, aggregation: 4, flags: 8, flows: 10 } as const;
const FLAG_DEFLATED = 2;

interface FlowToolsHeader {
  readonly length: number;
  readonly littleEndian: boolean;
  readonly version: number;
  readonly aggregation: number;
  readonly deflated: boolean;
  /** 0 where the file does not say. */
  readonly flows: number;
}

/** True where the file begins with flow-tools' magic number. */
export const isFlowTools = (head: Uint8Array): boolean =>
  head[0] === 0xcf && head[1] === 0x10 && (head[2] === LITTLE || head[2] === BIG);

/** Reads a file that `isFlowTools` accepted. Throws ApiError where its header is cut off or of a kind not known. */
export function* readFlowTools(
  cursor: ByteCursor,
  chunk: ChunkBuilder,
): Generator<FlowChunk, ArchiveSummary> {
  const header = readHeader(cursor.peek(MAX_HEADER));
  const fields = flowToolsFields(header.version, header.aggregation);
  if (!fields) {
    const which =
      header.version === 8 ? `NetFlow v8, aggregation ${header.aggregation}` : `NetFlow v${header.version}`;
    throw new ApiError(
      'unsupported-file',
      `This flow-tools file holds records of ${which}, which no exporter sends: fetch it again from its collector.`,
    );
  }
  cursor.skip(header.length);
  const unzipped = header.deflated ? new UnzippedSource(cursor, 'zlib') : undefined;
  const records = unzipped ? new ByteCursor(unzipped) : cursor;
  const unpackedAt = unzipped ? header.length : 0;
  const row = new FlowToolsRow(chunk, header, fields);
  let brokeAt: number | null = null;
  const broken = (message: string): void => {
    brokeAt = cursor.offset;
    chunk.report('truncated', brokeAt, message);
  };
  let count = 0;
  while (records.ensure(row.size)) {
    row.write(records.bytes, records.start, unpackedAt + records.offset);
    records.skip(row.size);
    count++;
    if (chunk.full) yield chunk.cut(cursor.offset);
  }
  if (unzipped?.fault !== undefined && !unzipped.cut) {
    brokeAt = cursor.offset;
    const text = `the deflated records are damaged about byte ${brokeAt} (${unzipped.fault}): the ${count} before that were read`;
    chunk.report('bad-record', brokeAt, text);
  } else if (unzipped?.cut || records.available > 0) {
    broken(`the file ends within a record: the ${count} before that were read`);
  } else if (count < header.flows) broken(`the file ends after ${count} of ${header.flows} flows`);
  if (!chunk.empty) yield chunk.cut(cursor.offset);
  return { kind: 'flow-tools', bytesRead: cursor.offset, brokeAt, skipped: new Map() };
}

function readHeader(head: Uint8Array): FlowToolsHeader {
  const stream = head[3] ?? 0;
  if (stream !== 3) {
    throw new ApiError(
      'unsupported-file',
      `This flow-tools file has stream format ${stream}, and format 3 is read: rewrite it with \`flow-cat FILE > OUT\` of flow-tools 0.58 or later.`,
    );
  }
  const littleEndian = head[2] === LITTLE;
  const [short, long] = littleEndian ? [u16, u32] : [be16, be32];
  const length = head.length < FIXED_HEADER ? 0 : long(head, 4);
  if (length < FIXED_HEADER || length > head.length) {
    throw new ApiError(
      'unreadable-file',
      `A flow-tools file that ends after ${head.length} bytes, within its header, holds no flows: fetch it again from its collector.`,
    );
  }
  let version = 0;
  let aggregation = 0;
  let flags = 0;
  let flows = 0;
  for (let at = FIXED_HEADER; at + 4 <= length;) {
    const value = at + 4;
    const type = short(head, at);
    if (type === TLV.version) version = short(head, value);
    else if (type === TLV.aggregation) aggregation = head[value] ?? 0;
    else if (type === TLV.flags) flags = long(head, value);
    else if (type === TLV.flows) flows = long(head, value);
    at = value + short(head, at + 2);
  }
  return { length, littleEndian, version, aggregation, deflated: (flags & FLAG_DEFLATED) !== 0, flows };
}
