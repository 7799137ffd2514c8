/** The book of places of a thread, made of what was read. */
import { parseCountries } from '../../geo/countries.ts';
import { GeoDatabase } from '../../geo/database.ts';
import { PlaceBook, type GeoTables } from '../../geo/place-book.ts';
import { SharedCountries } from '../../geo/shared-countries.ts';
import { parseAnycast, parseSpecialRanges } from '../../geo/special-ranges.ts';
import type { ReadDatabases } from './files.ts';
import { resourceText } from '../resources.ts';

const textOf = (name: string): string => resourceText(`geo/${name}`);

let tables: GeoTables | undefined;

/** The tables of resources/geo, read once. */
export function geoTables(): GeoTables {
  tables ??= {
    special: parseSpecialRanges(textOf('special.tsv')),
    anycast: parseAnycast(textOf('anycast.tsv')),
    countries: parseCountries(textOf('countries.tsv')),
  };
  return tables;
}

let last: { readonly key: string; readonly book: PlaceBook } | undefined;

/** The book over these databases; the same one while they are the same. */
export function placeBook({ key, databases, countries }: ReadDatabases): PlaceBook {
  if (last?.key !== key) {
    // The bytes that came from another thread are plain arrays; the reader wants Buffers.
    const opened = databases.map(
      ({ files, ...rest }) =>
        new GeoDatabase({ ...rest, files: files.map((file) => ({ ...file, bytes: bufferOf(file.bytes) })) }),
    );
    last = { key, book: new PlaceBook(opened, geoTables(), new SharedCountries(countries)) };
  }
  return last.book;
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
