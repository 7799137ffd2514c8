/** The databases that places come from: which file answers for an address, and who is to be credited. */
import type { GeoDatabaseInfo, GeoDatabaseKind, PlaceSource } from '../model/place.ts';
import type { GeoFacts } from './mmdb-facts.ts';
import { MmdbFile } from './mmdb.ts';

/** Who made a database; the rest of `PlaceSource` is in its files. */
export type Maker = Omit<PlaceSource, 'date'>;

/** A file as it was read. */
export interface GeoFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The family that it is asked for; absent: both, as far as it has them. */
  readonly family?: 4 | 6;
}

/** A database as it was read: one file, or one for each family. */
export interface GeoFiles {
  readonly files: readonly GeoFile[];
  /** Absent: a person's own. */
  readonly maker?: Maker;
}

/** Makers by the type that their files have. */
const makers: readonly (readonly [RegExp, (type: string) => Maker])[] = [
  [
    /^GeoLite2/,
    (name) => ({
      name,
      licence: 'GeoLite2 End User License Agreement',
      credit: 'This product includes GeoLite Data created by MaxMind.',
      url: 'https://www.maxmind.com',
    }),
  ],
  [/^GeoIP2/, (name) => ({ name, licence: 'commercial', credit: 'MaxMind', url: 'https://www.maxmind.com' })],
  [
    /^DBIP-.*Lite/,
    (name) => ({ name, licence: 'CC-BY-4.0', credit: 'IP Geolocation by DB-IP', url: 'https://db-ip.com' }),
  ],
  [/^DBIP/, (name) => ({ name, licence: 'commercial', credit: 'DB-IP', url: 'https://db-ip.com' })],
  [
    /^IP2L/i,
    (name) => ({
      name,
      licence: '',
      credit: 'This product uses data from IP2Location.',
      url: 'https://www.ip2location.com',
    }),
  ],
  [
    /^ipinfo/i,
    (name) => ({
      name,
      licence: '',
      credit: 'IP address data powered by IPinfo',
      url: 'https://ipinfo.io',
    }),
  ],
];

export class GeoDatabase {
  readonly info: GeoDatabaseInfo;
  readonly kind: GeoDatabaseKind;
  readonly #files: readonly { readonly file: MmdbFile; readonly family: 4 | 6 | undefined }[];

  /** Throws MmdbFault where a file cannot be used. */
  constructor({ files, maker }: GeoFiles) {
    this.#files = files.map(({ bytes, family }) => ({ file: new MmdbFile(bytes), family }));
    const [first] = this.#files;
    if (!first) throw new RangeError('a database has a file');
    const { type, kind } = first.file;
    const made = maker ?? makerOf(type);
    const families = this.#files.flatMap(({ file, family }) => (family ? [family] : file.families));
    this.kind = kind;
    this.info = {
      ...made,
      date: oldest(this.#files.map(({ file }) => file.built)),
      kind,
      type,
      families: [...new Set(families)],
      own: !maker,
      path: maker ? null : (files[0]?.path ?? null),
      hasAccuracy: kind === 'city' && /^Geo(Lite|IP)2/.test(type),
    };
  }

  get faults(): number {
    return this.#files.reduce((sum, { file }) => sum + file.faults, 0);
  }

  /** What is said of an address of 4 or 16 bytes. */
  facts(address: Uint8Array): GeoFacts | undefined {
    const asked = address.length === 4 ? 4 : 6;
    for (const { file, family } of this.#files) {
      const facts = family === undefined || family === asked ? file.facts(address) : undefined;
      if (facts) return facts;
    }
    return undefined;
  }

  /** The country of `facts`, empty where there is none: quick for many addresses. */
  country(address: Uint8Array): string {
    const asked = address.length === 4 ? 4 : 6;
    for (const { file, family } of this.#files) {
      const country = family === undefined || family === asked ? file.country(address) : '';
      if (country !== '') return country;
    }
    return '';
  }
}

function makerOf(type: string): Maker {
  const [, make] = makers.find(([pattern]) => pattern.test(type)) ?? [];
  return make?.(type) ?? { name: type, licence: '', credit: '', url: null };
}

function oldest(days: readonly (string | null)[]): string | null {
  return days.toSorted((a, b) => (a ?? '').localeCompare(b ?? ''))[0] ?? null;
}
