/**
 * The neutral form: a record as one JSON object, for `backtrail decode` and for comparison with other decoders.
 *
 * Keys are information element names in the exporter's order. Underscore keys are not elements: `_n` record number, `_msg`
 * datagram number, `_v` version, `_odid` observation domain, `_seq` and `_exportMs` from the header, `_exporter` its
 * address, `_set` template, `_kind` flow or options, `_startMs` and `_endMs` resolved times, `_waited` where the template
 * came after the record.
 */
import type { FlowChunk, OptionsRecord } from '../model/chunk.ts';
import { NO_DATAGRAM, type CoreColumnName, type ElementValue, type FlowBatch } from '../model/flow-batch.ts';

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
    const record = headerOf(
      this.#batch,
      columns.datagram[row] ?? NO_DATAGRAM,
      layout?.templateId ?? 0,
      'flow',
    );
    for (const name of layout?.fields ?? []) {
      const extra = this.#extra(name, row);
      const value = extra === undefined ? coreValue(this.#batch, name, row) : extra;
      if (value !== undefined) record[name] = value;
    }
    const waited = this.#extra('_waited', row);
    if (waited !== undefined) record['_waited'] = waited;
    const start = columns.flowStartMilliseconds[row] ?? Number.NaN;
    const end = columns.flowEndMilliseconds[row] ?? Number.NaN;
    if (!Number.isNaN(start)) record['_startMs'] = Math.floor(start);
    if (!Number.isNaN(end)) record['_endMs'] = Math.floor(end);
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

/** An options record, without its `_n`. */
function neutralOptions(batch: FlowBatch, record: OptionsRecord): NeutralRecord {
  return {
    ...headerOf(batch, record.datagram, record.templateId, 'options'),
    ...Object.fromEntries(record.fields),
  };
}

function headerOf(batch: FlowBatch, datagram: number, templateId: number, kind: string): NeutralRecord {
  const record: NeutralRecord = {};
  const header = batch.datagrams[datagram];
  if (header) {
    const exporter = batch.exporters[header.exporter];
    record['_msg'] = header.ordinal;
    record['_v'] = header.version;
    record['_odid'] = exporter?.observationDomainId ?? 0;
    record['_seq'] = header.sequenceNumber;
    record['_exportMs'] = Math.floor(header.exportTime);
    if (exporter && exporter.address !== '') record['_exporter'] = exporter.address;
  }
  if (templateId !== 0) record['_set'] = templateId;
  record['_kind'] = kind;
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
