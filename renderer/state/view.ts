/** One selection, one time range, one filter: the state that every panel follows, kept in the address. */
import { create } from 'zustand';
import { readView, writeView, type TimeRange, type View } from './view-url.ts';

/** `push` makes a step that Back undoes; `replace` changes the present one. */
type Step = 'push' | 'replace';

export const useView = create<View>()(() => readView(globalThis.location.search));

/** Changes the view and its address. Changing the filter or the range closes the details of a flow. */
export function changeView(change: Partial<View>, step: Step = 'push'): void {
  const before = useView.getState();
  const narrowed = 'filter' in change || 'range' in change || 'screen' in change;
  const after = { ...before, ...(narrowed ? { flow: null } : {}), ...change };
  const query = writeView(after);
  if (query === writeView(before)) return;
  useView.setState(after);
  // The fragment stays out of the address: it may have carried the access token.
  const address = `${globalThis.location.pathname}?${query}`;
  if (step === 'push') globalThis.history.pushState(null, '', address);
  else globalThis.history.replaceState(null, '', address);
}

/** Sets what a screen keeps in the address for itself; undefined takes it out. */
export function changeExtra(change: Readonly<Record<string, string | undefined>>, step: Step = 'push'): void {
  const extra = { ...useView.getState().extra, ...change };
  const kept = Object.entries(extra).filter((entry): entry is [string, string] => entry[1] !== undefined);
  changeView({ extra: Object.fromEntries(kept) }, step);
}

/** Follows Back and Forward until the page is left. */
export function followHistory(): void {
  globalThis.addEventListener('popstate', () => useView.setState(readView(globalThis.location.search)));
}

/** Goes to a range that was named rather than brushed: the timeline goes there as well. */
export function goToRange(range: TimeRange | null): void {
  changeView({ range, window: null });
}
