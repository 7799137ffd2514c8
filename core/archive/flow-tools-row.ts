/** Writes flow-tools records into the batch. */
import { aggregationName8 } from '../decode/netflow8.ts';
import { formatAddress } from '../model/address.ts';
import type { FlowBatchBuilder, RecordLayout } from '../model/flow-batch.ts';
import { be16, be32 } from './big-endian.ts';
import type { ChunkBuilder } from './chunk-builder.ts';
import type { FlowToolsField } from './flow-tools-records.ts';
import { u16, u32 } from './little-endian.ts';
import { isNumberColumn, type NumberColumn } from './neutral-values.ts';

type Target =
  | { readonly kind: 'column'; readonly name: NumberColumn }
  | { readonly kind: 'source' | 'destination' | 'exporter' }
  | { readonly kind: 'address' | 'number'; readonly name: string };

interface Step {
  readonly at: number;
  readonly bytes: 1 | 2 | 4;
  readonly name: string;
  readonly target: Target;
}

const addressFields: ReadonlySet<string> = new Set([
  'ipNextHopIPv4Address',
  'ipv4RouterSc',
  'sourceIPv4Prefix',
  'destinationIPv4Prefix',
  '_peerNextHop',
]);

/** Parts of the datagram's header that become something else. */
const headerFields: ReadonlySet<string> = new Set(['_seconds', '_nanoseconds', '_exporter', '_sysUpTime']);

function targetOf(name: string): Target {
  if (isNumberColumn(name)) return { kind: 'column', name };
  if (name === 'sourceIPv4Address') return { kind: 'source' };
  if (name === 'destinationIPv4Address') return { kind: 'destination' };
  if (name === '_exporter') return { kind: 'exporter' };
  return { kind: addressFields.has(name) ? 'address' : 'number', name };
}

/** What the header of the datagram said, and of the record what the exporter and the times need. */
interface Heading {
  seconds: number;
  nanoseconds: number;
  sysUpTime: number;
  first: number;
  last: number;
  engineType: number;
  engineId: number;
}

export class FlowToolsRow {
  /** Bytes of a record. */
  readonly size: number;
  readonly #chunk: ChunkBuilder;
  readonly #version: number;
  readonly #aggregation: string | undefined;
  readonly #littleEndian: boolean;
  readonly #steps: readonly Step[];
  readonly #layout: RecordLayout;
  readonly #scratch = new Uint8Array(4);
  readonly #exporter = new Uint8Array(4);
  readonly #heading: Heading = {
    seconds: 0,
    nanoseconds: 0,
    sysUpTime: 0,
    first: 0,
    last: 0,
    engineType: 0,
    engineId: 0,
  };
  #exporterIndex: { batch: FlowBatchBuilder; key: number; index: number } | undefined;

  constructor(
    chunk: ChunkBuilder,
    header: { readonly version: number; readonly aggregation: number; readonly littleEndian: boolean },
    fields: readonly FlowToolsField[],
  ) {
    this.#chunk = chunk;
    this.#version = header.version;
    this.#aggregation = header.version === 8 ? aggregationName8(header.aggregation) : undefined;
    this.#littleEndian = header.littleEndian;
    const steps: Step[] = [];
    let at = 0;
    for (const [name, bytes] of fields) {
      if (name !== '-') steps.push({ at, bytes, name, target: targetOf(name) });
      at += bytes;
    }
    this.#steps = steps;
    this.size = at;
    const names = steps.map(({ name }) => name).filter((name) => !headerFields.has(name));
    const aggregation = this.#aggregation === undefined ? [] : ['_aggregation'];
    this.#layout = {
      templateId: 0,
      fields: ['_v', ...aggregation, '_exporter', '_exportMs', ...names, '_sysUpTime'],
    };
  }

  /** Writes the record at `at`, all of it there. `offset` is where it lies in the unpacked file. */
  write(bytes: Uint8Array, at: number, offset: number): void {
    const { batch } = this.#chunk;
    const row = batch.beginRow();
    const { columns, addresses } = batch;
    columns.sourceOffset[row] = offset;
    const heading = this.#heading;
    for (const { at: field, bytes: length, name, target } of this.#steps) {
      const from = at + field;
      const value = this.#read(bytes, from, length);
      switch (target.kind) {
        case 'column':
          columns[target.name][row] = value;
          break;
        case 'source':
          columns.sourceAddress[row] = addresses.internIPv4(this.#address(value, this.#scratch), 0);
          break;
        case 'destination':
          columns.destinationAddress[row] = addresses.internIPv4(this.#address(value, this.#scratch), 0);
          break;
        case 'exporter':
          this.#address(value, this.#exporter);
          break;
        case 'address':
          batch.setExtra(name, row, formatAddress(this.#address(value, this.#scratch)));
          break;
        case 'number':
          this.#note(heading, name, value);
          if (!headerFields.has(name)) batch.setExtra(name, row, value);
      }
    }
    const exportMs = heading.seconds * 1000 + Math.floor(heading.nanoseconds / 1e6);
    batch.setExtra('_v', row, this.#version);
    if (this.#aggregation !== undefined) {
      batch.setExtra('_kind', row, 'aggregate');
      batch.setExtra('_aggregation', row, this.#aggregation);
    }
    batch.setExtra('_exportMs', row, exportMs);
    batch.setExtra('_sysUpTime', row, heading.sysUpTime);
    // The difference as a signed number: right across a wrap of the uptime (49.7 days).
    columns.flowStartMilliseconds[row] = exportMs + ((heading.first - heading.sysUpTime) | 0);
    columns.flowEndMilliseconds[row] = exportMs + ((heading.last - heading.sysUpTime) | 0);
    columns.exporter[row] = this.#internExporter(batch, heading);
    columns.layout[row] = batch.internLayout(this.#layout);
  }

  #read(bytes: Uint8Array, at: number, length: 1 | 2 | 4): number {
    if (length === 1) return bytes[at] ?? 0;
    if (this.#littleEndian) return length === 2 ? u16(bytes, at) : u32(bytes, at);
    return length === 2 ? be16(bytes, at) : be32(bytes, at);
  }

  #address(value: number, into: Uint8Array): Uint8Array {
    into[0] = value >>> 24;
    into[1] = (value >>> 16) & 0xff;
    into[2] = (value >>> 8) & 0xff;
    into[3] = value & 0xff;
    return into;
  }

  #note(heading: Heading, name: string, value: number): void {
    switch (name) {
      case '_seconds':
        heading.seconds = value;
        break;
      case '_nanoseconds':
        heading.nanoseconds = value;
        break;
      case '_sysUpTime':
        heading.sysUpTime = value;
        break;
      case 'flowStartSysUpTime':
        heading.first = value;
        break;
      case 'flowEndSysUpTime':
        heading.last = value;
        break;
      case 'engineType':
        heading.engineType = value;
        break;
      case 'engineId':
        heading.engineId = value;
        break;
    }
  }

  #internExporter(batch: FlowBatchBuilder, { engineType, engineId }: Heading): number {
    const domain = engineType * 256 + engineId;
    const key = be32(this.#exporter, 0) * 65_536 + domain;
    const known = this.#exporterIndex;
    if (known?.batch === batch && known.key === key) return known.index;
    const address = formatAddress(this.#exporter);
    const index = batch.internExporter({ address, port: null, observationDomainId: domain });
    this.#exporterIndex = { batch, key, index };
    return index;
  }
}
