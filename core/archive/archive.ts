/** Any supported file -> flows. The kind is recognised by content, never by name. */
import { DatagramDecoder } from '../decode/datagram-decoder.ts';
import { ApiError } from '../model/api-error.ts';
import type { FlowChunk } from '../model/chunk.ts';
import type { ElementRegistry } from '../model/element.ts';
import { MAX_BATCH_ROWS } from '../model/flow-batch.ts';
import { ByteCursor, type ByteSource } from './byte-cursor.ts';
import { ChunkBuilder } from './chunk-builder.ts';
import { isMessageSequence, isRawExport, readIpfixFile, readRawExport } from './datagram.ts';
import { DatagramStream } from './datagram-stream.ts';
import { isFlowTools, readFlowTools } from './flow-tools.ts';
import { isNfcapd, readNfcapd } from './nfcapd.ts';
import { pcapKind, readPcap } from './pcap.ts';
import { isPcapng, readPcapng } from './pcapng.ts';
import { describeTable, isText, readTable, recogniseTable, tableRows } from './text.ts';
import type { TextKind } from './text-kinds.ts';
import type { TableMapping } from './text-mapping.ts';
import { UnzippedSource } from './unzip.ts';

export type ArchiveKind = 'pcap' | 'nfcapd' | 'ipfix' | 'datagram' | 'flow-tools' | TextKind;

/** A chunk, and the kind of archive that it came from. */
export interface ArchiveChunk extends FlowChunk {
  readonly kind: ArchiveKind;
}

/** How the reading ended. */
export interface ArchiveSummary {
  readonly kind: ArchiveKind;
  readonly bytesRead: number;
  /** The byte after which nothing could be read; null where the file was read to its end. */
  readonly brokeAt: number | null;
  /** What was passed over, by reason, with how often. */
  readonly skipped: ReadonlyMap<string, number>;
}

export interface ReadArchiveOptions {
  readonly elements: ElementRegistry;
  /** Rows of a chunk at most (a datagram's rows are never split): 65,536 where not given. */
  readonly batchRows?: number;
  /**
   * The decoder for export datagrams, where several files are one stream: templates of one serve the next. The caller
   * finishes it after the last file. Without it the file stands for itself.
   */
  readonly decoder?: DatagramDecoder;
  /** What the columns of a table mean that is not one of those we know. */
  readonly mapping?: TableMapping | undefined;
}

/** Enough to tell a single datagram (at most 65,535 bytes) from a longer file. */
const HEAD_BYTES = 65_536;

const SUPPORTED =
  'pcap and pcapng captures of flow exports, nfcapd, flow-tools and IPFIX files, export datagrams, and tables of nfdump, Argus, SiLK and Zeek are read, gzip- or zstd-compressed or not';

/** A reader that has been chosen for a file. */
interface Reading {
  readonly kind: ArchiveKind;
  readonly chunks: Generator<FlowChunk, ArchiveSummary>;
}

/**
 * Reads a file from its first byte to its last, in memory that does not grow with the file. The same bytes give the same
 * chunks. Faults within the file are issues in the chunks; a file that ends in the middle gives what comes before. Of a
 * gzip- or zstd-compressed file the offsets of rows and issues count unpacked bytes; `bytesRead` and `brokeAt` count those
 * of the file. Throws ApiError before the first chunk: `not-an-archive` where the content is none of the kinds (or nothing
 * at all), `unsupported-file` where the kind is known and not read.
 */
export function* readArchive(
  source: ByteSource,
  options: ReadArchiveOptions,
): Generator<ArchiveChunk, ArchiveSummary> {
  const cursor = new ByteCursor(source);
  const packing = packingOf(cursor.peek(HEAD_BYTES));
  if (packing) return yield* readZipped(cursor, packing, options);
  return yield* readPlain(cursor, options);
}

function* readPlain(
  cursor: ByteCursor,
  options: ReadArchiveOptions,
): Generator<ArchiveChunk, ArchiveSummary> {
  const { kind, chunks } = choose(cursor, cursor.peek(HEAD_BYTES), options);
  let step = chunks.next();
  for (; !step.done; step = chunks.next()) yield { ...step.value, kind };
  return step.value;
}

