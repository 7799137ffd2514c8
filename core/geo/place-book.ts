/**
 * Addresses to places.
 *
 * The order in which a question is settled: an address that stands for another one (6to4, Teredo, NAT64, IPv4-mapped) is
 * answered by what it holds; special and anycast addresses by the registries' tables, never by a database, which would
 * name a place all the same; local ones by where a person put their site; all others by the databases, a person's own
 * first.
 */
import { formatAddress, parseAddress } from '../model/address.ts';
import type { GeoDatabaseInfo, Place, PlaceSource, SitePlace } from '../model/place.ts';
import type { Country } from './countries.ts';
import type { GeoDatabase } from './database.ts';
import { LruMap } from './lru.ts';
import type { GeoFacts } from './mmdb-facts.ts';
import type { PrefixTable } from './prefix-table.ts';
import type { SharedCountries } from './shared-countries.ts';
import { embeddedIPv4, type SpecialEntry } from './special-ranges.ts';

/** The tables that ship with the program. */
export interface GeoTables {
  readonly special: PrefixTable<SpecialEntry>;
  readonly anycast: PrefixTable<string>;
  readonly countries: ReadonlyMap<string, Country>;
}

/** Addresses whose facts are kept. */
const MAX_KNOWN = 65_536;

export const specialSource: PlaceSource = {
  name: 'IANA special-purpose address registries',
  date: '2026-11-21',
  licence: '',
  credit: 'IANA',
  url: 'https://www.iana.org/assignments/iana-ipv4-special-registry/',
};

export const anycastSource: PlaceSource = {
  name: 'well-known anycast addresses',
  date: '2026-11-21',
  licence: '',
  credit: '',
  url: null,
};

const personSource: PlaceSource = {
  name: 'set by a person',
  date: null,
  licence: '',
  credit: '',
  url: null,
};

interface Known {
  readonly facts: GeoFacts;
  readonly sources: readonly PlaceSource[];
}

export class PlaceBook {
  readonly #databases: readonly GeoDatabase[];
  readonly #tables: GeoTables;
  readonly #countries: SharedCountries | undefined;
  readonly #known = new LruMap<string, Known>(MAX_KNOWN);

  /** `databases` in the order in which they are asked; `countries` as other threads found them in the same. */
  constructor(databases: readonly GeoDatabase[], tables: GeoTables, countries?: SharedCountries) {
    this.#databases = databases;
    this.#tables = tables;
    this.#countries = countries;
  }

  get databases(): readonly GeoDatabaseInfo[] {
    return this.#databases.map(({ info }) => info);
  }

