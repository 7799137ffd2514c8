import { describe, expect, it } from 'vitest';
import { SegmentCache } from '../../core/store/segment-cache.ts';
import type { StoredSegment } from '../../core/store/segment-reader.ts';

const segment = (id: number, octets = 1000): StoredSegment => ({
  day: '2026-11-20',
  id,
  source: 1,
  ordinal: id,
  rows: 4,
  datagrams: 1,
  protocols: [6],
  minStart: 0,
  maxStart: 1,
  minEnd: 0,
  maxEnd: 1,
  minOctets: 1,
  maxOctets: 2,
  octets,
  minPackets: 1,
  maxPackets: 2,
  packets: 4,
});

/** Reads a column of a segment; says whether it had to be made. */
function read(cache: SegmentCache, of: StoredSegment, values: readonly number[]): [number[], boolean] {
  let made = false;
  const found = cache.segment(of).floats('octetDeltaCount', values.length, (buffer) => {
    made = true;
    buffer.set(values);
    return buffer;
  });
  return [Array.from(found), made];
}

describe('floats', () => {
  it.each([
    ['counters', [1, 2, 3, 4_000_000_000]],
    ['times', [1_795_176_000_000, 1_795_176_000_001, 1_795_262_399_999, 1_795_176_000_000]],
    ['unknown ones', [5, Number.NaN, 7, Number.NaN]],
    ['only unknown ones', [Number.NaN, Number.NaN]],
    ['fractions', [0.5, 1, 2, 3]],
    ['negative ones', [-5, -1, 0, 3]],
    ['a negative zero', [0, -0, 1]],
    ['wide ones', [0, 2 ** 40, 1]],
    ['the widest that fit', [0, 2 ** 32 - 2, 2 ** 32 - 3]],
    ['one more', [0, 2 ** 32 - 1, Number.NaN]],
    ['inexact ones', [2 ** 60, 2 ** 60 + 256]],
    ['endless ones', [Number.POSITIVE_INFINITY, 1]],
    ['none', []],
  ])('come again as they were: %s', (_, values) => {
    const cache = new SegmentCache(1 << 20);
    expect(read(cache, segment(1), values)).toEqual([values, true]);
    read(cache, segment(2), [9, 9]);
    expect(read(cache, segment(1), values)).toEqual([values, false]);
  });
});

it('makes a part anew of a segment that took the place of another', () => {
  const cache = new SegmentCache(1 << 20);
  read(cache, segment(1), [1, 2, 3, 4]);
  expect(read(cache, segment(1, 2000), [5, 6, 7, 8])).toEqual([[5, 6, 7, 8], true]);
});

it('keeps no more than it may, and what the question before has read as long as it is asked again', () => {
  const cache = new SegmentCache(64);
  const values = [1, 2, 3, 4];
  const madeOf = (ids: readonly number[]): number[] => {
    cache.beginQuestion();
    return ids.filter((id) => read(cache, segment(id), values)[1]);
  };
  expect(madeOf([1, 2, 3, 4, 5, 6])).toEqual([1, 2, 3, 4, 5, 6]);
  expect(madeOf([1, 2, 3, 4, 5, 6])).toEqual([5, 6]);
  expect(madeOf([1, 2, 3, 4, 5, 6])).toEqual([5, 6]);
  // Two questions later the room is free for others.
  expect(madeOf([7, 8])).toEqual([7, 8]);
  expect(madeOf([7, 8])).toEqual([7, 8]);
  expect(madeOf([7, 8])).toEqual([]);
});

it('keeps nothing of a part that could not be made', () => {
  const cache = new SegmentCache(1 << 20);
  const keeper = cache.segment(segment(1));
  const broken = (): Uint8Array => {
    throw new Error('damaged');
  };
  expect(() => keeper.keep('ports.set', broken)).toThrow('damaged');
  expect(keeper.keep('ports.set', () => Uint8Array.of(1))).toEqual(Uint8Array.of(1));
});
