/** Reads the value that follows a field or an element. */
import { parseAddress } from '../model/address.ts';
import type { AddressValue, FilterValue, NumberValue } from './ast.ts';
import type { Cursor } from './cursor.ts';
import type { ValueGrammar } from './fields.ts';
import { numberOf, type Lexeme } from './lexer.ts';
import { flagLetters } from './names.ts';

const MAX_U64 = 2n ** 64n - 1n;

/** Reads one value. `alone`: not in a list, where the two words of a network with a netmask would be two values. */
export function readValue(cursor: Cursor, grammar: ValueGrammar, alone: boolean): FilterValue {
  switch (grammar.kind) {
    case 'number':
      return readNumber(cursor, grammar);
    case 'address':
      return readAddress(cursor, grammar.what);
    case 'net':
      return readNet(cursor, grammar.what, alone);
    case 'mac':
      return readMac(cursor, grammar.what);
    case 'flags':
      return readFlags(cursor, grammar.what);
    default:
      return readText(cursor, grammar.kind === 'text' ? grammar.what : 'a value');
  }
}

export function numberValue(exact: bigint): NumberValue {
  return { kind: 'number', value: Number(exact), exact };
}

function readNumber(cursor: Cursor, grammar: ValueGrammar & { kind: 'number' }): FilterValue {
  const lexeme = cursor.peek();
  const { names, most } = grammar;
  cursor.expect({ text: grammar.what, kind: 'description', hint: '' });
  if (lexeme.kind === 'number') {
    const exact = numberOf(lexeme.text);
    if (exact > most) cursor.refuse(`Expected ${grammar.what}, which is at most ${most}`, lexeme);
    cursor.advance('value');
    return numberValue(exact);
  }
  const named = lexeme.kind === 'word' ? names?.get(lexeme.text.toLowerCase()) : undefined;
  if (named === undefined) {
    for (const [name, value] of names ?? []) {
      cursor.expect({ text: name, kind: 'value', hint: `${value}`, quiet: true });
    }
    return cursor.fail();
  }
  cursor.advance('value');
  return numberValue(BigInt(named));
}

function readAddress(cursor: Cursor, what: string): AddressValue {
  const lexeme = cursor.peek();
  cursor.expect({ text: what, kind: 'description', hint: '' });
  if (lexeme.kind !== 'word' && lexeme.kind !== 'number') cursor.fail();
  const bytes = parseAddress(lexeme.text);
  if (!bytes) return refuseAddress(cursor, lexeme, what);
  cursor.advance('value');
  if (cursor.peek().text !== '/')
    return { kind: 'address', bytes, mask: prefixMask(bytes.length, bytes.length * 8) };
  return readPrefix(cursor, bytes, bytes.length * 8);
}

function refuseAddress(cursor: Cursor, lexeme: Lexeme, what: string): never {
  if (/^[\d.]+$/.test(lexeme.text)) {
    cursor.refuse(`Expected ${what}; an IPv4 address has four numbers up to 255`, lexeme);
  }
  if (lexeme.text.includes(':')) cursor.refuse(`Expected ${what}; this is not a whole IPv6 address`, lexeme);
  return cursor.refuse(
    `Expected ${what}; a host name is not looked up, because that would tell a name server of it: write its address`,
    lexeme,
  );
}

/** A network: `10.0.0.0/8`, `10/8`, `2001:db8::/32`, `10.0.0.0 255.0.0.0`. */
function readNet(cursor: Cursor, what: string, alone: boolean): AddressValue {
  const lexeme = cursor.peek();
  cursor.expect({ text: what, kind: 'description', hint: '' });
  if (lexeme.kind !== 'word' && lexeme.kind !== 'number') cursor.fail();
  const parts = /^\d{1,3}(\.\d{1,3}){0,2}$/.test(lexeme.text) ? lexeme.text.split('.') : undefined;
  const full = parts ? [...parts, '0', '0', '0'].slice(0, 4).join('.') : lexeme.text;
  const bytes = parseAddress(full);
  if (!bytes) return refuseAddress(cursor, lexeme, what);
  cursor.advance('value');
  if (cursor.peek().text !== '/' && alone && !parts && bytes.length === 4) {
    const mask = parseAddress(cursor.peek().text);
    if (mask?.length === 4) {
      cursor.advance('value');
      return { kind: 'address', bytes: bytes.map((byte, i) => byte & (mask[i] ?? 0)), mask };
    }
    cursor.expect({ text: 'a netmask such as 255.255.0.0', kind: 'description', hint: '' });
  }
  cursor.expect({ text: '/', kind: 'bracket', hint: 'and a prefix length' });
  if (cursor.peek().text !== '/') cursor.fail();
  return readPrefix(cursor, bytes, (parts?.length ?? bytes.length) * 8);
}