  /** Sentences on records that could not be read. */
  get faults(): readonly string[] {
    return this.#databases.flatMap(({ info, faults }) =>
      faults === 0
        ? []
        : [`${faults} records of ${info.path ?? info.name} could not be read: it is damaged.`],
    );
  }

  /** The place of an address in text; undefined where the text is none. `site`: where a local address stands. */
  place(text: string, site?: string, sites: Readonly<Record<string, SitePlace>> = {}): Place | undefined {
    const bytes = parseAddress(text);
    if (!bytes) return undefined;
    const address = formatAddress(bytes);
    const entry = this.#tables.special.find(bytes);
    const embedded = entry && embeddedIPv4(entry, bytes);
    if (entry && embedded) {
      // What it holds may be special in turn, but holds no further address: it is IPv4.
      const within = this.place(embedded.text, site, sites);
      return {
        ...(within ?? { kind: 'unknown', sources: [] }),
        address,
        embedded: embedded.text,
        special: within?.special ?? entry.range,
      };
    }
    if (entry?.nature === 'local') return this.#local(address, entry, site, sites);
    const special = entry && { special: entry.range };
    if (entry?.nature === 'special')
      return { address, kind: 'special', ...special, sources: [specialSource] };
    const operator = entry?.nature === 'anycast' ? entry.range.name : this.#tables.anycast.find(bytes);
    if (operator !== undefined) {
      const { asn, asOwner, sources: others } = this.#system(bytes);
      const sources = [entry ? specialSource : anycastSource, ...others];
      return compact({ address, kind: 'anycast', anycast: operator, asn, asOwner, ...special, sources });
    }
    return this.#public(address, bytes);
  }

  /** ISO 3166-1 alpha-2 of an address of 4 or 16 bytes; empty where it is in no country or in an unknown one. */
  countryOf(bytes: Uint8Array): string {
    if (bytes.length !== 4 || !this.#countries) return this.#countryOf(bytes);
    const known = this.#countries.get(bytes);
    if (known !== undefined) return known;
    const country = this.#countryOf(bytes);
    this.#countries.set(bytes, country);
    return country;
  }

  #countryOf(bytes: Uint8Array): string {
    const entry = this.#tables.special.find(bytes);
    const embedded = entry && embeddedIPv4(entry, bytes);
    if (embedded) return this.countryOf(embedded.bytes);
    if (entry || this.#tables.anycast.find(bytes) !== undefined) return '';
    for (const database of this.#databases) {
      const country = database.country(bytes);
      if (country !== '') return country;
    }
    return '';
  }

  #local(
    address: string,
    { range }: SpecialEntry,
    site: string | undefined,
    sites: Readonly<Record<string, SitePlace>>,
  ): Place {
    const placed = site !== undefined && Object.hasOwn(sites, site) ? sites[site] : undefined;
    const common = { address, special: range, site };
    if (!placed) return compact({ ...common, kind: 'special', sources: [specialSource] });
    const { latitude, longitude, label } = placed;
    const sources = [personSource, specialSource];
    return compact({ ...common, kind: 'site', latitude, longitude, siteLabel: label, sources });
  }

  #public(address: string, bytes: Uint8Array): Place {
    const { facts, sources } = this.#facts(bytes);
    const { country: code, latitude, longitude } = facts;
    const country = code === undefined ? undefined : this.#tables.countries.get(code);
    const at = latitude === undefined || longitude === undefined ? undefined : { latitude, longitude };
    const named = {
      address,
      country: code,
      countryName: country?.name,
      countryNumber: country?.number === '' ? undefined : country?.number,
      asn: facts.asn,
      asOwner: facts.asOwner,
      sources,
    };
    if (at) {
      const { region, city, accuracyRadiusKm } = facts;
      return compact({ ...named, kind: 'place', ...at, region, city, accuracyRadiusKm });
    }
    if (code === undefined) return compact({ ...named, kind: 'unknown' });
    const middle = country && { latitude: country.latitude, longitude: country.longitude };
    return compact({ ...named, kind: 'country', ...middle });
  }

  #facts(bytes: Uint8Array): Known {
    const key = keyOf(bytes);
    const known = this.#known.get(key);
    if (known) return known;
    const made = this.#combine(bytes);
    this.#known.set(key, made);
    return made;
  }

  /**
   * The place is of one database: the first that has a country. Coordinates that it lacks are taken from a later one
   * which agrees on the country.
   */
  #combine(bytes: Uint8Array): Known {
    const answers = [...this.#answers(bytes)];
    const first = answers.find(({ facts }) => facts.country !== undefined || facts.latitude !== undefined);
    const exact =
      first?.facts.latitude === undefined
        ? answers.find(({ facts }) => facts.latitude !== undefined && facts.country === first?.facts.country)
        : first;
    const { asn, asOwner, sources } = this.#system(bytes, answers);
    const placed = exact ?? first;
    const facts = { ...placed?.facts, country: first?.facts.country, asn, asOwner };
    const used = [first, exact].flatMap((answer) => (answer ? [sourceOf(answer.info)] : []));
    return { facts, sources: unique([...used, ...sources]) };
  }

  #system(
    bytes: Uint8Array,
    answers: Iterable<{ readonly facts: GeoFacts; readonly info: GeoDatabaseInfo }> = this.#answers(bytes),
  ): Pick<GeoFacts, 'asn' | 'asOwner'> & { readonly sources: readonly PlaceSource[] } {
    for (const { facts, info } of answers) {
      const { asn, asOwner } = facts;
      if (asn !== undefined) return { asn, asOwner, sources: [sourceOf(info)] };
    }
    return { sources: [] };
  }

  *#answers(bytes: Uint8Array): Generator<{ readonly facts: GeoFacts; readonly info: GeoDatabaseInfo }> {
    for (const database of this.#databases) {
      const facts = database.facts(bytes);
      if (facts) yield { facts, info: database.info };
    }
  }
}

const keyOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

const sourceOf = ({ name, date, licence, credit, url }: GeoDatabaseInfo): PlaceSource => ({
  name,
  date,
  licence,
  credit,
  url,
});

function unique(sources: readonly PlaceSource[]): readonly PlaceSource[] {
  return sources.filter((source, i) => sources.findIndex(({ name }) => name === source.name) === i);
}

type Loose = { readonly [K in keyof Place]: Place[K] | undefined } & Pick<
  Place,
  'address' | 'kind' | 'sources'
>;

/** Without the members that are there and undefined. */
function compact(place: Loose): Place {
  return Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined)) as never;
}
