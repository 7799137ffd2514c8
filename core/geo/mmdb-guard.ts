/**
 * Looks over a record of an MMDB file before it is decoded (MaxMind DB file format, version 2.0).
 *
 * The file is whatever a person chose. Its records are small, but the format lets pointers go in circles, lists hold each
 * other a thousandfold and sizes promise more than there is; a decoder that believes them takes all memory. A record
 * that passes here visits at most MAX_VALUES values in at most MAX_DEPTH levels, all within the file.
 */

const MAX_VALUES = 4096;
const MAX_DEPTH = 32;
/** Of all texts and numbers of one record. */
const MAX_PAYLOAD = 1 << 20;

/** Where the file's own account of itself begins, and how near to the end it has to. */
const MARKER = [0xab, 0xcd, 0xef, ...Array.from('MaxMind.com', (char) => char.charCodeAt(0))];
const METADATA_WITHIN = 131_072;

/** A file that is no MMDB, or is damaged. */
export class MmdbFault extends Error {}

const POINTER = 1;
const TEXT = 2;
const MAP = 7;
const ARRAY = 11;
const BOOLEAN = 14;
/** Most bytes of the types that have a payload, by the number of the type. */
const payloads: Readonly<Record<number, number>> = {
  2: MAX_PAYLOAD,
  3: 8,
  4: MAX_PAYLOAD,
  5: 2,
  6: 4,
  8: 4,
  9: 8,
  10: 16,
  15: 4,
};

/** Where a record has the country; the second is its code itself. */
const countryKeys = ['country', 'country_code', 'registered_country'];
const CODE_LETTERS = 2;

/** What is added to the value of a pointer, by its size. */
const pointerBases = [0, 2048, 526_336, 0];

/** Offset after the last metadata marker. Throws MmdbFault where there is none. */
export function findMetadata(bytes: Uint8Array): number {
  const least = Math.max(0, bytes.length - METADATA_WITHIN);
  for (let at = bytes.length - MARKER.length; at >= least; at--) {
    if (MARKER.every((byte, i) => bytes[at + i] === byte)) return at + MARKER.length;
  }
  throw new MmdbFault('it is no MMDB file, or its end is missing');
}

/** Throws MmdbFault where the value at `offset` cannot be decoded safely; pointers count from `base`. */
export function checkValue(bytes: Uint8Array, offset: number, base: number): void {
  new Check(bytes, base).value(offset, 0);
}

/**
 * The ISO code of the country in the record at `offset`, by the rules of `factsOf`, without decoding the record; empty
 * where it has none. Throws MmdbFault as `checkValue` does.
 */
export function countryAt(bytes: Uint8Array, offset: number, base: number): string {
  const text = (at: number): string => (at < 0 ? '' : new Check(bytes, base).text(at));
  const membersAt = (at: number, keys: readonly string[]): Int32Array =>
    at < 0 ? new Int32Array(keys.length).fill(-1) : new Check(bytes, base).members(at, keys);
  const within = (at: number): string => text(membersAt(at, ['iso_code'])[0] ?? -1);
  const [country = -1, flat = -1, registered = -1] = membersAt(offset, countryKeys);
  const code = within(country) || text(flat) || text(country) || within(registered);
  return /^[A-Z]{2}$/.test(code) ? code : '';
}

interface Header {
  readonly type: number;
  readonly size: number;
  /** Where what the value holds begins. */
  readonly next: number;
}

class Check {
  readonly #bytes: Uint8Array;
  readonly #base: number;
  #values = 0;
  #payload = 0;

  constructor(bytes: Uint8Array, base: number) {
    this.#bytes = bytes;
    this.#base = base;
  }

