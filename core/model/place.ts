/**
 * Where an address is, and who is registered for it: the words that core/geo, the contract and the screens share.
 *
 * A place is never more exact than its source: what a database does not say is absent, and no value stands in for it.
 */
import type { AnswerNotes, Counts } from './query.ts';

/**
 * `place`: coordinates from a database. `country`: nothing but the country is known. `site`: a local address, placed
 * where a person put its site. `special`: an address that is at no place (private, loopback, multicast, documentation
 * ...) or at a site that nobody placed. `anycast`: many places at once. `unknown`: no database says anything.
 */
export type PlaceKind = 'place' | 'country' | 'site' | 'special' | 'anycast' | 'unknown';

/** What an answer rests on; `credit` must be shown beside it where it is not empty. */
export interface PlaceSource {
  /** `DB-IP City Lite`, `IANA special-purpose address registry`, `set by a person` ... */
  readonly name: string;
  /** When it was built, as an ISO day; null where it does not say. */
  readonly date: string | null;
  /** SPDX name where there is one; empty where it is not known. */
  readonly licence: string;
  readonly credit: string;
  /** Where the credit has to link to. */
  readonly url: string | null;
}

/** A range of a registry of special-purpose addresses. */
export interface SpecialRange {
  /** In lower case words: `private use`, `shared address space`, `documentation`. */
  readonly name: string;
  /** `10.0.0.0/8` */
  readonly range: string;
  /** `RFC 1918` */
  readonly rfc: string;
}

export interface Place {
  /** As asked, without its site. */
  readonly address: string;
  readonly kind: PlaceKind;
  /**
   * Degrees. Of kind `place` and `site` only; of kind `country` a point within the country to draw it at, which says
   * nothing of where in the country the address is.
   */
  readonly latitude?: number;
  readonly longitude?: number;
  /** Kilometres around the coordinates; absent where the database does not say how exact it is. */
  readonly accuracyRadiusKm?: number;
  readonly city?: string;
  /** First-level division: state, province. */
  readonly region?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
  readonly countryName?: string;
  /** ISO 3166-1 numeric, three digits: the ids of the basemap's countries. */
  readonly countryNumber?: string;
  readonly asn?: number;
  /** Absent where the databases have no names of AS. */
  readonly asOwner?: string;
  readonly special?: SpecialRange;
  /** The IPv4 address within a 6to4, Teredo, NAT64 or IPv4-mapped address; country and place are then of this one. */
  readonly embedded?: string;
  /** Who serves an anycast address. */
  readonly anycast?: string;
  /** The site of a local address. */
  readonly site?: string;
  /** What the person called the site's place. */
  readonly siteLabel?: string;
  /** What the answer rests on, the place first; empty where nothing is known. */
  readonly sources: readonly PlaceSource[];
}

/** What a person says of a site. */
export interface SitePlace {
  readonly latitude: number;
  readonly longitude: number;
  readonly label?: string;
}

/** What a database tells: the place, the country alone, or the autonomous system. */
export type GeoDatabaseKind = 'city' | 'country' | 'asn';

export interface GeoDatabaseInfo extends PlaceSource {
  readonly kind: GeoDatabaseKind;
  /** The database's own name for its type, as in its metadata. */
  readonly type: string;
  readonly families: readonly (4 | 6)[];
  /** False: ships with the program. */
  readonly own: boolean;
  /** Where it lies; null where the host does not tell. */
  readonly path: string | null;
  /** It says how exact its coordinates are. */
  readonly hasAccuracy: boolean;
}

/** What places are made of here. */
export interface GeoInfo {
  /** In the order in which they are asked. */
  readonly databases: readonly GeoDatabaseInfo[];
  /** What could not be opened and what is missing, a sentence each. */
  readonly problems: readonly string[];
  /** What is to be known of the databases, a sentence each. */
  readonly notes: readonly string[];
  /** Sites that a person placed, by name. */
  readonly sites: Readonly<Record<string, SitePlace>>;
  /** Date of the tables of special ranges and of registries. */
  readonly tables: readonly PlaceSource[];
}

/** The AS numbers that exporters gave an address in flows; theirs, not a database's. */
export interface ExportedAs {
  readonly address: string;
  /** Most flows first; AS 0, which exporters send for "not known", is left out. */
  readonly numbers: readonly { readonly asn: number; readonly flows: number }[];
}

/** Which end of a flow is counted; `any`: a flow counts once in each country that it has an end in. */
export type CountrySide = 'source' | 'destination' | 'any';

export interface CountryRow extends Counts {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly countryName: string;
  readonly countryNumber: string;
  /** Distinct addresses. */
  readonly addresses: number;
}

export interface CountriesAnswer extends AnswerNotes {
  /** Most flows first. */
  readonly countries: readonly CountryRow[];
  /** Ends of flows at addresses of no country: local, special, not in the database. */
  readonly elsewhere: Counts & { readonly addresses: number };
  /** Over everything that was selected, each flow once. */
  readonly total: Counts;
  /** The databases it rests on. */
  readonly sources: readonly PlaceSource[];
}

/** What a registry says of an address or an AS number, asked because a person wanted to know. */
export interface Registration {
  /** `46.4.20.11` or `AS24940` */
  readonly query: string;
  readonly protocol: 'rdap' | 'whois';
  /** Who answered: the URL, or the server's name. */
  readonly server: string;
  /** Every server on the way, the answering one last. */
  readonly asked: readonly string[];
  /** RIPE NCC, ARIN, APNIC, LACNIC or AFRINIC; null where another one answered. */
  readonly registry: string | null;
  /** When the registry said so, epoch ms. */
  readonly fetchedMs: number;
  /** From an earlier look-up. */
  readonly cached: boolean;
  /** `46.4.0.0 - 46.4.255.255`, `AS24940`; empty where it does not say. */
  readonly range: string;
  readonly handle: string;
  /** The network's or the AS's short name. */
  readonly name: string;
  /** Who holds it. */
  readonly owner: string;
  /** ISO 3166-1 alpha-2 as the registry has it, which is the holder's and not the machine's; empty: not said. */
  readonly country: string;
  /** Addresses for reports of abuse. */
  readonly abuse: readonly string[];
  /** The holder registered it or the last change, ISO days; null where it does not say. */
  readonly registered: string | null;
  readonly changed: string | null;
  /** The answer as it came, JSON or text; shortened where it is very long. */
  readonly text: string;
  /** What went wrong on the way to this answer, a sentence each. */
  readonly notes: readonly string[];
}
