/**
 * One number for an address in all segments that a thread reads: sums by address are additions at a place, and no flow is
 * hashed. The numbers of a segment's codes can be kept from one question to the next.
 *
 * IPv4 addresses are held in their order, and a segment's are looked for in theirs: two walks side by side through memory,
 * where a hash table would wait for memory at each address.
 */
import type { AddressTable } from '../model/address.ts';

/** Some 30 bytes each, and what is summed by them. */
const MAX_NUMBERS = 1 << 19;
const FIRST = 1 << 12;
const WORDS = 4;
const STRIDE = 8;
/** Codes of a segment are below it: a code and an address are one float. */
const CODES = 2 ** 21;

/** The numbers of a batch's address codes. */
export interface NumberedCodes {
  readonly numbers: AddressNumbers;
  readonly ofCode: Uint32Array;
}

export class AddressNumbers {
  /** 0 is "no address". */
  #count = 1;
  readonly #limit: number;
  #families = new Uint8Array(FIRST);
  #words = new Uint32Array(FIRST * WORDS);
  /** The IPv4 addresses, ascending, and their numbers. */
  #fours = new Uint32Array(FIRST);
  #foursNumbers = new Uint32Array(FIRST);
  #fourCount = 0;
  readonly #read = new Fours();
  #order = new Uint32Array(0);
  /** Open addressing: numbers of IPv6 addresses, none of which is 0. */
  #slots6 = new Uint32Array(2 * FIRST);

  constructor(limit = MAX_NUMBERS) {
    this.#limit = limit;
  }

  /** Numbers given are below it. */
  get count(): number {
    return this.#count;
  }

  /** The number of each code of a table; undefined where there are too many addresses. */
  numberAll(table: AddressTable): Uint32Array | undefined {
    if (table.count > CODES) return undefined;
    const ofCode = new Uint32Array(table.count);
    return this.#numberFours(table, ofCode) && this.#numberSixes(table, ofCode) ? ofCode : undefined;
  }

  /** 4, 6, or 0 for "no address". */
  family(number: number): number {
    return this.#families[number] ?? 0;
  }

