/** Addresses to places: which source settles a question, and what is said of addresses that are nowhere. */
import { describe, expect, it } from 'vitest';
import { LruMap } from '../../core/geo/lru.ts';
import { parsePrefix, PrefixTable } from '../../core/geo/prefix-table.ts';
import { addressOf, bookOf } from './made-places.ts';

const cityDatabase = {
  type: 'DBIP-City-Lite',
  entries: {
    '46.4.0.0/16': {
      country: { iso_code: 'DE' },
      city: { names: { en: 'Falkenstein' } },
      location: { latitude: 50.475, longitude: 12.365 },
    },
    '10.0.0.0/8': { country: { iso_code: 'US' }, location: { latitude: 1, longitude: 1 } },
    '8.8.8.0/24': { country: { iso_code: 'US' }, location: { latitude: 37, longitude: -122 } },
    '2a01:4f8::/32': { country: { iso_code: 'DE' } },
  },
};
const asnDatabase = {
  type: 'GeoLite2-ASN',
  entries: {
    '46.4.0.0/16': { autonomous_system_number: 24940, autonomous_system_organization: 'Hetzner Online GmbH' },
    '8.8.8.0/24': { autonomous_system_number: 15169, autonomous_system_organization: 'GOOGLE' },
  },
};
const book = bookOf(cityDatabase, asnDatabase);

describe('a public address', () => {
  it('is placed with city, country, coordinates and AS, each from the database that has it', () => {
    const place = book.place('46.4.20.11');
    expect(place).toMatchObject({
      kind: 'place',
      city: 'Falkenstein',
      country: 'DE',
      countryName: 'Germany',
      countryNumber: '276',
      latitude: 50.475,
      longitude: 12.365,
      asn: 24940,
      asOwner: 'Hetzner Online GmbH',
    });
    expect(place?.sources).toEqual([
      {
        name: 'DBIP-City-Lite',
        date: '2026-11-01',
        licence: 'CC-BY-4.0',
        credit: 'IP Geolocation by DB-IP',
        url: 'https://db-ip.com',
      },
      expect.objectContaining({ name: 'GeoLite2-ASN', credit: expect.stringContaining('MaxMind') }),
    ]);
  });

  it('has no accuracy radius where the database has none', () => {
    expect(book.place('46.4.20.11')).not.toHaveProperty('accuracyRadiusKm');
  });

  it('of which the country alone is known is of the kind country, with a point to draw the country at', () => {
    const place = book.place('2a01:4f8::1');
    expect(place).toMatchObject({ kind: 'country', country: 'DE' });
    expect(place?.latitude).toBeGreaterThan(47);
    expect(place?.latitude).toBeLessThan(55);
  });

  it('that no database holds is unknown, and rests on nothing', () => {
    expect(book.place('93.184.216.34')).toEqual({ address: '93.184.216.34', kind: 'unknown', sources: [] });
  });

  it("is placed by the first database that has a country: a person's own goes before", () => {
    const own = {
      type: 'GeoLite2-City',
      entries: {
        '46.4.0.0/16': {
          country: { iso_code: 'AT' },
          location: { latitude: 48.2, longitude: 16.4, accuracy_radius: 50 },
        },
      },
    };
    expect(bookOf(own, cityDatabase).place('46.4.20.11')).toMatchObject({
      country: 'AT',
      latitude: 48.2,
      accuracyRadiusKm: 50,
    });
  });

  it('takes coordinates from a later database only where it agrees on the country', () => {
    const agreeing = {
      type: 'GeoLite2-Country',
      entries: { '46.4.0.0/16': { country: { iso_code: 'DE' } } },
    };
    const differing = {
      type: 'GeoLite2-Country',
      entries: { '46.4.0.0/16': { country: { iso_code: 'AT' } } },
    };
    const agreed = bookOf(agreeing, cityDatabase).place('46.4.20.11');
    expect(agreed).toMatchObject({ kind: 'place', country: 'DE', city: 'Falkenstein' });
    expect(agreed?.sources.map(({ name }) => name)).toEqual(['GeoLite2-Country', 'DBIP-City-Lite']);
    const differed = bookOf(differing, cityDatabase).place('46.4.20.11');
    expect(differed).toMatchObject({ kind: 'country', country: 'AT' });
    expect(differed).not.toHaveProperty('city');
  });

  it('is written as RFC 5952 has it, whatever was asked', () => {
    expect(book.place('2A01:04F8:0:0:0:0:0:1')?.address).toBe('2a01:4f8::1');
  });

  it('that is none has no place', () => {
    expect(book.place('46.4.20')).toBeUndefined();
  });
});

describe('a local address', () => {
  const sites = { Seoul: { latitude: 37.5, longitude: 127, label: 'Gateway' } };

  it('is placed at its site, never by a database', () => {
    expect(book.place('10.1.2.3', 'Seoul', sites)).toMatchObject({
      kind: 'site',
      latitude: 37.5,
      longitude: 127,
      site: 'Seoul',
      siteLabel: 'Gateway',
      special: { name: 'private use', range: '10.0.0.0/8', rfc: 'RFC 1918' },
    });
  });

  it('at a site that nobody placed is named as what it is, without coordinates', () => {
    const place = book.place('10.1.2.3', 'Busan', sites);
    expect(place).toMatchObject({ kind: 'special', site: 'Busan', special: { rfc: 'RFC 1918' } });
    expect(place).not.toHaveProperty('latitude');
    expect(place).not.toHaveProperty('country');
  });

  it('at a site of the name of a built-in member is not placed by that member', () => {
    expect(book.place('10.1.2.3', 'constructor', sites)?.kind).toBe('special');
  });
});

