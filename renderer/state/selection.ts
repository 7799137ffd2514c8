/** The view as a question to the stored flows. */
import type { FlowSelection } from '../../core/model/query.ts';
import { epochMs } from '../../core/model/time.ts';
import { useView } from './view.ts';
import type { TimeRange, View } from './view-url.ts';

/** What a question says of its flows; `range` in place of the view's where a panel shows another one. */
function selectionOf({ filter, range }: Pick<View, 'filter' | 'range'>): FlowSelection {
  return { ...rangeOf(range), ...(filter.trim() === '' ? {} : { filter }) };
}

const rangeOf = (range: TimeRange | null): FlowSelection =>
  range === null ? {} : { from: epochMs(range.from), to: epochMs(range.to) };

/** The selection that every panel follows. */
export function useSelection(): FlowSelection {
  const filter = useView((view) => view.filter);
  const range = useView((view) => view.range);
  return selectionOf({ filter, range });
}
