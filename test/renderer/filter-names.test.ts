import { expect, it } from 'vitest';
import { completeFilter } from '../../core/filter/complete.ts';
import { exporterAddresses, meantFirst, savedByName } from '../../renderer/frame/filter-names.ts';
import { filterError } from '../../renderer/state/filter-error.ts';

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

it('offers what was probably meant first, in place of a word that nothing begins with', () => {
  const text = 'dst prot 22';
  const offered = (cursor: number) =>
    meantFirst(text, cursor, filterError(text), (place) => completeFilter(text, place));
  expect(offered('dst prot'.length)[0]).toMatchObject({ text: 'port', from: 4, to: 8 });
  expect(offered('dst '.length)[0]?.text).toBe('port');
});
