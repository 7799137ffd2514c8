/**
 * What a thread sums of hosts: a segment's flows by the segment's own codes, then by the numbers that addresses have in
 * the thread (address-numbers.ts), where sums are additions at a place. Where addresses have no numbers (several sites,
 * too many addresses) and in further passes, by keys in a table.
 */
import type { AddressNumbers, NumberedCodes } from './address-numbers.ts';
import type { CodedColumn } from './coded-column.ts';
import type { KernelHelp, SelectedRows } from './kernel.ts';
import { CountryCounter, type CountryPartial } from './report-countries.ts';
import { KeySums, type KeysSoFar, type KeyTable } from './report-keys.ts';
import { CodeSums, COUNTS } from './report-sums.ts';
import { KeyFields } from './top.ts';
import { hashWords, type WordTableData } from './word-table.ts';

/** Sums of a host: all its flows, then its unanswered openings, then the mark of its country. */
export const OPENINGS = COUNTS;
const COUNTRY = 2 * COUNTS;
const STRIDE = COUNTRY + 1;
export const HOSTS = { stride: STRIDE, mark: COUNTRY } as const;

/** Sums that are asked of memory at once. */
const FETCHED = 64;

/** A key: family, site, four words of the address. */
const KEY_WORDS = 6;

export interface HostPartial {
  readonly tables: readonly KeyTable[];
  /** Null in further passes, and without a database of places. */
  readonly countries: CountryPartial | null;
}

export interface HostOptions {
  readonly maxKeys: number;
  /** What the passes before settled; absent in the first. */
  readonly before: KeysSoFar | undefined;
}

export class HostSums {
  readonly #keys: KeySums;
  readonly #countries: CountryCounter | undefined;
  readonly #first: boolean;
  /** The key is the address and nothing else. */
  readonly #plain: boolean;
  #numbered: NumberedHosts | undefined;
  readonly #sums = new CodeSums();
  readonly #openings = new CodeSums();

  constructor(help: KernelHelp, { maxKeys, before }: HostOptions) {
    const fields = new KeyFields(['ip'], help);
    this.#keys = new KeySums(fields, { ...HOSTS, maxKeys }, before);
    this.#plain = fields.addressColumn('source') !== undefined;
    this.#first = before === undefined;
    if (help.countryOf) this.#countries = new CountryCounter(help.countryOf);
  }

