/** Stepping stones over a store: gathers the flows of a time and hands them to the engine. */
import { ApiError } from '../../model/api-error.ts';
import { formatTime, type EpochMs } from '../../model/time.ts';
import type { Discovery } from '../../model/trace-discovery.ts';
import { Store } from '../../store/store.ts';
import { discoverStones } from '../../trace/discover.ts';
import { recordColumns, recordElements } from '../../trace/records.ts';

export interface DiscoverRequest {
  /** The whole store where they are absent. */
  readonly from?: EpochMs | undefined;
  readonly to?: EpochMs | undefined;
  readonly site?: string | undefined;
  readonly limit: number;
}

/** Throws ApiError: `no-store`, `outside-archive`, `bad-request`, `unknown-site`. Damaged parts are told in the notes. */
export function discoverInStore(folder: string, { from, to, site, limit }: DiscoverRequest): Discovery {
  using store = Store.open(folder, { create: false });
  const range = store.timeRange();
  if (!range) throw new ApiError('outside-archive', `The store ${folder} holds no flows; import some first.`);
  if ((from ?? range.start) > range.end || (to ?? range.end) < range.start) {
    throw new ApiError(
      'outside-archive',
      `The store's flows run from ${formatTime(range.start)} to ${formatTime(range.end)}; nothing lies in the time asked for.`,
    );
  }
  const damages: string[] = [];
  const batches = [
    ...store.scan({
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      columns: recordColumns,
      elements: recordElements,
      onDamage: (damage) => damages.push(damage.message),
    }),
  ];
  const discovery = discoverStones(batches, { site, limit });
  return { ...discovery, notes: [...discovery.notes, ...damages] };
}
