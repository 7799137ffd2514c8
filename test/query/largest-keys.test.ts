/** The largest of any number of keys, in memory that holds few of them. */
import { expect, it } from 'vitest';
import { settle, tableFor, type LargestOptions, type LargestSoFar } from '../../core/query/largest-keys.ts';
import { hashWords } from '../../core/query/word-table.ts';
import { seededRandom } from '../build/flow-chunks.ts';

const options: LargestOptions = { width: 1, stride: 1, maxKeys: 50, limit: 7, place: 0 };

const add = (to: Float64Array, at: number, from: Float64Array, fromAt: number): void => {
  to[at] = (to[at] ?? 0) + (from[fromAt] ?? 0);
};

/** Sums numbered keys in passes, with two threads that each hold fifty keys. */
function largest(
  values: readonly (readonly [key: number, value: number])[],
): LargestSoFar & { passes: number } {
  let state: LargestSoFar | undefined;
  for (let passes = 1; ; passes++) {
    const tables = [0, 1].map((thread) => {
      const table = tableFor(options, state);
      for (const [i, [key, value]] of values.entries()) {
        if (i % 2 !== thread) continue;
        const words = Uint32Array.of(key);
        const entry = table.entry(words, 0, hashWords(words, 0, 1));
        if (entry >= 0) table.sums[entry] = (table.sums[entry] ?? 0) + value;
      }
      return table.finish();
    });
    state = settle(options, state, tables, add);
    if (state.parts.length === 0) return { ...state, passes };
  }
}

it('are exact where a thread holds a twentieth of the keys', () => {
  const random = seededRandom(2);
  const values = Array.from({ length: 5000 }, () => [random() % 1000, random() % 100] as const);
  const sums = new Map<number, number>();
  for (const [key, value] of values) sums.set(key, (sums.get(key) ?? 0) + value);
  const wanted = [...sums].toSorted(([a, x], [b, y]) => y - x || a - b).slice(0, 7);
  const { rows, distinct, passes } = largest(values);
  expect(rows.map(({ words, sums: [sum] }) => [words[0], sum])).toEqual(wanted);
  expect(distinct).toBe(sums.size);
  expect(passes).toBeGreaterThan(10);
});

it('are of equals those with the smaller key', () => {
  const { rows } = largest(Array.from({ length: 400 }, (_, key) => [399 - key, 5] as const));
  expect(rows.map(({ words }) => words[0])).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

it('are all of them where there are fewer than wanted', () => {
  const { rows, distinct, passes } = largest([
    [9, 1],
    [4, 2],
    [9, 3],
  ]);
  expect(rows.map(({ words, sums }) => [words[0], sums[0]])).toEqual([
    [9, 4],
    [4, 2],
  ]);
  expect({ distinct, passes }).toEqual({ distinct: 2, passes: 1 });
});
