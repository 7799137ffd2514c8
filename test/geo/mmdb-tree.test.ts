/** The search tree alone, of every width of node that the format has. */
import { describe, expect, it } from 'vitest';
import { MmdbFile } from '../../core/geo/mmdb.ts';
import { MmdbTree } from '../../core/geo/mmdb-tree.ts';
import { seededRandom } from '../build/flow-chunks.ts';
import { mmdb } from '../build/mmdb.ts';
import { addressOf } from './made-places.ts';

/** Nodes of two halves as bytes, written digit by digit: six, seven or eight hexadecimal digits a half. */
function treeOf(nodes: readonly (readonly [left: number, right: number])[], recordSize: number): Uint8Array {
  const hex = nodes
    .map(([left, right]) => {
      const [one = '', other = ''] = [left, right].map((half) =>
        half.toString(16).padStart(recordSize / 4, '0'),
      );
      if (recordSize !== 28) return one + other;
      return one.slice(1) + one.slice(0, 1) + other.slice(0, 1) + other.slice(1);
    })
    .join('');
  return Buffer.from(hex, 'hex');
}

describe.each([24, 28, 32])('a tree of %i bits a half', (recordSize) => {
  // 0.0.0.0/1 is record 30, 128.0.0.0/2 is node 1's left, 192.0.0.0/2 is not there.
  const far = recordSize === 24 ? 0xab_cdef : 0xabc_def0;
  const nodes = [
    [30, 1],
    [far, 2],
  ] as const;
  const tree = new MmdbTree(treeOf(nodes, recordSize), { nodeCount: 2, recordSize, ipVersion: 4 });

  it('finds the record of an address on either side', () => {
    expect(tree.find(addressOf('1.2.3.4'))).toBe(30);
    expect(tree.find(addressOf('130.0.0.1'))).toBe(far);
  });

  it('finds none where nothing is said', () => {
    expect(tree.find(addressOf('200.0.0.1'))).toBeUndefined();
  });
});

it('the country of an address is that of its facts, of either family', () => {
  const entries = Object.fromEntries(
    ['46.4.0.0/16', '46.5.0.0/17', '46.128.0.0/9', '2a01:4f8::/32', '2a01:5000::/20'].map((range, i) => [
      range,
      { country: { iso_code: ['DE', 'GR', 'PL', 'BG', 'X'][i] ?? '' } },
    ]),
  );
  const file = new MmdbFile(mmdb({ type: 'GeoLite2-Country', entries }));
  const random = seededRandom(3);
  const found = new Set<string>();
  for (let i = 0; i < 2000; i++) {
    const four = `46.${[4, 5, 6, 128, 200][random() % 5]}.${random() % 256}.${random() % 256}`;
    const six = `2a01:${['4f8', '4f9', '5000', '5fff'][random() % 4]}::${(random() % 9999).toString(16)}`;
    for (const address of [four, six].map(addressOf)) {
      const country = file.country(address);
      expect(country).toBe(file.facts(address)?.country ?? '');
      found.add(country);
    }
  }
  expect([...found].toSorted()).toEqual(['', 'BG', 'DE', 'GR', 'PL']);
});
