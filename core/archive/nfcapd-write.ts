/**
 * Flows -> an nfcapd file of layout 2 that nfdump 1.7 reads. The tables of the layout stand in README.md.
 *
 * What nfcapd cannot hold is left out: the exporter's port, parts of a millisecond, elements without an nfdump name. A
 * sum over flows (`_kind` aggregate) is no flow and is not written.
 */
import { encodeUtf8 } from '../model/text.ts';
import { rowsOfKind, type FlowBatch } from '../model/flow-batch.ts';
import { MAX_RECORD, NfcapdRecordWriter } from './nfcapd-write-record.ts';

/** How blocks are compressed: 3 is LZ4, 4 is zstd, which nfdump reads from 1.7.2 on. */
export interface NfcapdPacking {
  readonly method: 3 | 4;
  readonly pack: (block: Uint8Array) => Uint8Array;
}

export interface NfcapdWriteOptions {
  /** Takes the bytes of the file, in order. They are overwritten after the call. */
  readonly write: (bytes: Uint8Array) => void;
  /** When the file is made, seconds since 1970. */
  readonly created: number;
  /** Whose flows these are, which nfdump calls ident: up to 127 bytes. */
  readonly ident: string;
  readonly packing?: NfcapdPacking | undefined;
}

const FILE_HEADER = 40;
const BLOCK_HEADER = 12;
const RECORD_HEADER = 4;
const MAGIC = 0xa50c;
const LAYOUT = 2;
/** The layout's writer: nfdump 1.7.1. */
const NFDUMP_VERSION = 0x0107_0100;
const BLOCK_SIZE = 1 << 20;
const RECORD_BLOCK = 3;
const IDENT_RECORD = 0x8001;
const STAT_RECORD = 0x8002;
const MAX_IDENT = 127;

/** Totals by protocol, in the file's order. */
const protocols = { tcp: 0, udp: 1, icmp: 2, other: 3 } as const;

export class NfcapdWriter {
  readonly #options: NfcapdWriteOptions;
  readonly #block = new Uint8Array(BLOCK_HEADER + BLOCK_SIZE + MAX_RECORD);
  readonly #records: NfcapdRecordWriter;
  readonly #flows = new Float64Array(4);
  readonly #bytes = new Float64Array(4);
  readonly #packets = new Float64Array(4);
  #first = Number.POSITIVE_INFINITY;
  #last = 0;
  #inBlock = 0;
  #blocks = 0;
  #written = FILE_HEADER;

  /** Writes a header that `finish` replaces. */
  constructor(options: NfcapdWriteOptions) {
    this.#options = options;
    this.#records = new NfcapdRecordWriter(this.#block, BLOCK_HEADER);
    options.write(this.#header(0n, 0));
  }

  /** Writes the rows (ascending; all where none are named); returns how many flows they were. */
  add(batch: FlowBatch, rows?: Uint32Array): number {
    const sums = rowsOfKind(batch, 'aggregate');
    const count = rows?.length ?? batch.count;
    const { protocolIdentifier, octetDeltaCount, packetDeltaCount } = batch.columns;
    const { flowStartMilliseconds, flowEndMilliseconds } = batch.columns;
    this.#records.begin(batch);
    let flows = 0;
    for (let i = 0; i < count; i++) {
      const row = rows?.[i] ?? i;
      if (sums.has(row)) continue;
      this.#inBlock += this.#records.write(row);
      flows++;
      const kind = kindOf(protocolIdentifier[row] ?? 0);
      this.#flows[kind] = (this.#flows[kind] ?? 0) + 1;
      this.#bytes[kind] = (this.#bytes[kind] ?? 0) + (octetDeltaCount[row] ?? 0);
      this.#packets[kind] = (this.#packets[kind] ?? 0) + (packetDeltaCount[row] ?? 0);
      // NaN compares as false, and 0 is what nfcapd writes for an unknown time.
      const start = flowStartMilliseconds[row] ?? 0;
      const end = flowEndMilliseconds[row] ?? 0;
      if (start > 0 && start < this.#first) this.#first = start;
      if (end > this.#last) this.#last = end;
      if (this.#records.end >= BLOCK_HEADER + BLOCK_SIZE) this.#flush();
    }
    return flows;
  }

  /** Writes what is left and the appendix; returns the 40 bytes that are to replace the file's first. */
  finish(): Uint8Array {
    this.#flush();
    const appendix = BigInt(this.#written);
    this.#emit(2, this.#appendix());
    return this.#header(appendix, 1);
  }

  #flush(): void {
    if (this.#inBlock === 0) return;
    this.#emit(this.#inBlock, this.#block.subarray(BLOCK_HEADER, this.#records.end));
    this.#blocks++;
    this.#inBlock = 0;
    this.#records.end = BLOCK_HEADER;
  }

  #emit(records: number, plain: Uint8Array): void {
    const body = this.#options.packing?.pack(plain) ?? plain;
    const header = new DataView(new ArrayBuffer(BLOCK_HEADER));
    header.setUint32(0, records, true);
    header.setUint32(4, body.length, true);
    header.setUint16(8, RECORD_BLOCK, true);
    this.#options.write(new Uint8Array(header.buffer));
    this.#options.write(body);
    this.#written += BLOCK_HEADER + body.length;
  }

  #header(appendixAt: bigint, appendixBlocks: number): Uint8Array {
    const header = new DataView(new ArrayBuffer(FILE_HEADER));
    header.setUint16(0, MAGIC, true);
    header.setUint16(2, LAYOUT, true);
    header.setUint32(4, NFDUMP_VERSION, true);
    header.setBigUint64(8, BigInt(Math.floor(this.#options.created)), true);
    header.setUint8(16, this.#options.packing?.method ?? 0);
    header.setUint16(18, appendixBlocks, true);
    header.setBigUint64(24, appendixAt, true);
    header.setUint32(36, this.#blocks, true);
    return new Uint8Array(header.buffer);
  }

  /** The name and the totals of the file. */
  #appendix(): Uint8Array {
    const ident = encodeUtf8(this.#options.ident).subarray(0, MAX_IDENT);
    const identSize = RECORD_HEADER + ident.length + 1;
    const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
    const totals = [
      ...[this.#flows, this.#bytes, this.#packets].map(sum),
      ...this.#flows,
      ...this.#bytes,
      ...this.#packets,
      Number.isFinite(this.#first) ? this.#first : 0,
      this.#last,
      0,
    ];
    const bytes = new Uint8Array(identSize + RECORD_HEADER + 8 * totals.length);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, IDENT_RECORD, true);
    view.setUint16(2, identSize, true);
    bytes.set(ident, RECORD_HEADER);
    view.setUint16(identSize, STAT_RECORD, true);
    view.setUint16(identSize + 2, RECORD_HEADER + 8 * totals.length, true);
    for (const [i, total] of totals.entries()) {
      view.setBigUint64(identSize + RECORD_HEADER + 8 * i, BigInt(Math.floor(total)), true);
    }
    return bytes;
  }
}

function kindOf(protocol: number): number {
  if (protocol === 6) return protocols.tcp;
  if (protocol === 17) return protocols.udp;
  return protocol === 1 || protocol === 58 ? protocols.icmp : protocols.other;
}
