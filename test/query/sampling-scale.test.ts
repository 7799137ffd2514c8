/** What a counted packet stands for where an exporter samples. */
import { expect, it } from 'vitest';
import { samplingScale } from '../../core/query/sampling-scale.ts';
import type { ElementValue, Exporter } from '../../core/model/flow-batch.ts';
import { buildBatch } from '../build/flow-chunks.ts';

type Extras = Readonly<Record<string, ElementValue>>;

const batchOf = (...rows: readonly Extras[]) => buildBatch(rows.map((extras) => ({ extras })));

const factors = (...rows: readonly Extras[]): number[] => [
  ...(samplingScale(batchOf(...rows))?.factors ?? []),
];

it('has no scale where nobody samples', () => {
  expect(samplingScale(batchOf({}, { ipNextHopIPv4Address: '192.0.2.1' }))).toBeUndefined();
});

it.each<[string, Extras, number]>([
  ['the header of NetFlow v5', { samplingInterval: 512 }, 512],
  ['a sampler table in the record', { samplerRandomInterval: 64 }, 64],
  ['an options record at decoding', { _samplingInterval: 100 }, 100],
  ['an sFlow sample', { _kind: 'sample', samplingPacketInterval: 2048 }, 2048],
  ['10 packets taken and 990 left', { samplingPacketInterval: 10, samplingPacketSpace: 990 }, 100],
  ['5 of 1000 packets', { samplingSize: 5, samplingPopulation: 1000 }, 200],
  ['a probability of a quarter', { samplingProbability: 0.25 }, 4],
])('takes the interval from %s', (_, extras, factor) => {
  expect(factors({}, extras)).toEqual([1, factor]);
});

it('guesses no interval where half of it is told, or nonsense', () => {
  const nonsense = [
    { samplingPacketInterval: 10 },
    { samplingSize: 5 },
    { samplingInterval: 0 },
    { samplingProbability: 2 },
    { samplingProbability: 0 },
    { samplingInterval: 'many' },
  ];
  expect(factors(...nonsense)).toEqual([1, 1, 1, 1, 1, 1]);
});

it("takes the record's word before that of an options record, and multiplies once", () => {
  expect(factors({ samplingInterval: 100, _samplingInterval: 1000 })).toEqual([100]);
});

it('asks the options records about the sampler that a flow names, exporter by exporter', () => {
  const batch = buildBatch([
    { exporterAddress: '192.0.2.1', extras: { samplerId: 7 } },
    { exporterAddress: '192.0.2.2', extras: { samplerId: 7 } },
    { exporterAddress: '192.0.2.1', extras: { selectorId: 8 } },
  ]);
  const told = ({ address }: Exporter, sampler: number): number | undefined =>
    address === '192.0.2.1' && sampler === 7 ? 250 : undefined;
  const scale = samplingScale(batch, told);
  expect([...(scale?.factors ?? [])]).toEqual([250, 1, 1]);
  expect([...(scale?.sampled ?? [])]).toEqual([1, 0, 0]);
});

it('marks flows that say they were sampled, and counts those whose interval nobody told', () => {
  const scale = samplingScale(batchOf({ _sampled: 1 }, { _sampled: 1, samplingInterval: 10 }, {}));
  expect([...(scale?.factors ?? [])]).toEqual([1, 10, 1]);
  expect([...(scale?.sampled ?? [])]).toEqual([1, 1, 0]);
  expect(scale?.unknown).toBe(1);
});