function readPrefix(cursor: Cursor, bytes: Uint8Array, most: number): AddressValue {
  cursor.advance('value');
  const lexeme = cursor.peek();
  const what = `a prefix length up to ${most}`;
  cursor.expect({ text: what, kind: 'description', hint: '' });
  if (lexeme.kind !== 'number') cursor.fail();
  const bits = numberOf(lexeme.text);
  if (bits > BigInt(most)) cursor.refuse(`Expected ${what}`, lexeme);
  cursor.advance('value');
  const mask = prefixMask(bytes.length, Number(bits));
  return { kind: 'address', bytes: bytes.map((byte, i) => byte & (mask[i] ?? 0)), mask };
}

function prefixMask(length: number, bits: number): Uint8Array {
  const whole = (i: number): number => Math.max(0, Math.min(8, bits - 8 * i));
  return Uint8Array.from({ length }, (_, i) => (0xff00 >> whole(i)) & 0xff);
}

function readMac(cursor: Cursor, what: string): FilterValue {
  const lexeme = cursor.peek();
  cursor.expect({ text: what, kind: 'description', hint: '' });
  if (lexeme.kind !== 'word') cursor.fail();
  if (!/^[\da-f]{1,2}([:-][\da-f]{1,2}){5}$/i.test(lexeme.text)) cursor.refuse(`Expected ${what}`, lexeme);
  cursor.advance('value');
  const octets = lexeme.text.toLowerCase().split(/[:-]/);
  return { kind: 'text', text: octets.map((octet) => octet.padStart(2, '0')).join(':') };
}

function readFlags(cursor: Cursor, what: string): FilterValue {
  const lexeme = cursor.peek();
  cursor.expect({ text: what, kind: 'description', hint: '' });
  for (const letter of flagLetters.keys()) {
    cursor.expect({ text: letter, kind: 'value', hint: 'TCP flag', quiet: true });
  }
  if (lexeme.kind === 'number') {
    const exact = numberOf(lexeme.text);
    if (exact > 255n) cursor.refuse('Expected TCP flags, which are at most 255 as a number', lexeme);
    cursor.advance('value');
    return numberValue(exact);
  }
  if (lexeme.kind !== 'word') cursor.fail();
  const letters = lexeme.text.toUpperCase().split('');
  if (letters.some((letter) => !flagLetters.has(letter)) || new Set(letters).size < letters.length) {
    cursor.refuse(`Expected ${what}, each letter once`, lexeme);
  }
  cursor.advance('value');
  return { kind: 'text', text: letters.join('') };
}

function readText(cursor: Cursor, what: string): FilterValue {
  const lexeme = cursor.peek();
  cursor.expect({ text: what, kind: 'description', hint: '' });
  if (!['word', 'number', 'quoted'].includes(lexeme.kind)) cursor.fail();
  cursor.advance('value');
  return { kind: 'text', text: unquoted(lexeme) };
}

function unquoted({ kind, text }: Lexeme): string {
  return kind === 'quoted' ? text.slice(1, -1) : text;
}

/** The value of an element, whose type the filter does not know: a number, an address or network, or a text. */
export function readElementValue(cursor: Cursor): FilterValue {
  const lexeme = cursor.peek();
  cursor.expect({ text: 'a number, an address or a text in quotes', kind: 'description', hint: '' });
  if (lexeme.kind === 'number') {
    const exact = numberOf(lexeme.text);
    if (exact > MAX_U64) cursor.refuse(`Expected a number up to ${MAX_U64}`, lexeme);
    cursor.advance('value');
    return numberValue(exact);
  }
  if (lexeme.kind === 'word' && /^-?\d+(\.\d+)?$/.test(lexeme.text)) {
    cursor.advance('value');
    const exact = lexeme.text.includes('.') ? undefined : BigInt(lexeme.text);
    return { kind: 'number', value: Number(lexeme.text), exact };
  }
  if (lexeme.kind === 'word' && parseAddress(lexeme.text)) return readAddress(cursor, 'an address');
  return readText(cursor, 'a number, an address or a text in quotes');
}