/** Reads what a compressed file holds; damage of the wrapping ends the file. */
function* readZipped(
  file: ByteCursor,
  packing: 'gzip' | 'zstd',
  options: ReadArchiveOptions,
): Generator<ArchiveChunk, ArchiveSummary> {
  const unzipped = new UnzippedSource(file, packing);
  const cursor = new ByteCursor(unzipped);
  const head = cursor.peek(HEAD_BYTES);
  if (head.length === 0 && unzipped.fault !== undefined) {
    throw new ApiError(
      'unreadable-file',
      `The file is ${packing}-compressed and damaged from its start (${unzipped.fault}): fetch it again.`,
    );
  }
  if (packingOf(head)) {
    throw new ApiError('unsupported-file', 'The file is compressed twice: unpack it once first.');
  }
  const chunks = readPlain(cursor, options);
  let step = chunks.next();
  for (; !step.done; step = chunks.next()) yield { ...step.value, bytesRead: file.offset };
  const { kind, brokeAt, skipped } = step.value;
  const { fault } = unzipped;
  if (fault !== undefined) {
    const chunk = new ChunkBuilder();
    const text = `the ${packing} data break off about byte ${file.offset} of the file (${fault}): what came before was read`;
    chunk.report('truncated', cursor.offset, text);
    yield { ...chunk.cut(file.offset), kind };
  }
  const whole = brokeAt === null && fault === undefined;
  return { kind, bytesRead: file.offset, brokeAt: whole ? null : file.offset, skipped };
}

function choose(cursor: ByteCursor, head: Uint8Array, options: ReadArchiveOptions): Reading {
  const rows = options.batchRows ?? MAX_BATCH_ROWS;
  if (head.length === 0) throw stranger('The file is empty');
  if (isNfcapd(head)) return { kind: 'nfcapd', chunks: readNfcapd(cursor, new ChunkBuilder(rows)) };
  if (isFlowTools(head)) return { kind: 'flow-tools', chunks: readFlowTools(cursor, new ChunkBuilder(rows)) };
  const stream = options.decoder
    ? new DatagramStream(options.decoder, rows, false)
    : new DatagramStream(new DatagramDecoder({ elements: options.elements }), rows);
  const pcap = pcapKind(head);
  if (pcap) return { kind: 'pcap', chunks: readPcap(cursor, pcap, stream) };
  if (isPcapng(head)) return { kind: 'pcap', chunks: readPcapng(cursor, stream) };
  refuseKnown(head);
  if (isMessageSequence(head)) return { kind: 'ipfix', chunks: readIpfixFile(cursor, stream) };
  if (isRawExport(head)) return { kind: 'datagram', chunks: readRawExport(cursor, stream) };
  if (head.every((byte) => byte === 0)) throw stranger('The file holds zero bytes only');
  if (isText(head)) {
    const table = recogniseTable(head, options.mapping);
    if (table) {
      const chunk = new ChunkBuilder(Math.min(rows, tableRows(table)));
      return { kind: table.kind, chunks: readTable(cursor, table, options.elements, chunk) };
    }
    const described = describeTable(head);
    if (described !== undefined) throw new ApiError('not-an-archive', `${described}.`);
  }
  const start = Array.from(head.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  throw stranger(`The file begins with ${start}, which is no flow archive we know`);
}

const stranger = (what: string): ApiError => new ApiError('not-an-archive', `${what}: ${SUPPORTED}.`);

function packingOf(head: Uint8Array): 'gzip' | 'zstd' | undefined {
  if (startsWith(head, [0x1f, 0x8b])) return 'gzip';
  // A zstd file may begin with a frame to pass over, of sixteen magic numbers.
  const skippable = startsWith(head.subarray(1), [0x2a, 0x4d, 0x18]) && ((head[0] ?? 0) & 0xf0) === 0x50;
  return skippable || startsWith(head, [0x28, 0xb5, 0x2f, 0xfd]) ? 'zstd' : undefined;
}

const startsWith = (head: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, i) => head[i] === byte);

/** Kinds that we know by their first bytes and do not read, with what to do. */
const refusals: readonly (readonly [magic: readonly number[], kind: string, advice: string])[] = [
  [[0x42, 0x5a, 0x68], 'bzip2-compressed', 'unpack it first with `bunzip2 FILE`'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz-compressed', 'unpack it first with `unxz FILE`'],
  [
    [0xde, 0xad, 0xbe, 0xef],
    'a SiLK file',
    'print it with `rwcut --timestamp-format=iso FILE > FILE.txt` and import that',
  ],
];

function refuseKnown(head: Uint8Array): void {
  for (const [magic, kind, advice] of refusals) {
    if (startsWith(head, magic)) {
      throw new ApiError('unsupported-file', `The file is ${kind}, which is not read: ${advice}.`);
    }
  }
}
