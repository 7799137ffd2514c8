/** What the answers of registries say, by RDAP and by WHOIS, and which registry is asked. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readRdap, readRdapError } from '../../core/geo/rdap.ts';
import { parseRegistryQuery, rdapPath, RegistryTable } from '../../core/geo/registries.ts';
import { readWhois, whoisRequest } from '../../core/geo/whois.ts';
import { repositoryRoot } from '../support.ts';
import { arinSystem, arinWhois, lacnicWhois, ripeNetwork, ripeWhois } from './registry-answers.ts';

const read = (name: string): string =>
  readFileSync(`${repositoryRoot}/resources/geo/rdap/${name}.json`, 'utf8');
const table = new RegistryTable([read('ipv4'), read('ipv6'), read('asn')]);
const registryOf = (text: string): string | undefined => {
  const query = parseRegistryQuery(text);
  return query && table.find(query)?.name;
};

describe('the registry', () => {
  it.each([
    ['46.4.20.11', 'RIPE NCC'],
    ['8.8.8.8', 'ARIN'],
    ['1.1.1.1', 'APNIC'],
    ['200.3.12.1', 'LACNIC'],
    ['196.25.1.1', 'AFRINIC'],
    ['2a01:4f8::1', 'RIPE NCC'],
    ['2600::1', 'ARIN'],
    ['2400:cb00::1', 'APNIC'],
    ['2410::1', 'APNIC'],
    ['2800::1', 'LACNIC'],
    ['2c0f:f248::1', 'AFRINIC'],
    ['AS24940', 'RIPE NCC'],
    ['AS3356', 'ARIN'],
    ['AS4608', 'APNIC'],
    ['28000', 'LACNIC'],
    ['as36864', 'AFRINIC'],
    ['AS132203', 'APNIC'],
    ['AS210000', 'RIPE NCC'],
    ['AS268000', 'LACNIC'],
    ['AS328000', 'AFRINIC'],
    ['AS396982', 'ARIN'],
  ])('of %s is %s', (text, name) => {
    expect(registryOf(text)).toBe(name);
  });

  it.each([
    '10.0.0.1',
    '127.0.0.1',
    '224.0.0.1',
    '4000::1',
    'AS0',
    'AS23456',
    'AS64512',
    'AS65535',
    'AS4200000000',
  ])('of %s there is none', (text) => {
    expect(registryOf(text)).toBeUndefined();
  });

  it('tables hold all that IANA has given out: 221 blocks of IPv4, 34 of IPv6', () => {
    const counted = ['ipv4', 'ipv6'].map((name) => {
      const { services } = JSON.parse(read(name)) as { services: [string[], string[]][] };
      return services.reduce((sum, [ranges]) => sum + ranges.length, 0);
    });
    expect(counted).toEqual([221, 34]);
    expect(table.registries.map(({ name }) => name).toSorted()).toEqual([
      'AFRINIC',
      'APNIC',
      'ARIN',
      'LACNIC',
      'RIPE NCC',
    ]);
  });

  it('is reached over TLS alone', () => {
    expect(table.registries.every(({ rdap }) => rdap.startsWith('https://'))).toBe(true);
  });

  it.each(['', 'AS', 'AS4294967296', '46.4.20', 'example.net', 'AS24940; rm'])(
    'is not looked for with "%s"',
    (text) => {
      expect(parseRegistryQuery(text)).toBeUndefined();
    },
  );

  it('is asked by the paths of RFC 9082 and by the lines that each WHOIS server wants', () => {
    const address = parseRegistryQuery('2A01:4F8::1');
    const system = parseRegistryQuery('as3356');
    if (!address || !system) throw new Error('no query');
    expect([address, system].map(rdapPath)).toEqual(['ip/2a01:4f8::1', 'autnum/3356']);
    expect(whoisRequest(system, 'whois.arin.net')).toBe('a + 3356');
    expect(whoisRequest(system, 'whois.ripe.net')).toBe('AS3356');
    expect(whoisRequest(address, 'whois.arin.net')).toBe('n + 2a01:4f8::1');
  });
});

describe('an RDAP answer', () => {
  it('of a network gives range, holder, country, abuse contact and days', () => {
    expect(readRdap(ripeNetwork)).toEqual({
      range: '46.4.0.0 - 46.4.255.255',
      handle: '46.4.0.0 - 46.4.255.255',
      name: 'DE-EXAMPLE-20101103',
      owner: 'Example Hosting GmbH',
      country: 'DE',
      abuse: ['abuse@example.net'],
      registered: '2010-11-03',
      changed: '2022-09-09',
    });
  });

  it("of an AS number takes the country from the holder's card", () => {
    expect(readRdap(arinSystem)).toMatchObject({
      range: 'AS3356',
      name: 'EXAMPLE-AS',
      owner: 'Example Carrier, Inc.',
      country: 'US',
      abuse: [],
      registered: null,
    });
  });

  it.each([[null], ['text'], [[]], [{}], [{ objectClassName: 'domain' }]])('that is %j is none', (value) => {
    expect(readRdap(value)).toBeUndefined();
  });

  it('whose parts are of other types than they should be is read as far as it goes', () => {
    const odd = {
      objectClassName: 'ip network',
      startAddress: 7,
      name: { a: 1 },
      country: 'Germany',
      entities: [
        null,
        'x',
        { roles: 'abuse', vcardArray: { 1: 2 } },
        { roles: ['abuse'], vcardArray: ['vcard', [['email', {}, 'text', 5]]] },
      ],
      events: [null, { eventAction: 'registration', eventDate: 'yesterday' }],
      remarks: [{ description: ['Held by\u001b[31m nobody\n at all'] }],
    };
    expect(readRdap(odd)).toEqual({
      range: '',
      handle: '',
      name: '',
      owner: 'Held by [31m nobody  at all',
      country: '',
      abuse: [],
      registered: null,
      changed: null,
    });
  });

  it('with entities within each other without end is read to a fixed depth', () => {
    interface Nested {
      roles: string[];
      entities: Nested[];
    }
    const entity: Nested = { roles: ['technical'], entities: [] };
    entity.entities.push(entity, entity, entity);
    expect(readRdap({ objectClassName: 'autnum', entities: [entity] })?.owner).toBe('');
  });

  it('that refuses is quoted', () => {
    const refusal = { errorCode: 404, title: 'Not Found', description: ['No such object'] };
    expect(readRdapError(refusal)).toBe('Not Found: No such object');
  });
});

describe('a WHOIS answer', () => {
  it('of RIPE NCC gives holder and abuse contact, the latter from its comment', () => {
    expect(readWhois(ripeWhois).facts).toEqual({
      range: '46.4.0.0 - 46.4.255.255',
      handle: 'ORG-EX1-RIPE',
      name: 'DE-EXAMPLE-20101103',
      owner: 'Example Hosting GmbH',
      country: 'DE',
      abuse: ['abuse@example.net'],
      registered: '2010-11-03',
      changed: '2022-09-09',
    });
  });

  it('of ARIN with two networks is of the smaller one, which comes last', () => {
    expect(readWhois(arinWhois).facts).toMatchObject({
      range: '8.34.208.0 - 8.34.223.255',
      name: 'EXAMPLE-SMALL',
      owner: 'Example Cloud LLC',
      abuse: ['abuse@cloud.example'],
      registered: '2012-10-24',
    });
  });

  it.each([
    ['ReferralServer:  whois://whois.ripe.net', { host: 'whois.ripe.net', port: 43 }],
    ['ReferralServer: whois://whois.apnic.net:4343/', { host: 'whois.apnic.net', port: 4343 }],
    ['refer:        whois.arin.net', { host: 'whois.arin.net', port: 43 }],
    ['ReferralServer: rwhois://rwhois.example.net:4321', undefined],
    ['ReferralServer: whois://user@host/../x', undefined],
  ])('with the line "%s" sends on to %j', (line, referral) => {
    expect(readWhois(`${line}\n`).referral).toEqual(referral);
  });

  it('that holds no network is none', () => {
    expect(readWhois('%ERROR:101: no entries found\n').facts).toBeUndefined();
  });

  it('keeps no control characters', () => {
    expect(readWhois('inetnum: 1.0.0.0/24\nowner: a\u001b]0;b\u0007c\n').facts?.owner).toBe('a ]0;b c');
  });
});

describe('a WHOIS answer of LACNIC', () => {
  it('names owner and days without dashes', () => {
    expect(readWhois(lacnicWhois).facts).toMatchObject({
      owner: 'Example Registro',
      country: 'UY',
      registered: '2001-06-15',
      changed: '2018-01-01',
    });
  });
});
