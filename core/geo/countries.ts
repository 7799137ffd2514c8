/** Countries by their ISO 3166-1 alpha-2 codes: number, name, and a point to draw them at. */
import { readLines } from './special-ranges.ts';

export interface Country {
  readonly code: string;
  /** ISO 3166-1 numeric, three digits; empty for a code that ISO has not assigned (XK). */
  readonly number: string;
  /** In English, from Unicode CLDR. */
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
}

/** Reads resources/geo/countries.tsv. */
export function parseCountries(text: string): ReadonlyMap<string, Country> {
  const names = new Intl.DisplayNames(['en'], { type: 'region' });
  return new Map(
    readLines(text).map(([code = '', number = '', latitude = '', longitude = '']) => [
      code,
      {
        code,
        number,
        name: names.of(code) ?? code,
        latitude: Number(latitude),
        longitude: Number(longitude),
      },
    ]),
  );
}
