/**
 * Feeds the decoders mutated datagrams. `node test/fuzz/decode.ts [SEED] [COUNT]` runs COUNT inputs (100,000 where not
 * given) for each protocol and prints what came of them; the same seed gives the same inputs.
 *
 * An input is one to four datagrams, each a sample with one to eight mutations. A decoder lives for 500 inputs, so that
 * templates and waiting data pile up as they would in a collector.
 */
import { pathToFileURL } from 'node:url';
import { loadElements } from '../../core/app/resources.ts';
import { DatagramDecoder } from '../../core/decode/datagram-decoder.ts';
import { neutralRecords } from '../../core/decode/neutral.ts';
import type { FlowChunk } from '../../core/model/chunk.ts';
import { samples, type SampleKind } from '../build/export-samples.ts';
import { processorMs } from './processor-time.ts';

export interface FuzzReport {
  readonly kind: SampleKind;
  readonly inputs: number;
  readonly datagrams: number;
  readonly flows: number;
  readonly options: number;
  readonly issues: number;
  readonly slowestMs: number;
  readonly heapPeakMiB: number;
}

const INPUTS_PER_DECODER = 500;
/** Values that lengths, counts and numbers of sets trip over. */
const edges = [0, 1, 2, 3, 4, 5, 16, 127, 128, 253, 254, 255, 256, 257, 260, 0x7fff, 0x8000, 0xfffe, 0xffff];

/** Runs `count` inputs; throws where a decoder throws or hands over an inconsistent batch. */
export function fuzz(kind: SampleKind, seed: number, count: number): FuzzReport {
  const random = mulberry32(seed);
  const pool = Object.values(samples[kind]);
  const report = { datagrams: 0, flows: 0, options: 0, issues: 0, slowestMs: 0, heapPeakMiB: 0 };
  let decoder = new DatagramDecoder({ elements: loadElements() });
  let bytes = 0;
  for (let input = 0; input < count; input++) {
    const started = processorMs();
    for (let n = 1 + below(random, 4); n > 0; n--) {
      const payload = mutate(random, pool);
      bytes += payload.length;
      const address = `192.0.2.${below(random, 3)}`;
      decoder.push(payload, { address, port: null, received: null, sourceOffset: 0 });
      report.datagrams++;
    }
    const last = (input + 1) % INPUTS_PER_DECODER === 0 || input + 1 === count;
    if (last) decoder.finish();
    if (last || below(random, 4) === 0) {
      const chunk = decoder.take(0);
      checkChunk(chunk, bytes);
      for (const record of neutralRecords(chunk, 0)) JSON.stringify(record);
      report.flows += chunk.batch.count;
      report.options += chunk.options.length;
      report.issues += chunk.issues.length;
    }
    report.slowestMs = Math.max(report.slowestMs, processorMs() - started);
    if (last) {
      report.heapPeakMiB = Math.max(report.heapPeakMiB, process.memoryUsage().heapUsed / 2 ** 20);
      decoder = new DatagramDecoder({ elements: loadElements() });
      bytes = 0;
    }
  }
  return { kind, inputs: count, ...report };
}

/** Throws where a batch contradicts itself, or holds more rows than the bytes could. */
export function checkChunk({ batch, options }: FlowChunk, bytes: number): void {
  const fault = (what: string): never => {
    throw new Error(`inconsistent batch: ${what}`);
  };
  if (batch.count + options.length > bytes) fault(`${batch.count} rows of ${bytes} bytes`);
  for (const [name, column] of Object.entries(batch.columns) as [string, { length: number }][]) {
    if (column.length !== batch.count) fault(`${name} has ${column.length} of ${batch.count} rows`);
  }
  for (const [name, { rows, values }] of batch.extras) {
    if (rows.length !== values.length) fault(`${name} has ${rows.length} rows, ${values.length} values`);
    for (const [i, row] of rows.entries()) {
      if (row >= batch.count || (i > 0 && row <= (rows[i - 1] ?? 0))) fault(`${name} at row ${row}`);
    }
  }
  for (let row = 0; row < batch.count; row++) {
    if ((batch.columns.layout[row] ?? 0) >= batch.layouts.length) fault(`layout of row ${row}`);
    if ((batch.columns.datagram[row] ?? 0) >= batch.datagrams.length) fault(`datagram of row ${row}`);
    if ((batch.columns.exporter[row] ?? 0) >= batch.exporters.length) fault(`exporter of row ${row}`);
    if ((batch.columns.sourceAddress[row] ?? 0) >= batch.addresses.count) fault(`source of row ${row}`);
  }
  const counted = batch.datagrams.reduce((sum, datagram) => sum + datagram.records, 0);
  if (counted !== batch.count + options.length) fault(`headers count ${counted} records`);
}

function mutate(random: () => number, pool: readonly Uint8Array[]): Uint8Array {
  const pick = (): Uint8Array => pool[below(random, pool.length)] ?? new Uint8Array();
  let bytes: Uint8Array = pick().slice();
  for (let n = 1 + below(random, 8); n > 0 && bytes.length > 0; n--) {
    const at = below(random, bytes.length);
    const span = below(random, Math.min(64, bytes.length - at)) + 1;
    switch (below(random, 9)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << below(random, 8));
        break;
      case 1:
        bytes[at] = below(random, 256);
        break;
      case 2:
      case 3:
      case 4: {
        const edge = edges[below(random, edges.length)] ?? 0;
        bytes[at & ~1] = edge >> 8;
        bytes[(at & ~1) + 1] = edge & 0xff;
        break;
      }
      case 5:
        bytes = bytes.slice(0, at);
        break;
      case 6:
        bytes = joined(bytes.subarray(0, at), bytes.subarray(at + span));
        break;
      case 7:
        bytes = joined(bytes.subarray(0, at + span), bytes.subarray(at));
        break;
      default: {
        const other = pick();
        const from = below(random, other.length);
        bytes = joined(bytes.subarray(0, at), other.subarray(from));
      }
    }
  }
  return bytes;
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}

function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit);
}

/** A 32-bit generator of evenly spread numbers in [0, 1): the same seed, the same sequence. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [seed = '1', count = '100000'] = process.argv.slice(2);
  for (const kind of Object.keys(samples) as SampleKind[]) {
    console.log(JSON.stringify(fuzz(kind, Number(seed), Number(count))));
  }
}
