/**
 * Flows, packets, bytes and distinct addresses by country.
 *
 * The sums are taken in the first pass. The distinct addresses are exact for any number of them: a thread holds up to
 * MAX_ADDRESSES; where there are more, all threads keep the same part (word-table.ts), that part is counted, and a
 * further pass takes the next one.
 */
import type { Counts, FlowSelection } from '../model/query.ts';
import type { CountrySide } from '../model/place.ts';
import { ApiError } from '../model/api-error.ts';
import type { AddressTable } from '../model/address.ts';
import type { Accumulator, Conclusion, Kernel, KernelHelp, SelectedRows } from './kernel.ts';
import { hashWords, remainingParts, WordTable, type HashPart, type WordTableData } from './word-table.ts';

/** Some 40 bytes each while threads and their merging hold them. */
const MAX_ADDRESSES = 1 << 20;
/** Family and 16 bytes. */
const ADDRESS_WORDS = 5;
const EVERYTHING: HashPart = { prefix: 0, bits: 0 };

export interface CountriesQuestion extends FlowSelection {
  readonly side: CountrySide;
}

export interface CountryCounts extends Counts {
  /** ISO 3166-1 alpha-2; empty: no country. */
  readonly country: string;
  readonly addresses: number;
}

export interface CountrySums {
  /** Most flows first; the one without a country among them. */
  readonly rows: readonly CountryCounts[];
  /** Each flow once. */
  readonly total: Counts;
}

type MutableCounts = { -readonly [K in keyof Counts]: Counts[K] };
const noCounts = (): MutableCounts => ({ flows: 0, packets: 0, bytes: 0 });

export interface CountriesPartial {
  /** Absent in further passes. */
  readonly sums?: readonly (readonly [country: string, Counts])[];
  readonly total?: Counts;
  /** The sum of an address is the number of its country. */
  readonly addresses: WordTableData;
}

export interface CountriesCarry {
  readonly parts: readonly HashPart[];
  readonly sums: ReadonlyMap<string, Counts>;
  readonly total: Counts;
  readonly addresses: ReadonlyMap<string, number>;
}

export const countriesKernel: Kernel<CountriesQuestion, CountriesPartial, CountrySums, CountriesCarry> = {
  kinds: ['flow'],
  begin: (question, help, carry) => new CountriesAccumulator(question, help, carry),
  conclude,
};

class CountriesAccumulator implements Accumulator<CountriesPartial> {
  readonly #side: CountrySide;
  readonly #countryOf: (address: Uint8Array) => string;
  readonly #summing: boolean;
  readonly #table: WordTable;
  readonly #total = noCounts();
  readonly #numbers = new Map<string, number>();
  readonly #sums: MutableCounts[] = [];

  constructor({ side }: CountriesQuestion, { countryOf }: KernelHelp, carry: CountriesCarry | undefined) {
    if (!countryOf) {
      throw new ApiError('usage', 'Countries are not known: no database of places is installed.');
    }
    this.#side = side;
    this.#countryOf = countryOf;
    this.#summing = carry === undefined;
    this.#table = new WordTable(ADDRESS_WORDS, 1, MAX_ADDRESSES, carry?.parts[0] ?? EVERYTHING);
  }

