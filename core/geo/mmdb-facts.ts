/**
 * What a record of a database says, whoever made it. Three shapes are read: MaxMind's nested records (GeoLite2, GeoIP2,
 * DB-IP, IP2Location), the flat ones of ip-location-db, and the flat ones of IPinfo.
 */

export interface GeoFacts {
  /** ISO 3166-1 alpha-2. */
  readonly country?: string | undefined;
  readonly region?: string | undefined;
  readonly city?: string | undefined;
  readonly latitude?: number | undefined;
  readonly longitude?: number | undefined;
  readonly accuracyRadiusKm?: number | undefined;
  readonly asn?: number | undefined;
  readonly asOwner?: string | undefined;
}

/** Longer texts are no name of a place or a company. */
const MAX_TEXT = 200;

/** Takes what is well-formed and passes over the rest. */
export function factsOf(record: unknown): GeoFacts {
  const read = new Reading(record);
  const country =
    read.text('country', 'iso_code') ??
    read.text('country_code') ??
    read.text('country') ??
    read.text('registered_country', 'iso_code');
  const latitude = read.number('location', 'latitude') ?? read.number('latitude') ?? read.number('lat');
  const longitude = read.number('location', 'longitude') ?? read.number('longitude') ?? read.number('lng');
  const onEarth =
    latitude !== undefined &&
    longitude !== undefined &&
    Math.abs(latitude) <= 90 &&
    Math.abs(longitude) <= 180 &&
    // What some databases write where they know nothing.
    (latitude !== 0 || longitude !== 0);
  const radius = read.number('location', 'accuracy_radius');
  return {
    country: country !== undefined && /^[A-Z]{2}$/.test(country) ? country : undefined,
    region: read.text('subdivisions', 0, 'names', 'en') ?? read.text('state1') ?? read.text('region'),
    city: read.text('city', 'names', 'en') ?? read.text('city'),
    latitude: onEarth ? latitude : undefined,
    longitude: onEarth ? longitude : undefined,
    accuracyRadiusKm: onEarth && radius !== undefined && radius > 0 ? radius : undefined,
    asn: asnOf(read),
    asOwner:
      read.text('autonomous_system_organization') ??
      read.text('traits', 'autonomous_system_organization') ??
      read.text('as_name'),
  };
}

function asnOf(read: Reading): number | undefined {
  const text = /^AS(\d{1,10})$/.exec(read.text('asn') ?? '')?.[1];
  const asn =
    read.number('autonomous_system_number') ??
    read.number('traits', 'autonomous_system_number') ??
    (text === undefined ? undefined : Number(text));
  return asn !== undefined && Number.isInteger(asn) && asn > 0 && asn <= 0xffff_ffff ? asn : undefined;
}

/** Members of a record that may be anything. */
class Reading {
  readonly #record: unknown;

  constructor(record: unknown) {
    this.#record = record;
  }

  /** Undefined where the member is absent, empty or of another type. */
  text(...path: readonly (string | number)[]): string | undefined {
    const value = this.#at(path);
    return typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT) : undefined;
  }

  number(...path: readonly (string | number)[]): number | undefined {
    const value = this.#at(path);
    const number = typeof value === 'string' && value !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
  }

  #at(path: readonly (string | number)[]): unknown {
    let value = this.#record;
    for (const step of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
      value = (value as Readonly<Record<string | number, unknown>>)[step];
    }
    return value;
  }
}
