/**
 * Export datagrams in, flows out: NetFlow v1, v5, v7, v8 and v9 (RFC 3954), IPFIX (RFC 7011) and sFlow v5, told apart by
 * the version number that each begins with. See README.md for how the data go through.
 */
import type { DecodeIssueCode, FlowChunk } from '../model/chunk.ts';
import type { ElementRegistry } from '../model/element.ts';
import { MAX_BATCH_ROWS, SFLOW_5 } from '../model/flow-batch.ts';
import { ChunkWriter } from './chunk-writer.ts';
import type { DatagramContext, Message, MessageHeader } from './message.ts';
import type { FixedExport } from './fixed-record.ts';
import { HEADER_1, readNetFlow1 } from './netflow1.ts';
import { HEADER_5, readNetFlow5 } from './netflow5.ts';
import { HEADER_7, readNetFlow7 } from './netflow7.ts';
import { HEADER_8, readNetFlow8 } from './netflow8.ts';
import { SetDecoder } from './set-decoder.ts';
import { HEADER_SFLOW, readSFlowHeader, readSample, sflowMessage } from './sflow.ts';
import { HEADER_10, HEADER_9, readHeader10, readHeader9 } from './template-messages.ts';
import type { SavedTemplate, TemplateLimits } from './template-cache.ts';
import { readU16, readU32 } from './values.ts';
import type { WaitingLimits } from './waiting-sets.ts';

export interface DecoderLimits extends TemplateLimits, WaitingLimits {}

/** Generous for honest exporters (a large router has some dozens of templates), small for a laptop's memory. */
const defaultLimits: DecoderLimits = {
  maxExporters: 4096,
  maxTemplatesPerExporter: 4096,
  maxFields: 262_144,
  templateLifetimeMs: Infinity,
  maxWaitingBytesPerTemplate: 1 << 20,
  maxWaitingBytes: 1 << 22,
};

/** Bytes of the header by version number. */
const headerLengths: ReadonlyMap<number, number> = new Map([
  [1, HEADER_1],
  [5, HEADER_5],
  [7, HEADER_7],
  [8, HEADER_8],
  [9, HEADER_9],
  [10, HEADER_10],
  [SFLOW_5, HEADER_SFLOW],
]);

/**
 * Decodes a stream of datagrams, of any number of exporters, into batches. Never throws on input. `push` datagrams; when
 * `pendingRows` has grown enough, `take` a batch; at the end `finish`, and `take` the last. Templates and waiting data
 * live on from batch to batch.
 */
export class DatagramDecoder {
  readonly #writer = new ChunkWriter();
  readonly #sets: SetDecoder;
  #ordinal = 0;
  /** Where the datagram in hand is. */
  #offset = 0;

