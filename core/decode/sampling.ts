/**
 * Sampling as exporters tell it in options records: NetFlow v9 sampler tables (samplerId, samplerRandomInterval), IPFIX
 * selectors (RFC 5477: selectorId, samplingPacketInterval ...), or one interval for all flows.
 */
import type { OptionsRecord } from '../model/chunk.ts';

/** Samplers remembered of one exporter; a router has some dozens. */
const MAX_SAMPLERS = 1024;

/** Packets of which one was looked at, from the fields of an options record; undefined where it tells none. */
export function intervalOf(fields: ReadonlyMap<string, unknown>): number | undefined {
  const positive = (name: string): number | undefined => {
    const value = fields.get(name);
    return typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : undefined;
  };
  const interval = positive('samplingInterval') ?? positive('samplerRandomInterval');
  if (interval !== undefined) return interval;
  // `samplingPacketInterval` packets are taken, then `samplingPacketSpace` are not.
  const taken = positive('samplingPacketInterval');
  if (taken !== undefined) return (taken + (positive('samplingPacketSpace') ?? 0)) / taken;
  const size = positive('samplingSize');
  const population = positive('samplingPopulation');
  if (size !== undefined && population !== undefined) return population / size;
  const probability = positive('samplingProbability');
  return probability === undefined ? undefined : 1 / probability;
}

/** Where an interval is for one interface, a flow that names no sampler is not meant. */
const narrowScopes: readonly string[] = ['scopeInterface', 'ingressInterface', 'egressInterface'];

/** The samplers of one exporter. */
export class SamplerTable {
  readonly #intervals = new Map<number, number>();
  /** What an options record said of the whole exporter; undefined until one did. */
  #general: number | undefined;

  /** False while nothing is known. */
  get known(): boolean {
    return this.#general !== undefined || this.#intervals.size > 0;
  }

  /** The interval for a flow that names this sampler, or none (-1); undefined where nobody told. */
  interval(sampler: number): number | undefined {
    return sampler < 0 ? this.#general : this.#intervals.get(sampler);
  }

  learn(fields: OptionsRecord['fields']): void {
    const values = new Map(fields);
    const interval = intervalOf(values);
    if (interval === undefined) return;
    const sampler = values.get('samplerId') ?? values.get('selectorId');
    if (typeof sampler === 'number') {
      this.#intervals.delete(sampler);
      this.#intervals.set(sampler, interval);
      if (this.#intervals.size > MAX_SAMPLERS) {
        const oldest = this.#intervals.keys().next();
        if (oldest.done !== true) this.#intervals.delete(oldest.value);
      }
    } else if (sampler === undefined && !narrowScopes.some((name) => values.has(name))) {
      this.#general = interval;
    }
  }
}
