/** What one person's browser remembers: sizes of panels, columns, filters that were used. Never evidence. */
import { create } from 'zustand';
import { persist } from 'zustand/middleware';

export interface ColumnChoice {
  /** Every known column, in the order chosen. */
  readonly order: readonly string[];
  readonly hidden: readonly string[];
  readonly widths: Readonly<Record<string, number>>;
}

interface Settings {
  readonly scheme: 'dark' | 'light';
  /** Sizes of the panes of a split, by its name, in percent. */
  readonly panes: Readonly<Record<string, readonly number[]>>;
  readonly columns: Readonly<Record<string, ColumnChoice>>;
  readonly filterHistory: readonly string[];
}

const HISTORY_LENGTH = 50;

export const useSettings = create<Settings>()(
  persist((): Settings => ({ scheme: 'dark', panes: {}, columns: {}, filterHistory: [] }), {
    name: 'backtrail-settings',
    version: 1,
  }),
);

export function setScheme(scheme: 'dark' | 'light'): void {
  useSettings.setState({ scheme });
}

export function setPanes(name: string, sizes: readonly number[]): void {
  useSettings.setState((settings) => ({ panes: { ...settings.panes, [name]: sizes } }));
}

export function resetPanes(): void {
  useSettings.setState({ panes: {}, columns: {} });
}

export function setColumns(name: string, choice: ColumnChoice): void {
  useSettings.setState((settings) => ({ columns: { ...settings.columns, [name]: choice } }));
}

/** The filter that was applied last comes first; each text is kept once. */
export function noteFilter(filter: string): void {
  if (filter === '') return;
  useSettings.setState(({ filterHistory }) => ({
    filterHistory: [filter, ...filterHistory.filter((text) => text !== filter)].slice(0, HISTORY_LENGTH),
  }));
}
