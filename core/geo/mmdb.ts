/** One MMDB file: what it is, and what it says of an address. */
import { Reader, type Response } from 'maxmind';
import { formatAddress } from '../model/address.ts';
import type { GeoDatabaseKind } from '../model/place.ts';
import { LruMap } from './lru.ts';
import { factsOf, type GeoFacts } from './mmdb-facts.ts';
import { checkValue, countryAt, findMetadata, MmdbFault } from './mmdb-guard.ts';
import { MmdbTree } from './mmdb-tree.ts';

/** Decoded records kept, by where they lie: neighbours share them. */
const MAX_RECORDS = 4096;
/**
 * Facts kept: of networks of 24 bits (IPv4) and 64 bits (IPv6) where the file tells none within them apart, else of single
 * addresses.
 */
const MAX_NETWORKS = 65_536;
const NETWORK_BITS = { 4: 24, 16: 64 } as const;
/** Records whose country is kept. */
const MAX_COUNTRIES = 524_288;

/** Between the search tree and the records. */
const SEPARATOR = 16;

interface DecodedValue {
  readonly value: unknown;
  readonly offset: number;
}

export class MmdbFile {
  /** The file's own word for what it is. */
  readonly type: string;
  readonly kind: GeoDatabaseKind;
  /** As an ISO day; null where the file gives no sound date. */
  readonly built: string | null;
  readonly families: readonly (4 | 6)[];
  readonly #reader: Reader<Response>;
  readonly #networks = new LruMap<number | string, GeoFacts>(MAX_NETWORKS);
  readonly #tree: MmdbTree;
  readonly #bytes: Uint8Array;
  /** Where the records begin, which the tree's numbers count from `#nodeCount + SEPARATOR` on. */
  readonly #records: number;
  readonly #nodeCount: number;
  readonly #countries = new LruMap<number, string>(MAX_COUNTRIES);
  #faults = 0;

  /**
   * Takes the bytes of a file; in Node a Buffer, of which nothing is copied. Throws MmdbFault, whose message says what is
   * wrong with the file ("it is no MMDB file ...").
   */
  constructor(bytes: Uint8Array) {
    const metadata = findMetadata(bytes);
    checkValue(bytes, metadata, metadata);
    let records = Number.NaN;
    const decoded = new LruMap<number, DecodedValue>(MAX_RECORDS);
    const cache = {
      get(offset: string | number): DecodedValue | undefined {
        const known = decoded.get(Number(offset));
        if (!known) checkValue(bytes, Number(offset), records);
        return known;
      },
      set: (offset: string | number, value: DecodedValue) => decoded.set(Number(offset), value),
    };
    this.#reader = openReader(bytes, cache);
    const { nodeCount, recordSize, searchTreeSize, ipVersion, databaseType, buildEpoch } =
      this.#reader.metadata;
    records = searchTreeSize + SEPARATOR;
    if (!(Number.isInteger(nodeCount) && nodeCount > 0 && records <= metadata)) {
      throw new MmdbFault('its size is not what it says');
    }
    if (ipVersion !== 4 && ipVersion !== 6) throw new MmdbFault('it is of no known IP version');
    this.#bytes = bytes;
    this.#records = records;
    this.#nodeCount = nodeCount;
    this.#tree = new MmdbTree(bytes, { nodeCount, recordSize, ipVersion });
    this.type = typeof databaseType === 'string' ? databaseType.slice(0, 200) : '';
    this.kind = kindOf(this.type);
    this.families = ipVersion === 4 ? [4] : [4, 6];
    this.built = dayOf(buildEpoch);
  }

  /** Records that were damaged. */
  get faults(): number {
    return this.#faults;
  }

  /** What is said of an address of 4 or 16 bytes; undefined: nothing, or nothing that can be read. */
  facts(address: Uint8Array): GeoFacts | undefined {
    // An IPv4 tree would answer for the first 32 bits of any IPv6 address.
    if (!this.families.includes(address.length === 4 ? 4 : 6)) return undefined;
    const network = networkOf(address);
    const known = this.#networks.get(network) ?? this.#networks.get(hostOf(address));
    if (known) return known === NOTHING ? undefined : known;
    try {
      const [record, bits] = this.#reader.getWithPrefixLength(formatAddress(address));
      const facts = record === null ? NOTHING : factsOf(record);
      const whole = bits <= NETWORK_BITS[address.length === 4 ? 4 : 16];
      this.#networks.set(whole ? network : hostOf(address), facts);
      return facts === NOTHING ? undefined : facts;
    } catch {
      this.#faults++;
      return undefined;
    }
  }

  /** The country of `facts`, for many addresses: each record is looked at once. Empty where there is none. */
  country(address: Uint8Array): string {
    if (!this.families.includes(address.length === 4 ? 4 : 6)) return '';
    const record = this.#tree.find(address);
    if (record === undefined) return '';
    let country = this.#countries.get(record);
    if (country === undefined) this.#countries.set(record, (country = this.#countryOf(record)));
    return country;
  }

  #countryOf(record: number): string {
    try {
      const offset = record - this.#nodeCount - SEPARATOR + this.#records;
      return countryAt(this.#bytes, offset, this.#records);
    } catch {
      this.#faults++;
      return '';
    }
  }
}

const NOTHING: GeoFacts = {};

function networkOf(address: Uint8Array): number | string {
  const [a = 0, b = 0, c = 0] = address;
  return address.length === 4 ? (a << 16) | (b << 8) | c : String.fromCharCode(...address.subarray(0, 8));
}

/** Never the key of a network. */
function hostOf(address: Uint8Array): number | string {
  const [a = 0, b = 0, c = 0, d = 0] = address;
  return address.length === 4
    ? 2 ** 32 + ((a << 24) | (b << 16) | (c << 8) | d)
    : String.fromCharCode(...address);
}

function openReader(bytes: Uint8Array, cache: object): Reader<Response> {
  try {
    return new Reader<Response>(bytes, { cache: cache as never });
  } catch (error) {
    throw error instanceof MmdbFault ? error : new MmdbFault('it is damaged');
  }
}

/** Throws MmdbFault for what is neither places nor autonomous systems (proxies, domains, speeds ...). */
function kindOf(type: string): GeoDatabaseKind {
  if (/asn|\bisp\b|autonomous/i.test(type)) return 'asn';
  if (/city|location|enterprise|precision|\bdb(5|9|11)\b/i.test(type) && !/-country\b/i.test(type))
    return 'city';
  if (/country|\bdb1\b|ipinfo/i.test(type)) return 'country';
  throw new MmdbFault(`it is of the type "${type}", which has neither places nor autonomous systems`);
}

function dayOf(date: Date): string | null {
  const time = date.getTime();
  return time > 0 && time < Date.UTC(2100, 0, 1) ? date.toISOString().slice(0, 10) : null;
}
