/** Cuts a filter into lexemes, as nfdump's scanner does: words, numbers, quoted texts, operators, brackets, comments. */

export type LexemeKind = 'word' | 'number' | 'quoted' | 'operator' | 'bracket' | 'comment' | 'bad' | 'end';

export interface Lexeme {
  readonly kind: LexemeKind;
  /** As it stands in the filter, quotes included. */
  readonly text: string;
  /** UTF-16 units from the filter's beginning. */
  readonly position: number;
}

const pattern =
  /(?<space>\s+)|(?<comment>#[^\n]*)|(?<quoted>"[^"\n]*"|'[^'\n]*')|(?<operator>&&|\|\||[<>!=]=|[<>=!])|(?<bracket>[()[\],/])|(?<word>[\w:.-]+)|(?<bad>["'][^\n]*|[^\s\w])/guy;
const kinds = ['word', 'bracket', 'operator', 'quoted', 'comment', 'bad'] as const;
const numberPattern = /^(?:\d+[kmgt]?|0x[\da-f]+)$/i;

/** All lexemes in order, comments too, without spaces; the last is `end`. Never throws. */
export function lex(text: string): Lexeme[] {
  const lexemes: Lexeme[] = [];
  for (const match of text.matchAll(pattern)) {
    const { groups = {} } = match;
    const kind = kinds.find((one) => groups[one] !== undefined);
    if (kind === undefined) continue;
    const [word] = match;
    lexemes.push({
      kind: kind === 'word' && numberPattern.test(word) ? 'number' : kind,
      text: word,
      position: match.index,
    });
  }
  lexemes.push({ kind: 'end', text: '', position: text.length });
  return lexemes;
}

const units: Readonly<Record<string, bigint>> = { k: 10n ** 3n, m: 10n ** 6n, g: 10n ** 9n, t: 10n ** 12n };

/** The value of a `number` lexeme: decimal with nfdump's units of a thousand, or hexadecimal. */
export function numberOf(text: string): bigint {
  const unit = /^0x/i.test(text) ? undefined : units[text.slice(-1).toLowerCase()];
  return unit === undefined ? BigInt(text) : BigInt(text.slice(0, -1)) * unit;
}
