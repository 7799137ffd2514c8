/** Places of addresses, as a store's settings have them. */
import { basename } from 'node:path';
import { anycastSource, specialSource } from '../../geo/place-book.ts';
import { ApiError } from '../../model/api-error.ts';
import type { GeoInfo, Place } from '../../model/place.ts';
import { placeBook } from './book.ts';
import { readDatabases } from './files.ts';
import type { GeoSettings } from './settings.ts';

/** Where registries' tables in resources/geo/rdap are from. */
const bootstrapSource = {
  name: 'IANA RDAP bootstrap tables',
  date: '2026-11-21',
  licence: '',
  credit: 'IANA',
  url: 'https://data.iana.org/rdap/',
};

/**
 * The places of addresses, in their order. An address may be followed by `@SITE`; local ones that name no site are at
 * `site`. Rejects with ApiError `usage` for what is no address.
 */
export async function placesOf(
  settings: GeoSettings,
  addresses: readonly string[],
  site: string | undefined,
): Promise<Place[]> {
  const book = placeBook(await readDatabases(settings.databases));
  return addresses.map((text) => {
    const at = text.indexOf('@');
    const place = book.place(
      at < 0 ? text : text.slice(0, at),
      at < 0 ? site : text.slice(at + 1),
      settings.sites,
    );
    if (!place) throw new ApiError('usage', `"${text}" is no address: write 46.4.20.11 or 2a01:4f8::1.`);
    return place;
  });
}

/** `showPaths`: false where whoever asks is not told where files of this machine lie. */
export async function geoInfo(settings: GeoSettings, showPaths: boolean): Promise<GeoInfo> {
  const read = await readDatabases(settings.databases);
  const book = placeBook(read);
  const shown = (sentence: string): string =>
    showPaths
      ? sentence
      : settings.databases.reduce((text, path) => text.replaceAll(path, basename(path)), sentence);
  return {
    databases: book.databases.map((info) => (showPaths ? info : { ...info, path: null })),
    problems: [...read.problems, ...book.faults].map(shown),
    notes: read.notes,
    sites: settings.sites,
    tables: [specialSource, anycastSource, bootstrapSource],
  };
}
