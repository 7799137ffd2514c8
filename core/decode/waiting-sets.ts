/** Data sets whose template has not arrived: kept, bounded, until it does. */
import type { Message } from './message.ts';
import type { ExporterState } from './template-cache.ts';

export interface WaitingLimits {
  /** For one template of one exporter. */
  readonly maxWaitingBytesPerTemplate: number;
  /** For all together. */
  readonly maxWaitingBytes: number;
}

export interface WaitingSet {
  readonly message: Message;
  readonly templateId: number;
  /** The set's records, without the set header. */
  readonly octets: Uint8Array;
  /** Where the records began in their datagram. */
  readonly at: number;
}

/** The sets that wait for one template, the oldest first. */
export interface WaitingList {
  readonly sets: Set<WaitingSet>;
  bytes: number;
}

/** Bytes that a set takes beside its octets, roughly: it bounds the number of tiny sets. */
const OVERHEAD = 256;

export class WaitingSets {
  readonly #limits: WaitingLimits;
  readonly #onEvicted: (set: WaitingSet) => void;
  /** Every set with its exporter, the oldest first. */
  readonly #all = new Map<WaitingSet, ExporterState>();
  #bytes = 0;
  /** Sets that came before their template. */
  added = 0;

  constructor(limits: WaitingLimits, onEvicted: (set: WaitingSet) => void) {
    this.#limits = limits;
    this.#onEvicted = onEvicted;
  }

  add(state: ExporterState, set: WaitingSet): void {
    this.added++;
    let list = state.waiting.get(set.templateId);
    if (!list) state.waiting.set(set.templateId, (list = { sets: new Set(), bytes: 0 }));
    list.sets.add(set);
    list.bytes += cost(set);
    this.#all.set(set, state);
    this.#bytes += cost(set);
    while (list.bytes > this.#limits.maxWaitingBytesPerTemplate) this.#evictOldest(list.sets.keys());
    while (this.#bytes > this.#limits.maxWaitingBytes) this.#evictOldest(this.#all.keys());
  }

  /** Hands over the sets that waited for a template, in the order they came. */
  take(state: ExporterState, templateId: number): readonly WaitingSet[] {
    const sets = [...(state.waiting.get(templateId)?.sets ?? [])];
    for (const set of sets) this.#forget(set);
    return sets;
  }

  /** Hands over everything that still waits, in the order it came, with its exporter. */
  takeAll(): readonly (readonly [WaitingSet, ExporterState])[] {
    const all = [...this.#all];
    for (const [set] of all) this.#forget(set);
    return all;
  }

  #evictOldest(sets: Iterator<WaitingSet>): void {
    const oldest = sets.next();
    if (oldest.done === true) return;
    this.#forget(oldest.value);
    this.#onEvicted(oldest.value);
  }

  #forget(set: WaitingSet): void {
    const state = this.#all.get(set);
    const list = state?.waiting.get(set.templateId);
    this.#all.delete(set);
    this.#bytes -= cost(set);
    if (!state || !list) return;
    list.sets.delete(set);
    list.bytes -= cost(set);
    if (list.sets.size === 0) state.waiting.delete(set.templateId);
  }
}

function cost(set: WaitingSet): number {
  return set.octets.length + OVERHEAD;
}
