import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ByteCursor, memorySource } from '../../core/archive/byte-cursor.ts';
import { UnzippedSource, type Packing } from '../../core/archive/unzip.ts';
import { netflow5 } from '../build/netflow.ts';
import { block, genericFlow, nfcapd2, v3 } from '../build/nfcapd.ts';
import { ascii, concat } from '../build/octets.ts';
import { read } from './run.ts';

interface Unzipped {
  readonly bytes: Uint8Array;
  readonly fault: string | undefined;
  readonly pulls: number;
}

function unzip(packed: Uint8Array, packing: Packing, window = 65_536): Unzipped {
  const source = new UnzippedSource(new ByteCursor(memorySource(packed)), packing);
  const parts: Uint8Array[] = [];
  let pulls = 0;
  for (;;) {
    const target = new Uint8Array(window);
    const count = source.pull(target);
    pulls++;
    if (count === 0) return { bytes: concat(...parts), fault: source.fault, pulls };
    parts.push(target.subarray(0, count));
  }
}

/** Bytes that shrink to about a third. */
const data = Uint8Array.from({ length: 50_000 }, (_, i) =>
  i % 7 === 0 ? (i * 2_654_435_761) >>> 24 : i >> 8,
);

const packers = [
  ['gzip', (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes))],
  ['zstd', (bytes: Uint8Array) => new Uint8Array(zstdCompressSync(bytes))],
  ['zlib', (bytes: Uint8Array) => new Uint8Array(deflateSync(bytes))],
] as const;

describe.each(packers)('%s', (packing, pack) => {
  const packed = pack(data);

  it('comes out as it was, whatever the size of the pulls', () => {
    for (const window of [1, 100, 65_536]) {
      const { bytes, fault } = unzip(packed, packing, window);
      expect(fault).toBeUndefined();
      expect(bytes).toEqual(data);
    }
  });

  it('may be several members, and zeros behind', () => {
    const { bytes, fault } = unzip(concat(packed, packed, new Uint8Array(3000)), packing);
    expect(fault).toBe(packing === 'gzip' ? undefined : fault);
    expect(bytes.subarray(0, data.length)).toEqual(data);
    expect(unzip(concat(packed, packed), packing).bytes).toEqual(concat(data, data));
  });

  it('cut at any byte gives a beginning, and says that it is cut', () => {
    for (let length = 1; length < packed.length; length += 97) {
      const { bytes, fault } = unzip(packed.subarray(0, length), packing);
      expect(fault).toBe('they end too early');
      expect(bytes).toEqual(data.subarray(0, bytes.length));
    }
  });

  it('that expands a thousand times is handed on in the size of the pulls', () => {
    const { bytes, pulls } = unzip(pack(new Uint8Array(20 << 20)), packing, 65_536);
    expect(bytes.length).toBe(20 << 20);
    expect(pulls).toBeGreaterThan(320);
  });
});

it('a member may end where a piece of input ends', () => {
  const member = Array.from({ length: 300 }, (_, i) =>
    gzipSync(ascii('x'.repeat(900 + i)), { level: 0 }),
  ).find(({ length }) => length === 1024);
  const bytes = new Uint8Array(member ?? []);
  expect(bytes.length).toBe(1024);
  expect(unzip(concat(bytes, bytes, bytes), 'gzip')).toMatchObject({ fault: undefined });
  expect(unzip(concat(bytes, bytes, bytes), 'gzip').bytes.length).toBe(3 * (1024 - 23));
});

describe.each(packers.slice(0, 2))('a %s-compressed archive', (packing, pack) => {
  const flow = v3({}, genericFlow({ octets: 5 }));
  const plain = nfcapd2({}, block({}, flow, flow), block({}, flow));

  it('is read as what it holds', () => {
    const packed = pack(plain);
    const { rows, summary, chunks } = read(packed);
    expect(rows).toBe(3);
    expect(summary).toMatchObject({ kind: 'nfcapd', brokeAt: null, bytesRead: packed.length });
    expect(chunks[0]?.batch.columns.sourceOffset[0]).toBe(52);
    expect(read(pack(netflow5({}, [{}]))).summary.kind).toBe('datagram');
  });

  it('cut at any byte gives what comes before, and says where the file broke', () => {
    const packed = pack(plain);
    for (let length = 20; length < packed.length; length++) {
      const attempt = (): ReturnType<typeof read> => read(packed.subarray(0, length));
      let result;
      try {
        result = attempt();
      } catch (error) {
        expect(String(error)).toMatch(/damaged from its start|no flow archive|within its header/);
        continue;
      }
      expect(result.issues.at(-1)?.code).toBe('truncated');
      expect(result.summary.brokeAt).toBe(length);
    }
  });

  it('compressed twice, or damaged from its start, is refused', () => {
    expect(() => read(pack(pack(plain)))).toThrow('The file is compressed twice: unpack it once first.');
    const damaged = concat(pack(plain).subarray(0, 4), new Uint8Array(20).fill(255));
    expect(() => read(damaged)).toThrow(new RegExp(`${packing}-compressed and damaged from its start`));
  });
});
