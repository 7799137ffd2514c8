/** The stored flows that a person asked to see: sorted, as many as were asked for, as objects for the screen. */
import { ApiError } from '../model/api-error.ts';
import { rowsOfKind, type CoreColumnName } from '../model/flow-batch.ts';
import { formatTime, type EpochMs } from '../model/time.ts';
import { flowSpans } from '../store/flow-time.ts';
import type { StoredBatch } from '../store/segment-reader.ts';
import { Store } from '../store/store.ts';

/** Earliest first for `start`, largest first for the others. */
export const flowSortKeys = ['start', 'bytes', 'packets', 'duration'] as const;
export type FlowSortKey = (typeof flowSortKeys)[number];

export interface ListFlowsOptions {
  /** Half-open range of time; a flow counts where it was there at any moment of it. */
  readonly from?: EpochMs | undefined;
  readonly to?: EpochMs | undefined;
  readonly limit: number;
  readonly sort: FlowSortKey;
}

/** One flow for the screen. Counters are raw: above 2^53 decimal strings, null where the exporter left them empty. Times are null where unknown. */
export interface ListedFlow {
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly protocol: number;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly tcpFlags: number;
  readonly packets: number | string | null;
  readonly bytes: number | string | null;
  readonly exporter: string;
  readonly exporterPort: number | null;
  readonly observationDomainId: number;
  readonly site: string;
}

export interface FlowList {
  readonly flows: readonly ListedFlow[];
  /** Flows in the range, listed or not. */
  readonly total: number;
  /** What the store could not give, a sentence each. */
  readonly damages: readonly string[];
  /** What the person should know beside, a sentence each. */
  readonly notes: readonly string[];
}

/** Lists flows of the store in `folder`. Holds `limit` rows, whatever the store's size. Throws ApiError. */
export function listFlows(folder: string, options: ListFlowsOptions): FlowList {
  const { from, to } = options;
  if (from !== undefined && to !== undefined && from >= to) {
    throw new ApiError('usage', 'The range is empty: --from must be before --to.');
  }
  using store = Store.open(folder, { create: false });
  const damages: string[] = [];
  const kept = new Smallest<ListedFlow>(options.limit);
  let total = 0;
  let aggregates = 0;
  for (const batch of store.scan({ from, to, onDamage: (damage) => damages.push(damage.message) })) {
    const keys = sortKeys(batch, options.sort);
    const sums = rowsOfKind(batch, 'aggregate');
    aggregates += sums.size;
    for (let row = 0; row < batch.count; row++) {
      if (sums.has(row)) continue;
      kept.offer(keys[row] ?? Number.POSITIVE_INFINITY, total++, () => describeRow(batch, row));
    }
  }
  const notes = notesOn(store, folder, total, options);
  if (aggregates > 0) {
    const which = aggregates === 1 ? '1 aggregate' : `${aggregates} aggregates`;
    notes.push(`${which} of NetFlow v8 in the range are sums over flows, and not listed.`);
  }
  return { flows: kept.finish(), total, damages, notes };
}

function notesOn(store: Store, folder: string, total: number, { from, to }: ListFlowsOptions): string[] {
  const notes = store
    .sources()
    .filter((source) => source.state === 'importing')
    .map(
      (source) =>
        `${source.name} is imported in part only (${source.rows} flows): run "backtrail import ${source.name} --store ${folder}" again.`,
    );
  if (total > 0) return notes;
  const range = store.timeRange();
  if (!range)
    return [...notes, `The store ${folder} holds no flows with a time: import files into it first.`];
  if (from === undefined && to === undefined) return notes;
  const span = `${formatTime(range.start)} to ${formatTime(range.end)}`;
  return [...notes, `No flow was there in this range: the store holds flows from ${span}.`];
}

/** What is smallest comes first; unknown times last. */
function sortKeys(batch: StoredBatch, sort: FlowSortKey): Float64Array {
  const { columns } = batch;
  const largestFirst = (values: Float64Array): Float64Array => values.map((value) => -value);
  switch (sort) {
    case 'start':
      return flowSpans(batch).starts;
    case 'bytes':
      return largestFirst(columns.octetDeltaCount);
    case 'packets':
      return largestFirst(columns.packetDeltaCount);
    case 'duration':
      return columns.flowStartMilliseconds.map(
        (start, row) => start - (columns.flowEndMilliseconds[row] ?? Number.NaN),
      );
  }
}

function describeRow(batch: StoredBatch, row: number): ListedFlow {
  const { columns, addresses } = batch;
  const time = (value: number | undefined): number | null =>
    value === undefined || Number.isNaN(value) ? null : value;
  const exact = (name: CoreColumnName): number | string | null => {
    const extra = batch.extras.get(name);
    const at = extra?.rows.indexOf(row) ?? -1;
    const value = at >= 0 ? extra?.values[at] : columns[name][row];
    return typeof value === 'number' || typeof value === 'string' ? value : null;
  };
  const exporter = columns.exporter[row] ?? 0;
  const { address = '', port = null, observationDomainId = 0 } = batch.exporters[exporter] ?? {};
  return {
    startMs: time(columns.flowStartMilliseconds[row]),
    endMs: time(columns.flowEndMilliseconds[row]),
    protocol: columns.protocolIdentifier[row] ?? 0,
    source: addresses.text(columns.sourceAddress[row] ?? 0),
    sourcePort: columns.sourceTransportPort[row] ?? 0,
    destination: addresses.text(columns.destinationAddress[row] ?? 0),
    destinationPort: columns.destinationTransportPort[row] ?? 0,
    tcpFlags: columns.tcpControlBits[row] ?? 0,
    packets: exact('packetDeltaCount'),
    bytes: exact('octetDeltaCount'),
    exporter: address,
    exporterPort: port,
    observationDomainId,
    site: batch.sites[exporter] ?? '',
  };
}

/** Keeps the `limit` entries with the smallest keys; of equal keys the one that came first. A heap, the worst on top. */
class Smallest<T> {
  readonly #limit: number;
  readonly #heap: { readonly key: number; readonly order: number; readonly value: T }[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `make` is called only where the entry is kept. NaN counts as larger than everything. */
  offer(rawKey: number, order: number, make: () => T): void {
    const key = Number.isNaN(rawKey) ? Number.POSITIVE_INFINITY : rawKey;
    const heap = this.#heap;
    if (heap.length < this.#limit) {
      heap.push({ key, order, value: make() });
      this.#rise(heap.length - 1);
      return;
    }
    const worst = heap[0];
    // Entries come in ascending order: at an equal key the one that is there came first.
    if (!worst || key >= worst.key) return;
    heap[0] = { key, order, value: make() };
    this.#sink();
  }

  finish(): T[] {
    return this.#heap
      .sort((a, b) => (a.key === b.key ? a.order - b.order : a.key - b.key))
      .map(({ value }) => value);
  }

  #worse(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (!first || !second) return false;
    return first.key === second.key ? first.order > second.order : first.key > second.key;
  }

  #rise(from: number): void {
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#worse(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    for (let at = 0; ;) {
      let worst = at;
      if (this.#worse(2 * at + 1, worst)) worst = 2 * at + 1;
      if (this.#worse(2 * at + 2, worst)) worst = 2 * at + 2;
      if (worst === at) return;
      this.#swap(at, worst);
      at = worst;
    }
  }

  #swap(a: number, b: number): void {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (!first || !second) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
  }
}
