/** Runs datagrams through a decoder and gives back what a test wants to see. */
import { loadElements } from '../../core/app/resources.ts';
import { DatagramDecoder, type DecoderLimits } from '../../core/decode/datagram-decoder.ts';
import { neutralRecords, type NeutralRecord } from '../../core/decode/neutral.ts';
import type { FlowChunk } from '../../core/model/chunk.ts';
import { epochMs } from '../../core/model/time.ts';

export function makeDecoder(limits: Partial<DecoderLimits> = {}): DatagramDecoder {
  return new DatagramDecoder({ elements: loadElements(), limits });
}

export function push(
  decoder: DatagramDecoder,
  payload: Uint8Array,
  address = '192.0.2.1',
  port = 4000,
): void {
  decoder.push(payload, { address, port, received: epochMs(1_700_000_000_000), sourceOffset: 0 });
}

/** One batch of all datagrams, the end of the stream included. */
export function decodeAll(...datagrams: readonly Uint8Array[]): FlowChunk {
  const decoder = makeDecoder();
  for (const datagram of datagrams) push(decoder, datagram);
  decoder.finish();
  return decoder.take(0);
}

export function neutral(chunk: FlowChunk): NeutralRecord[] {
  return [...neutralRecords(chunk, 0)];
}

/** The records' elements and resolved times, without what comes from the header. */
export function elements(chunk: FlowChunk): NeutralRecord[] {
  const header = new Set(['_n', '_msg', '_v', '_odid', '_seq', '_exportMs', '_exporter', '_set', '_kind']);
  return neutral(chunk).map((record) =>
    Object.fromEntries(Object.entries(record).filter(([key]) => !header.has(key))),
  );
}

export function codes(chunk: FlowChunk): string[] {
  return chunk.issues.map((issue) => issue.code);
}
