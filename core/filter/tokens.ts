/** The pieces of a filter for highlighting, also of one that is not finished or wrong. */
import { Cursor, type TokenKind } from './cursor.ts';
import { FilterError } from './filter-error.ts';
import { lex, type Lexeme } from './lexer.ts';
import { FilterParser } from './parse.ts';

export interface FilterToken {
  readonly kind: TokenKind;
  readonly text: string;
  readonly position: number;
  readonly length: number;
}

const joints: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', '&&', '||', '!']);

/** Every piece but the spaces, in order. What the parser stumbled over is an `error`. Never throws. */
export function tokensOf(text: string, elements?: ReadonlySet<string>): FilterToken[] {
  const kinds = new Map<number, TokenKind>();
  try {
    const cursor = new Cursor(text);
    const note = (): void => {
      for (const [{ position }, kind] of cursor.kinds) kinds.set(position, kind);
    };
    try {
      new FilterParser(cursor, elements).parse();
    } finally {
      note();
    }
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    kinds.set(error.position, 'error');
  }
  return lex(text)
    .filter(({ kind }) => kind !== 'end')
    .map((lexeme) => ({
      kind: kinds.get(lexeme.position) ?? guessed(lexeme),
      text: lexeme.text,
      position: lexeme.position,
      length: lexeme.text.length,
    }));
}

/** What a piece beyond the first mistake looks like. */
function guessed({ kind, text }: Lexeme): TokenKind {
  if (joints.has(text.toLowerCase())) return 'keyword';
  if (kind === 'comment' || kind === 'bracket' || kind === 'operator') return kind;
  return kind === 'bad' ? 'error' : 'value';
}
