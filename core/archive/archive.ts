/** Any supported file -> flows. The kind is recognised by content, never by name. */
import { DatagramDecoder } from '../decode/datagram-decoder.ts';
import { ApiError } from '../model/api-error.ts';
import type { FlowChunk } from '../model/chunk.ts';
import type { ElementRegistry } from '../model/element.ts';
import { MAX_BATCH_ROWS } from '../model/flow-batch.ts';
import { ByteCursor, type ByteSource } from './byte-cursor.ts';
import { ChunkBuilder } from './chunk-builder.ts';
import { isRawExport, readRawExport } from './datagram.ts';
import { DatagramStream } from './datagram-stream.ts';
import { isNfcapd, readNfcapd } from './nfcapd.ts';
import { pcapKind, readPcap } from './pcap.ts';
import { isPcapng, readPcapng } from './pcapng.ts';

export type ArchiveKind = 'pcap' | 'nfcapd' | 'datagram';

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
}

/** Enough to tell a single datagram (at most 65,535 bytes) from a longer file. */
const HEAD_BYTES = 65_536;

const SUPPORTED =
  'pcap and pcapng captures of NetFlow v5, v9 or IPFIX, nfcapd files and single export datagrams are read';

/**
 * Reads a file from its first byte to its last, in memory that does not grow with the file. The same bytes give the same
 * chunks. Faults within the file are issues in the chunks; a file that ends in the middle gives what comes before.
 * Throws ApiError before the first chunk: `unreadable-file` where the content is none of the kinds (or nothing at all),
 * `unsupported-file` where the kind is known and not read.
 */
export function* readArchive(
  source: ByteSource,
  options: ReadArchiveOptions,
): Generator<FlowChunk, ArchiveSummary> {
  const cursor = new ByteCursor(source);
  const rows = options.batchRows ?? MAX_BATCH_ROWS;
  const head = cursor.peek(HEAD_BYTES);
  if (head.length === 0) throw unreadable('The file is empty');
  if (isNfcapd(head)) return yield* readNfcapd(cursor, new ChunkBuilder(rows));
  const stream = options.decoder
    ? new DatagramStream(options.decoder, rows, false)
    : new DatagramStream(new DatagramDecoder({ elements: options.elements }), rows);
  const pcap = pcapKind(head);
  if (pcap) return yield* readPcap(cursor, pcap, stream);
  if (isPcapng(head)) return yield* readPcapng(cursor, stream);
  refuseKnown(head);
  if (isRawExport(head)) return yield* readRawExport(cursor, stream);
  if (head.every((byte) => byte === 0)) throw unreadable('The file holds zero bytes only');
  const start = Array.from(head.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  throw unreadable(`The file begins with ${start}, which is no flow archive we know`);
}

const unreadable = (what: string): ApiError => new ApiError('unreadable-file', `${what}: ${SUPPORTED}.`);

/** Kinds that we know by their first bytes and do not read, with what to do. */
const refusals: readonly (readonly [magic: readonly number[], kind: string, advice: string])[] = [
  [[0x1f, 0x8b], 'gzip-compressed', 'unpack it first with `gunzip FILE`'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd-compressed', 'unpack it first with `unzstd FILE`'],
  [[0x42, 0x5a, 0x68], 'bzip2-compressed', 'unpack it first with `bunzip2 FILE`'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz-compressed', 'unpack it first with `unxz FILE`'],
  [
    [0xcf, 0x10],
    'a flow-tools file',
    'replay it to a collector with `flow-cat FILE | flow-send 0/HOST/2055`',
  ],
];

function refuseKnown(head: Uint8Array): void {
  for (const [magic, kind, advice] of refusals) {
    if (magic.every((byte, i) => head[i] === byte)) {
      throw new ApiError('unsupported-file', `The file is ${kind}, which is not read yet: ${advice}.`);
    }
  }
}
