/**
 * Export datagrams in, flows out: NetFlow v5, NetFlow v9 (RFC 3954) and IPFIX (RFC 7011), told apart by the version number
 * that each begins with. See README.md for how the data go through.
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
import type { RecordPlan } from './record-plan.ts';
import { HEADER_SFLOW, readSFlowHeader, readSample, sflowMessage } from './sflow.ts';
import { HEADER_10, HEADER_9, readHeader10, readHeader9 } from './template-messages.ts';
import {
  TemplateCache,
  type ExporterState,
  type SavedTemplate,
  type TemplateLimits,
} from './template-cache.ts';
import { parseTemplate10, parseTemplate9 } from './template.ts';
import { readU16, readU32 } from './values.ts';
import { WaitingSets, type WaitingLimits, type WaitingSet } from './waiting-sets.ts';

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

/** Set numbers (RFC 3954 5.2, RFC 7011 3.3.2); data sets begin at 256. */
const TEMPLATE_SET_9 = 0;
const OPTIONS_SET_9 = 1;
const TEMPLATE_SET_10 = 2;
const OPTIONS_SET_10 = 3;
const FIRST_DATA_SET = 256;

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

interface ReadySet {
  readonly state: ExporterState;
  readonly plan: RecordPlan;
  readonly set: WaitingSet;
}

/**
 * Decodes a stream of datagrams, of any number of exporters, into batches. Never throws on input. `push` datagrams; when
 * `pendingRows` has grown enough, `take` a batch; at the end `finish`, and `take` the last. Templates and waiting data
 * live on from batch to batch.
 */
export class DatagramDecoder {
  readonly #elements: ElementRegistry;
  readonly #templates: TemplateCache;
  readonly #waiting: WaitingSets;
  readonly #writer = new ChunkWriter();
  /** Sets whose template has come, that did not fit the batch in hand; the first `#readyFrom` are done. */
  #ready: ReadySet[] = [];
  #readyFrom = 0;
  #ordinal = 0;
  /** Where the datagram in hand is, for issues that caches raise. */
  #offset = 0;

