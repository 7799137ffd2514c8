/** Who exported in a month, what was lost on the way, and the files and collections that the flows are from. */
import type { FlowSelection } from '../../model/query.ts';
import { epochMs } from '../../model/time.ts';
import type { MonthSums } from '../../query/report-kernel.ts';
import { Store } from '../../store/store.ts';
import type { StoredSource } from '../../store/sources.ts';
import { exporterHealth } from '../health.ts';

export interface ExporterRow {
  readonly address: string;
  readonly site: string;
  /** Flows and so on as it told them; flows that others saw too are in it. */
  readonly flows: number;
  readonly packets: number;
  readonly bytes: number;
  /** Datagrams and lost units; null where nothing tells. */
  readonly datagrams: number | null;
  readonly lost: number | null;
  readonly samplingInterval: number | null;
}

export interface MonthExporters {
  readonly rows: readonly ExporterRow[];
  /** How far the figures of loss go, a sentence each. */
  readonly notes: readonly string[];
}

/** Above this the datagram headers of a month are not read again; the collector's accounts remain. */
const MOST_FLOWS = 500_000;

export function exportersOfMonth(
  folder: string,
  { site, ...range }: Pick<FlowSelection, 'from' | 'to'> & { readonly site: string | undefined },
  { exporters, total }: Pick<MonthSums, 'exporters' | 'total'>,
): MonthExporters {
  using store = Store.open(folder, { create: false });
  const sites = new Map(store.exporters().map((exporter) => [exporter.address, exporter.site]));
  const { loss, notes } = total.flows <= MOST_FLOWS ? byHeaders(folder, range) : byAccounts(store, range);
  const rows = exporters.map(({ key: address, flows, packets, bytes }) => ({
    address,
    site: site ?? sites.get(address) ?? '',
    flows,
    packets,
    bytes,
    datagrams: null,
    lost: null,
    samplingInterval: null,
    ...loss.get(address),
  }));
  return { rows, notes };
}

interface Told {
  readonly datagrams: number | null;
  readonly lost: number | null;
  readonly samplingInterval: number | null;
}

interface ToldLoss {
  readonly loss: ReadonlyMap<string, Told>;
  readonly notes: readonly string[];
}

function byHeaders(folder: string, { from, to }: FlowSelection): ToldLoss {
  const { exporters, notes } = exporterHealth(folder, { from, to });
  const loss = new Map<string, Told>();
  for (const { address, datagrams, lostUnits, samplingInterval } of exporters) {
    const before = loss.get(address);
    // An archive without datagram headers cannot tell of loss.
    const told = datagrams > 0;
    loss.set(address, {
      datagrams: told ? (before?.datagrams ?? 0) + datagrams : (before?.datagrams ?? null),
      lost: told ? (before?.lost ?? 0) + lostUnits : (before?.lost ?? null),
      samplingInterval: Math.max(before?.samplingInterval ?? 1, samplingInterval),
    });
  }
  return { loss, notes };
}

/** The last account of each collection that ran in this time. */
function byAccounts(
  store: Store,
  { from = epochMs(Number.NEGATIVE_INFINITY), to = epochMs(Number.POSITIVE_INFINITY) }: FlowSelection,
): ToldLoss {
  const loss = new Map<string, Told>();
  for (const { started, lastSeen, status } of store.collections()) {
    if (started >= to || lastSeen < from) continue;
    for (const { address, datagrams, lost, sampling } of accountsOf(status)) {
      const before = loss.get(address);
      loss.set(address, {
        datagrams: (before?.datagrams ?? 0) + datagrams,
        lost: (before?.lost ?? 0) + lost,
        samplingInterval: Math.max(before?.samplingInterval ?? 1, sampling ?? 1),
      });
    }
  }
  const sentence = `The month holds more than ${MOST_FLOWS.toLocaleString('en-GB')} flows: loss is what the collector counted while it ran, over the whole of each collection; for imported files it was not counted again. The Health screen does so for a shorter time.`;
  return { loss, notes: [sentence] };
}

interface Account {
  readonly address: string;
  readonly datagrams: number;
  readonly lost: number;
  readonly sampling: number | null;
}

function accountsOf(status: string): readonly Account[] {
  try {
    const { exporters } = JSON.parse(status) as { exporters?: readonly Account[] };
    return Array.isArray(exporters) ? (exporters as readonly Account[]) : [];
  } catch {
    // A collection that was cut off before its first account has none.
    return [];
  }
}

/** The sources that have flows in a time, in the order of their import, and those whose import is unfinished. */
export function sourcesOfRange(
  folder: string,
  { from, to }: { readonly from: number; readonly to: number },
): StoredSource[] {
  using store = Store.open(folder, { create: false });
  const wanted = new Set<number>();
  for (const segment of store.segments({ from: epochMs(from), to: epochMs(to) }, () => undefined)) {
    const parts = segment.source > 0 ? [segment] : store.partsOf(segment);
    for (const { source } of parts) wanted.add(source);
  }
  return store.sources().filter(({ id, state }) => wanted.has(id) || state === 'importing');
}
