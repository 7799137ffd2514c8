/** Walks the lexemes of a filter, noting what each was and what else could have stood where it stopped. */
import { FilterError, listed, nearest } from './filter-error.ts';
import { lex, type Lexeme } from './lexer.ts';

export type TokenKind = 'keyword' | 'field' | 'operator' | 'value' | 'bracket' | 'comment' | 'error';

/** Something that the grammar allows at a place. */
export interface Expectation {
  readonly text: string;
  /** A `description` is for sentences (`a port number`), the others can be typed as they are. */
  readonly kind: 'keyword' | 'field' | 'operator' | 'value' | 'bracket' | 'description';
  readonly hint: string;
  /** Left out of sentences: one of a long list of names. */
  readonly quiet?: boolean;
}

/** Lexemes that one filter may have; a list of a hundred thousand addresses fits. */
const MAX_LEXEMES = 500_000;

export class Cursor {
  readonly lexemes: readonly Lexeme[];
  readonly kinds = new Map<Lexeme, TokenKind>();
  #index = 0;
  #expected = new Map<string, Expectation>();

  constructor(text: string) {
    this.lexemes = lex(text).filter(({ kind }) => kind !== 'comment');
    const excess = this.lexemes[MAX_LEXEMES];
    if (excess) {
      throw new FilterError(
        `A filter may have ${MAX_LEXEMES} words and signs; split this one.`,
        excess.position,
        excess.text.length,
      );
    }
  }

  get index(): number {
    return this.#index;
  }

  get expected(): readonly Expectation[] {
    return [...this.#expected.values()];
  }

  peek(ahead = 0): Lexeme {
    return this.lexemes[Math.min(this.#index + ahead, this.lexemes.length - 1)] as Lexeme;
  }

  /** The end of the lexeme before. */
  get endOfLast(): number {
    const last = this.lexemes[this.#index - 1];
    return last ? last.position + last.text.length : 0;
  }

  expect(...expectations: readonly Expectation[]): void {
    for (const one of expectations) this.#expected.set(`${one.kind}:${one.text}`, one);
  }

  advance(kind: TokenKind): Lexeme {
    const lexeme = this.peek();
    this.kinds.set(lexeme, kind);
    this.#index++;
    this.#expected.clear();
    return lexeme;
  }

  /** Goes back to an earlier lexeme. */
  rewind(index: number): void {
    while (this.#index > index) {
      this.#index--;
      this.kinds.delete(this.peek());
    }
    this.#expected.clear();
  }

  /** Takes the next lexeme if it is one of these (lower case), and notes them as expected if not. */
  accept(
    kind: 'keyword' | 'operator' | 'bracket',
    texts: readonly string[],
    hint: string,
  ): string | undefined {
    const text = this.peek().text.toLowerCase();
    if (texts.includes(text)) {
      this.advance(kind);
      return text;
    }
    const [first = ''] = texts;
    this.expect({ text: first, kind, hint, quiet: kind === 'operator' });
    return undefined;
  }

  /** Throws: nothing that was expected stands here. */
  fail(candidates: readonly string[] = []): never {
    const { kind, text, position } = this.peek();
    const shown = this.expected.filter(({ quiet }) => !quiet);
    const expected = shown.map((one) => one.text);
    const before = this.lexemes
      .slice(Math.max(0, this.#index - 4), this.#index)
      .map((lexeme) => lexeme.text)
      .join(' ');
    const wanted = `Expected ${listed(shown.map((one) => (/^\W$/.test(one.text) ? `"${one.text}"` : one.text)))}${before === '' ? '' : ` after "${before}"`}`;
    if (kind === 'end') {
      throw new FilterError(`${wanted}, but the filter ends there.`, position, 0, expected);
    }
    const typeable = this.expected.filter((one) => one.kind !== 'description').map((one) => one.text);
    const meant = nearest(text, [...typeable, ...candidates]);
    const hint = meant === undefined ? '.' : `; did you mean "${meant}"?`;
    throw new FilterError(
      `${wanted}, but "${shortened(text)}" stands at character ${position + 1}${hint}`,
      position,
      text.length,
      expected,
    );
  }

  /** Throws a sentence about a lexeme that was understood and cannot be meant. */
  refuse(sentence: string, lexeme: Lexeme): never {
    throw new FilterError(
      `${sentence} (at character ${lexeme.position + 1}: "${shortened(lexeme.text)}").`,
      lexeme.position,
      lexeme.text.length,
      this.expected.map((one) => one.text),
    );
  }
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
