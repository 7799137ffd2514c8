/**
 * What the versions with templates have in common: sets of templates, sets of data, and data that come before their
 * template (RFC 3954 5, RFC 7011 3.3).
 */
import type { DecodeIssueCode } from '../model/chunk.ts';
import type { ElementRegistry } from '../model/element.ts';
import { MAX_BATCH_ROWS } from '../model/flow-batch.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import type { Message } from './message.ts';
import type { RecordPlan } from './record-plan.ts';
import {
  TemplateCache,
  type ExporterState,
  type SavedTemplate,
  type TemplateLimits,
} from './template-cache.ts';
import { parseTemplate10, parseTemplate9 } from './template.ts';
import { readU16 } from './values.ts';
import { WaitingSets, type WaitingLimits, type WaitingSet } from './waiting-sets.ts';

/** Set numbers (RFC 3954 5.2, RFC 7011 3.3.2); data sets begin at 256. */
const TEMPLATE_SET_9 = 0;
const OPTIONS_SET_9 = 1;
const TEMPLATE_SET_10 = 2;
const OPTIONS_SET_10 = 3;
const FIRST_DATA_SET = 256;

interface ReadySet {
  readonly state: ExporterState;
  readonly plan: RecordPlan;
  readonly set: WaitingSet;
}

export class SetDecoder {
  readonly #elements: ElementRegistry;
  readonly #templates: TemplateCache;
  readonly #waiting: WaitingSets;
  readonly #writer: ChunkWriter;
  /** Sets whose template has come, that did not fit the batch in hand; the first `#readyFrom` are done. */
  #ready: ReadySet[] = [];
  #readyFrom = 0;

  /** `onEvicted` is told what a cap pushed out while the datagram in hand was decoded. */
  constructor(
    elements: ElementRegistry,
    limits: TemplateLimits & WaitingLimits,
    writer: ChunkWriter,
    onEvicted: (text: string) => void,
  ) {
    this.#elements = elements;
    this.#writer = writer;
    this.#templates = new TemplateCache(elements, limits, (state, what) => {
      onEvicted(`${state.key}: ${what} forgotten, more came than are kept`);
    });
    this.#waiting = new WaitingSets(limits, (set) => {
      const { exporter, sourceOffset, ordinal } = set.message;
      const text = `${set.octets.length} bytes that waited for template ${set.templateId} of ${exporter.address} dropped, more came than are kept`;
      writer.report('evicted', text, sourceOffset + set.at, ordinal);
    });
  }

  /** Data sets that had to wait for their template so far. */
  get waits(): number {
    return this.#waiting.added;
  }

  /** Whether sets are left that `decodeReady` can decode. */
  get hasReady(): boolean {
    return this.#ready.length > 0;
  }

  /** Changes with every template that is defined, withdrawn or forgotten. */
  get templateRevision(): number {
    return this.#templates.revision;
  }

  exportTemplates(): SavedTemplate[] {
    return this.#templates.export();
  }

  /** Returns how many were taken up; they hold until they come again, and from then on for their life. */
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

  /** What is remembered of the exporter of a message. */
  stateOf({ version, exporter }: Message): ExporterState {
    return this.#templates.state(exporter.address, version, exporter.observationDomainId);
  }

  /** Walks the sets of a v9 datagram or an IPFIX message. The v9 header's count is not looked at: exporters err. */
  push(bytes: Uint8Array, end: number, message: Message, firstSet: number): void {
    const state = this.stateOf(message);
    let at = firstSet;
    while (end - at >= 4) {
      const id = readU16(bytes, at);
      const length = readU16(bytes, at + 2);
      if (length < 4) {
        const text = `a set of length ${length} is shorter than its own header: the rest was skipped`;
        this.#report(message, 'bad-length', text, at);
        return;
      }
      const setEnd = Math.min(at + length, end);
      if (at + length > end) {
        const text = `set ${id} has ${at + length - end} bytes more than its message: what is there was read`;
        this.#report(message, 'truncated', text, at);
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
      if (plan) this.decodeRecords(state, message, plan, bytes, at, end, false);
      else if (end > at)
        this.#waiting.add(state, { message, templateId: id, octets: bytes.slice(at, end), at });
    } else if (id === (nine ? TEMPLATE_SET_9 : TEMPLATE_SET_10)) {
      this.#readTemplates(state, message, bytes, at, end, false);
    } else if (id === (nine ? OPTIONS_SET_9 : OPTIONS_SET_10)) {
      this.#readTemplates(state, message, bytes, at, end, true);
    } else {
      this.#report(message, 'unsupported', `set number ${id} is reserved: skipped`, at - 4);
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
        this.#report(message, 'bad-template', text, at);
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
        this.#report(message, 'bad-template', text, at);
      }
      at = parsed.next;
    }
  }

  #decodeWaiting(state: ExporterState, templateId: number): void {
    const plan = state.plan(templateId);
    if (!plan) return;
    for (const set of this.#waiting.take(state, templateId)) this.#ready.push({ state, plan, set });
    this.decodeReady(MAX_BATCH_ROWS);
  }

  /** Decodes what waited and need not any more, until the batch in hand has `rows`. */
  decodeReady(rows: number): void {
    while (this.#readyFrom < this.#ready.length && this.#writer.pending < rows) {
      const next = this.#ready[this.#readyFrom++];
      if (!next) continue;
      const { state, plan, set } = next;
      this.decodeRecords(state, set.message, plan, set.octets, 0, set.octets.length, true);
    }
    if (this.#readyFrom === this.#ready.length) {
      this.#ready = [];
      this.#readyFrom = 0;
    }
  }

  decodeRecords(
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

  /** Decodes what is ready, and tells what never found its template. */
  finish(): void {
    this.decodeReady(Infinity);
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

  #report(message: Message, code: DecodeIssueCode, text: string, at: number): void {
    this.#writer.report(code, text, message.sourceOffset + at, message.ordinal);
  }
}

/** The clock that template lives are measured by. */
const timeOf = (message: Message): number => message.received ?? message.exportTime;