describe('special ranges', () => {
  it.each([
    ['0.0.0.0', 'this host on this network', 'RFC 1122'],
    ['0.1.2.3', 'this network', 'RFC 791'],
    ['100.64.0.1', 'shared address space', 'RFC 6598'],
    ['127.8.9.1', 'loopback', 'RFC 1122'],
    ['169.254.1.1', 'link local', 'RFC 3927'],
    ['172.16.0.1', 'private use', 'RFC 1918'],
    ['172.31.255.255', 'private use', 'RFC 1918'],
    ['192.0.2.7', 'documentation', 'RFC 5737'],
    ['198.18.5.5', 'benchmarking', 'RFC 2544'],
    ['198.19.5.5', 'benchmarking', 'RFC 2544'],
    ['224.0.0.251', 'multicast', 'RFC 5771'],
    ['239.255.255.250', 'multicast', 'RFC 5771'],
    ['240.0.0.1', 'reserved', 'RFC 1112'],
    ['255.255.255.255', 'limited broadcast', 'RFC 919'],
    ['::', 'unspecified', 'RFC 4291'],
    ['::1', 'loopback', 'RFC 4291'],
    ['fe80::1', 'link local', 'RFC 4291'],
    ['fd00::1', 'unique local', 'RFC 4193'],
    ['ff02::1', 'multicast', 'RFC 4291'],
    ['2001:db8::1', 'documentation', 'RFC 3849'],
    ['3fff::1', 'documentation', 'RFC 9637'],
    ['2001:2::1', 'benchmarking', 'RFC 5180'],
    ['2001:20::1', 'ORCHIDv2', 'RFC 7343'],
    ['100::1', 'discard only', 'RFC 6666'],
  ])('%s is %s (%s)', (address, name, rfc) => {
    expect(book.place(address)).toMatchObject({ kind: 'special', special: { name, rfc } });
  });

  it.each(['172.15.255.255', '172.32.0.0', '100.63.255.255', '100.128.0.0', '198.20.0.0', '223.255.255.255'])(
    '%s, beside one, is none',
    (address) => {
      expect(book.place(address)?.kind).toBe('unknown');
    },
  );
});

describe('an address that holds an IPv4 address', () => {
  it.each([
    // RFC 3056: 2002:V4ADDR::/48.
    ['6to4', '2002:2e04:140b::1', '46.4.20.11'],
    // RFC 4380: 46.4.20.11 with each bit inverted is d1fb:ebf4.
    ['Teredo', '2001:0:4136:e378:8000:63bf:d1fb:ebf4', '46.4.20.11'],
    ['IPv4-IPv6 translation', '64:ff9b::2e04:140b', '46.4.20.11'],
    ['IPv4-mapped', '::ffff:46.4.20.11', '46.4.20.11'],
  ])('of %s is placed by it', (name, address, embedded) => {
    expect(book.place(address)).toMatchObject({ kind: 'place', embedded, country: 'DE', special: { name } });
    expect(book.countryOf(addressOf(address))).toBe('DE');
  });

  it('that is private is at its site', () => {
    const sites = { Seoul: { latitude: 37.5, longitude: 127 } };
    expect(book.place('64:ff9b::a00:1', 'Seoul', sites)).toMatchObject({
      kind: 'site',
      embedded: '10.0.0.1',
      special: { name: 'private use' },
    });
  });
});

describe('an anycast address', () => {
  it('is at no single place, though databases name one, and keeps its AS', () => {
    const place = book.place('8.8.8.8');
    expect(place).toMatchObject({ kind: 'anycast', anycast: 'Google Public DNS', asn: 15169 });
    expect(place).not.toHaveProperty('latitude');
    expect(place).not.toHaveProperty('country');
    expect(book.countryOf(addressOf('8.8.8.8'))).toBe('');
  });

  it.each([
    ['193.0.14.129', 'root server K (RIPE NCC)'],
    ['2001:7fd::1', 'root server K (RIPE NCC)'],
    ['9.9.9.9', 'Quad9'],
    ['192.88.99.1', '6to4 relay anycast, withdrawn'],
  ])('%s is %s', (address, operator) => {
    expect(book.place(address)).toMatchObject({ kind: 'anycast', anycast: operator });
  });
});

describe('the country of an address', () => {
  it('is empty for local and special ones, and for those that no database holds', () => {
    const countries = ['10.1.2.3', '224.0.0.1', '93.184.216.34'].map((text) =>
      book.countryOf(addressOf(text)),
    );
    expect(countries).toEqual(['', '', '']);
  });
});

describe('a table of prefixes', () => {
  it('finds the longest that covers an address, within its family', () => {
    const ranges = ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3/32', '::/0'];
    const table = new PrefixTable(
      ranges.map((value) => ({ prefix: parsePrefix(value) ?? { bytes: new Uint8Array(4), bits: 0 }, value })),
    );
    expect(
      ['10.1.2.3', '10.1.2.4', '10.2.0.0', '11.0.0.0', 'a00::'].map((text) => table.find(addressOf(text))),
    ).toEqual(['10.1.2.3/32', '10.1.0.0/16', '10.0.0.0/8', undefined, '::/0']);
  });

  it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0/8', '::/129', '10.0.0.0/-1', ''])(
    'has no place for "%s"',
    (text) => {
      expect(parsePrefix(text)).toBeUndefined();
    },
  );
});

describe('a bounded map', () => {
  it('forgets what was asked for least recently, and never holds more than it may', () => {
    const map = new LruMap<number, number>(8);
    for (let key = 0; key < 100; key++) {
      map.set(key, key);
      expect(map.get(0)).toBe(0);
    }
    const held = Array.from({ length: 100 }, (_, key) => map.get(key)).filter((value) => value !== undefined);
    expect(held.length).toBeLessThanOrEqual(8);
    expect(held).toContain(0);
    expect(held).toContain(99);
  });
});
