import { describe, expect, it } from 'vitest';
import { netflow5 } from '../build/netflow.ts';
import { concat, hex, u32 } from '../build/octets.ts';
import { ethernet, ipv4, pcapng } from '../build/pcap.ts';
import { read } from './run.ts';

const packet = ethernet(ipv4(netflow5({}, [{ source: '10.1.2.3', packets: 3 }])));

describe('a pcapng file', () => {
  it.each([
    ['little', undefined, 1_700_000_005_500_250n, 1_700_000_005_500.25],
    ['big', 6, 1_700_000_005_500_250n, 1_700_000_005_500.25],
    ['little', 9, 1_700_000_005_500_250_000n, 1_700_000_005_500.25],
    ['big', 0x8a, 1_700_000_005n * 1024n + 512n, 1_700_000_005_500],
  ] as const)('is read in %s-endian with time resolution %s', (endian, resolution, time, ms) => {
    const file = pcapng({ endian, ...(resolution === undefined ? {} : { resolution }) }, { packet, time });
    const { chunks, records, summary } = read(file);
    expect(records).toMatchObject([{ sourceIPv4Address: '10.1.2.3', packetDeltaCount: 3 }]);
    expect(chunks[0]?.batch.columns.collectionTimeMilliseconds[0]).toBeCloseTo(ms, 2);
    expect(chunks[0]?.batch.columns.sourceOffset[0]).toBe(file.length - 4 - 48 - 24 - 2);
    expect(summary).toEqual({ kind: 'pcap', bytesRead: file.length, brokeAt: null, skipped: new Map() });
  });

  it('may have sections of different byte order and blocks of unknown type', () => {
    const custom = concat(hex('ad0b0000'), hex('10000000'), u32(7), hex('10000000'));
    const little = pcapng({ endian: 'little' }, { packet, time: 1n });
    const big = pcapng({ endian: 'big' }, { packet, time: 1n });
    expect(read(concat(little, custom, big)).rows).toBe(2);
  });

  it('reads simple packets, which have no time', () => {
    const file = pcapng({ endian: 'big' });
    const padding = new Uint8Array((4 - (packet.length % 4)) % 4);
    const length = u32(16 + packet.length + padding.length);
    const { chunks } = read(concat(file, u32(3), length, u32(packet.length), packet, padding, length));
    expect(chunks[0]?.batch.count).toBe(1);
    expect(chunks[0]?.batch.columns.collectionTimeMilliseconds[0]).toBeNaN();
  });

  it('reports a packet longer than its block and goes on', () => {
    const bad = pcapng({ endian: 'big' }, { packet, time: 1n });
    const at = bad.length - 4 - packet.length - ((4 - (packet.length % 4)) % 4) - 8;
    bad.set(u32(9999), at);
    const { rows, issues } = read(concat(bad, pcapng({}, { packet, time: 1n })));
    expect(rows).toBe(1);
    expect(issues).toMatchObject([{ code: 'bad-record' }]);
  });

  it('cut at any byte gives the packets before the cut and says where it broke', () => {
    const file = pcapng({}, { packet, time: 1n }, { packet, time: 2n });
    const blockBytes = (file.length - 28 - 20) / 2;
    const ends = [28, 48, 48 + blockBytes];
    for (let length = 12; length < file.length; length++) {
      const { rows, issues, summary } = read(file.subarray(0, length));
      const before = ends.filter((end) => end <= length).at(-1) ?? 0;
      expect(rows).toBe(length >= 48 + blockBytes ? 1 : 0);
      expect(issues.map((issue) => issue.code)).toEqual(before === length ? [] : ['truncated']);
      expect(summary.brokeAt).toBe(before === length ? null : before);
    }
  });
});
