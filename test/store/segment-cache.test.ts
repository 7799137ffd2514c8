import { describe, expect, it } from 'vitest';
import { SegmentCache } from '../../core/store/segment-cache.ts';
import { PackedAddresses } from '../../core/store/packed-addresses.ts';
import type { StoredSegment } from '../../core/store/segment-reader.ts';
import { DamagedColumn } from '../../core/store/varint.ts';

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
  const found = cache.segment(of).column('octetDeltaCount', Float64Array, values.length, (buffer) => {
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

  it.each([
    ['zeros', () => 0],
    ['bytes', (i: number) => i % 200],
    ['packets', (i: number) => (i % 97 === 0 ? i * 1000 : i % 50)],
    ['counters', (i: number) => (i % 1001 === 0 ? 2 ** 40 + i : i * 7)],
    ['times', (i: number) => 1_795_176_000_000 + i * 1000],
    ['times of which some are unknown', (i: number) => (i % 500 === 1 ? Number.NaN : 1_795_176_000_000 - i)],
    ['fractions', (i: number) => i / 3],
    ['few fractions', (i: number) => (i === 1234 ? 0.5 : 7)],
    ['a negative one', (i: number) => (i === 77 ? -1 : 300 + (i % 5))],
    ['a negative zero', (i: number) => (i === 77 ? -0 : i % 5)],
    ['wide ones', (i: number) => 2 ** 53 - 2 * i],
    ['a wide one', (i: number) => (i === 4999 ? Number.POSITIVE_INFINITY : 5)],
  ])('come again as they were where there are many: %s', (_, valueOf) => {
    const values = Array.from({ length: 5000 }, (_unused, i) => valueOf(i));
    const cache = new SegmentCache(1 << 20);
    read(cache, segment(1), values);
    read(cache, segment(2), [9, 9]);
    expect(read(cache, segment(1), values)).toEqual([values, false]);
  });
});

describe('addresses', () => {
  const packed = (families: readonly number[], bytes: number): PackedAddresses =>
    new PackedAddresses(
      Uint8Array.from(families),
      Uint8Array.from({ length: bytes }, (_, i) => i + 1),
    );

  it('of both families come again after those of another segment', () => {
    const cache = new SegmentCache(1 << 20);
    const textsOf = (of: StoredSegment, make: () => PackedAddresses): string[] => {
      const table = cache.segment(of).addresses(make);
      return Array.from({ length: table.count }, (_, code) => table.text(code));
    };
    const gone = (): PackedAddresses => {
      throw new Error('made twice');
    };
    const mixed = ['', '1.2.3.4', '506:708:90a:b0c:d0e:f10:1112:1314'];
    expect(textsOf(segment(1), () => packed([0, 4, 6], 20))).toEqual(mixed);
    expect(textsOf(segment(2), () => packed([0, 4, 4, 4], 12))).toEqual([
      '',
      '1.2.3.4',
      '5.6.7.8',
      '9.10.11.12',
    ]);
    expect(textsOf(segment(1), gone)).toEqual(mixed);
    expect(textsOf(segment(2), gone)).toHaveLength(4);
  });

  it('are refused where there are more or fewer bytes than the families say', () => {
    expect(() => packed([0, 4, 6], 19)).toThrow(DamagedColumn);
    expect(() => packed([0, 4], 5)).toThrow(DamagedColumn);
  });
});

it('makes a part anew of a segment that took the place of another', () => {
  const cache = new SegmentCache(1 << 20);
  read(cache, segment(1), [1, 2, 3, 4]);
  expect(read(cache, segment(1, 2000), [5, 6, 7, 8])).toEqual([[5, 6, 7, 8], true]);
});

it('keeps no more than it may, and what the question before has read as long as it is asked again', () => {
  // Room for four columns of four bytes, and what each takes beside its values.
  const cache = new SegmentCache(4 * 204);
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

it.each([
  ['bytes and wide ones', (i: number) => (i % 500 === 3 ? 2 ** 40 + i : i % 200)],
  ['times', (i: number) => 1_795_176_000_000 + i * 1000],
  ['unknown ones', (i: number) => (i % 500 === 3 ? Number.NaN : 7)],
  ['fractions', (i: number) => i / 3],
])('gives the values of some rows of what is kept, and of what is not: %s', (_, valueOf) => {
  const values = Array.from({ length: 5000 }, (_unused, i) => valueOf(i));
  const rows = Uint32Array.from([0, 3, 4, 503, 1003, 2999, 3003, 4999]);
  const expected = Array.from(rows, (row) => values[row]);
  const cache = new SegmentCache(1 << 20);
  const picked = (): number[] => {
    const whole = (): Float64Array => Float64Array.from(values);
    const keeper = cache.segment(segment(1));
    return Array.from(keeper.pick('octetDeltaCount', rows, new Float64Array(rows.length), whole));
  };
  expect(picked()).toEqual(expected);
  read(cache, segment(1), values);
  expect(picked()).toEqual(expected);
});

it('keeps what filters leave of a segment beside it, in room of its own', () => {
  const cache = new SegmentCache(1 << 20, new SegmentCache(500));
  const counts = (which: string, value: number): number | undefined =>
    cache.selection(segment(1), which)?.keep('counts', () => Uint32Array.of(value))[0];
  expect([counts('port 25', 1), counts('port 26', 2), counts('port 27', 3)]).toEqual([1, 2, 3]);
  // The third found no room.
  expect([counts('port 25', 4), counts('port 26', 5), counts('port 27', 6)]).toEqual([1, 2, 6]);
  cache.beginQuestion();
  cache.beginQuestion();
  expect(counts('port 27', 7)).toBe(7);
  expect(counts('port 27', 8)).toBe(7);
  expect(new SegmentCache(1 << 20).selection(segment(1), 'port 25')).toBeUndefined();
});
