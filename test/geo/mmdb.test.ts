/** MMDB files: what their records say, whoever made them, and bytes that are not what they say they are. */
import { describe, expect, it } from 'vitest';
import { GeoDatabase } from '../../core/geo/database.ts';
import type { GeoFacts } from '../../core/geo/mmdb-facts.ts';
import { MmdbFile } from '../../core/geo/mmdb.ts';
import { parseAddress } from '../../core/model/address.ts';
import { control, encode, mmdb, pointerTo, type MmdbValue } from '../build/mmdb.ts';
import { addressOf } from './made-places.ts';

const known = (facts: GeoFacts | undefined): GeoFacts =>
  Object.fromEntries(Object.entries(facts ?? {}).filter(([, value]) => value !== undefined));

const city = mmdb({
  type: 'GeoLite2-City',
  built: '2026-10-20',
  entries: {
    '46.4.0.0/16': {
      country: { iso_code: 'DE', names: { en: 'Germany' } },
      subdivisions: [{ iso_code: 'SN', names: { en: 'Saxony' } }],
      city: { names: { en: 'Falkenstein' } },
      location: { latitude: 50.475, longitude: 12.365, accuracy_radius: 20 },
    },
    '2a01:4f8::/32': { country: { iso_code: 'DE' } },
  },
});

describe('an MMDB file', () => {
  it("is read in MaxMind's shape, with its accuracy radius", () => {
    const file = new MmdbFile(city);
    expect(file).toMatchObject({ type: 'GeoLite2-City', kind: 'city', built: '2026-10-20' });
    expect(known(file.facts(addressOf('46.4.20.11')))).toEqual({
      country: 'DE',
      region: 'Saxony',
      city: 'Falkenstein',
      latitude: 50.475,
      longitude: 12.365,
      accuracyRadiusKm: 20,
    });
  });

  it('says nothing of an address that it does not hold', () => {
    expect(new MmdbFile(city).facts(addressOf('198.51.100.1'))).toBeUndefined();
  });

  it('is read in the flat shape of ip-location-db, which has no accuracy radius', () => {
    const record = {
      country_code: 'KR',
      state1: 'Seoul',
      city: 'Jung-gu',
      latitude: 37.56,
      longitude: 126.99,
    };
    const file = new MmdbFile(mmdb({ type: 'city ipv4', ipVersion: 4, entries: { '1.11.0.0/16': record } }));
    expect(known(file.facts(addressOf('1.11.2.3')))).toEqual({
      country: 'KR',
      region: 'Seoul',
      city: 'Jung-gu',
      latitude: 37.56,
      longitude: 126.99,
    });
  });

  it.each<[string, MmdbValue, string]>([
    ["MaxMind's shape", { country: { iso_code: 'DE' }, registered_country: { iso_code: 'US' } }, 'DE'],
    ['the flat shape', { city: 'Seoul', country_code: 'KR', country: 'DE' }, 'KR'],
    ["IPinfo's shape", { asn: 'AS1', country: 'PL' }, 'PL'],
    ['a record of which only the registration is known', { registered_country: { iso_code: 'GR' } }, 'GR'],
    ['an empty code before another one', { country: { iso_code: '' }, country_code: 'BG' }, 'BG'],
    ['a name instead of a code', { country: 'Germany' }, ''],
    ['a code in small letters', { country: { iso_code: 'de' } }, ''],
    ['a number', { country_code: 276 }, ''],
    ['a country further down', { registered: { country_code: 'DE' } }, ''],
    ['a list', [{ country_code: 'DE' }], ''],
    ['a text alone', 'DE', ''],
  ])('has the same country in its facts and by itself: %s', (_, record, country) => {
    const file = new MmdbFile(mmdb({ type: 'city', ipVersion: 4, entries: { '1.0.0.0/8': record } }));
    expect(file.facts(addressOf('1.2.3.4'))?.country ?? '').toBe(country);
    expect(file.country(addressOf('1.2.3.4'))).toBe(country);
  });

  it('follows pointers to its texts and maps for the country', () => {
    // { "country": -> { -> "iso_code": -> "DE" } }, from the end of the record on.
    const parts = [encode('DE'), encode('iso_code')];
    const inner = Buffer.concat([control(7, 1), pointerTo(31), pointerTo(28)]);
    const outer = Buffer.concat([control(7, 1), encode('country'), pointerTo(40)]);
    const record = Buffer.concat([outer, Buffer.alloc(28 - outer.length), ...parts, inner]);
    const file = new MmdbFile(mmdb({ type: 'city', ipVersion: 4, entries: { '1.0.0.0/8': record } }));
    expect(file.facts(addressOf('1.2.3.4'))?.country).toBe('DE');
    expect(file.country(addressOf('1.2.3.4'))).toBe('DE');
  });

  it('is read for autonomous systems, in the shapes of MaxMind and IPinfo', () => {
    const maxmind = {
      autonomous_system_number: 24940,
      autonomous_system_organization: 'Hetzner Online GmbH',
    };
    const asn = new MmdbFile(mmdb({ type: 'GeoLite2-ASN', entries: { '46.4.0.0/16': maxmind } }));
    expect(known(asn.facts(addressOf('46.4.0.1')))).toEqual({ asn: 24940, asOwner: 'Hetzner Online GmbH' });
    const ipinfo = { asn: 'AS24940', as_name: 'Hetzner Online GmbH', country: 'DE' };
    const both = new MmdbFile(mmdb({ type: 'ipinfo lite', entries: { '46.4.0.0/16': ipinfo } }));
    expect(known(both.facts(addressOf('46.4.0.1')))).toEqual({
      asn: 24940,
      asOwner: 'Hetzner Online GmbH',
      country: 'DE',
    });
  });

  it.each([
    ['GeoLite2-City', 'city'],
    ['GeoIP2-Enterprise', 'city'],
    ['DBIP-City-Lite', 'city'],
    ['IP2LITE-DB11', 'city'],
    ['GeoLite2-Country', 'country'],
    ['DBIP-Country-Lite', 'country'],
    ['DBIP-Location-Country', 'country'],
    ['GeoLite2-ASN', 'asn'],
    ['DBIP-ASN-Lite (compat=GeoLite2-ASN)', 'asn'],
    ['GeoIP2-ISP', 'asn'],
  ])('of the type %s tells: %s', (type, kind) => {
    expect(new MmdbFile(mmdb({ type, entries: { '1.0.0.0/8': { x: 1 } } })).kind).toBe(kind);
  });

  it('of another type is refused by its name', () => {
    const bytes = mmdb({ type: 'GeoIP2-Anonymous-IP', entries: { '1.0.0.0/8': { is_anonymous: true } } });
    expect(() => new MmdbFile(bytes)).toThrow('"GeoIP2-Anonymous-IP"');
  });

  it('of IPv4 is not asked for IPv6 addresses, whose first bits would find a wrong record in it', () => {
    const record = { country_code: 'CN' };
    const bytes = mmdb({ type: 'country ipv4', ipVersion: 4, entries: { '42.1.0.0/16': record } });
    // 2a01:... begins with the bytes 42 and 1.
    expect(new MmdbFile(bytes).facts(addressOf('2a01:4f8::1'))).toBeUndefined();
    expect(known(new MmdbFile(bytes).facts(addressOf('42.1.4.248')))).toEqual({ country: 'CN' });
  });

  it('tells neighbours in one /24 apart where it has them apart', () => {
    const entries = { '5.5.5.0/25': { country_code: 'FR' }, '5.5.5.128/25': { country_code: 'IT' } };
    const file = new MmdbFile(mmdb({ type: 'country ipv4', ipVersion: 4, entries }));
    expect(['5.5.5.1', '5.5.5.200', '5.5.5.2'].map((text) => file.facts(addressOf(text))?.country)).toEqual([
      'FR',
      'IT',
      'FR',
    ]);
  });

  it('is passed over in what is not well-formed: coordinates off the globe, a country of three letters', () => {
    const record = { country_code: 'DEU', latitude: 91, longitude: 12, city: '', asn: 'AS99999999999' };
    const file = new MmdbFile(mmdb({ type: 'city', entries: { '5.0.0.0/8': record } }));
    expect(known(file.facts(addressOf('5.1.1.1')))).toEqual({});
  });
});

