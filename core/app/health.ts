/** What the stored flows tell of the exporters that sent them: loss, clocks, sampling. */
import type { EpochMs } from '../model/time.ts';
import { Store } from '../store/store.ts';
import type { SitedBatch } from '../model/flow-batch.ts';
import { gatherRecords, recordColumns, recordElements } from '../trace/records.ts';
import type { Observer } from '../trace/observers.ts';
import type { ExporterHealth } from '../wire/contract-health.ts';

export interface HealthRequest {
  /** The whole store where they are absent. */
  readonly from?: EpochMs | undefined;
  readonly to?: EpochMs | undefined;
}

export interface ExporterHealthAnswer {
  readonly exporters: ExporterHealth[];
  readonly damages: string[];
  readonly notes: string[];
}

/** Flows that are read at most, for they are held in memory at one time. */
const MOST_FLOWS = 2_000_000;
/** Numbers of `lossWindows` that an answer carries for one exporter. */
const MOST_EDGES = 2000;

/** Reads the flows of a time. Throws ApiError `no-store`, `damaged-store`. */
export function exporterHealth(folder: string, { from, to }: HealthRequest): ExporterHealthAnswer {
  using store = Store.open(folder, { create: false });
  const damages: string[] = [];
  const batches: SitedBatch[] = [];
  let flows = 0;
  const read = { from, to, columns: recordColumns, elements: recordElements };
  for (const batch of store.scan({ ...read, onDamage: ({ message }) => damages.push(message) })) {
    batches.push(batch);
    flows += batch.count;
    if (flows >= MOST_FLOWS) break;
  }
  const { observers, records } = gatherRecords(batches);
  const counts = new Float64Array(observers.length);
  for (const observer of records.observer) counts[observer] = (counts[observer] ?? 0) + 1;
  return {
    exporters: observers.map((observer, i) => describe(observer, counts[i] ?? 0)),
    damages,
    notes:
      flows < MOST_FLOWS
        ? []
        : [
            `Only the first ${flows.toLocaleString('en')} flows were looked at: choose a shorter range of time to see the others.`,
          ],
  };
}

function describe(observer: Observer, flows: number): ExporterHealth {
  const { exporter, site, loss, samplingInterval, timingErrorMs, clock, clockTied } = observer;
  return {
    address: exporter.address,
    port: exporter.port,
    observationDomainId: exporter.observationDomainId,
    site,
    flows,
    datagrams: loss.datagrams,
    lostUnits: loss.units,
    lossWindows: loss.windows.slice(0, MOST_EDGES),
    samplingInterval,
    clockOffsetMs: clockTied === null ? null : clock.aheadMs,
    clockDriftPpm: clockTied === null ? null : clock.drift * 1e6,
    timingErrorMs,
  };
}
