import { describe, expect, it } from 'vitest';
import type { NumberColumn } from '../../core/store/column-basic.ts';
import {
  decodeColumn,
  encodeAs,
  encodeColumn,
  type Encoding,
  type EncodedColumn,
} from '../../core/store/column-codec.ts';
import { packings } from '../../core/store/column-pieces.ts';
import { relations, type Relation } from '../../core/store/column-relations.ts';
import { DamagedColumn } from '../../core/store/varint.ts';
import { seededRandom } from '../build/flow-chunks.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const random = seededRandom(11);
const many = <T>(make: (i: number) => T): T[] => Array.from({ length: 5000 }, (_, i) => make(i));

/** Columns of each kind that flows have, with the encoding that is smallest for them, or nearly so and quicker to read. */
const columns: readonly (readonly [string, NumberColumn, Encoding])[] = [
  ['no values', new Uint32Array(0), 'rle'],
  ['one value', Float64Array.of(Number.NaN), 'rle'],
  ['equal values', new Uint8Array(5000).fill(6), 'rle'],
  ['nothing but NaN', new Float64Array(5000).fill(Number.NaN), 'rle'],
  [
    'ascending times in whole milliseconds',
    Float64Array.from(many((i) => noon + i * 10 + (random() % 7))),
    'steps',
  ],
  [
    'times with NaN between',
    Float64Array.from(many((i) => (i % 3 ? noon + i * 10 + (random() % 7) : Number.NaN))),
    'steps',
  ],
  ['ascending addresses far from one another', Uint32Array.from(many(() => random())).sort(), 'steps'],
  ['times with parts of a millisecond', Float64Array.from(many(() => noon + random() / 4096)), 'raw'],
  ['a few hosts in any order', Uint32Array.from(many(() => (random() % 40) * 65_537)), 'dict'],
  [
    'counters, most of them small',
    Float64Array.from(many(() => 40 + (random() % 2 ** (random() % 30)))),
    'planes',
  ],
  ['ports in any order', Uint16Array.from(many(() => random())), 'raw'],
  [
    'numbers at the edge',
    Float64Array.of(0, -0, Infinity, -Infinity, Number.NaN, 2 ** 53, -(2 ** 53), 5e-324, 0.1),
    'raw',
  ],
  ['integers up to 2^50, both signs', Float64Array.of(2 ** 50, -(2 ** 50), 0, 1, -1, 2 ** 50), 'delta'],
];

const decode = (column: NumberColumn, encoded: EncodedColumn, other?: NumberColumn): NumberColumn => {
  const base = (): NumberColumn | undefined => other;
  if (column instanceof Uint8Array) return decodeColumn(Uint8Array, column.length, encoded, base);
  if (column instanceof Uint16Array) return decodeColumn(Uint16Array, column.length, encoded, base);
  if (column instanceof Uint32Array) return decodeColumn(Uint32Array, column.length, encoded, base);
  return decodeColumn(Float64Array, column.length, encoded, base);
};

/** Columns that another one of the same rows nearly tells. */
const packets = Float64Array.from(many(() => random() % 50));
const starts = Float64Array.from(many((i) => (i % 100 === 0 ? Number.NaN : noon + (random() % 3_600_000))));
const codes = Uint32Array.from(many(() => random() % 700));
const told: readonly (readonly [string, NumberColumn, NumberColumn, Relation])[] = [
  ['ends soon after the starts', starts.map((start) => start + (random() % 500)), starts, 'after'],
  ['starts soon before the ends', starts.map((end) => end - (random() % 500)), starts, 'before'],
  ['one AS an address', codes.map((code) => Math.imul(code, 7919) >>> 16), codes, 'by'],
  ['the same, but for some rows', codes.map((code, i) => (i % 50 === 0 ? i * 3 : code)), codes, 'like'],
  ['packets of a few sizes', packets.map((count) => count * (40 + (random() % 60))), packets, 'per'],
  [
    'packets of a few sizes and a little over',
    packets.map((count) => count * (1400 + (random() % 20)) + (random() % 3)),
    packets,
    'per',
  ],
  [
    'one AS an address, but for some rows',
    codes.map((code, i) => (i % 40 === 0 ? 64_512 : Math.imul(code, 7919) >>> 16)),
    codes,
    'by',
  ],
];