describe('a database of two files', () => {
  it('asks each file for its own family', () => {
    const four = mmdb({
      type: 'country ipv4',
      ipVersion: 4,
      entries: { '42.1.0.0/16': { country_code: 'CN' } },
    });
    const six = mmdb({ type: 'country ipv6', entries: { '2a01::/16': { country_code: 'DE' } } });
    const database = new GeoDatabase({
      files: [
        { path: 'four', bytes: four, family: 4 },
        { path: 'six', bytes: six, family: 6 },
      ],
    });
    expect(database.facts(addressOf('2a01:4f8::1'))?.country).toBe('DE');
    expect(database.facts(addressOf('42.1.0.1'))?.country).toBe('CN');
    expect(database.info.families).toEqual([4, 6]);
  });

  it('is as old as its oldest file', () => {
    const of = (built: string): { path: string; bytes: Buffer } => ({
      path: built,
      bytes: mmdb({ type: 'country', built, entries: { '1.0.0.0/8': { country_code: 'AU' } } }),
    });
    expect(new GeoDatabase({ files: [of('2026-06-05'), of('2026-01-02')] }).info.date).toBe('2026-01-02');
  });
});

describe('hostile bytes', () => {
  /** A file whose only record, for all of IPv4, is these bytes. */
  const holding = (record: Buffer): MmdbFile =>
    new MmdbFile(mmdb({ type: 'city', ipVersion: 4, entries: { '0.0.0.0/1': record } }));

  const answerOf = (file: MmdbFile): unknown => file.facts(addressOf('1.2.3.4'));

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('not a database, but long enough to look into it'.repeat(100))],
    ['the marker alone', Buffer.from('abcdef4d61784d696e642e636f6d', 'hex')],
    ['a map that ends in the middle', Buffer.from('abcdef4d61784d696e642e636f6de3', 'hex')],
  ])('are refused: %s', (_, bytes) => {
    expect(() => new MmdbFile(bytes)).toThrow(/^it is |^a record of it is /);
  });

  it.each([
    [{ node_count: 4_000_000_000 }, 'its size is not what it says'],
    [{ node_count: 0 }, 'its size is not what it says'],
    [{ record_size: 25 }, 'it is damaged'],
    [{ ip_version: 5 }, 'it is of no known IP version'],
    [{ node_count: 'many' }, 'its size is not what it says'],
  ])('are refused where the metadata say %j', (metadata, message) => {
    expect(() => new MmdbFile(mmdb({ type: 'city', entries: { '1.0.0.0/8': { a: 1 } }, metadata }))).toThrow(
      message,
    );
  });

  it('with a pointer to itself are counted as a fault, and answered by nothing', () => {
    const file = holding(pointerTo(0));
    expect(answerOf(file)).toBeUndefined();
    expect(file.faults).toBe(1);
  });

  it('with lists of lists that would be a thousand million values are counted as a fault', () => {
    // Each level is a list of 28 pointers to the level before.
    const levels: Buffer[] = [encode('x')];
    let offset = 5;
    for (let level = 0; level < 8; level++) {
      const before = offset;
      offset += levels.at(-1)?.length ?? 0;
      levels.push(Buffer.concat([control(11, 28), ...Array.from({ length: 28 }, () => pointerTo(before))]));
    }
    const file = holding(Buffer.concat([pointerTo(offset), ...levels]));
    expect(answerOf(file)).toBeUndefined();
    expect(file.faults).toBe(1);
  });

  it.each([
    ['a list of 16 million', control(11, 16_000_000)],
    ['a map of 16 million', control(7, 16_000_000)],
    ['a text of 16 million bytes', control(2, 16_000_000)],
    ['lists in lists, each said to be long', Buffer.alloc(50_000, control(11, 16_000_000))],
    ['a type that there is not', Buffer.from([0, 200])],
    ['a number of 17 bytes', Buffer.concat([control(10, 17), Buffer.alloc(17)])],
    ['a float of three bytes', Buffer.concat([control(15, 3), Buffer.alloc(3)])],
    ['levels without end', Buffer.alloc(10_000, control(11, 1))],
  ])('with %s are counted as a fault', (_, record) => {
    const file = holding(record);
    expect(answerOf(file)).toBeUndefined();
    expect(file.faults).toBe(1);
    const asked = holding(record);
    expect(asked.country(addressOf('1.2.3.4'))).toBe('');
    expect(asked.faults).toBe(1);
  });

  it('with a map whose key is __proto__ change nothing but that record', () => {
    const file = holding(encode({ ['__proto__']: { country_code: 'XX' }, country_code: 'DE' }));
    expect(known(file.facts(addressOf('1.2.3.4')))).toEqual({ country: 'DE' });
    expect('country_code' in {}).toBe(false);
  });

  it('cut off anywhere are refused, or answered by the same or by nothing', () => {
    const whole = known(new MmdbFile(city).facts(addressOf('46.4.20.11')));
    for (let length = 0; length < city.length; length++) {
      const start = city.subarray(city.length - length);
      for (const bytes of [city.subarray(0, length), start]) {
        let facts: GeoFacts | undefined;
        try {
          facts = new MmdbFile(bytes).facts(addressOf('46.4.20.11'));
        } catch (error) {
          expect(String(error)).toMatch(/it is|its size|a record of it/);
          continue;
        }
        if (facts && bytes === city.subarray(0, length)) expect(known(facts)).toEqual(whole);
      }
    }
  });

  it('with one byte changed never throw anything but a refusal', () => {
    for (let at = 0; at < city.length; at++) {
      for (const value of [0, 0x2f, 0xff]) {
        const bytes = Buffer.from(city);
        bytes[at] = value;
        let file: MmdbFile;
        try {
          file = new MmdbFile(bytes);
        } catch (error) {
          expect((error as Error).constructor.name).toBe('MmdbFault');
          continue;
        }
        for (const text of ['46.4.20.11', '2a01:4f8::1', '255.255.255.255']) {
          const address = parseAddress(text) ?? new Uint8Array(4);
          const country = file.facts(address)?.country ?? '';
          // Without decoding the record it is the same.
          expect(file.country(address)).toBe(country);
        }
      }
    }
  });
});
