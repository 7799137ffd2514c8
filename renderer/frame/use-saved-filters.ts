/** Filters with a name, kept beside the store for everybody who opens it. */
import { core } from '../link/core.ts';
import { useCall } from '../link/use-call.ts';
import { showError } from '../parts/notify.ts';

export interface SavedFilter {
  readonly name: string;
  readonly filter: string;
}

const KEY = 'filters.saved';

export interface SavedFilters {
  readonly saved: readonly SavedFilter[];
  readonly save: (filter: SavedFilter) => void;
  readonly remove: (name: string) => void;
}

export function useSavedFilters(): SavedFilters {
  const { data, retry } = useCall('settings.get', {});
  const saved = readSaved(data?.values[KEY]);
  const write = (next: readonly SavedFilter[]) => {
    const value = next.map(({ name, filter }) => ({ name, filter }));
    core.call('settings.set', { key: KEY, value }).then(retry).catch(showError);
  };
  const without = (name: string) => saved.filter((other) => other.name !== name);
  return {
    saved,
    save: (filter) => write([...without(filter.name), filter]),
    remove: (name) => write(without(name)),
  };
}

function readSaved(value: unknown): SavedFilter[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    const { name, filter } = (entry ?? {}) as Partial<Record<keyof SavedFilter, unknown>>;
    return typeof name === 'string' && typeof filter === 'string' ? [{ name, filter }] : [];
  });
}
