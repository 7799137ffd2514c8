import { describe, expect, it } from 'vitest';
import { BadFrame, decodeFrame, encodeFrame, type Frame } from '../../core/wire/frame.ts';

const reply = (value: unknown): Frame => ({ kind: 'reply', id: 1, value });

function valueOf(bytes: Uint8Array): unknown {
  const frame = decodeFrame(bytes);
  return 'value' in frame ? frame.value : undefined;
}

/** A small generator of random numbers with a seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The bytes of a frame with this header, and `body` behind it. */
function frameOf(header: string, body: readonly number[] = []): Uint8Array {
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  const bytes = new Uint8Array(8 + padded.length + body.length);
  bytes.set([0x42, 0x54, 1, 0, padded.length & 0xff, padded.length >> 8]);
  bytes.set(new TextEncoder().encode(padded), 8);
  bytes.set(body, 8 + padded.length);
  return bytes;
}

describe('a frame', () => {
  it('carries every kind of typed array, wherever in the value it stands', () => {
    const value = {
      text: 'grüße 🌍',
      columns: [Int8Array.of(-1), Uint16Array.of(65_535), { deep: Float32Array.of(0.5) }],
      empty: new Float64Array(0),
      bytes: Uint8Array.of(1, 2, 3),
      __proto__: null,
    };
    expect(valueOf(encodeFrame(reply(value)))).toEqual({ ...value });
  });

  it('gives a column as a view of the message, not as a copy', () => {
    const bytes = encodeFrame(reply({ a: Uint8Array.of(1), b: Float64Array.of(1, 2) }));
    const { b } = valueOf(bytes) as { b: Float64Array };
    expect(b.buffer).toBe(bytes.buffer);
    expect(b.byteOffset % 8).toBe(0);
  });

  it('is read as well where the message does not begin at a multiple of 8', () => {
    const bytes = encodeFrame(reply(Float64Array.of(1.5)));
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(valueOf(shifted.subarray(3))).toEqual(Float64Array.of(1.5));
  });

  it('takes a part of a larger array alone', () => {
    const part = Float64Array.of(1, 2, 3, 4).subarray(1, 3);
    expect(valueOf(encodeFrame(reply(part)))).toEqual(Float64Array.of(2, 3));
  });

  it('leaves the value that was sent as it was', () => {
    const value = { a: [Uint8Array.of(1)] };
    encodeFrame(reply(value));
    expect(value).toEqual({ a: [Uint8Array.of(1)] });
  });
});

describe('bytes that are no frame', () => {
  it('are refused when cut off at any byte', () => {
    const bytes = encodeFrame({ kind: 'call', id: 3, name: 'x', value: { a: Float64Array.of(1, 2) } });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeFrame(bytes.subarray(0, length))).toThrow(BadFrame);
    }
  });

  it.each([
    ['another version', Uint8Array.of(0x42, 0x54, 2, 0, 0, 0, 0, 0)],
    ['a header that is no JSON', frameOf('{"kind":')],
    ['an unknown kind', frameOf('{"kind":"own","id":1}')],
    ['a number below 1', frameOf('{"kind":"cancel","id":0}')],
    [
      'a column longer than the frame',
      frameOf('{"kind":"reply","id":1,"value":null,"columns":[["f64",9e9,[]]]}'),
    ],
    ['a column of no place', frameOf('{"kind":"reply","id":1,"value":{},"columns":[["u8",0,["a"]]]}')],
    [
      'a column in the place of a value',
      frameOf('{"kind":"reply","id":1,"value":{"a":1},"columns":[["u8",0,["a"]]]}'),
    ],
    [
      'a column in a prototype',
      frameOf('{"kind":"reply","id":1,"value":{},"columns":[["u8",0,["__proto__","x"]]]}'),
    ],
    ['bytes behind the last column', frameOf('{"kind":"cancel","id":1}', [0, 0, 0, 0, 0, 0, 0, 0])],
  ])('are refused: %s', (_, bytes) => {
    expect(() => decodeFrame(bytes)).toThrow(BadFrame);
  });

  it('never do anything but be refused or read, whatever the bytes (seeds 1 to 20)', () => {
    const whole = encodeFrame({
      kind: 'feed',
      id: 9,
      name: 'query.top',
      value: { fields: ['srcip'], columns: [Float64Array.of(1, 2, 3), Uint8Array.of(1)] },
      credit: 4,
    });
    let read = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const random = randomFrom(seed);
      for (let round = 0; round < 500; round++) {
        const bytes = whole.slice(0, random() < 0.2 ? Math.floor(random() * whole.length) : whole.length);
        for (let change = 0; change < 3; change++) {
          bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
        }
        try {
          decodeFrame(bytes);
          read++;
        } catch (error) {
          expect(error).toBeInstanceOf(BadFrame);
        }
      }
    }
    expect(read).toBeGreaterThan(0);
  });
});
