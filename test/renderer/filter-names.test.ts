import { expect, it } from 'vitest';
import { exporterAddresses, savedByName } from '../../renderer/frame/filter-names.ts';

const saved = [
  { name: 'logins', filter: 'dst port 22 or dst port 3389' },
  { name: 'large', filter: 'bytes > 1M' },
];
const texts = (text: string) => savedByName(text, text.length, saved).map((one) => one.text);

it('offers a saved filter by its name where a filter begins', () => {
  expect(texts('lo')).toEqual(['dst port 22 or dst port 3389']);
  expect(texts('')).toEqual(['dst port 22 or dst port 3389', 'bytes > 1M']);
});

it('puts a saved filter into brackets where it stands beside other terms', () => {
  expect(texts('proto tcp and la')).toEqual(['(bytes > 1M)']);
  expect(texts('not (')).toEqual(['(dst port 22 or dst port 3389)', '(bytes > 1M)']);
});

it('offers none where a value is expected', () => {
  expect(texts('src port l')).toEqual([]);
});

it('offers each known exporter once where the address of one is typed', () => {
  const found = exporterAddresses('exporter ip 10.', 15, ['10.0.0.1', '10.0.0.1', '192.0.2.1', '']);
  expect(found.map(({ text, from }) => [text, from])).toEqual([['10.0.0.1', 12]]);
});