describe('a column of numbers', () => {
  it.each(columns)(
    'with %s comes back bit for bit, in a small encoding that is quick to read',
    (_title, column, encoding) => {
      const encoded = encodeColumn(column);
      const back = decode(column, encoded);
      expect([...back].every((value, i) => Object.is(value, column[i]))).toBe(true);
      expect(back.length).toBe(column.length);
      expect(encoded.encoding).toBe(encoding);
    },
  );

  it.each(told)('with %s is told by that column, bit for bit', (_title, column, base, encoding) => {
    const encoded = encodeColumn(column, { [encoding]: base });
    const back = decode(column, encoded, base);
    expect([...back].every((value, i) => Object.is(value, column[i]))).toBe(true);
    expect(encoded.encoding).toBe(encoding);
  });

  it('comes back bit for bit from each encoding that can hold it', () => {
    const more: readonly NumberColumn[] = [
      Uint8Array.from(many(() => (random() % 3 === 0 ? 17 : 6))),
      Uint16Array.from(many((i) => 1000 + (i % 60))),
    ];
    let held = 0;
    for (const column of [...columns.map(([, one]) => one), ...more]) {
      for (const encoding of ['raw', 'delta', 'dict', 'rle', 'steps', 'planes'] as const) {
        const encoded = encodeAs(encoding, column);
        if (!encoded) continue;
        held++;
        const back = decode(column, encoded);
        expect([...back].every((value, i) => Object.is(value, column[i]))).toBe(true);
      }
    }
    expect(held).toBeGreaterThan(30);
  });

  it('that is long comes back bit for bit, though two stretches of it chose the encoding', () => {
    const calm = Array.from({ length: 65_536 }, (_, i) => noon + i);
    for (const surprise of [Number.NaN, -0, 0.5, Infinity, 2 ** 53, -(2 ** 40)]) {
      const column = Float64Array.from(calm);
      column[60_000] = surprise;
      const back = decode(column, encodeColumn(column));
      expect([...back].every((value, i) => Object.is(value, column[i]))).toBe(true);
    }
  });

  it('is never larger than its raw bytes', () => {
    for (const [, column] of columns) {
      expect(encodeColumn(column).data.length).toBeLessThanOrEqual(Math.max(column.byteLength, 10));
    }
  });

  it('is compressed only where that shrinks it', () => {
    expect(encodeColumn(Uint16Array.from(many(() => random()))).packing).toBe('plain');
    const few = encodeColumn(Float64Array.from(many((i) => (i % 1000) / 2)));
    expect(few).toMatchObject({ packing: 'zstd', plainBytes: 40_000 });
    expect(few.data.length).toBeLessThan(10_000);
  });

  it('has planes that are compressed one by one, and not where that shrinks them by little', () => {
    // Any low octets, and high octets that are nearly all alike.
    const column = Uint32Array.from(many((i) => (random() % 256) + (i % 500 === 0 ? 256 : 0)));
    const encoded = encodeColumn(column);
    expect(encoded).toMatchObject({ encoding: 'planes', packing: 'pieces' });
    const low = Buffer.from(Uint8Array.from(column));
    expect(Buffer.from(encoded.data).includes(low)).toBe(true);
    expect(encoded.data.length).toBeLessThan(5000 + 200);
  });

  it('says that it is damaged, and nothing else, whatever became of its bytes', () => {
    let damaged = 0;
    for (const [, column] of columns) {
      const encoded = encodeColumn(column);
      const encodings = ['raw', 'delta', 'dict', 'rle', 'steps', 'planes', ...relations] as const;
      for (let round = 0; round < 300; round++) {
        const data = Uint8Array.from(encoded.data).subarray(0, random() % (encoded.data.length + 1));
        if (data.length > 0) data[random() % data.length] = random();
        const encoding = encodings[random() % encodings.length] ?? 'raw';
        try {
          const teller = column instanceof Float64Array ? starts : codes;
          decode(column, { ...encoded, data, encoding, packing: packings[random() % 3] ?? 'plain' }, teller);
        } catch (error) {
          if (!(error instanceof DamagedColumn)) throw error;
          damaged++;
        }
      }
    }
    expect(damaged).toBeGreaterThan(1000);
  });
});
