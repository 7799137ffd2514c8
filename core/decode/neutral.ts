/**
 * The neutral form: a record as one JSON object, for `backtrail decode` and for comparison with other decoders.
 *
 * Keys are information element names in the exporter's order. Underscore keys are not elements: `_n` record number, `_msg`
 * datagram number, `_v` version, `_odid` observation domain, `_seq` and `_exportMs` from the header, `_exporter` its
 * address, `_set` template, `_kind` flow or options, `_startMs` and `_endMs` resolved times, `_waited` where the template
 * came after the record.
 */
import type { FlowChunk, OptionsRecord } from '../model/chunk.ts';
import {
  NO_DATAGRAM,
  SFLOW_5,
  type CoreColumnName,
  type ElementValue,
  type FlowBatch,
  type RecordLayout,
} from '../model/flow-batch.ts';
import { endSources, startSources } from './times.ts';

export type NeutralRecord = Record<string, ElementValue>;

/** Columns that hold a resolved value, or none of the record's own. */
const notElements: ReadonlySet<CoreColumnName> = new Set([
  'exporter',
  'datagram',
  'layout',
  'sourceOffset',
  'sourceAddress',
  'destinationAddress',
  'collectionTimeMilliseconds',
]);

/** Extras that are no elements and are printed. */
const shownMarks: readonly string[] = ['_aggregation', '_waited'];

/** The records of a chunk in input order; `firstNumber` is `_n` of the first. */
export function* neutralRecords(chunk: FlowChunk, firstNumber: number): Generator<NeutralRecord> {
  const flows = new FlowRenderer(chunk.batch);
  let number = firstNumber;
  let option = 0;
  for (let row = 0; row <= chunk.batch.count; row++) {
    for (; (chunk.options[option]?.afterRows ?? Infinity) <= row; option++) {
      const record = chunk.options[option];
      if (record) yield { _n: number++, ...neutralOptions(chunk.batch, record) };
    }
    if (row < chunk.batch.count) yield { _n: number++, ...flows.render(row) };
  }
}

/** Renders rows of one batch, which must be asked for in ascending order. */
class FlowRenderer {
  readonly #batch: FlowBatch;
  /** How far each extra column has been read. */
  readonly #positions = new Map<string, number>();

  constructor(batch: FlowBatch) {
    this.#batch = batch;
  }

  render(row: number): NeutralRecord {
    const { columns, layouts } = this.#batch;
    const layout = layouts[columns.layout[row] ?? 0];
    const datagram = columns.datagram[row] ?? NO_DATAGRAM;
    const agent = this.#extra('_agent', row);
    const record = headerOf(this.#batch, datagram, layout?.templateId ?? 0, agent);
    const kind = this.#extra('_kind', row) ?? 'flow';
    // The neutral form knows no events: their elements say what they are.
    record['_kind'] = kind === 'event' ? 'flow' : kind;
    for (const name of layout?.fields ?? []) {
      const extra = this.#extra(name, row);
      const value = extra === undefined ? coreValue(this.#batch, name, row) : extra;
      if (value !== undefined) record[name] = value;
    }
    for (const name of shownMarks) {
      const value = this.#extra(name, row);
      if (value !== undefined) record[name] = value;
    }
    const start = columns.flowStartMilliseconds[row] ?? Number.NaN;
    const end = columns.flowEndMilliseconds[row] ?? Number.NaN;
    if (layout && statesTime(startSources, layout) && !Number.isNaN(start))
      record['_startMs'] = Math.floor(start);
    if (layout && statesTime(endSources, layout) && !Number.isNaN(end)) record['_endMs'] = Math.floor(end);
    return record;
  }

  #extra(name: string, row: number): ElementValue | undefined {
    const extra = this.#batch.extras.get(name);
    if (!extra) return undefined;
    let position = this.#positions.get(name) ?? 0;
    while ((extra.rows[position] ?? Infinity) < row) position++;
    this.#positions.set(name, position);
    return extra.rows[position] === row ? extra.values[position] : undefined;
  }
}

/** Whether the record itself says when: rows of samples and events have times that it does not. */
function statesTime(sources: ReadonlyMap<string, unknown>, layout: RecordLayout): boolean {
  return layout.fields.some((name) => sources.has(name));
}

/** An options record, without its `_n`. */
function neutralOptions(batch: FlowBatch, record: OptionsRecord): NeutralRecord {
  const fields: NeutralRecord = Object.fromEntries(record.fields);
  const header = headerOf(batch, record.datagram, record.templateId, fields['_agent']);
  return { ...header, _kind: 'options', ...fields };
}

/** What comes from the datagram's header; `agent` is the address by which an sFlow agent calls itself. */
function headerOf(
  batch: FlowBatch,
  datagram: number,
  templateId: number,
  agent: ElementValue | undefined,
): NeutralRecord {
  const record: NeutralRecord = {};
  const header = batch.datagrams[datagram];
  if (header) {
    const exporter = batch.exporters[header.exporter];
    record['_msg'] = header.ordinal;
    if (header.version === SFLOW_5) {
      record['_v'] = 'sflow5';
      record['_agent'] = agent ?? null;
      record['_subAgent'] = exporter?.observationDomainId ?? 0;
      record['_seq'] = header.sequenceNumber;
      record['_uptimeMs'] = header.sysUpTime;
    } else {
      record['_v'] = header.version;
      // NetFlow v1 has neither.
      if (header.version !== 1) {
        record['_odid'] = exporter?.observationDomainId ?? 0;
        record['_seq'] = header.sequenceNumber;
      }
      record['_exportMs'] = Math.floor(header.exportTime);
    }
    if (exporter && exporter.address !== '') record['_exporter'] = exporter.address;
  }
  if (templateId !== 0) record['_set'] = templateId;
  return record;
}

function coreValue(batch: FlowBatch, name: string, row: number): ElementValue | undefined {
  const { columns, addresses } = batch;
  switch (name) {
    case 'sourceIPv4Address':
    case 'sourceIPv6Address':
      return addresses.text(columns.sourceAddress[row] ?? 0);
    case 'destinationIPv4Address':
    case 'destinationIPv6Address':
      return addresses.text(columns.destinationAddress[row] ?? 0);
    default: {
      if (!Object.hasOwn(columns, name) || notElements.has(name as CoreColumnName)) return undefined;
      return columns[name as CoreColumnName][row];
    }
  }
}