  /** Returns where the value ends. */
  value(offset: number, depth: number): number {
    if (depth > MAX_DEPTH || ++this.#values > MAX_VALUES) throw endless();
    const control = this.#byte(offset);
    if (control >> 5 === POINTER) {
      const { target, next } = this.#pointed(control, offset + 1);
      this.value(target, depth + 1);
      return next;
    }
    const { type, size, next } = this.#header(offset);
    if (type === MAP) return this.#list(next, size * 2, depth);
    if (type === ARRAY) return this.#list(next, size, depth);
    if (type === BOOLEAN) return next;
    const most = payloads[type];
    const fixed = type === 3 || type === 15;
    if (most === undefined || size > most || (fixed && size !== most)) throw broken();
    this.#payload += size;
    if (this.#payload > MAX_PAYLOAD || next + size > this.#bytes.length) throw broken();
    return next + size;
  }

  /** Where the values of a map are that have these keys, -1 for none. All of the map is looked over. */
  members(offset: number, keys: readonly string[]): Int32Array {
    const found = new Int32Array(keys.length).fill(-1);
    const { type, size, next } = this.#header(this.#target(offset));
    if (type !== MAP) {
      this.value(offset, 0);
      return found;
    }
    for (let i = 0, at = next; i < size; i++) {
      const value = this.value(at, 1);
      const key = this.#header(this.#target(at));
      const place = keys.findIndex((name) => this.#isText(key, name));
      if (place >= 0) found[place] = value;
      at = this.value(value, 1);
    }
    return found;
  }

  /** The first letters of a text, more of which no code has; empty for what is no text. */
  text(offset: number): string {
    const { type, size, next } = this.#header(this.#target(offset));
    if (type !== TEXT) return '';
    return String.fromCharCode(...this.#bytes.subarray(next, next + Math.min(size, CODE_LETTERS + 1)));
  }

  #isText({ type, size, next }: Header, text: string): boolean {
    if (type !== TEXT || size !== text.length) return false;
    let same = 0;
    while (same < size && this.#bytes[next + same] === text.charCodeAt(same)) same++;
    return same === size;
  }

  #header(offset: number): Header {
    const control = this.#byte(offset);
    const extended = control >> 5 === 0;
    const type = extended ? this.#byte(offset + 1) + 7 : control >> 5;
    if (extended && type <= MAP) throw broken();
    return { type, ...this.#size(control & 0x1f, offset + (extended ? 2 : 1)) };
  }

  /** Where the value itself lies that is at `offset`, or that pointers there lead to. */
  #target(offset: number): number {
    let at = offset;
    for (let depth = 0; depth <= MAX_DEPTH; depth++) {
      const control = this.#byte(at);
      if (control >> 5 !== POINTER) return at;
      at = this.#pointed(control, at + 1).target;
    }
    throw endless();
  }

  #list(offset: number, count: number, depth: number): number {
    // Each value takes a byte: a longer list than the rest of the file is none.
    if (count > this.#bytes.length - offset) throw broken();
    let at = offset;
    for (let i = 0; i < count; i++) at = this.value(at, depth + 1);
    return at;
  }

  #pointed(control: number, offset: number): { readonly target: number; readonly next: number } {
    const size = (control >> 3) & 3;
    let target = size === 3 ? 0 : control & 7;
    for (let i = 0; i <= size; i++) target = target * 256 + this.#byte(offset + i);
    return { target: this.#base + target + (pointerBases[size] ?? 0), next: offset + size + 1 };
  }

  #size(short: number, offset: number): { readonly size: number; readonly next: number } {
    if (short < 29) return { size: short, next: offset };
    const count = short - 28;
    let size = 0;
    for (let i = 0; i < count; i++) size = size * 256 + this.#byte(offset + i);
    return { size: size + ([29, 285, 65_821][count - 1] ?? 0), next: offset + count };
  }

  #byte(offset: number): number {
    const byte = this.#bytes[offset];
    if (byte === undefined) throw broken();
    return byte;
  }
}

const endless = (): MmdbFault => new MmdbFault('a record of it is endless');
const broken = (): MmdbFault => new MmdbFault('a record of it is damaged');
