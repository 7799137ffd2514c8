/** The values of a field in one batch as small codes, one a row, and what a code stands for in words of 32 bits. */
import type { ElementValue, FlowBatch } from '../model/flow-batch.ts';

export interface CodedColumn {
  /** One a row of the batch; each below `size`. */
  readonly codes: Uint8Array | Uint16Array | Uint32Array;
  readonly size: number;
  /** Writes the words of a code's value. */
  write(code: number, words: Uint32Array, at: number): void;
}

/** Texts by number, 0 being the empty one; numbers hold within one partial result. */
export class TextTable {
  readonly texts: string[] = [''];
  /** The same for the same text in every thread. */
  readonly hashes: number[] = [0];
  readonly #codes = new Map<string, number>([['', 0]]);

  code(text: string): number {
    let code = this.#codes.get(text);
    if (code === undefined) {
      code = this.texts.push(text) - 1;
      this.hashes.push(hashText(text));
      this.#codes.set(text, code);
    }
    return code;
  }
}

/** FNV-1a over UTF-16 units. */
function hashText(text: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  return hash >>> 0;
}

/** Numbers below this are codes as they are. */
const DIRECT = 1 << 18;

/** Small numbers are their own codes; a column with larger ones is coded by what is in it. */
export function numberColumn(values: Uint8Array | Uint16Array | Uint32Array): CodedColumn {
  const direct = (size: number): CodedColumn => ({
    codes: values,
    size,
    write: (code, words, at) => {
      words[at] = code;
    },
  });
  if (values instanceof Uint8Array) return direct(256);
  if (values instanceof Uint16Array) return direct(65_536);
  let largest = 0;
  for (let row = 0; row < values.length; row++) largest = Math.max(largest, values[row] ?? 0);
  if (largest < DIRECT) return direct(largest + 1);
  const { codes, distinct } = codeValues(values);
  return {
    codes,
    size: distinct.length,
    write: (code, words, at) => {
      words[at] = distinct[code] ?? 0;
    },
  };
}

function codeValues(values: Uint32Array): { codes: Uint32Array; distinct: number[] } {
  const known = new Map<number, number>();
  const distinct: number[] = [];
  const codes = new Uint32Array(values.length);
  let last = -1;
  let lastCode = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? 0;
    if (value !== last) {
      let code = known.get(value);
      if (code === undefined) {
        code = distinct.push(value) - 1;
        known.set(value, code);
      }
      last = value;
      lastCode = code;
    }
    codes[row] = lastCode;
  }
  return { codes, distinct };
}

/** Codes that stand for texts; a word is the text's number. */
export function textColumn(
  codes: CodedColumn['codes'],
  texts: readonly string[],
  table: TextTable,
): CodedColumn {
  return {
    codes,
    size: Math.max(texts.length, 1),
    write: (code, words, at) => {
      words[at] = table.code(texts[code] ?? '');
    },
  };
}

/** An element that is no core column: absent, a number or text. Its word is the number of its text. */
export function elementColumn(batch: FlowBatch, names: readonly string[], table: TextTable): CodedColumn {
  const codes = new Uint32Array(batch.count);
  const texts = [''];
  const known = new Map<ElementValue, number>([['', 0]]);
  for (const name of names) {
    const extra = batch.extras.get(name);
    if (!extra) continue;
    for (let i = 0; i < extra.rows.length; i++) {
      const value = extra.values[i] ?? null;
      const key = typeof value === 'object' ? JSON.stringify(value) : value;
      let code = known.get(key);
      if (code === undefined) {
        code = texts.push(value === null ? '' : String(key)) - 1;
        known.set(key, code);
      }
      codes[extra.rows[i] ?? 0] = code;
    }
  }
  return textColumn(codes, texts, table);
}
