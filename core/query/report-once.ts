/** What one pass over a month settles whatever the number of keys: its days, services and exporters, and all together. */
import type { Counts } from '../model/query.ts';
import type { EpochMs } from '../model/time.ts';
import { serviceNames } from './distribution-services.ts';
import type { SelectedRows } from './kernel.ts';
import type { CountryPartial } from './report-countries.ts';
import { DayCounter, type DayPartial } from './report-days.ts';
import type { KeyCounts } from './report-keys.ts';
import { ServiceSums } from './report-services.ts';
import { CodeSums, COUNTS } from './report-sums.ts';

export interface MonthOnce {
  readonly days: DayPartial;
  readonly services: Float64Array;
  readonly countries: CountryPartial | null;
  readonly exporters: readonly KeyCounts[];
}

/** The services that have flows, in the router's order. */
export interface ServiceTotals {
  readonly services: readonly (Counts & { readonly name: string })[];
  readonly total: Counts;
}

/** What one pass settles whatever the number of keys. */
export class OnceSums {
  readonly #days: DayCounter;
  readonly #services = new ServiceSums();
  readonly #exporters = new Map<string, KeyCounts>();
  readonly #sums = new CodeSums();

  /** `from` is midnight. */
  constructor(from: EpochMs, days: number) {
    this.#days = new DayCounter(from, days);
  }

  add({ batch }: SelectedRows, rows: Uint32Array, observed: Uint32Array): void {
    const { columns, exporters } = batch;
    const { exporter, packetDeltaCount, octetDeltaCount } = columns;
    this.#days.add(columns, rows);
    this.#services.add(columns, rows);
    this.#sums.clear(exporters.length);
    this.#sums.add({ codes: exporter, size: exporters.length }, observed, packetDeltaCount, octetDeltaCount);
    for (const [code, { address }] of exporters.entries()) {
      const [flows = 0, packets = 0, bytes = 0] = this.#sums.values.subarray(code * COUNTS);
      if (flows > 0) addKey(this.#exporters, { key: address, flows, packets, bytes });
    }
  }

  finish(countries: CountryPartial | null): MonthOnce {
    return {
      days: this.#days.finish(),
      services: this.#services.finish(),
      countries,
      exporters: [...this.#exporters.values()],
    };
  }
}

export function concludeServices(once: readonly MonthOnce[]): ServiceTotals {
  const total = { flows: 0, packets: 0, bytes: 0 };
  const services = serviceNames.map((name, row) => {
    const sum = { name, flows: 0, packets: 0, bytes: 0 };
    for (const one of once) {
      const [flows = 0, packets = 0, bytes = 0] = one.services.subarray(row * COUNTS);
      sum.flows += flows;
      sum.packets += packets;
      sum.bytes += bytes;
    }
    total.flows += sum.flows;
    total.packets += sum.packets;
    total.bytes += sum.bytes;
    return sum;
  });
  return { total, services: services.filter(({ flows }) => flows > 0) };
}

/** Most flows first. */
export function concludeExporters(once: readonly MonthOnce[]): KeyCounts[] {
  const merged = new Map<string, KeyCounts>();
  for (const { exporters } of once) for (const one of exporters) addKey(merged, one);
  return [...merged.values()].toSorted((a, b) => b.flows - a.flows || (a.key < b.key ? -1 : 1));
}

function addKey(to: Map<string, KeyCounts>, { key, flows, packets, bytes }: KeyCounts): void {
  const known = to.get(key) ?? { flows: 0, packets: 0, bytes: 0 };
  to.set(key, {
    key,
    flows: known.flows + flows,
    packets: known.packets + packets,
    bytes: known.bytes + bytes,
  });
}
