/** The text in the filter bar: what is being typed, what is wrong with it, what could come next. */
import { useEffect, useState } from 'react';
import { completeFilter, type FilterSuggestion } from '../../core/filter/complete.ts';
import type { FilterError } from '../../core/filter/filter-error.ts';
import { useCall } from '../link/use-call.ts';
import { filterError } from '../state/filter-error.ts';
import { noteFilter } from '../state/settings.ts';
import { changeView, useView } from '../state/view.ts';
import { exporterAddresses, meantFirst, savedByName } from './filter-names.ts';
import { useSavedFilters } from './use-saved-filters.ts';

const SHOWN_SUGGESTIONS = 60;

export interface FilterText {
  readonly text: string;
  /** In the view already. */
  readonly isApplied: boolean;
  readonly error: FilterError | undefined;
  readonly suggestions: readonly FilterSuggestion[];
  readonly type: (text: string, cursor: number) => void;
  /** Puts it into the view; false where it has an error. */
  readonly apply: (text?: string) => boolean;
  /** Takes back what was not applied. */
  readonly revert: () => void;
}

export function useFilterText(): FilterText {
  const applied = useView((view) => view.filter);
  const [text, setText] = useState(applied);
  const [cursor, setCursor] = useState(0);
  const sites = useCall('workspace.sites', {});
  useEffect(() => setText(applied), [applied]);
  const vocabulary = useCall('workspace.vocabulary', {});
  const exporters = useCall('workspace.exporters', {});
  const { saved } = useSavedFilters();
  const names = sites.data?.sites.map(({ name }) => name);
  const at = Math.min(cursor, text.length);
  const error = filterError(text);
  const fitting = (place: number): FilterSuggestion[] => [
    ...exporterAddresses(
      text,
      place,
      (exporters.data?.exporters ?? []).map(({ address }) => address),
    ),
    ...savedByName(text, place, saved),
    ...completeFilter(text, place, { sites: names, elements: vocabulary.data?.elements }),
  ];
  const suggestions = meantFirst(text, at, error, fitting);
  return {
    text,
    isApplied: text.trim() === applied.trim(),
    error,
    suggestions: suggestions.slice(0, SHOWN_SUGGESTIONS),
    type(next, at) {
      setText(next);
      setCursor(at);
    },
    apply(next = text) {
      if (filterError(next)) return false;
      const filter = next.trim();
      noteFilter(filter);
      setText(filter);
      changeView({ filter });
      return true;
    },
    revert: () => setText(applied),
  };
}
