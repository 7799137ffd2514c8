import { deflateRawSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  block,
  genericFlow,
  ipv4Flow,
  n16,
  nfcapd1,
  nfcapd2,
  common,
  extensionMap,
  v3,
} from '../build/nfcapd.ts';
import { concat, type Octets } from '../build/octets.ts';
import { lz4Literals, lzoLiterals } from '../build/packed.ts';
import { read } from './run.ts';

const flow = (number: number): Octets =>
  v3(
    {},
    genericFlow({ first: 1_700_000_000_000 + number, octets: number }),
    ipv4Flow('10.0.0.1', '10.0.0.2'),
  );
const body = concat(flow(1), flow(2), flow(3));
const methods = [
  ['LZO', 1, lzoLiterals],
  ['LZ4', 3, lz4Literals],
  ['zstd', 4, (bytes: Octets): Octets => new Uint8Array(zstdCompressSync(bytes))],
] as const;

const packedBlock = (bytes: Octets, records = 3): Octets => block({ records, size: bytes.length }, bytes);

describe.each(methods)('an nfcapd file of %s blocks', (method, compression, pack) => {
  const file = nfcapd2({ compression }, packedBlock(pack(body)), packedBlock(pack(flow(4)), 1));

  it('has the flows of all blocks, each row where its block begins', () => {
    const { records, issues, chunks, summary } = read(file);
    expect(issues).toEqual([]);
    expect(summary).toMatchObject({ kind: 'nfcapd', brokeAt: null, bytesRead: file.length });
    expect(records.map((record) => record['octetDeltaCount'])).toEqual([1, 2, 3, 4]);
    const second = 40 + 12 + pack(body).length;
    expect([...(chunks[0]?.batch.columns.sourceOffset ?? [])]).toEqual([40, 40, 40, second]);
  });

  it('may be cut at any byte: what was unpacked before is read', () => {
    let most = 0;
    for (let length = 41; length < file.length; length++) {
      const { rows, summary, issues } = read(file.subarray(0, length));
      expect(summary.brokeAt).toBe(length === 52 + pack(body).length ? length : summary.bytesRead);
      expect(issues.map(({ code }) => code)).toEqual(['truncated']);
      expect(rows).toBeGreaterThanOrEqual(most);
      most = rows;
    }
    expect(most).toBeGreaterThanOrEqual(3);
  });

  it('goes on behind a damaged block, and says what was read of it', () => {
    const damaged = pack(body).slice(0, -2);
    const { rows, issues, summary } = read(
      nfcapd2({ compression }, packedBlock(damaged), packedBlock(pack(flow(4)), 1)),
    );
    expect(rows).toBeLessThanOrEqual(4);
    expect(rows).toBeGreaterThanOrEqual(1);
    expect(summary.brokeAt).toBeNull();
    expect(issues).toMatchObject([{ code: 'bad-record', offset: 40 }]);
    expect(issues[0]?.message).toContain(`the ${method} block at byte 40 is damaged: `);
  });

  it('does not unpack more than nfdump holds', () => {
    const { issues, rows } = read(nfcapd2({ compression }, packedBlock(pack(new Uint8Array(6 << 20)))));
    expect(rows).toBe(0);
    expect(issues.at(-1)?.message).toMatch(/is damaged: it is longer than a block|says it has 0 bytes/);
  });

  it('may have blocks that say they are not compressed', () => {
    const plain = block({}, flow(9));
    plain.set(n16(1), 10);
    expect(read(nfcapd2({ compression }, plain, packedBlock(pack(body)))).rows).toBe(4);
  });
});

it('an nfcapd file of layout 1 may have LZO, bz2 or LZ4 blocks', () => {
  const record = common({ source: '10.0.0.1', destination: '10.0.0.2', octets: 7 });
  const content = concat(extensionMap(1), record);
  for (const [flags, pack] of [
    [1, lzoLiterals],
    [16, lz4Literals],
  ] as const) {
    const packed = pack(content);
    const { records, issues } = read(
      nfcapd1({ flags }, block({ type: 2, records: 2, size: packed.length }, packed)),
    );
    expect(issues).toEqual([]);
    expect(records).toMatchObject([{ octetDeltaCount: 7 }]);
  }
});

it('a block of another method than the file names is damaged, not a crash', () => {
  for (const [, compression] of [...methods, ['bz2', 2]] as const) {
    const { rows, issues } = read(
      nfcapd2({ compression }, packedBlock(new Uint8Array(deflateRawSync(body)))),
    );
    expect(rows).toBe(0);
    expect(issues.at(-1)?.message).toMatch(/is damaged: /);
  }
});
