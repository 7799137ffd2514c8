/** The batch in hand: records go in, chunks come out. */
import type { DecodeIssue, DecodeIssueCode, FlowChunk, OptionsRecord } from '../model/chunk.ts';
import {
  FlowBatchBuilder,
  MAX_BATCH_ROWS,
  type DatagramHeader,
  type ElementValue,
  type RecordLayout,
} from '../model/flow-batch.ts';
import type { Message } from './message.ts';
import type { ExtraTargets, RecordContext, RecordPlan } from './record-plan.ts';
import type { SampleFields } from './sample-fields.ts';
import type { Sample } from './sflow.ts';
import type { ExporterState } from './template-cache.ts';

/**
 * Bytes of datagrams that one batch should not pass. It bounds what hostile templates can make of few rows: thousands of
 * extra columns, long layouts, large options records. 65,536 NetFlow v5 records stay below it.
 */
const MAX_BATCH_BYTES = 1 << 22;

/** The extra that marks a row, and the field that marks an options record, whose template came after it. */
const WAITED = '_waited';

interface LayoutNode {
  readonly next: Map<string, LayoutNode>;
  layout: RecordLayout | undefined;
}

export class ChunkWriter {
  #builder = new FlowBatchBuilder();
  #options: OptionsRecord[] = [];
  #issues: DecodeIssue[] = [];
  /** The extra columns of each plan used in this batch. */
  #extras = new Map<RecordPlan, ExtraTargets>();
  /** The layouts of samples in this batch: a tree by their names, one after the other. */
  #layouts: LayoutNode = { next: new Map(), layout: undefined };
  #bytes = 0;
  #batch = 0;

  /** Flows, options records and issues; at least MAX_BATCH_ROWS when the batch must be taken before more comes. */
  get pending(): number {
    const pending = this.#builder.count + this.#options.length + this.#issues.length;
    const full =
      this.#builder.full || this.#builder.datagramCount >= MAX_BATCH_ROWS || this.#bytes >= MAX_BATCH_BYTES;
    return full ? Math.max(pending, MAX_BATCH_ROWS) : pending;
  }

  /** Flow rows so far. */
  get rows(): number {
    return this.#builder.count;
  }

  /** Issues so far. */
  get issues(): number {
    return this.#issues.length;
  }

  take(bytesRead: number): FlowChunk {
    const batch = this.#builder.finish();
    const chunk = { batch, options: this.#options, issues: this.#issues, bytesRead };
    this.#builder = new FlowBatchBuilder();
    this.#options = [];
    this.#issues = [];
    this.#extras = new Map();
    this.#layouts = { next: new Map(), layout: undefined };
    this.#bytes = 0;
    this.#batch++;
    return chunk;
  }

  report(code: DecodeIssueCode, message: string, offset: number, datagram: number): void {
    this.#issues.push({ code, message, offset, datagram });
  }

  /** Notes a datagram of `length` bytes; its header goes into the batch. */
  begin(message: Message, length: number): void {
    this.#bytes += length;
    this.#rejoin(message);
  }

  /** The same extra value for all rows from `first` on. */
  setExtra(name: string, first: number, value: ElementValue): void {
    for (let row = first; row < this.#builder.count; row++) this.#builder.setExtra(name, row, value);
  }

  /**
   * Decodes the records of a data set, as many as are whole. Bytes at the end that are fewer than a record are padding.
   * Returns false where a record of variable length overruns the set.
   */
  decodeRecords(
    state: ExporterState,
    message: Message,
    plan: RecordPlan,
    bytes: Uint8Array,
    first: number,
    end: number,
    waited: boolean,
  ): boolean {
    if (waited) this.#bytes += end - first;
    this.#rejoin(message);
    const context = this.#contextOf(state, message, plan);
    const layout = plan.options ? 0 : this.#builder.internLayout(plan.layout);
    const before = message.records;
    let at = first;
    let whole = true;
    if (plan.columnar && end > at) {
      const count = Math.floor((end - at) / plan.minimumLength);
      this.#decodeFlows(message, plan, layout, bytes, at, count, context, waited);
      message.records += count;
      at = end;
    }
    while (end - at >= plan.minimumLength) {
      const next = plan.measure(bytes, at, end);
      if (next < 0) {
        whole = false;
        break;
      }
      if (plan.options) this.#decodeOptions(state, message, plan, bytes, at, next, waited);
      else this.#decodeFlow(message, plan, layout, bytes, at, context, waited);
      message.records++;
      at = next;
    }
    if (message.records > before) this.#builder.setDatagram(message.datagram, headerOf(message));
    return whole;
  }

  /** A flow sample as a row; any other sample as an options record of its own `_kind`. */
  addSample(message: Message, agent: string, { kind, fields }: Sample): void {
    this.#rejoin(message);
    message.records++;
    this.#builder.setDatagram(message.datagram, headerOf(message));
    if (kind === 'sample') {
      this.#addSampleRow(message, agent, fields);
      return;
    }
    const values = fields.names.map((name) => [name, fields.value(name)] as const);
    this.#options.push({
      datagram: message.datagram,
      templateId: 0,
      fields: [['_agent', agent], ['_kind', kind], ...values],
      afterRows: this.#builder.count,
    });
  }

