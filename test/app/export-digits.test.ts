import { describe, expect, it } from 'vitest';
import { hasDigits, writeDigits, writeDotted, writeShort } from '../../core/app/export/digits.ts';
import { seededRandom } from '../build/flow-chunks.ts';

const random = seededRandom(5);
const text = (value: number): string => {
  const bytes = new Uint8Array(20);
  return Buffer.from(bytes.subarray(0, writeDigits(bytes, 0, value))).toString();
};

describe('a whole number as digits', () => {
  it('is what String makes of it, around each power of ten and two', () => {
    const wrong: number[] = [];
    for (let power = 0; power <= 53; power++) {
      for (const base of [2 ** power, 10 ** Math.min(power, 15)]) {
        for (let near = -3; near <= 3; near++) {
          const value = base + near;
          if (hasDigits(value) && text(value) !== String(value)) wrong.push(value);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('is what String makes of it, of any length', () => {
    const wrong: number[] = [];
    for (let round = 0; round < 200_000; round++) {
      const value = Math.floor((random() * 2 ** 21 + (random() >>> 11)) / 2 ** (random() % 53));
      if (text(value) !== String(value)) wrong.push(value);
    }
    expect(wrong).toEqual([]);
  });

  it('is exact where a quotient of floats is rounded up to the next', () => {
    const values = Array.from({ length: 1000 }, (_, i) => (90_000_000 - i) * 100_000_000 - 1);
    expect(values.map(text)).toEqual(values.map(String));
  });

  it('is not made of what has a sign, a fraction or no exact value', () => {
    expect([-1, 0.5, 2 ** 53, Number.NaN, Infinity].map(hasDigits)).toEqual(Array(5).fill(false));
    expect([0, -0, 2 ** 53 - 1].map(text)).toEqual(['0', '0', '9007199254740991']);
  });
});

it('a number of 16 bits is what String makes of it', () => {
  const bytes = new Uint8Array(20);
  const wrong: number[] = [];
  for (let value = 0; value < 65_536; value++) {
    if (Buffer.from(bytes.subarray(0, writeShort(bytes, 0, value))).toString() !== String(value))
      wrong.push(value);
  }
  expect(wrong).toEqual([]);
});

it('four octets are written with dots between them', () => {
  const bytes = new Uint8Array(20);
  for (const octets of [
    [0, 0, 0, 0],
    [1, 23, 199, 255],
    [255, 255, 255, 255],
    [100, 9, 10, 99],
  ]) {
    const end = writeDotted(bytes, 3, Uint8Array.of(7, ...octets), 1);
    expect(Buffer.from(bytes.subarray(3, end)).toString()).toBe(octets.join('.'));
  }
});