  constructor(options: { elements: ElementRegistry; limits?: Partial<DecoderLimits> }) {
    const limits = { ...defaultLimits, ...options.limits };
    this.#sets = new SetDecoder(options.elements, limits, this.#writer, (text) => {
      this.#report('evicted', text, this.#offset);
    });
  }

  /**
   * How much the next `take` would hand over: flows, options records and issues together, at least MAX_BATCH_ROWS when
   * the batch must be taken before more is pushed.
   */
  get pendingRows(): number {
    const { pending } = this.#writer;
    return this.#sets.hasReady ? Math.max(pending, MAX_BATCH_ROWS) : pending;
  }

  /** Issues that the next `take` would hand over: a push that had one makes it grow. */
  get pendingIssues(): number {
    return this.#writer.issues;
  }

  /** Data sets that had to wait for their template so far. */
  get waits(): number {
    return this.#sets.waits;
  }

  /** Changes with every template that is defined, withdrawn or forgotten. */
  get templateRevision(): number {
    return this.#sets.templateRevision;
  }

  /** The templates as they are known now, for `importTemplates` of a later decoder. */
  exportTemplates(): SavedTemplate[] {
    return this.#sets.exportTemplates();
  }

  /**
   * Takes up templates that an earlier decoder exported; returns how many. What cannot be read, or is known already, is
   * left out.
   */
  importTemplates(templates: Iterable<SavedTemplate>): number {
    return this.#sets.importTemplates(templates);
  }

  /** Decodes one datagram (one UDP payload, or one IPFIX message). The payload is borrowed for the call. */
  push(payload: Uint8Array, context: DatagramContext): void {
    this.#offset = context.sourceOffset;
    this.#ordinal = context.ordinal ?? this.#ordinal;
    this.#sets.decodeReady(MAX_BATCH_ROWS);
    const version = versionOf(payload);
    const headerLength = headerLengths.get(version);
    if (headerLength === undefined) {
      const what = version < 0 ? `${payload.length} bytes` : `version ${version}`;
      this.#report('unknown-version', `a datagram of ${what} is no flow export`, context.sourceOffset);
    } else if (payload.length < headerLength) {
      const message = `the header of a version ${version} datagram ends after ${payload.length} bytes`;
      this.#report('truncated', message, context.sourceOffset);
    } else {
      this.#pushVersion(version, payload, context);
    }
    this.#ordinal++;
  }

  /** Hands over what was decoded since the last call, and starts a new batch. */
  take(bytesRead: number): FlowChunk {
    const chunk = this.#writer.take(bytesRead);
    this.#sets.decodeReady(MAX_BATCH_ROWS);
    return chunk;
  }

  /**
   * Ends the stream: the next `take` hands over everything. What still waits for its template becomes one
   * `missing-template` issue for each exporter and template. To keep that batch small, take before as long as
   * `pendingRows` says that it must be.
   */
  finish(): void {
    this.#sets.finish();
  }

  #pushVersion(version: number, payload: Uint8Array, context: DatagramContext): void {
    switch (version) {
      case 1:
        this.#pushFixed(payload, context, readNetFlow1(payload, context));
        break;
      case 5:
        this.#pushFixed(payload, context, readNetFlow5(payload, context));
        break;
      case 7:
        this.#pushFixed(payload, context, readNetFlow7(payload, context));
        break;
      case 8:
        this.#pushNetFlow8(payload, context);
        break;
      case 9: {
        const message = this.#begin(readHeader9(payload, context), context, payload.length);
        this.#sets.push(payload, payload.length, message, HEADER_9);
        break;
      }
      case SFLOW_5:
        this.#pushSFlow(payload, context);
        break;
      default:
        this.#pushMessage10(payload, context);
    }
  }

  /** Samples one after the other; a sample is read whole or not at all. */
  #pushSFlow(bytes: Uint8Array, context: DatagramContext): void {
    const header = readSFlowHeader(bytes);
    if (!header) {
      const text = `the header of an sFlow datagram of ${bytes.length} bytes is broken`;
      this.#report('truncated', text, context.sourceOffset);
      return;
    }
    const message = this.#begin(sflowMessage(header, context), context, bytes.length);
    let at = header.first;
    for (let i = 0; i < header.samples; i++) {
      const length = at + 8 <= bytes.length ? readU32(bytes, at + 4) : -1;
      if (length < 0 || length > bytes.length - at - 8) {
        const text = `${header.samples} samples were announced, ${i} are there whole`;
        this.#report('truncated', text, context.sourceOffset + at);
        return;
      }
      const sample = readSample(readU32(bytes, at), bytes, at + 8, at + 8 + length);
      if (sample.fault !== undefined) this.#report('bad-record', sample.fault, context.sourceOffset + at);
      this.#writer.addSample(message, header.agent, sample);
      at += 8 + length;
    }
    if (at < bytes.length) {
      const text = `${bytes.length - at} bytes after the last sample were left alone`;
      this.#report('bad-length', text, context.sourceOffset + at);
    }
  }

  #pushNetFlow8(bytes: Uint8Array, context: DatagramContext): void {
    const fixed = readNetFlow8(bytes, context);
    if (fixed) {
      this.#pushFixed(bytes, context, fixed);
      return;
    }
    const text = `NetFlow v8 has no aggregation ${bytes[22]}: the datagram was skipped`;
    this.#report('unsupported', text, context.sourceOffset + 22);
  }

  #pushFixed(bytes: Uint8Array, context: DatagramContext, fixed: FixedExport): void {
    const { header, plan, headerLength, recordLength } = fixed;
    const message = this.#begin(header, context, bytes.length);
    const fit = Math.floor((bytes.length - headerLength) / recordLength);
    const count = Math.min(fixed.count, fit);
    const end = headerLength + count * recordLength;
    if (fixed.count > fit) {
      const text = `the header announces ${fixed.count} records, ${fit} fit the datagram: these were read`;
      this.#report('truncated', text, context.sourceOffset + end);
    } else if (bytes.length > end) {
      const text = `${bytes.length - end} bytes after the last record were left alone`;
      this.#report('bad-length', text, context.sourceOffset + end);
    }
    const first = this.#writer.rows;
    const state = this.#sets.stateOf(message);
    this.#sets.decodeRecords(state, message, plan, bytes, headerLength, end, false);
    for (const [name, value] of fixed.extras) this.#writer.setExtra(name, first, value);
  }

  #pushMessage10(bytes: Uint8Array, context: DatagramContext): void {
    const message = this.#begin(readHeader10(bytes, context), context, bytes.length);
    const length = readU16(bytes, 2);
    if (length < HEADER_10) {
      const text = `a message of length ${length} is shorter than its own header`;
      this.#report('bad-length', text, context.sourceOffset + 2);
      return;
    }
    if (length > bytes.length) {
      const text = `${length - bytes.length} bytes are missing at the end of a message of ${length}`;
      this.#report('truncated', text, context.sourceOffset + bytes.length);
    } else if (length < bytes.length) {
      const text = `${bytes.length - length} bytes after the message were left alone`;
      this.#report('bad-length', text, context.sourceOffset + length);
    }
    this.#sets.push(bytes, Math.min(length, bytes.length), message, HEADER_10);
  }

  #begin(header: MessageHeader, context: DatagramContext, length: number): Message {
    const message: Message = {
      ...header,
      received: context.received,
      sourceOffset: context.sourceOffset,
      ordinal: this.#ordinal,
      datagram: 0,
      exporterIndex: 0,
      batch: -1,
      records: 0,
    };
    this.#writer.begin(message, length);
    return message;
  }

  #report(code: DecodeIssueCode, message: string, offset: number): void {
    this.#writer.report(code, message, offset, this.#ordinal);
  }
}

/** The version number that a datagram begins with: 16 bits, of sFlow 32; -1 where there are none. */
function versionOf(payload: Uint8Array): number {
  if (payload.length < 2) return -1;
  const version = readU16(payload, 0);
  return version === 0 && payload.length >= 4 && readU16(payload, 2) === 5 ? SFLOW_5 : version;
}
