/**
 * What a person has set about places: their own databases, and where their sites stand. In a file of its own beside the
 * store, because paths of this machine are not for everyone who may keep a setting.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '../../model/api-error.ts';
import type { SitePlace } from '../../model/place.ts';

const FILE = 'places.json';
const MAX_SITES = 10_000;

/** Where a store keeps the answers of registries. */
export const lookUpFolder = (store: string): string => join(store, 'lookups');

export interface GeoSettings {
  /** Paths of MMDB files, which go before the databases that ship. */
  readonly databases: readonly string[];
  readonly sites: Readonly<Record<string, SitePlace>>;
}

/** Those of the store in `folder`; what is not well-formed is passed over. */
export function readGeoSettings(folder: string): GeoSettings {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(join(folder, FILE), 'utf8'));
  } catch {
    return { databases: [], sites: {} };
  }
  const { databases, sites } = (typeof read === 'object' && read !== null ? read : {}) as Record<
    string,
    unknown
  >;
  return {
    databases: Array.isArray(databases) ? databases.filter((path) => typeof path === 'string') : [],
    sites: Object.fromEntries(
      Object.entries(typeof sites === 'object' && sites !== null ? sites : {}).flatMap(([name, place]) => {
        const sound = sitePlaceOf(place);
        return sound ? [[name, sound]] : [];
      }),
    ),
  };
}

/** Throws ApiError `cannot-write`, and `usage` where there are too many sites. */
export function writeGeoSettings(folder: string, settings: GeoSettings): void {
  if (Object.keys(settings.sites).length > MAX_SITES) {
    throw new ApiError('usage', `More than ${MAX_SITES} sites are not placed: take some off the map first.`);
  }
  const path = join(folder, FILE);
  try {
    mkdirSync(folder, { recursive: true });
    // A crash leaves the old file or the new one.
    writeFileSync(`${path}.new`, JSON.stringify(settings, null, 2), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new ApiError('cannot-write', `The places cannot be kept in ${path} (${what}).`, { cause: error });
  }
}

function sitePlaceOf(value: unknown): SitePlace | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { latitude, longitude, label } = value as Record<string, unknown>;
  if (typeof latitude !== 'number' || !(Math.abs(latitude) <= 90)) return undefined;
  if (typeof longitude !== 'number' || !(Math.abs(longitude) <= 180)) return undefined;
  return typeof label === 'string' ? { latitude, longitude, label } : { latitude, longitude };
}