  constructor(options: { elements: ElementRegistry; limits?: Partial<DecoderLimits> }) {
    const limits = { ...defaultLimits, ...options.limits };
    this.#elements = options.elements;
    this.#templates = new TemplateCache(options.elements, limits, (state, what) => {
      this.#report('evicted', `${state.key}: ${what} forgotten, more came than are kept`, this.#offset);
    });
    this.#waiting = new WaitingSets(limits, (set) => {
      const { exporter, sourceOffset, ordinal } = set.message;
      const text = `${set.octets.length} bytes that waited for template ${set.templateId} of ${exporter.address} dropped, more came than are kept`;
      this.#writer.report('evicted', text, sourceOffset + set.at, ordinal);
    });
  }

  /**
   * How much the next `take` would hand over: flows, options records and issues together, at least MAX_BATCH_ROWS when
   * the batch must be taken before more is pushed.
   */
  get pendingRows(): number {
    const { pending } = this.#writer;
    return this.#ready.length > 0 ? Math.max(pending, MAX_BATCH_ROWS) : pending;
  }

  /** Issues that the next `take` would hand over: a push that had one makes it grow. */
  get pendingIssues(): number {
    return this.#writer.issues;
  }

  /** Data sets that had to wait for their template so far. */
  get waits(): number {
    return this.#waiting.added;
  }

  /** Changes with every template that is defined, withdrawn or forgotten. */
  get templateRevision(): number {
    return this.#templates.revision;
  }

  /** The templates as they are known now, for `importTemplates` of a later decoder. */
  exportTemplates(): SavedTemplate[] {
    return this.#templates.export();
  }

  /**
   * Takes up templates that an earlier decoder exported; returns how many. What cannot be read, or is known already, is
   * left out.
   */
  importTemplates(templates: Iterable<SavedTemplate>): number {
    let count = 0;
    for (const { address, version, observationDomainId, options, octets } of templates) {
      const parse = version === 9 ? parseTemplate9 : parseTemplate10;
      const parsed = parse(this.#elements, octets, 0, octets.length, options);
      if (parsed.kind !== 'template') continue;
      const state = this.#templates.state(address, version, observationDomainId);
      if (state.plan(parsed.record.id)) continue;
      this.#templates.define(state, parsed.record, octets, Infinity);
      count++;
    }
    return count;
  }

  /** Decodes one datagram (one UDP payload, or one IPFIX message). The payload is borrowed for the call. */
  push(payload: Uint8Array, context: DatagramContext): void {
    this.#offset = context.sourceOffset;
    this.#ordinal = context.ordinal ?? this.#ordinal;
    this.#decodeReady(MAX_BATCH_ROWS);
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
    this.#decodeReady(MAX_BATCH_ROWS);
    return chunk;
  }

  /**
   * Ends the stream: the next `take` hands over everything. What still waits for its template becomes one
   * `missing-template` issue for each exporter and template. To keep that batch small, take before as long as
   * `pendingRows` says that it must be.
   */
  finish(): void {
    this.#decodeReady(Infinity);
    const groups = new Map<
      string,
      { key: string; sets: number; bytes: number; first: Message; at: number; id: number }
    >();
    for (const [set, state] of this.#waiting.takeAll()) {
      const key = `${state.key} template ${set.templateId}`;
      let group = groups.get(key);
      if (!group) {
        group = { key: state.key, sets: 0, bytes: 0, first: set.message, at: set.at, id: set.templateId };
        groups.set(key, group);
      }
      group.sets++;
      group.bytes += set.octets.length;
    }
    for (const { key, sets, bytes, first, at, id } of groups.values()) {
      const count = sets === 1 ? 'a data set' : `${sets} data sets`;
      const text = `${count} (${bytes} bytes) of ${key} could not be decoded: template ${id} never came`;
      this.#writer.report('missing-template', text, first.sourceOffset + at, first.ordinal);
    }
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
        this.#pushSets(payload, payload.length, message, HEADER_9);
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
    const { version, exporter } = header;
    const state = this.#templates.state(context.address, version, exporter.observationDomainId);
    this.#decodeRecords(state, message, plan, bytes, headerLength, end, false);
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
    this.#pushSets(bytes, Math.min(length, bytes.length), message, HEADER_10);
  }

  /** Walks the sets of a v9 datagram or an IPFIX message. The v9 header's count is not looked at: exporters err. */
  #pushSets(bytes: Uint8Array, end: number, message: Message, firstSet: number): void {
    const { version, exporter } = message;
    const state = this.#templates.state(exporter.address, version, exporter.observationDomainId);
    let at = firstSet;
    while (end - at >= 4) {
      const id = readU16(bytes, at);
      const length = readU16(bytes, at + 2);
      if (length < 4) {
        const text = `a set of length ${length} is shorter than its own header: the rest was skipped`;
        this.#report('bad-length', text, message.sourceOffset + at);
        return;
      }
      const setEnd = Math.min(at + length, end);
      if (at + length > end) {
        const text = `set ${id} has ${at + length - end} bytes more than its message: what is there was read`;
        this.#report('truncated', text, message.sourceOffset + at);
      }
      this.#readSet(state, message, id, bytes, at + 4, setEnd);
      at = setEnd;
    }
  }

  #readSet(
    state: ExporterState,
    message: Message,
    id: number,
    bytes: Uint8Array,
    at: number,
    end: number,
  ): void {
    const nine = message.version === 9;
    if (id >= FIRST_DATA_SET) {
      const plan = this.#templates.hold(state, id, timeOf(message));
      if (plan) this.#decodeRecords(state, message, plan, bytes, at, end, false);
      else if (end > at)
        this.#waiting.add(state, { message, templateId: id, octets: bytes.slice(at, end), at });
    } else if (id === (nine ? TEMPLATE_SET_9 : TEMPLATE_SET_10)) {
      this.#readTemplates(state, message, bytes, at, end, false);
    } else if (id === (nine ? OPTIONS_SET_9 : OPTIONS_SET_10)) {
      this.#readTemplates(state, message, bytes, at, end, true);
    } else {
      this.#report('unsupported', `set number ${id} is reserved: skipped`, message.sourceOffset + at - 4);
    }
  }

  #readTemplates(
    state: ExporterState,
    message: Message,
    bytes: Uint8Array,
    first: number,
    end: number,
    options: boolean,
  ): void {
    const parse = message.version === 9 ? parseTemplate9 : parseTemplate10;
    let at = first;
    // Four bytes are the shortest template record; what is shorter is padding, as are zeros.
    while (end - at >= 4 && readU16(bytes, at) !== 0) {
      const repeated = state.repeats(bytes, at, end, options, timeOf(message));
      if (repeated > 0) {
        at += repeated;
        continue;
      }
      const parsed = parse(this.#elements, bytes, at, end, options);
      if (parsed.kind === 'broken') {
        const text = `template ${readU16(bytes, at)} is broken, ${parsed.reason}: the rest of the set was skipped`;
        this.#report('bad-template', text, message.sourceOffset + at);
        return;
      }
      if (parsed.kind === 'template') {
        this.#templates.define(state, parsed.record, bytes.subarray(at, parsed.next), timeOf(message));
        this.#decodeWaiting(state, parsed.record.id);
      } else if (parsed.kind === 'withdrawal') {
        if (parsed.id < FIRST_DATA_SET) this.#templates.withdrawAll(state, options);
        else this.#templates.withdraw(state, parsed.id);
      } else {
        this.#templates.withdraw(state, parsed.id);
        const text = `template ${parsed.id} cannot be used: ${parsed.reason}`;
        this.#report('bad-template', text, message.sourceOffset + at);
      }
      at = parsed.next;
    }
  }

  #decodeWaiting(state: ExporterState, templateId: number): void {
    const plan = state.plan(templateId);
    if (!plan) return;
    for (const set of this.#waiting.take(state, templateId)) this.#ready.push({ state, plan, set });
    this.#decodeReady(MAX_BATCH_ROWS);
  }

  /** Decodes what waited and need not any more, until the batch in hand has `rows`. */
  #decodeReady(rows: number): void {
    while (this.#readyFrom < this.#ready.length && this.#writer.pending < rows) {
      const next = this.#ready[this.#readyFrom++];
      if (!next) continue;
      const { state, plan, set } = next;
      this.#decodeRecords(state, set.message, plan, set.octets, 0, set.octets.length, true);
    }
    if (this.#readyFrom === this.#ready.length) {
      this.#ready = [];
      this.#readyFrom = 0;
    }
  }

  #decodeRecords(
    state: ExporterState,
    message: Message,
    plan: RecordPlan,
    bytes: Uint8Array,
    first: number,
    end: number,
    waited: boolean,
  ): void {
    if (this.#writer.decodeRecords(state, message, plan, bytes, first, end, waited)) return;
    const text = `a record of template ${plan.layout.templateId} overruns its set: the rest of the set was skipped`;
    this.#writer.report('bad-record', text, message.sourceOffset, message.ordinal);
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

/** The clock that template lives are measured by. */
const timeOf = (message: Message): number => message.received ?? message.exportTime;

/** The version number that a datagram begins with: 16 bits, of sFlow 32; -1 where there are none. */
function versionOf(payload: Uint8Array): number {
  if (payload.length < 2) return -1;
  const version = readU16(payload, 0);
  return version === 0 && payload.length >= 4 && readU16(payload, 2) === 5 ? SFLOW_5 : version;
}
