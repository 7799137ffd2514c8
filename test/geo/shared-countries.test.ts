/** The countries that threads find for each other. */
import { expect, it } from 'vitest';
import { SharedCountries } from '../../core/geo/shared-countries.ts';
import { seededRandom } from '../build/flow-chunks.ts';
import { addressOf } from './made-places.ts';

it('are found by another thread over the same room', () => {
  const room = SharedCountries.room();
  const [one, other] = [new SharedCountries(room), new SharedCountries(room)];
  one.set(addressOf('46.4.20.11'), 'DE');
  other.set(addressOf('203.0.113.200'), 'GR');
  expect(other.get(addressOf('46.4.20.11'))).toBe('DE');
  expect(one.get(addressOf('203.0.113.200'))).toBe('GR');
  expect(one.get(addressOf('46.4.20.12'))).toBeUndefined();
});

it('tell an address of no country from one that nobody looked for', () => {
  const countries = new SharedCountries(SharedCountries.room());
  countries.set(addressOf('10.0.0.1'), '');
  expect(countries.get(addressOf('10.0.0.1'))).toBe('');
  expect(countries.get(addressOf('10.0.0.2'))).toBeUndefined();
});

it('keep the first answer for an address', () => {
  const countries = new SharedCountries(SharedCountries.room());
  countries.set(addressOf('46.4.20.11'), 'DE');
  countries.set(addressOf('46.4.20.11'), 'PL');
  expect(countries.get(addressOf('46.4.20.11'))).toBe('DE');
});

it('say nothing of the address 0.0.0.0, whose number is that of an empty place', () => {
  const countries = new SharedCountries(SharedCountries.room());
  countries.set(addressOf('0.0.0.0'), 'DE');
  expect(countries.get(addressOf('0.0.0.0'))).toBeUndefined();
});

it('say nothing wrong where there are more addresses than room', () => {
  const countries = new SharedCountries(SharedCountries.room());
  const codes = ['DE', 'GR', 'PL', 'BG', ''];
  const addresses = 3 * 2 ** 19;
  const random = seededRandom(1);
  const asked = Uint32Array.from({ length: addresses }, () => random());
  const bytes = new Uint8Array(4);
  const view = new DataView(bytes.buffer);
  for (const address of asked) {
    view.setUint32(0, address);
    countries.set(bytes, codes[address % 5] ?? '');
  }
  let found = 0;
  for (const address of asked) {
    view.setUint32(0, address);
    const country = countries.get(bytes);
    if (country === undefined) continue;
    found++;
    if (country !== codes[address % 5]) throw new Error(`${address} is said to be in ${country}`);
  }
  expect(found).toBeGreaterThan(addresses / 2);
  expect(found).toBeLessThan(addresses);
});
