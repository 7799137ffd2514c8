/** What can be completed in a filter that the grammar cannot know: exporters that have sent, filters that were saved. */
import type { FilterSuggestion } from '../../core/filter/complete.ts';
import { nearest, type FilterError } from '../../core/filter/filter-error.ts';
import type { SavedFilter } from './use-saved-filters.ts';

/** Where a term can begin: at the start, behind a bracket, behind a word that joins terms. */
const TERM_START = /(?:^|\(|\b(?:and|or|not))\s*$/i;

/** The known exporters where the address of one is being typed. */
export function exporterAddresses(
  text: string,
  cursor: number,
  known: readonly string[],
): FilterSuggestion[] {
  const [, typed] = /\b(?:exporter|router)\s+(?:ip|host)\s+([\w.:]*)$/i.exec(text.slice(0, cursor)) ?? [];
  if (typed === undefined) return [];
  const from = cursor - typed.length;
  const to = cursor + (/^[\w.:]*/.exec(text.slice(cursor))?.[0].length ?? 0);
  const fitting = [...new Set(known)].filter((address) => address !== '' && address.startsWith(typed));
  return fitting.map((address) => ({ text: address, kind: 'value', hint: 'exporter', from, to }));
}

/** The saved filters whose name begins so, where a term can begin: in brackets where other terms stand beside them. */
export function savedByName(text: string, cursor: number, saved: readonly SavedFilter[]): FilterSuggestion[] {
  const typed = /[\w.:-]*$/.exec(text.slice(0, cursor))?.[0] ?? '';
  const from = cursor - typed.length;
  const to = cursor + (/^[\w.:-]*/.exec(text.slice(cursor))?.[0].length ?? 0);
  const head = text.slice(0, from);
  if (!TERM_START.test(head)) return [];
  const isAlone = head.trim() === '' && text.slice(to).trim() === '';
  return saved
    .filter(({ name }) => name.toLowerCase().startsWith(typed.toLowerCase()))
    .map(({ name, filter }) => ({
      text: isAlone ? filter : `(${filter})`,
      kind: 'value',
      hint: `saved as ${name}`,
      from,
      to,
    }));
}

/**
 * What fits at the cursor. On a word that nothing begins with: what could stand in its place, the one that was probably
 * meant before the others.
 */
export function meantFirst(
  text: string,
  cursor: number,
  error: FilterError | undefined,
  fitting: (place: number) => readonly FilterSuggestion[],
): readonly FilterSuggestion[] {
  if (!error || cursor < error.position || cursor > error.position + error.length) return fitting(cursor);
  const wrong = text.slice(error.position, error.position + error.length);
  const here = fitting(cursor);
  if (wrong === '' || (here.length > 0 && cursor > error.position)) return here;
  const all = fitting(error.position);
  const meant = nearest(
    wrong,
    all.map((one) => one.text),
  );
  return all.toSorted((a, b) => Number(b.text === meant) - Number(a.text === meant));
}
