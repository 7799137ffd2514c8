import { expect, it } from 'vitest';
import {
  columnsOf,
  missingMeanings,
  readMapping,
  writeMapping,
} from '../../renderer/screens/sources/mapping.ts';

const mapping = readMapping(
  '{"format":"delimited","delimiter":";","header":true,"columns":{"when":{"element":"flowStartMilliseconds","unit":"seconds"}}}',
);

it('lists every column of the table with its first values, those without a meaning too', () => {
  expect(columnsOf(mapping, 'when;"who"\n1;192.0.2.1\n2;192.0.2.2\n')).toEqual([
    { title: 'when', examples: ['1', '2'], element: 'flowStartMilliseconds' },
    { title: 'who', examples: ['192.0.2.1', '192.0.2.2'], element: '' },
  ]);
});

it('keeps the unit of a column whose meaning stayed, and leaves out a column without one', () => {
  const columns = [
    { title: 'when', examples: [], element: 'flowStartMilliseconds' },
    { title: 'who', examples: [], element: '' },
    { title: 'whom', examples: [], element: 'destinationAddress' },
  ];
  expect(readMapping(writeMapping(mapping, columns)).columns).toEqual({
    when: { element: 'flowStartMilliseconds', unit: 'seconds' },
    whom: { element: 'destinationAddress' },
  });
});

it('names what a flow is useless without and no column gives', () => {
  const column = (element: string) => ({ title: element, examples: [], element });
  expect(missingMeanings([column('flowStartMilliseconds'), column('sourceIPv4Address')])).toEqual([
    'the destination address',
  ]);
  expect(
    missingMeanings([
      column('flowEndMilliseconds'),
      column('sourceAddress'),
      column('destinationIPv6Address'),
    ]),
  ).toEqual([]);
});
