import { describe, expect, it } from 'vitest';
import { ByteCursor, MAX_WINDOW, memorySource, type ByteSource } from '../../core/archive/byte-cursor.ts';

/** Counts 0, 1, 2, ... modulo 256 for `length` bytes, at most `step` a pull. */
function counting(length: number, step: number): ByteSource {
  let at = 0;
  return {
    pull(target) {
      const count = Math.min(step, target.length, length - at);
      for (let i = 0; i < count; i++) target[i] = (at + i) & 0xff;
      at += count;
      return count;
    },
  };
}

describe('the byte cursor', () => {
  it('puts bytes side by side that came in single pulls', () => {
    const cursor = new ByteCursor(counting(300, 1));
    expect(cursor.ensure(4)).toBe(true);
    expect([...cursor.peek(4)]).toEqual([0, 1, 2, 3]);
    cursor.skip(258);
    expect(cursor.offset).toBe(258);
    expect([...cursor.peek(3)]).toEqual([2, 3, 4]);
  });

  it('says where the file ends, and keeps what is left', () => {
    const cursor = new ByteCursor(memorySource(Uint8Array.of(1, 2, 3)));
    expect(cursor.ensure(4)).toBe(false);
    expect([...cursor.peek(4)]).toEqual([1, 2, 3]);
    expect(cursor.skip(10)).toBe(3);
    expect(cursor.atEnd()).toBe(true);
    expect(cursor.offset).toBe(3);
  });

  it('passes over a gigabyte in the window that it began with', () => {
    const cursor = new ByteCursor(counting(2 ** 30, 2 ** 20));
    const window = cursor.bytes.length;
    expect(cursor.skip(2 ** 30 - 1)).toBe(2 ** 30 - 1);
    expect(cursor.bytes.length).toBe(window);
    expect([...cursor.peek(9)]).toEqual([255]);
  });

  it('does not grow for a length that the file does not have', () => {
    const cursor = new ByteCursor(memorySource(new Uint8Array(10)));
    const window = cursor.bytes.length;
    expect(cursor.ensure(MAX_WINDOW)).toBe(false);
    expect(cursor.bytes.length).toBe(window);
    expect(() => cursor.ensure(MAX_WINDOW + 1)).toThrow(RangeError);
  });
});
