/** Puts what was clicked into the filter. */

/** `filter and term`, or `filter and not term`. A filter that offers alternatives is put in parentheses first. */
export function withTerm(filter: string, term: string, exclude: boolean): string {
  const base = filter.trim();
  const added = exclude ? `not ${/\s(and|or)\s/i.test(term) ? `(${term})` : term}` : term;
  if (base === '') return added;
  if (base.split(' and ').includes(added)) return base;
  const closed = /\bor\b|\|\|/i.test(base) && !isWrapped(base) ? `(${base})` : base;
  return `${closed} and ${added}`;
}

/** True where one pair of parentheses holds the whole text. */
function isWrapped(text: string): boolean {
  if (!text.startsWith('(')) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    if (text[i] === ')' && --depth === 0) return i === text.length - 1;
  }
  return false;
}
