/**
 * How many packets each counted one stands for, where the exporter samples: told by the record, by its datagram's header, or by
 * an options record about the flow's sampler, and never guessed. Where nobody told, a row counts as it is.
 *
 * | told by                       | element                                                       | factor                |
 * |-------------------------------|---------------------------------------------------------------|-----------------------|
 * | NetFlow v5, v8 header; record | samplingInterval, samplerRandomInterval                       | itself                |
 * | sFlow sample                  | samplingPacketInterval                                        | itself                |
 * | IPFIX record (RFC 5477)       | samplingPacketInterval and samplingPacketSpace                | (interval + space) / interval |
 * | IPFIX record                  | samplingSize and samplingPopulation                           | population / size     |
 * | IPFIX record                  | samplingProbability                                           | 1 / probability       |
 * | options record, at decoding   | _samplingInterval                                             | itself                |
 * | options record, at the query  | samplerId or selectorId, and what `told` knows of that sampler | what it told          |
 */
import { rowsOfKind, type ExtraColumn, type Exporter, type FlowBatch } from '../model/flow-batch.ts';

/** What a store's options records say: packets of which the exporter's sampler took one, or undefined. */
export type SamplerIntervals = (exporter: Exporter, sampler: number) => number | undefined;

export interface SamplingScale {
  /** By row, 1 where nothing was told. */
  readonly factors: Float64Array;
  /** 1 for rows that were sampled, also where nobody told the interval. */
  readonly sampled: Uint8Array;
  /** Rows that say they were sampled, and of which nobody told the interval. */
  readonly unknown: number;
}

/** Factors are at least 1 and finite: what a counter would be made smaller by is a misreading. */
const isFactor = (value: number): boolean => value >= 1 && value < 2 ** 32;

/** The scale of a batch; undefined where none of its rows was sampled. */
export function samplingScale(batch: FlowBatch, told?: SamplerIntervals): SamplingScale | undefined {
  const { extras, count } = batch;
  if (!markers.some((name) => extras.has(name))) return undefined;
  const factors = new Float64Array(count).fill(1);
  const sampled = new Uint8Array(count);
  const known = new Uint8Array(count);
  const take = (extra: ExtraColumn | undefined, factorOf: (value: number, row: number) => number): void => {
    if (!extra) return;
    for (let i = 0; i < extra.rows.length; i++) {
      const row = extra.rows[i] ?? 0;
      const factor = factorOf(Number(extra.values[i]), row);
      if (!isFactor(factor) || known[row] === 1) continue;
      known[row] = 1;
      factors[row] = factor;
      if (factor > 1) sampled[row] = 1;
    }
  };
  for (const name of plainElements) take(extras.get(name), (value) => value);
  const samples = rowsOfKind(batch, 'sample');
  const space = valuesOf(extras.get('samplingPacketSpace'));
  take(extras.get('samplingPacketInterval'), (value, row) =>
    samples.has(row) ? value : (value + (space.get(row) ?? Number.NaN)) / value,
  );
  const population = valuesOf(extras.get('samplingPopulation'));
  take(extras.get('samplingSize'), (value, row) => (population.get(row) ?? Number.NaN) / value);
  take(extras.get('samplingProbability'), (value) => 1 / value);
  take(extras.get('_samplingInterval'), (value) => value);
  if (told) {
    const bySampler = (value: number, row: number): number => {
      const exporter = batch.exporters[batch.columns.exporter[row] ?? 0];
      return (exporter && told(exporter, value)) ?? Number.NaN;
    };
    for (const name of samplerElements) take(extras.get(name), bySampler);
  }
  let unknown = 0;
  for (const row of extras.get('_sampled')?.rows ?? []) {
    if (known[row] === 0) unknown++;
    sampled[row] = 1;
  }
  return { factors, sampled, unknown };
}

const plainElements = ['samplingInterval', 'samplerRandomInterval'] as const;
const samplerElements = ['samplerId', 'selectorId'] as const;

/** Whoever samples says it by one of these. */
const markers: readonly string[] = [
  ...plainElements,
  ...samplerElements,
  'samplingPacketInterval',
  'samplingSize',
  'samplingProbability',
  '_samplingInterval',
  '_sampled',
];

function valuesOf(extra: ExtraColumn | undefined): ReadonlyMap<number, number> {
  const values = new Map<number, number>();
  for (let i = 0; i < (extra?.rows.length ?? 0); i++) {
    values.set(extra?.rows[i] ?? 0, Number(extra?.values[i]));
  }
  return values;
}
