/** What can be typed next in a filter: asked of the parser, which knows what it expects where the text ends. */
import { Cursor } from './cursor.ts';
import { FilterError } from './filter-error.ts';
import { lex } from './lexer.ts';
import { FilterParser } from './parse.ts';

export interface FilterSuggestion {
  readonly text: string;
  readonly kind: 'keyword' | 'field' | 'operator' | 'value' | 'bracket' | 'element';
  /** The stretch that the suggestion replaces. */
  readonly from: number;
  readonly to: number;
  readonly hint: string;
}

/** Names that the grammar alone cannot know. */
export interface FilterVocabulary {
  readonly elements?: readonly string[] | undefined;
  readonly sites?: readonly string[] | undefined;
}

/** What fits at the cursor: first what begins like the word there, then what contains it. Empty within quotes. */
export function completeFilter(
  text: string,
  cursor: number,
  { elements = [], sites = [] }: FilterVocabulary = {},
): FilterSuggestion[] {
  const typed = /[\w.:-]*$/.exec(text.slice(0, cursor))?.[0] ?? '';
  const from = cursor - typed.length;
  const to = cursor + (/^[\w.:-]*/.exec(text.slice(cursor))?.[0].length ?? 0);
  const head = text.slice(0, from);
  if (isOpen(head)) return [];
  const lexemes = new Cursor(head);
  try {
    new FilterParser(lexemes).parse();
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    if (error.position < head.length) return [];
  }
  const suggestions: FilterSuggestion[] = [];
  for (const { text: one, kind, hint } of lexemes.expected) {
    if (kind !== 'description') suggestions.push({ text: one, kind, hint, from, to });
    else if (one === 'the name of an element') {
      for (const name of elements) {
        suggestions.push({ text: name, kind: 'element', hint: 'element', from, to });
      }
    } else if (one === 'a site') {
      for (const site of sites) {
        const quoted = /^[\w.-]+$/.test(site) ? site : `"${site}"`;
        suggestions.push({ text: quoted, kind: 'value', hint: 'site', from, to });
      }
    }
  }
  const wanted = typed.toLowerCase();
  const rank = ({ text: one }: FilterSuggestion): number => one.toLowerCase().indexOf(wanted);
  const fitting = suggestions.filter((one) => rank(one) !== -1);
  return [...fitting.filter((one) => rank(one) === 0), ...fitting.filter((one) => rank(one) > 0)];
}

/** True where the text ends within a comment or an open quote. */
function isOpen(head: string): boolean {
  const last = lex(head).at(-2);
  if (!last || last.position + last.text.length < head.length) return false;
  return last.kind === 'comment' || (last.kind === 'bad' && /^["']/.test(last.text));
}
