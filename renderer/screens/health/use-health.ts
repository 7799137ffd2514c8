/** What is known of each exporter, from the collector's account and from the stored flows, put together. */
import { epochMs } from '../../../core/model/time.ts';
import type { CollectorStatus } from '../../../core/wire/contract-collect.ts';
import type { ExporterHealth } from '../../../core/wire/contract-health.ts';
import type { ExporterInfo, SourceInfo } from '../../../core/wire/contract-workspace.ts';
import { useCall } from '../../link/use-call.ts';
import { useFeed } from '../../link/use-feed.ts';
import { useWorkspace } from '../../link/workspace.ts';
import { useView } from '../../state/view.ts';
import type { TimeRange } from '../../state/view-url.ts';
import { useRates } from './use-rates.ts';

export type Account = NonNullable<ExporterInfo['account']>;

export interface ExporterState {
  readonly key: string;
  readonly address: string;
  readonly port: number | null;
  readonly domain: number;
  readonly site: string;
  readonly siteNamed: boolean;
  /** What a collector heard; null where it came from archives alone. */
  readonly account: Account | null;
  /** What the stored flows of the time chosen tell; undefined while that is on its way. */
  readonly stored: ExporterHealth | undefined;
  /** Nothing can be said of its flows yet. */
  readonly isReading: boolean;
  readonly flowsPerSecond: number | null;
}

export interface Health {
  readonly range: TimeRange | null;
  readonly exporters: readonly ExporterState[];
  readonly sources: readonly SourceInfo[];
  readonly collector: CollectorStatus | null;
  readonly damages: readonly string[];
  readonly notes: readonly string[];
  readonly isLoading: boolean;
  /** The stored flows are being read for the first time: what they tell is not known. */
  readonly isReading: boolean;
  readonly error: Error | null;
  readonly hasStore: boolean;
  readonly retry: () => void;
}

const keyOf = (address: string, port: number | null, domain: number): string =>
  `${address}|${port ?? ''}|${domain}`;

export function useHealth(): Health {
  const range = useView((view) => view.range);
  const hasStore = useWorkspace((workspace) => workspace.revision !== undefined);
  const catalogue = useCall('workspace.exporters', {});
  const sources = useCall('workspace.sources', {});
  const stored = useCall(
    'health.exporters',
    range ? { from: epochMs(range.from), to: epochMs(range.to) } : {},
  );
  const { item: collector = null } = useFeed('collect.status', {});
  const rates = useRates(collector);

  const byKey = new Map(
    (stored.data?.exporters ?? []).map((one) => [keyOf(one.address, one.port, one.observationDomainId), one]),
  );
  const live = new Map(
    (collector?.exporters ?? []).map((one) => [keyOf(one.address, one.port, one.observationDomainId), one]),
  );
  const known = (catalogue.data?.exporters ?? []).map((exporter): ExporterState => {
    const { address, port, observationDomainId: domain, site, siteNamed } = exporter;
    const key = keyOf(address, port, domain);
    const now = live.get(key);
    live.delete(key);
    const account = now
      ? { ...now, live: true, firstReceivedMs: now.firstReceived, lastReceivedMs: now.lastReceived }
      : exporter.account;
    return {
      key,
      address,
      port,
      domain,
      site,
      siteNamed,
      account,
      stored: byKey.get(key),
      isReading: account === null && stored.isLoading,
      flowsPerSecond: rates.get(key) ?? null,
    };
  });
  // Heard, and not stored yet.
  const fresh = [...live].map(([key, one]): ExporterState => ({
    key,
    address: one.address,
    port: one.port,
    domain: one.observationDomainId,
    site: one.address,
    siteNamed: false,
    account: { ...one, live: true, firstReceivedMs: one.firstReceived, lastReceivedMs: one.lastReceived },
    stored: undefined,
    isReading: false,
    flowsPerSecond: rates.get(key) ?? null,
  }));
  return {
    range,
    exporters: [...known, ...fresh],
    sources: sources.data?.sources ?? [],
    collector,
    damages: stored.data?.damages ?? [],
    notes: stored.data?.notes ?? [],
    isLoading: hasStore && (catalogue.isLoading || stored.isLoading),
    isReading: hasStore && stored.isLoading,
    error: catalogue.error ?? stored.error ?? sources.error,
    hasStore,
    retry: () => {
      catalogue.retry();
      stored.retry();
      sources.retry();
    },
  };
}

/** What the sequence numbers of a version count. */
export const lossUnit = (version: number | undefined): string =>
  version === 9 || (version ?? 0) > 100 ? 'datagrams' : version === 10 ? 'records' : 'flows';

/** Lost, and its share of what was sent, by the best account there is; null where nothing can tell, or nothing was read. */
export function lossOf({ account, stored }: ExporterState): { lost: number; share: number } | null {
  if (account) {
    const came = lossUnit(account.version) === 'datagrams' ? account.datagrams : account.flows;
    return { lost: account.lost, share: account.lost === 0 ? 0 : account.lost / (account.lost + came) };
  }
  if (!stored || stored.datagrams === 0) return null;
  const { lostUnits, flows, datagrams } = stored;
  return {
    lost: lostUnits,
    share: lostUnits === 0 ? 0 : lostUnits / (lostUnits + Math.max(flows, datagrams)),
  };
}
