import { describe, expect, it } from 'vitest';
import { unpackBzip2 } from '../../core/archive/bzip2.ts';
import { unpackLz4 } from '../../core/archive/lz4.ts';
import { unpackLzo } from '../../core/archive/lzo.ts';
import type { Unpacked } from '../../core/archive/unpack.ts';
import { ascii, concat, hex } from '../build/octets.ts';

/** What comes out, as text, and what is said of the rest. */
function unpacked(
  unpack: (input: Uint8Array, out: Uint8Array) => Unpacked,
  input: Uint8Array,
  room = 1000,
): [text: string, fault: string | undefined] {
  const out = new Uint8Array(room);
  const { length, fault } = unpack(input, out);
  return [String.fromCharCode(...out.subarray(0, length)), fault];
}

describe('an LZ4 block', () => {
  it('copies literals and what was written before', () => {
    // 3 literals, 4 + 5 bytes from 3 back; then 2 literals, the end.
    expect(unpacked(unpackLz4, concat(hex('35'), ascii('abc'), hex('0300'), hex('20'), ascii('de')))).toEqual(
      ['abcabcabcabcde', undefined],
    );
  });

  it('has lengths of more than one byte', () => {
    // 15 + 255 + 2 literals, a match of 4 + 15 + 3 from 1 back, no literals behind.
    const block = concat(hex('ffff02'), ascii('x'.repeat(272)), hex('010003'), hex('00'));
    expect(unpacked(unpackLz4, block)).toEqual(['x'.repeat(294), undefined]);
  });

  it.each([
    ['a distance of 0', hex('1061000000'), 'a', 'it points before its beginning'],
    ['a distance beyond what there is', hex('1061020000'), 'a', 'it points before its beginning'],
    ['literals that are not there', hex('506162'), 'ab', 'it ends within literals'],
    ['half a distance', hex('106101'), 'a', 'it ends within a distance'],
    ['a length without end', hex('1f610100ffff'), 'a', 'it ends within a length'],
    ['nothing', hex(''), '', 'it ends without literals'],
  ])('with %s is read as far as it goes', (_, block, text, fault) => {
    expect(unpacked(unpackLz4, block)).toEqual([text, fault]);
  });

  it('never writes past its room', () => {
    const bomb = concat(hex('1f610100'), new Uint8Array(3000).fill(255), hex('00'));
    expect(unpacked(unpackLz4, bomb, 500)).toEqual(['a', 'it is longer than a block']);
  });
});

describe('an LZO block', () => {
  const end = hex('110000');

  it.each([
    ['first literals', concat(hex('14'), ascii('abc'), end), 'abc'],
    ['a long run of literals', concat(hex('0002'), ascii('y'.repeat(20)), end), 'y'.repeat(20)],
    ['a match of 3 to 4 bytes, near', concat(hex('15'), ascii('abcd'), hex('6c00'), end), 'abcdabcd'],
    ['a match of 5 to 8 bytes, near', concat(hex('15'), ascii('abcd'), hex('ac00'), end), 'abcdabcdab'],
    ['a match of any length', concat(hex('15'), ascii('abcd'), hex('260c00'), end), 'abcdabcdabcd'],
    ['a match of more than 33', concat(hex('12'), ascii('a'), hex('20010000'), end), 'a'.repeat(35)],
    [
      'literals behind a match, and two bytes behind those',
      concat(hex('15'), ascii('abcd'), hex('6d00'), ascii('x'), hex('0000'), end),
      'abcdabcdxxx',
    ],
  ])('has %s', (_, block, text) => {
    expect(unpacked(unpackLzo, block)).toEqual([text, undefined]);
  });

  it('has three bytes from far behind a run of literals, and matches from beyond 16 KiB', () => {
    const run = 'abcdefghij'.repeat(2000);
    // 20,000 literals are 18 + 78 times 255 + 92 beyond the instruction.
    const literals = concat(hex('00'), new Uint8Array(78), hex('5c'), ascii(run));
    // Three bytes from 2049 + 4*1 + 2 back; four from 16,384 + 1 back.
    const block = concat(literals, hex('0801'), hex('120400'), end);
    const [text, fault] = unpacked(unpackLzo, block, 30_000);
    const first = run + run.slice(20_000 - 2055, 20_000 - 2052);
    expect(text).toBe(first + first.slice(first.length - 16_385, first.length - 16_381));
    expect(fault).toBeUndefined();
  });

  it.each([
    ['no end', hex('14616263'), 'abc', 'it has no end'],
    ['a length without end', hex('0000'), '', 'it ends within a length'],
    ['a distance beyond what there is', hex('14616263ac01'), 'abc', 'it points before its beginning'],
    ['half a match', hex('1461626326'), 'abc', 'it ends within a match'],
    ['literals that are not there', hex('146162'), 'ab', 'it ends within literals'],
    ['nothing', hex(''), '', 'it has no end'],
  ])('with %s is read as far as it goes', (_, block, text, fault) => {
    expect(unpacked(unpackLzo, block)).toEqual([text, fault]);
  });

  it('never writes past its room', () => {
    const bomb = concat(hex('1261'), hex('20'), new Uint8Array(3000), hex('010000'), end);
    expect(unpacked(unpackLzo, bomb, 500)).toEqual(['a', 'it is longer than a block']);
  });
});

describe('a bzip2 stream', () => {
  /** Written by bzip2 1.0.8. */
  const text = 'aaaaaaaabbbbbbbb hello hello hello hello\n';
  const stream = hex(
    '425a6839314159265359ca5cb6500000055100041040003244a00020aa46d43420c988930bdd4957e3a78c1f177245385090ca5cb650',
  );

  it('is unpacked, and so are two of them', () => {
    expect(unpacked(unpackBzip2, stream)).toEqual([text, undefined]);
    expect(unpacked(unpackBzip2, concat(stream, stream))).toEqual([text + text, undefined]);
  });

  it('cut at any byte gives whole blocks only, and says that it is cut', () => {
    for (let length = 0; length < stream.length; length++) {
      const [out, fault] = unpacked(unpackBzip2, stream.subarray(0, length));
      expect(['', text]).toContain(out);
      expect(fault).toBe('it ends before its end mark');
    }
  });

  it('with any byte changed gives nothing false', () => {
    for (let at = 0; at < stream.length - 5; at++) {
      const changed = stream.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      const [out, fault] = unpacked(unpackBzip2, changed);
      expect(fault === undefined ? [text] : ['', text], `byte ${at}`).toContain(out);
    }
  });

  it('never writes past its room', () => {
    expect(unpacked(unpackBzip2, stream, 20)).toEqual(['', 'it is longer than a block']);
  });
});