  /** All numbers in the order of their addresses: none, IPv4, IPv6. */
  inOrder(): Uint32Array {
    if (this.#order.length === this.#count) return this.#order;
    const order = new Uint32Array(this.#count);
    order.set(this.#foursNumbers.subarray(0, this.#fourCount), 1);
    let at = this.#fourCount + 1;
    for (let number = 1; number < this.#count; number++)
      if (this.#families[number] === 6) order[at++] = number;
    order.subarray(this.#fourCount + 1).sort((a, b) => this.#compare(a, b));
    this.#order = order;
    return order;
  }

  #compare(a: number, b: number): number {
    let word = 0;
    while (word < WORDS - 1 && this.#words[a * WORDS + word] === this.#words[b * WORDS + word]) word++;
    return (this.#words[a * WORDS + word] ?? 0) - (this.#words[b * WORDS + word] ?? 0);
  }

  /** Four words, the first byte being the highest. */
  write(number: number, to: Uint32Array, at: number): void {
    for (let word = 0; word < WORDS; word++) to[at + word] = this.#words[number * WORDS + word] as number;
  }

  #numberFours(table: AddressTable, ofCode: Uint32Array): boolean {
    this.#read.read(table);
    const { addresses, codes, count } = this.#read;
    const known = this.#fours;
    const numbers = this.#foursNumbers;
    const fourCount = this.#fourCount;
    let strange = 0;
    for (let i = 0, at = 0; i < count; i++) {
      const address = addresses[i] as number;
      // In strides first: a segment has one of some ten addresses that are known.
      while (at + STRIDE < fourCount && (known[at + STRIDE] as number) < address) at += STRIDE;
      while (at < fourCount && (known[at] as number) < address) at++;
      if (at < fourCount && known[at] === address) {
        ofCode[codes[i] as number] = numbers[at] as number;
      } else strange++;
    }
    if (this.#count + strange > this.#limit) return false;
    if (strange > 0) this.#insertFours(ofCode, strange);
    return true;
  }

  /** Moves what is larger up, from the end on; ascending addresses get ascending numbers. */
  #insertFours(ofCode: Uint32Array, strange: number): void {
    this.#reserve(this.#count + strange);
    const { addresses, codes, count } = this.#read;
    const fours = this.#fours;
    const numbers = this.#foursNumbers;
    let from = this.#fourCount - 1;
    let to = this.#fourCount + strange - 1;
    let number = this.#count + strange - 1;
    for (let i = count - 1; i >= 0 && to > from; i--) {
      const code = codes[i] as number;
      if (ofCode[code] !== 0) continue;
      const address = addresses[i] as number;
      for (; from >= 0 && (fours[from] as number) > address; from--, to--) {
        fours[to] = fours[from] as number;
        numbers[to] = numbers[from] as number;
      }
      fours[to] = address;
      numbers[to--] = number;
      ofCode[code] = number;
      this.#families[number] = 4;
      this.#words[number * WORDS] = address;
      number--;
    }
    this.#fourCount += strange;
    this.#count += strange;
  }

  #numberSixes({ count, bytes, families }: AddressTable, ofCode: Uint32Array): boolean {
    const words = new Uint32Array(WORDS);
    for (let code = 1; code < count; code++) {
      if (families[code] !== 6) continue;
      for (let word = 0; word < WORDS; word++) words[word] = wordAt(bytes, code * 16 + 4 * word);
      const number = this.#numberSix(words);
      if (number === 0) return false;
      ofCode[code] = number;
    }
    return true;
  }

  #numberSix(words: Uint32Array): number {
    const mask = this.#slots6.length - 1;
    let slot = hash6(words, 0) & mask;
    for (let known = 0; (known = this.#slots6[slot] as number) !== 0; slot = (slot + 1) & mask) {
      let word = 0;
      while (word < WORDS && this.#words[known * WORDS + word] === words[word]) word++;
      if (word === WORDS) return known;
    }
    if (this.#count >= this.#limit) return 0;
    this.#reserve(this.#count + 1);
    const number = this.#count++;
    this.#families[number] = 6;
    this.#words.set(words, number * WORDS);
    this.#slots6[slot] = number;
    if (this.#slots6.length < 2 * this.#count) this.#growSixes();
    return number;
  }

  #growSixes(): void {
    const slots = new Uint32Array(2 * this.#slots6.length);
    const mask = slots.length - 1;
    for (let number = 1; number < this.#count; number++) {
      if (this.#families[number] !== 6) continue;
      let slot = hash6(this.#words, number * WORDS) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number;
    }
    this.#slots6 = slots;
  }

  #reserve(count: number): void {
    if (count <= this.#families.length) return;
    const capacity = Math.max(count, 2 * this.#families.length);
    const families = new Uint8Array(capacity);
    families.set(this.#families);
    this.#families = families;
    this.#words = enlarged(this.#words, capacity * WORDS);
    this.#fours = enlarged(this.#fours, capacity);
    this.#foursNumbers = enlarged(this.#foursNumbers, capacity);
  }
}

function enlarged(from: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(length);
  to.set(from);
  return to;
}

/** The IPv4 addresses of a table, ascending, and their codes; what was read before is overwritten by the next. */
class Fours {
  addresses = new Uint32Array(0);
  codes = new Uint32Array(0);
  count = 0;

  read({ count, bytes, families }: AddressTable): void {
    if (this.codes.length < count) {
      this.addresses = new Uint32Array(count);
      this.codes = new Uint32Array(count);
    }
    const { addresses, codes } = this;
    let found = 0;
    let before = 0;
    let ordered = true;
    for (let code = 1; code < count; code++) {
      if (families[code] !== 4) continue;
      const address = wordAt(bytes, code * 16);
      if (address < before) ordered = false;
      before = address;
      addresses[found] = address;
      codes[found++] = code;
    }
    this.count = found;
    if (!ordered) this.#order();
  }

  #order(): void {
    const { addresses, codes, count } = this;
    const keys = new Float64Array(count);
    for (let i = 0; i < count; i++) keys[i] = (addresses[i] as number) * CODES + (codes[i] as number);
    keys.sort();
    for (let i = 0; i < count; i++) {
      const key = keys[i] as number;
      const address = Math.floor(key / CODES);
      addresses[i] = address;
      codes[i] = key - address * CODES;
    }
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

/** MurmurHash3's finisher over each word. */
function hash6(words: Uint32Array, at: number): number {
  let h = 0;
  for (let word = 0; word < WORDS; word++) {
    h ^= words[at + word] as number;
    h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
    h ^= h >>> 16;
  }
  return h;
}
