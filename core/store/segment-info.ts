/** What is known of a segment before it is read. */
import { crc32 } from 'node:zlib';
import type { FlowBatch } from '../model/flow-batch.ts';
import type { SqlRow } from './database.ts';
import type { FlowSpans } from './flow-time.ts';

export const boundNames = [
  'minStart',
  'maxStart',
  'minEnd',
  'maxEnd',
  'minOctets',
  'maxOctets',
  'octets',
  'minPackets',
  'maxPackets',
  'packets',
] as const;

type Bounds = Readonly<Record<(typeof boundNames)[number], number | null>>;

/** A row of `segments`. Times are the spans' of flow-time.ts. */
export interface SegmentInfo extends Bounds {
  readonly id: number;
  /** Catalogue id of the file it was imported from; 0 where it was put together from several. */
  readonly source: number;
  readonly ordinal: number;
  readonly rows: number;
  readonly datagrams: number;
  /** IP protocols that occur, ascending; null where the segment was written before they were noted. */
  readonly protocols: readonly number[] | null;
}

/** The description of a batch that is to be stored. */
export function describeSegment(
  chunk: { readonly source: number; readonly ordinal: number },
  batch: FlowBatch,
  spans: FlowSpans,
): SegmentInfo {
  const { octetDeltaCount, packetDeltaCount, protocolIdentifier } = batch.columns;
  const [minStart, maxStart] = extent(spans.starts);
  const [minEnd, maxEnd] = extent(spans.ends);
  const [minOctets, maxOctets] = extent(octetDeltaCount);
  const [minPackets, maxPackets] = extent(packetDeltaCount);
  return {
    id: 0,
    source: chunk.source,
    ordinal: chunk.ordinal,
    rows: batch.count,
    datagrams: batch.datagrams.length,
    minStart,
    maxStart,
    minEnd,
    maxEnd,
    minOctets,
    maxOctets,
    octets: octetDeltaCount.reduce((sum, value) => sum + value, 0),
    minPackets,
    maxPackets,
    packets: packetDeltaCount.reduce((sum, value) => sum + value, 0),
    protocols: [...new Set(protocolIdentifier)].sort((a, b) => a - b),
  };
}

function extent(values: Float64Array): [min: number | null, max: number | null] {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? [min, max] : [null, null];
}

export function readInfo(row: SqlRow): SegmentInfo {
  const bound = (name: string): number | null => (typeof row[name] === 'number' ? row[name] : null);
  const protocols = row['protocols'];
  return {
    id: Number(row['id']),
    source: Number(row['source']),
    ordinal: Number(row['ordinal']),
    rows: Number(row['rows']),
    datagrams: Number(row['datagrams']),
    protocols: typeof protocols === 'string' ? protocols.split(',').filter(Boolean).map(Number) : null,
    ...(Object.fromEntries(boundNames.map((name) => [name, bound(name)])) as unknown as Bounds),
  };
}

/** Layout 1 knew no protocols: there they are not part of the sum. */
export function infoChecksum(info: SegmentInfo): number {
  const { source, ordinal, rows, datagrams, protocols } = info;
  const values = [source, ordinal, rows, datagrams, ...boundNames.map((name) => info[name])];
  return crc32([...values, ...(protocols ? [protocols.join(',')] : [])].join(' '));
}

/** Tells segments apart: an id is given again after segments were put together, with other counts, bounds and sums. */
export function segmentKey(segment: SegmentInfo & { readonly day: string }): string {
  const { day, id, source, ordinal, rows, minStart, maxEnd, octets, packets } = segment;
  return `${day} ${id} ${source} ${ordinal} ${rows} ${minStart} ${maxEnd} ${octets} ${packets}`;
}