  #addSampleRow(message: Message, agent: string, fields: SampleFields): void {
    const builder = this.#builder;
    const row = builder.beginRow();
    const columns = builder.columns;
    columns.exporter[row] = message.exporterIndex;
    columns.datagram[row] = message.datagram;
    columns.layout[row] = builder.internLayout(this.#layoutOf(fields.names));
    columns.sourceOffset[row] = message.sourceOffset;
    if (message.received !== null) {
      // A sample is of a moment, and only the receiver knows which.
      columns.collectionTimeMilliseconds[row] = message.received;
      columns.flowStartMilliseconds[row] = message.received;
      columns.flowEndMilliseconds[row] = message.received;
    }
    if (fields.source) columns.sourceAddress[row] = builder.addresses.intern(fields.source);
    if (fields.destination) columns.destinationAddress[row] = builder.addresses.intern(fields.destination);
    for (const [name, value] of fields.columns) columns[name][row] = value;
    for (const [name, value] of fields.extras) builder.setExtra(name, row, value);
    builder.setExtra('_kind', row, 'sample');
    builder.setExtra('_agent', row, agent);
  }

  #layoutOf(names: readonly string[]): RecordLayout {
    let node = this.#layouts;
    for (const name of names) {
      let next = node.next.get(name);
      if (!next) node.next.set(name, (next = { next: new Map(), layout: undefined }));
      node = next;
    }
    return (node.layout ??= { templateId: 0, fields: names });
  }

  #contextOf(state: ExporterState, message: Message, plan: RecordPlan): RecordContext {
    let extras = this.#extras.get(plan);
    if (!extras) this.#extras.set(plan, (extras = []));
    return {
      exportTime: message.exportTime,
      sysUpTime: message.sysUpTime,
      systemInit: state.systemInit,
      templates: state,
      samplers: state.samplers,
      extras,
    };
  }

  #decodeFlows(
    message: Message,
    plan: RecordPlan,
    layout: number,
    bytes: Uint8Array,
    at: number,
    count: number,
    context: RecordContext,
    waited: boolean,
  ): void {
    const builder = this.#builder;
    const first = builder.beginRows(count);
    const end = first + count;
    const { columns } = builder;
    columns.exporter.fill(message.exporterIndex, first, end);
    columns.datagram.fill(message.datagram, first, end);
    columns.layout.fill(layout, first, end);
    columns.collectionTimeMilliseconds.fill(message.received ?? Number.NaN, first, end);
    columns.sourceOffset.fill(message.sourceOffset, first, end);
    plan.decodeFlows(bytes, at, count, builder, first, context);
    if (!waited) return;
    for (let row = first; row < end; row++) builder.setExtra(WAITED, row, true);
  }

  #decodeFlow(
    message: Message,
    plan: RecordPlan,
    layout: number,
    bytes: Uint8Array,
    at: number,
    context: RecordContext,
    waited: boolean,
  ): void {
    const builder = this.#builder;
    const row = builder.beginRow();
    const columns = builder.columns;
    columns.exporter[row] = message.exporterIndex;
    columns.datagram[row] = message.datagram;
    columns.layout[row] = layout;
    columns.collectionTimeMilliseconds[row] = message.received ?? Number.NaN;
    columns.sourceOffset[row] = message.sourceOffset;
    plan.decodeFlow(bytes, at, builder, row, context);
    if (waited) builder.setExtra(WAITED, row, true);
  }

  #decodeOptions(
    state: ExporterState,
    message: Message,
    plan: RecordPlan,
    bytes: Uint8Array,
    at: number,
    end: number,
    waited: boolean,
  ): void {
    const fields = plan.decodeOptions(bytes, at, end, state);
    state.samplers.learn(fields);
    for (const [name, value] of fields) {
      if (name === 'systemInitTimeMilliseconds' && typeof value === 'number') state.systemInit = value;
    }
    this.#options.push({
      datagram: message.datagram,
      templateId: plan.layout.templateId,
      fields: waited ? [...fields, [WAITED, true]] : fields,
      afterRows: this.#builder.count,
    });
  }

  /** Makes sure that the message's header is in the batch in hand. */
  #rejoin(message: Message): void {
    if (message.batch === this.#batch) return;
    message.batch = this.#batch;
    message.records = 0;
    message.exporterIndex = this.#builder.internExporter(message.exporter);
    message.datagram = this.#builder.addDatagram(headerOf(message));
  }
}

function headerOf(message: Message): DatagramHeader {
  return {
    exporter: message.exporterIndex,
    version: message.version,
    sequenceNumber: message.sequenceNumber,
    exportTime: message.exportTime,
    sysUpTime: message.sysUpTime,
    received: message.received,
    records: message.records,
    ordinal: message.ordinal,
    sourceOffset: message.sourceOffset,
  };
}