  /** Reads what it needs of the batch; what it returns takes the rows in, `openings` being those of unanswered ones. */
  bind(selected: SelectedRows): (rows: Uint32Array, openings: Uint32Array) => void {
    const source = this.#keys.bind(selected, 'source');
    const destination = this.#keys.bind(selected, 'destination');
    const { packetDeltaCount: packets, octetDeltaCount: bytes } = selected.batch.columns;
    const numbered = this.#first && this.#plain ? selected.numbered?.() : undefined;
    return (rows, openings) => {
      this.#sums.clear(source.size);
      this.#sums.addEnds(source.codes, destination.codes, rows, packets, bytes);
      this.#openings.clear(source.size);
      this.#openings.add(source, openings, packets, bytes);
      this.#countries?.begin(source.size);
      if (numbered) {
        this.#numbered ??= new NumberedHosts(numbered.numbers, this.#countries);
        this.#numbered.add(numbered, this.#sums.values, this.#openings.values);
      } else this.#addKeys(source);
      if (this.#first) this.#countries?.addWithin(source.codes, destination.codes, rows, packets, bytes);
    };
  }

  finish(): HostPartial {
    const numbered = this.#numbered?.finish();
    const keys = this.#keys.finish();
    const tables = [
      ...(numbered ? [{ table: numbered, texts: [''] }] : []),
      ...(keys.table.count > 0 || !numbered ? [keys] : []),
    ];
    const countries = this.#countries;
    if (!countries) return { tables, countries: null };
    for (const { table } of tables) {
      const { sums } = table;
      for (let at = COUNTRY; at < sums.length; at += STRIDE) sums[at] = countries.packed(sums[at] as number);
    }
    return { tables, countries: this.#first ? countries.finish() : null };
  }

  /** By keys; the country of an address is looked up where it is new here. */
  #addKeys(column: CodedColumn): void {
    const keys = this.#keys;
    const countries = this.#countries;
    const counts = this.#sums.values;
    const openings = this.#openings.values;
    const found = keys.locate(column, counts);
    const { sums, codes, entries, words, width } = keys;
    for (let i = 0; i < found; i++) {
      const entry = entries[i] as number;
      const code = codes[i] as number;
      if (entry >= 0) {
        addCounts(sums, entry * STRIDE, counts, code * COUNTS);
        addCounts(sums, entry * STRIDE + OPENINGS, openings, code * COUNTS);
      }
      if (!countries || (entry < 0 && !this.#first)) continue;
      let country = entry < 0 ? 0 : (sums[entry * STRIDE + COUNTRY] as number);
      if (country === 0) {
        country = countries.lookUp(words, i * width);
        if (entry >= 0) sums[entry * STRIDE + COUNTRY] = country;
      }
      if (!this.#first) continue;
      countries.setCode(code, country);
      countries.addAddress(country, counts, code * COUNTS);
    }
  }
}

/** Sums of a number: its flows, packets and bytes, then the mark of its country. All of it is on one line of the cache. */
const HELD = 4;
const MARK = 3;

/** By the numbers of addresses. What few of them have lies apart: the sums of all are as close together as can be. */
class NumberedHosts {
  readonly #numbers: AddressNumbers;
  readonly #countries: CountryCounter | undefined;
  readonly #words = new Uint32Array(KEY_WORDS);
  #sums = new Float64Array(0);
  #openings = new Float64Array(0);
  /** Of no meaning: see `#fetch`. */
  fetched = 0;

  constructor(numbers: AddressNumbers, countries: CountryCounter | undefined) {
    this.#numbers = numbers;
    this.#countries = countries;
  }

  /** Takes the sums of a segment over, with the country of each address, which is looked up where it is new here. */
  add({ ofCode }: NumberedCodes, counts: Float64Array, openings: Float64Array): void {
    this.#reserve();
    const sums = this.#sums;
    const countries = this.#countries;
    let asked = 0;
    for (let code = 0; code < ofCode.length; code++) {
      if (code === asked) asked = this.#fetch(ofCode, code, openings);
      const from = code * COUNTS;
      if (counts[from] === 0) continue;
      const number = ofCode[code] as number;
      const at = number * HELD;
      addCounts(sums, at, counts, from);
      if (openings[from] !== 0) addCounts(this.#openings, number * COUNTS, openings, from);
      if (!countries) continue;
      let country = sums[at + MARK] as number;
      if (country === 0) sums[at + MARK] = country = this.#lookUp(countries, number);
      countries.setCode(code, country);
    }
  }

  /**
   * Reads the sums of the next addresses in a loop too short to wait for any of them: they lie anywhere in memory, and
   * come from there at the same time instead of one after the other. Returns the code after the last.
   */
  #fetch(ofCode: Uint32Array, code: number, openings: Float64Array): number {
    const sums = this.#sums;
    const own = this.#openings;
    const end = Math.min(code + FETCHED, ofCode.length);
    let read = 0;
    for (let at = code; at < end; at++) {
      const number = ofCode[at] as number;
      read += sums[number * HELD] as number;
      if (openings[at * COUNTS] !== 0) read += own[number * COUNTS] as number;
    }
    // What is read must have a use, or the loop would be left out.
    this.fetched = read;
    return end;
  }

  /** The keys ascend. Counts for the countries what their addresses sent and received, too. */
  finish(): WordTableData {
    const numbers = this.#numbers;
    const held = this.#sums;
    // Numbers that were given after the last segment was added have no sums.
    const seen = numbers.inOrder().filter((number) => (held[number * HELD] ?? 0) > 0);
    const words = new Uint32Array(seen.length * KEY_WORDS);
    const sums = new Float64Array(seen.length * STRIDE);
    const hashes = new Uint32Array(seen.length);
    for (let i = 0; i < seen.length; i++) {
      const number = seen[i] as number;
      this.#writeKey(number, words, i * KEY_WORDS);
      hashes[i] = hashWords(words, i * KEY_WORDS, KEY_WORDS);
      const from = number * HELD;
      const country = held[from + MARK] as number;
      this.#countries?.addAddress(country, held, from);
      const at = i * STRIDE;
      addCounts(sums, at, held, from);
      addCounts(sums, at + OPENINGS, this.#openings, number * COUNTS);
      sums[at + COUNTRY] = country;
    }
    return { part: { prefix: 0, bits: 0 }, count: seen.length, words, sums, hashes, ordered: true };
  }

  #writeKey(number: number, to: Uint32Array, at: number): void {
    to[at] = this.#numbers.family(number);
    this.#numbers.write(number, to, at + 2);
  }

  #lookUp(countries: CountryCounter, number: number): number {
    this.#writeKey(number, this.#words, 0);
    return countries.lookUp(this.#words, 0);
  }

  #reserve(): void {
    const { count } = this.#numbers;
    const held = this.#sums.length / HELD;
    if (count <= held) return;
    const capacity = Math.max(count, 2 * held);
    this.#sums = enlarged(this.#sums, capacity * HELD);
    this.#openings = enlarged(this.#openings, capacity * COUNTS);
  }
}

function enlarged(from: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(length);
  to.set(from);
  return to;
}

function addCounts(to: Float64Array, at: number, counts: Float64Array, from: number): void {
  to[at] = (to[at] as number) + (counts[from] as number);
  to[at + 1] = (to[at + 1] as number) + (counts[from + 1] as number);
  to[at + 2] = (to[at + 2] as number) + (counts[from + 2] as number);
}
