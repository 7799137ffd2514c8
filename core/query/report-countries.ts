/** Sums by country from what is known of each address: a flow with both ends in one country counts there once. */
import type { Counts } from '../model/query.ts';
import { CodeSums, COUNTS } from './report-sums.ts';
import type { WordTableData } from './word-table.ts';

/** A country between threads: 1 is none, else its two letters. */
const NONE = 1;
const packCountry = (code: string): number =>
  code.length === 2 ? code.charCodeAt(0) * 256 + code.charCodeAt(1) : NONE;
const unpackCountry = (packed: number): string =>
  packed <= NONE ? '' : String.fromCharCode(packed >> 8, packed & 0xff);

export interface CountryCounts extends Counts {
  /** ISO 3166-1 alpha-2; empty: no country. */
  readonly country: string;
  readonly addresses: number;
}

export type CountryPartial = readonly (readonly [
  packed: number,
  flows: number,
  packets: number,
  bytes: number,
])[];

export class CountryCounter {
  readonly #countryOf: (address: Uint8Array) => string;
  /** By packed country. */
  readonly #numbers = new Map<number, number>();
  /** By number; 0 is for what was not looked up. */
  readonly #packed: number[] = [0];
  #sums = new Float64Array(0);
  readonly #within = new CodeSums();
  /** The country's number of each code of the segment. */
  #ofCode = new Uint16Array(0);

  constructor(countryOf: (address: Uint8Array) => string) {
    this.#countryOf = countryOf;
  }

  /** The number, from 1, of the country of a key of six words: family, site, address. */
  lookUp(words: Uint32Array, at: number): number {
    const family = words[at] ?? 0;
    if (family === 0) return this.#numberOf(NONE);
    const bytes = new Uint8Array(family === 4 ? 4 : 16);
    for (let i = 0; i < bytes.length; i++) bytes[i] = (words[at + 2 + (i >> 2)] ?? 0) >>> (24 - 8 * (i & 3));
    return this.#numberOf(packCountry(this.#countryOf(bytes)));
  }

  /** From here on codes are of another segment, below `size`. */
  begin(size: number): void {
    if (this.#ofCode.length < size) this.#ofCode = new Uint16Array(size);
  }

  /** The country of a code of the segment, which `addWithin` looks at. */
  setCode(code: number, number: number): void {
    this.#ofCode[code] = number;
  }

  /** Counts for country `number` what an address sent and received: the three counts from `from` on. */
  addAddress(number: number, counts: Float64Array, from: number): void {
    const sums = this.#sums;
    const at = number * COUNTS;
    sums[at] = (sums[at] as number) + (counts[from] as number);
    sums[at + 1] = (sums[at + 1] as number) + (counts[from + 1] as number);
    sums[at + 2] = (sums[at + 2] as number) + (counts[from + 2] as number);
  }

  /** Takes off again what both ends of a flow counted for the same country. */
  addWithin(
    sources: ArrayLike<number>,
    destinations: ArrayLike<number>,
    rows: Uint32Array,
    packets: Float64Array,
    bytes: Float64Array,
  ): void {
    this.#within.clear(this.#packed.length);
    const sums = this.#within.values;
    const ofCode = this.#ofCode;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const country = ofCode[sources[row] as number] as number;
      if (country !== ofCode[destinations[row] as number]) continue;
      const at = country * COUNTS;
      sums[at] = (sums[at] as number) + 1;
      sums[at + 1] = (sums[at + 1] as number) + (packets[row] as number);
      sums[at + 2] = (sums[at + 2] as number) + (bytes[row] as number);
    }
    for (let at = 0; at < this.#packed.length * COUNTS; at++) {
      this.#sums[at] = (this.#sums[at] ?? 0) - (sums[at] ?? 0);
    }
  }

  finish(): CountryPartial {
    return this.#packed.slice(1).map((packed, i) => {
      const [flows = 0, packets = 0, bytes = 0] = this.#sums.subarray((i + 1) * COUNTS);
      return [packed, flows, packets, bytes];
    });
  }

  /** What another thread understands of the number beside an address; 0 stays 0. */
  packed(number: number): number {
    return this.#packed[number] ?? 0;
  }

  #numberOf(packed: number): number {
    let number = this.#numbers.get(packed);
    if (number === undefined) {
      number = this.#packed.push(packed) - 1;
      this.#numbers.set(packed, number);
      if (this.#sums.length < this.#packed.length * COUNTS) {
        const sums = new Float64Array(this.#packed.length * 2 * COUNTS);
        sums.set(this.#sums);
        this.#sums = sums;
      }
    }
    return number;
  }
}

/** Distinct addresses of each packed country, from the marks beside the keys; those of no country are not counted. */
export function countAddresses(
  { count, sums }: WordTableData,
  { stride, mark }: { readonly stride: number; readonly mark: number },
  before: ReadonlyMap<number, number> | undefined,
): Map<number, number> {
  const addresses = new Map(before);
  const found = new Uint32Array(1 << 16);
  for (let index = 0; index < count; index++) {
    const packed = sums[index * stride + mark] as number;
    if (packed > NONE) found[packed] = (found[packed] as number) + 1;
  }
  for (const [packed, number] of found.entries()) {
    if (number > 0) addresses.set(packed, (addresses.get(packed) ?? 0) + number);
  }
  return addresses;
}

/** Most flows first. */
export function concludeCountries(
  sums: ReadonlyMap<number, Counts>,
  addresses: ReadonlyMap<number, number>,
): CountryCounts[] {
  return Array.from(sums, ([packed, counts]) => ({
    country: unpackCountry(packed),
    ...counts,
    addresses: addresses.get(packed) ?? 0,
  }))
    .filter(({ flows }) => flows > 0)
    .toSorted((a, b) => b.flows - a.flows || (a.country < b.country ? -1 : 1));
}

export function mergeCountries(partials: readonly CountryPartial[]): Map<number, Counts> {
  const merged = new Map<number, Counts>();
  for (const [packed, flows, packets, bytes] of partials.flat()) {
    const known = merged.get(packed) ?? { flows: 0, packets: 0, bytes: 0 };
    merged.set(packed, {
      flows: known.flows + flows,
      packets: known.packets + packets,
      bytes: known.bytes + bytes,
    });
  }
  return merged;
}
