import { describe, expect, it } from 'vitest';
import { OpenLists, type OpenList } from '../../core/app/query/lists.ts';

/** A list of so many rows: eight bytes each. */
const listOf = (rows: number): OpenList => ({
  segments: new Uint32Array(rows),
  rows: new Uint32Array(rows),
  queried: [],
  all: [],
});
const ROWS_OF_48_MIB = (48 * 2 ** 20) / 8;

describe('lists that are kept open', () => {
  it('are given up where they take more than 128 MiB together, the one that was not used for longest first', () => {
    const lists = new OpenLists();
    const [first, second] = [lists.add(listOf(ROWS_OF_48_MIB)), lists.add(listOf(ROWS_OF_48_MIB))];
    lists.get(first);
    const third = lists.add(listOf(ROWS_OF_48_MIB));
    expect(() => lists.get(second)).toThrow('This list is closed');
    expect([first, third].map((name) => lists.get(name).rows.length)).toEqual([
      ROWS_OF_48_MIB,
      ROWS_OF_48_MIB,
    ]);
  });

  it('keep the one that was asked for last, whatever it takes', () => {
    const lists = new OpenLists();
    const small = lists.add(listOf(10));
    const large = lists.add(listOf(3 * ROWS_OF_48_MIB));
    expect(lists.get(large).rows.length).toBe(3 * ROWS_OF_48_MIB);
    expect(() => lists.get(small)).toThrow('This list is closed');
  });

  it('are sixteen at most', () => {
    const lists = new OpenLists();
    const names = Array.from({ length: 17 }, () => lists.add(listOf(1)));
    expect(() => lists.get(names[0] ?? '')).toThrow('This list is closed');
    expect(lists.get(names[1] ?? '').rows.length).toBe(1);
  });
});
