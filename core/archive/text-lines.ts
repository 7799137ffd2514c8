/** Text out of a file, one record after the other: a line, or several where quotes hold a line break (RFC 4180). */
import type { ByteCursor } from './byte-cursor.ts';

/** A line of a flow record has some hundred bytes; beyond this it is none, and is passed over. */
const MAX_LINE = 65_536;

const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;

export interface TextRecord {
  readonly text: string;
  readonly offset: number;
  /** False for the last line of a file that does not end it. */
  readonly ended: boolean;
  /** What is wrong with it; then `text` is empty, and only its first line was passed over. */
  readonly fault?: string;
}

export class TextLines {
  readonly #cursor: ByteCursor;
  readonly #quotes: boolean;

  /** `quotes`: whether a line break within quotes belongs to the record. */
  constructor(cursor: ByteCursor, quotes: boolean) {
    this.#cursor = cursor;
    this.#quotes = quotes;
    const head = cursor.peek(3);
    if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) cursor.skip(3);
  }

  /** The next record; undefined at the end. */
  next(): TextRecord | undefined {
    const cursor = this.#cursor;
    if (cursor.atEnd()) return undefined;
    const { offset } = cursor;
    let end = this.#lineEnd(0);
    if (this.#quotes) {
      const first = end;
      let open = false;
      let counted = 0;
      for (;;) {
        const length = end ?? cursor.available;
        if (this.#oddQuotes(counted, Math.min(length, MAX_LINE))) open = !open;
        counted = length;
        if (!open || end === undefined) break;
        end = length >= MAX_LINE ? undefined : this.#lineEnd(end + 1);
      }
      if (open) {
        if (first === undefined && cursor.available > MAX_LINE) return this.#tooLong(offset);
        cursor.skip(first === undefined ? cursor.available : first + 1);
        return { text: '', offset, ended: first !== undefined, fault: 'has a quote that is never closed' };
      }
    }
    const length = end ?? cursor.available;
    if (length > MAX_LINE) return this.#tooLong(offset);
    const { bytes, start } = cursor;
    const stop = start + length;
    const trimmed = bytes[stop - 1] === RETURN ? stop - 1 : stop;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.max(trimmed - start, 0)).toString();
    cursor.skip(end === undefined ? length : length + 1);
    return { text, offset, ended: end !== undefined };
  }

  /**
   * Where the line that goes on at `from` ends, as a distance from the cursor; undefined where the file or the longest
   * line ends before. All up to there lies in the window then.
   */
  #lineEnd(from: number): number | undefined {
    const cursor = this.#cursor;
    let scanned = from;
    for (;;) {
      const found = cursor.peekUpTo(MAX_LINE + 1).indexOf(NEWLINE, scanned);
      if (found >= 0) return found;
      if (cursor.available > MAX_LINE) return undefined;
      scanned = cursor.available;
      if (!cursor.ensure(cursor.available + 1)) return undefined;
    }
  }

  #oddQuotes(from: number, to: number): boolean {
    const { bytes, start } = this.#cursor;
    let odd = false;
    for (let i = start + from; i < start + to; i++) if (bytes[i] === QUOTE) odd = !odd;
    return odd;
  }

  #tooLong(offset: number): TextRecord {
    this.#skipLine();
    return { text: '', offset, ended: true, fault: `is longer than ${MAX_LINE} bytes` };
  }

  /** Passes over a line of any length. */
  #skipLine(): void {
    const cursor = this.#cursor;
    while (!cursor.atEnd()) {
      const found = cursor.peekUpTo(MAX_LINE).indexOf(NEWLINE);
      cursor.skip(found < 0 ? Math.min(cursor.available, MAX_LINE) : found + 1);
      if (found >= 0) return;
    }
  }
}

/** The fields of a record (RFC 4180): quotes around a field, doubled within it; blanks around it do not count. */
export function splitFields(text: string, delimiter: string): string[] {
  if (!text.includes('"')) return text.split(delimiter);
  const fields: string[] = [];
  const blank = delimiter === ' ' ? '' : ' ';
  let at = 0;
  for (;;) {
    while (text[at] === blank) at++;
    if (text[at] !== '"') {
      const end = text.indexOf(delimiter, at);
      fields.push(end < 0 ? text.slice(at) : text.slice(at, end));
      if (end < 0) return fields;
      at = end + delimiter.length;
      continue;
    }
    let value = '';
    for (let from = at + 1; ;) {
      const close = text.indexOf('"', from);
      if (close < 0) {
        fields.push(value + text.slice(from));
        return fields;
      }
      value += text.slice(from, close);
      if (text[close + 1] !== '"') {
        at = close + 1;
        break;
      }
      value += '"';
      from = close + 2;
    }
    fields.push(value);
    const next = text.indexOf(delimiter, at);
    if (next < 0) return fields;
    at = next + delimiter.length;
  }
}
