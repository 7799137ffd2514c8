/**
 * The sampling that an exporter tells, in options records (NetFlow v9 sampler tables, IPFIX selectors) or beside its
 * flows. It is shown, never applied: stored counters are as exported.
 */
import type { OptionsRecord } from '../model/chunk.ts';

/** Elements that say "one packet of n", in the order in which they are believed. */
const intervals: readonly string[] = ['samplingInterval', 'samplerRandomInterval'];

/** Packets of which one was looked at, from the fields of an options record; undefined where it tells none. */
export function samplingOf(fields: OptionsRecord['fields']): number | undefined {
  const values = new Map(fields);
  const number = (name: string): number | undefined => {
    const value = values.get(name);
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  };
  for (const name of intervals) {
    const interval = number(name);
    if (interval !== undefined && interval > 0) return interval;
  }
  // RFC 5477: `samplingPacketInterval` packets are taken, then `samplingPacketSpace` are not.
  const taken = number('samplingPacketInterval');
  const space = number('samplingPacketSpace');
  if (taken !== undefined && taken > 0 && space !== undefined) return (taken + space) / taken;
  const size = number('samplingSize');
  const population = number('samplingPopulation');
  if (size !== undefined && size > 0 && population !== undefined) return population / size;
  const probability = number('samplingProbability');
  return probability !== undefined && probability > 0 ? 1 / probability : undefined;
}
