/** Upkeep of a store for whoever asks: sizes, soundness, retention, repair, small segments. */
import { StoreKeeper, type RepairReport, type StoreVerdict } from '../store/store-keeper.ts';
import type { DroppedDay, Retention } from '../store/day-drops.ts';
import type { StorageReport } from '../store/storage-report.ts';
import { Store } from '../store/store.ts';

export type { DroppedDay, RepairReport, Retention, StorageReport, StoreVerdict };

/** Days done of all. */
export type DayProgress = (done: number, total: number) => void;

/** What the store takes. Throws ApiError `no-store`, `damaged-store`. */
export function reportStore(folder: string): StorageReport {
  using store = Store.open(folder, { create: false });
  return store.storage();
}

/** Drops the days that are not to be kept. Throws ApiError `no-store`, `busy-store`, `cannot-write`. */
export function retainInStore(folder: string, retention: Retention, dryRun: boolean): DroppedDay[] {
  using keeper = StoreKeeper.open(folder);
  return keeper.retain(retention, dryRun);
}

/** Reads everything and compares. Throws ApiError `no-store`, and `damaged-store` where the catalogue cannot be opened. */
export function verifyStore(folder: string, onDay: DayProgress): StoreVerdict {
  using keeper = StoreKeeper.open(folder);
  return keeper.verify(onDay);
}

/** Mends what can be mended. Throws ApiError `no-store`, `busy-store`, `damaged-store`, `cannot-write`. */
export function repairStore(folder: string, onDay: DayProgress): RepairReport {
  using keeper = StoreKeeper.open(folder);
  return keeper.repair(new Date(), onDay);
}

/** Puts small segments together, also those that a killed process left. Throws ApiError `no-store`, `cannot-write`. */
export function mergeStore(folder: string): { readonly before: number; readonly after: number } {
  using store = Store.open(folder, { create: false });
  return store.mergeSegments('all');
}
