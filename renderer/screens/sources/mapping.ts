/** The mapping of a table as a form: what each column is taken for. */

interface Rule {
  readonly element: string;
  readonly unit?: string;
}

interface Mapping {
  readonly format?: 'delimited' | 'json';
  readonly delimiter?: string;
  readonly header?: boolean;
  readonly columns: Readonly<Record<string, Rule>>;
}

/** One column: its title, what stands in its first rows, and what it is taken for; empty: left out. */
export interface MappedColumn {
  readonly title: string;
  readonly examples: readonly string[];
  readonly element: string;
}

const EXAMPLES = 3;

/** The columns that the head of the table has, those without a meaning among them. */
export function columnsOf(mapping: Mapping, head: string): MappedColumn[] {
  const { format = 'delimited', delimiter = ',', header = true, columns } = mapping;
  const lines = head.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
  const rows = format === 'json' ? [] : lines.slice(0, EXAMPLES + 1).map((line) => line.split(delimiter));
  const first = rows[0] ?? [];
  const titles =
    format === 'json' ? [] : header ? first.map(unquoted) : first.map((_, place) => String(place + 1));
  const body = header ? rows.slice(1) : rows;
  return [...new Set([...titles, ...Object.keys(columns)])].map((title) => ({
    title,
    examples: body.map((row) => unquoted(row[titles.indexOf(title)] ?? '')),
    element: columns[title]?.element ?? '',
  }));
}

/** What a flow is useless without, and the meanings that give it. */
const needed = [
  { what: 'the time', by: /^flow(Start|End)Milliseconds$/ },
  { what: 'the source address', by: /^source(IPv[46])?Address$/i },
  { what: 'the destination address', by: /^destination(IPv[46])?Address$/i },
] as const;

/** What no column is taken for, although every flow needs it. */
export const missingMeanings = (columns: readonly MappedColumn[]): string[] =>
  needed.filter(({ by }) => !columns.some(({ element }) => by.test(element))).map(({ what }) => what);

const unquoted = (text: string): string => text.trim().replace(/^"(.*)"$/, '$1');

export const readMapping = (text: string): Mapping => JSON.parse(text) as Mapping;

/** The mapping with the meanings as they were corrected; units stay with their columns where the meaning stayed. */
export function writeMapping(mapping: Mapping, columns: readonly MappedColumn[]): string {
  const rules = columns
    .filter(({ element }) => element !== '')
    .map(({ title, element }) => {
      const before = mapping.columns[title];
      return [title, before?.element === element ? before : { element }] as const;
    });
  return JSON.stringify({ ...mapping, columns: Object.fromEntries(rules) });
}
