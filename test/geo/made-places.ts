/** Addresses, and databases that are made for tests. */
import { geoTables } from '../../core/app/geo/book.ts';
import { GeoDatabase } from '../../core/geo/database.ts';
import { PlaceBook } from '../../core/geo/place-book.ts';
import { parseAddress } from '../../core/model/address.ts';
import { mmdb, type MmdbContents } from '../build/mmdb.ts';

/** The bytes of an address. */
export function addressOf(text: string): Uint8Array {
  const bytes = parseAddress(text);
  if (!bytes) throw new Error(`${text} is no address`);
  return bytes;
}

/** A book over databases in the order in which they are asked, with the tables that ship. */
export function bookOf(...contents: readonly MmdbContents[]): PlaceBook {
  const databases = contents.map(
    (made) => new GeoDatabase({ files: [{ path: `/made/${made.type}.mmdb`, bytes: mmdb(made) }] }),
  );
  return new PlaceBook(databases, geoTables());
}
