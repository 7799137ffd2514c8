/** Chunks of flows for tests of what comes after decoding: written out row by row, or many made from a seed. */
import { parseAddress } from '../../core/model/address.ts';
import type { DecodeIssue, FlowChunk, OptionsRecord } from '../../core/model/chunk.ts';
import {
  coreColumnNames,
  FlowBatchBuilder,
  type CoreColumnName,
  type ElementValue,
  type Exporter,
  type FlowBatch,
} from '../../core/model/flow-batch.ts';
import { epochMs, uptimeMs } from '../../core/model/time.ts';

/** One flow: any core column as a number, and the rest by name. */
export interface FlowRow extends Partial<
  Record<
    Exclude<CoreColumnName, 'sourceAddress' | 'destinationAddress' | 'exporter' | 'datagram' | 'layout'>,
    number
  >
> {
  readonly source?: string;
  readonly destination?: string;
  readonly exporterAddress?: string;
  /** Export time of the datagram that carried it; rows with the same one share it. */
  readonly exportTime?: number;
  readonly extras?: Readonly<Record<string, ElementValue>>;
}

const exporterAt = (address: string): Exporter => ({
  address,
  port: address === '' ? null : 2055,
  observationDomainId: 7,
});

/** A batch of the rows as they are written. */
export function buildBatch(rows: readonly FlowRow[]): FlowBatch {
  const builder = new FlowBatchBuilder(4);
  const datagrams = new Map<number, number>();
  for (const row of rows) {
    const { source, destination, exporterAddress = '192.0.2.1', exportTime, extras = {}, ...numbers } = row;
    const i = builder.beginRow();
    const exporter = builder.internExporter(exporterAt(exporterAddress));
    builder.columns.exporter[i] = exporter;
    const fields = ['sourceIPv4Address', 'destinationIPv4Address', ...Object.keys(extras)];
    builder.columns.layout[i] = builder.internLayout({ templateId: 256 + fields.length, fields });
    if (source !== undefined) builder.columns.sourceAddress[i] = intern(builder, source);
    if (destination !== undefined) builder.columns.destinationAddress[i] = intern(builder, destination);
    for (const [name, value] of Object.entries(numbers)) builder.columns[name as CoreColumnName][i] = value;
    for (const [name, value] of Object.entries(extras)) builder.setExtra(name, i, value);
    if (exportTime === undefined) continue;
    let datagram = datagrams.get(exportTime);
    if (datagram === undefined) {
      datagram = builder.addDatagram({
        exporter,
        version: 9,
        sequenceNumber: 4_294_967_295,
        exportTime: epochMs(exportTime),
        sysUpTime: uptimeMs(12_345),
        received: null,
        records: 3,
        ordinal: datagrams.size,
        sourceOffset: 40 + 100 * datagrams.size,
      });
      datagrams.set(exportTime, datagram);
    }
    builder.columns.datagram[i] = datagram;
  }
  return builder.finish();
}

export function chunkOf(
  batch: FlowBatch,
  rest: { options?: readonly OptionsRecord[]; issues?: readonly DecodeIssue[]; bytesRead?: number } = {},
): FlowChunk {
  return { batch, options: rest.options ?? [], issues: rest.issues ?? [], bytesRead: rest.bytesRead ?? 0 };
}

function intern(builder: FlowBatchBuilder, text: string): number {
  const address = parseAddress(text);
  if (!address) throw new Error(`not an address: ${text}`);
  return builder.addresses.intern(address);
}

/** A generator of 32-bit numbers that gives the same ones for the same seed (Mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/** Chunk `ordinal` of a made-up file: the same seed and ordinal give the same chunk. Spreads over three days. */
export function buildChunk(seed: number, ordinal: number, rows: number): FlowChunk {
  const random = seededRandom(seed * 1000 + ordinal);
  const base = Date.UTC(2026, 10, 20, 22) + ordinal * 3_600_000;
  const batch = buildBatch(
    Array.from({ length: rows }, (_, row): FlowRow => {
      const start = base + row * 10 + (random() % 7_200_000);
      return {
        source: `10.0.${random() % 4}.${random() % 256}`,
        destination:
          random() % 10 === 0
            ? `2001:db8::${(random() % 4096).toString(16)}`
            : `198.51.100.${random() % 256}`,
        exporterAddress: `192.0.2.${1 + (random() % 3)}`,
        exportTime: base + Math.floor(row / 30) * 1000,
        flowStartMilliseconds: start,
        flowEndMilliseconds: start + (random() % 60_000),
        sourceTransportPort: random() % 65_536,
        destinationTransportPort: random() % 2 === 0 ? 22 : 443,
        protocolIdentifier: 6,
        octetDeltaCount: random(),
        packetDeltaCount: 1 + (random() % 1000),
        sourceOffset: ordinal * 1_000_000 + row * 48,
        ...(random() % 4 === 0
          ? { extras: { ipNextHopIPv4Address: '192.0.2.9', samplingInterval: random() } }
          : {}),
      };
    }),
  );
  return chunkOf(batch, { bytesRead: (ordinal + 1) * 1_000_000 });
}

/** Every row of the batch as one plain object: what must be equal before and after. */
export function describeRows(batch: FlowBatch): Record<string, unknown>[] {
  const rows: Record<string, unknown>[] = Array.from({ length: batch.count }, (_, i) => {
    const row: Record<string, unknown> = {};
    for (const name of coreColumnNames) row[name] = batch.columns[name][i];
    row['sourceAddress'] = batch.addresses.text(batch.columns.sourceAddress[i] ?? 0);
    row['destinationAddress'] = batch.addresses.text(batch.columns.destinationAddress[i] ?? 0);
    row['exporter'] = batch.exporters[batch.columns.exporter[i] ?? 0];
    row['layout'] = batch.layouts[batch.columns.layout[i] ?? 0];
    const header = batch.datagrams[batch.columns.datagram[i] ?? 0];
    row['datagram'] = header && { ...header, exporter: batch.exporters[header.exporter] };
    return row;
  });
  for (const [name, extra] of batch.extras) {
    for (const [i, row] of extra.rows.entries()) {
      const object = rows[row];
      if (object) object[`extra ${name}`] = extra.values[i];
    }
  }
  return rows;
}