  add({ batch, rows, scale }: SelectedRows): void {
    const { sourceAddress, destinationAddress, octetDeltaCount, packetDeltaCount } = batch.columns;
    const { addresses } = batch;
    const columns = {
      source: [sourceAddress],
      destination: [destinationAddress],
      any: [sourceAddress, destinationAddress],
    }[this.#side];
    const [first = sourceAddress, second] = columns;
    const used = new Uint8Array(addresses.count);
    const count = rows?.length ?? batch.count;
    for (let i = 0; i < count; i++) {
      const row = rows ? (rows[i] ?? 0) : i;
      used[first[row] ?? 0] = 1;
      if (second) used[second[row] ?? 0] = 1;
    }
    const countries = this.#countries(addresses, used);
    if (!this.#summing) return;
    for (let i = 0; i < count; i++) {
      const row = rows ? (rows[i] ?? 0) : i;
      const factor = scale?.[row] ?? 1;
      const packets = (packetDeltaCount[row] ?? 0) * factor;
      const bytes = (octetDeltaCount[row] ?? 0) * factor;
      addTo(this.#total, packets, bytes);
      const one = countries[first[row] ?? 0] ?? 0;
      const other = second ? (countries[second[row] ?? 0] ?? 0) : one;
      addTo(this.#sums[one], packets, bytes);
      if (other !== one) addTo(this.#sums[other], packets, bytes);
    }
  }

  finish(): CountriesPartial {
    const addresses = this.#table.finish();
    if (!this.#summing) return { addresses };
    const sums = [...this.#numbers].map(
      ([country, number]) => [country, this.#sums[number] ?? noCounts()] as const,
    );
    return { addresses, sums, total: this.#total };
  }

  /** The number of the country of each address in use; takes the addresses in. */
  #countries(addresses: AddressTable, used: Uint8Array): Uint16Array {
    const numbers = new Uint16Array(addresses.count);
    const words = new Uint32Array(ADDRESS_WORDS);
    for (let code = 0; code < addresses.count; code++) {
      if (used[code] === 0) continue;
      const family = addresses.family(code);
      const bytes = addresses.bytes.subarray(code * 16, code * 16 + (family === 4 ? 4 : 16));
      const country = family === 0 ? '' : this.#countryOf(bytes);
      numbers[code] = this.#number(country);
      if (family === 0) continue;
      words[0] = family;
      for (let word = 0; word < 4; word++) words[1 + word] = wordAt(bytes, word * 4);
      const entry = this.#table.entry(words, 0, hashWords(words, 0, ADDRESS_WORDS));
      if (entry >= 0) this.#table.sums[entry] = packCountry(country);
    }
    return numbers;
  }

  #number(country: string): number {
    let number = this.#numbers.get(country);
    if (number === undefined) {
      number = this.#sums.push(noCounts()) - 1;
      this.#numbers.set(country, number);
    }
    return number;
  }
}

function addTo(sums: MutableCounts | undefined, packets: number, bytes: number): void {
  if (!sums) return;
  sums.flows++;
  sums.packets += packets;
  sums.bytes += bytes;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  );
}

/** Two letters as a number; 0: none. */
const packCountry = (code: string): number => code.charCodeAt(0) * 256 + code.charCodeAt(1) || 0;
const unpackCountry = (packed: number): string =>
  packed === 0 ? '' : String.fromCharCode(packed >> 8, packed & 0xff);

function conclude(
  _question: CountriesQuestion,
  partials: readonly CountriesPartial[],
  _help: KernelHelp,
  carry: CountriesCarry | undefined,
): Conclusion<CountrySums, CountriesCarry> {
  const asked = carry?.parts[0] ?? EVERYTHING;
  const merged = mergeAddresses(partials, asked);
  const addresses = new Map(carry?.addresses);
  for (let entry = 0; entry < merged.count; entry++) {
    const country = unpackCountry(merged.sums[entry] ?? 0);
    addresses.set(country, (addresses.get(country) ?? 0) + 1);
  }
  const sums = carry?.sums ?? mergeSums(partials);
  const total = carry?.total ?? sumCounts(partials.flatMap((partial) => partial.total ?? []));
  const parts = [...remainingParts(asked, merged.part), ...(carry?.parts.slice(1) ?? [])];
  if (parts.length > 0) return { carry: { parts, sums, total, addresses } };
  const rows = [...sums].map(([country, counts]) => ({
    country,
    ...counts,
    addresses: addresses.get(country) ?? 0,
  }));
  rows.sort((a, b) => b.flows - a.flows || (a.country < b.country ? -1 : 1));
  return { answer: { rows, total } };
}

/** One table of all, of the narrowest part that any of them came to. */
function mergeAddresses(partials: readonly CountriesPartial[], asked: HashPart): WordTableData {
  let part = asked;
  for (const { addresses } of partials) if (addresses.part.bits > part.bits) ({ part } = addresses);
  const merged = new WordTable(ADDRESS_WORDS, 1, MAX_ADDRESSES * Math.max(1, partials.length), part);
  for (const { addresses } of partials) {
    for (let index = 0; index < addresses.count; index++) {
      const entry = merged.entry(addresses.words, index * ADDRESS_WORDS, addresses.hashes[index] ?? 0);
      if (entry >= 0) merged.sums[entry] = addresses.sums[index] ?? 0;
    }
  }
  return merged.finish();
}

function mergeSums(partials: readonly CountriesPartial[]): Map<string, Counts> {
  const merged = new Map<string, Counts>();
  for (const { sums = [] } of partials) {
    for (const [country, counts] of sums) {
      merged.set(country, sumCounts([merged.get(country) ?? noCounts(), counts]));
    }
  }
  return merged;
}

function sumCounts(all: readonly Counts[]): Counts {
  const total = noCounts();
  for (const { flows, packets, bytes } of all) {
    total.flows += flows;
    total.packets += packets;
    total.bytes += bytes;
  }
  return total;
}
