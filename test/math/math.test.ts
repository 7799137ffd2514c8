import { describe, expect, it } from 'vitest';
import {
  intersectIntervals,
  measureIntervals,
  meetsIntervals,
  uniteIntervals,
} from '../../core/math/intervals.ts';
import { NumberIndex } from '../../core/math/number-index.ts';
import { lowerBound, nearestDistance } from '../../core/math/search.ts';
import { slidingMaximum } from '../../core/math/sliding.ts';
import { median, quantile, range } from '../../core/math/statistics.ts';
import { makeRandom } from '../build/sessions.ts';

describe('quantile', () => {
  it('interpolates between order statistics as type 7 of Hyndman and Fan does', () => {
    expect(quantile([10, 20, 30, 40], 0.25)).toBe(17.5);
    expect(quantile([10, 20, 30, 40], 0.9)).toBeCloseTo(37, 12);
    expect(quantile([7, 1, 9], 0)).toBe(1);
    expect(quantile([7, 1, 9], 1)).toBe(9);
  });

  it('sorts by number and leaves its input as it was', () => {
    const values = [100, 9, 20];
    expect(median(values)).toBe(20);
    expect(values).toEqual([100, 9, 20]);
  });

  it('of one value is that value, and of none is NaN', () => {
    expect(quantile([4], 0.7)).toBe(4);
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe('the range', () => {
  it('of more values than a call takes arguments is found', () => {
    const values = Float64Array.from({ length: 1_000_000 }, (_, i) => Math.abs(i - 400_000));
    expect(range(values)).toEqual({ least: 0, most: 599_999 });
  });
});

describe('an index of numbers', () => {
  it('numbers keys as they first appear, up to 2^53', () => {
    const index = new NumberIndex();
    const keys = [2 ** 53 - 1, 7, 0, 7, 2 ** 32 + 7, 2 ** 53 - 1, 0];
    expect(keys.map((key) => index.number(key))).toEqual([0, 1, 2, 1, 3, 0, 2]);
    expect(index.size).toBe(4);
  });

  it('keeps them apart as it grows, whatever they have in common', () => {
    const index = new NumberIndex();
    const keys = Array.from({ length: 20_000 }, (_, i) => i * 2 ** 32 + 22);
    for (const key of [...keys, ...keys]) index.number(key);
    expect(index.size).toBe(20_000);
    expect(index.number(keys[12_345] ?? -1)).toBe(12_345);
  });
});

describe('searching ascending numbers', () => {
  const values = [1, 3, 3, 8];

  it.each([
    [0, 0],
    [1, 0],
    [2, 1],
    [3, 1],
    [4, 3],
    [8, 3],
    [9, 4],
  ])('the lower bound of %d is index %d', (value, index) => {
    expect(lowerBound(values, value)).toBe(index);
  });

  it('keeps to its range', () => {
    expect(lowerBound(values, 0, 2)).toBe(2);
    expect(lowerBound(values, 9, 0, 2)).toBe(2);
  });

  it('the nearest value may lie on either side', () => {
    expect(nearestDistance(values, 6)).toBe(2);
    expect(nearestDistance(values, 4)).toBe(1);
    expect(nearestDistance(values, -5)).toBe(6);
    expect(nearestDistance(values, 10)).toBe(2);
  });

  it('nothing is near where there is nothing', () => {
    expect(nearestDistance([], 5)).toBe(Number.POSITIVE_INFINITY);
    expect(nearestDistance(values, 5, 2, 2)).toBe(Number.POSITIVE_INFINITY);
    expect(nearestDistance(values, 8, 0, 1)).toBe(7);
  });
});

describe('the sliding maximum', () => {
  it('looks to both sides, ends included', () => {
    const positions = Float64Array.from([0, 1, 2, 5, 6, 20]);
    const values = Float64Array.from([3, 9, 1, 4, 2, 5]);
    expect([...slidingMaximum(positions, values, 1)]).toEqual([9, 9, 9, 4, 4, 5]);
    expect([...slidingMaximum(positions, values, 4)]).toEqual([9, 9, 9, 9, 4, 5]);
  });

  it('equals a plain loop over made-up points', () => {
    const random = makeRandom(1);
    for (let round = 0; round < 50; round++) {
      const positions = Float64Array.from({ length: 60 }, () => Math.floor(random() * 100)).sort();
      const values = Float64Array.from(positions, () => Math.floor(random() * 10));
      const width = Math.floor(random() * 20);
      const plain = [...positions].map((at) =>
        Math.max(...[...values].filter((_, i) => Math.abs((positions[i] ?? 0) - at) <= width)),
      );
      expect([...slidingMaximum(positions, values, width)]).toEqual(plain);
    }
  });

  it('of nothing is nothing', () => {
    expect(slidingMaximum(new Float64Array(), new Float64Array(), 5)).toHaveLength(0);
  });
});

describe('intervals', () => {
  it('unite where they overlap or touch, in any order', () => {
    expect(uniteIntervals([5, 7, 0, 2, 1, 3, 7, 9])).toEqual([0, 3, 5, 9]);
    expect(uniteIntervals([0, 10, 2, 3])).toEqual([0, 10]);
    expect(uniteIntervals([])).toEqual([]);
  });

  it('unite over gaps no longer than asked', () => {
    expect(uniteIntervals([0, 1, 3, 4, 7, 8], 2)).toEqual([0, 4, 7, 8]);
  });

  it('measure what lies within a range', () => {
    expect(measureIntervals([0, 3, 5, 9], 1, 6)).toBe(3);
    expect(measureIntervals([0, 3, 5, 9], 3, 5)).toBe(0);
  });

  it('intersect, and share no empty piece', () => {
    expect(intersectIntervals([0, 4, 6, 10], [3, 7, 10, 12])).toEqual([3, 4, 6, 7]);
    expect(intersectIntervals([0, 4], [4, 8])).toEqual([]);
    expect(intersectIntervals([0, 10], [1, 2, 3, 4, 9, 12])).toEqual([1, 2, 3, 4, 9, 10]);
  });
});

describe('a stretch of time meets a set', () => {
  const set = [10, 20, 30, 30, 40, 50];

  it.each([
    [0, 5, false],
    [0, 10, false],
    [0, 11, true],
    [12, 14, true],
    [20, 40, false],
    [25, 35, false],
    [45, 90, true],
    [50, 90, false],
  ])('where they share more than a point: %d to %d', (from, to, meets) => {
    expect(meetsIntervals(set, from, to)).toBe(meets);
  });

  it('and never an empty one', () => {
    expect(meetsIntervals([], 0, 100)).toBe(false);
  });
});
