import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { netflow5 } from '../build/netflow.ts';
import { concat, type Octets } from '../build/octets.ts';
import { ethernet, fragments4, fragments6, ipv4, ipv6, pcap, type Captured } from '../build/pcap.ts';
import { describeShared, sharedPath } from '../support.ts';
import { read } from './run.ts';

/** 20 flows: 984 bytes, and 8 of UDP. */
const datagram = netflow5(
  {},
  Array.from({ length: 20 }, (_, i) => ({ octets: 100 + i })),
);

function rows(...packets: readonly Octets[]): { rows: number; skipped: Record<string, number> } {
  const { rows: count, summary } = read(pcap({}, ...packets.map((packet) => ethernet(packet))));
  return { rows: count, skipped: Object.fromEntries(summary.skipped) };
}

describe.each([
  ['IPv4', ipv4(datagram), fragments4],
  ['IPv6', ipv6(datagram), fragments6],
] as const)('an export datagram in %s fragments', (_, packet, split) => {
  const [first = packet, second = packet, third = packet] = split(packet, 400, 7);

  it('is put together, in any order, whatever comes twice or between', () => {
    for (const parts of [
      [first, second, third],
      [third, second, first],
      [second, first, second, third],
      [third, ...split(packet, 496, 8), first, second],
    ]) {
      const extra = parts.length === 5 ? 20 : 0;
      expect(rows(...parts)).toEqual({ rows: 20 + extra, skipped: {} });
    }
  });

  it('has its sender, the time of the part that completed it, and the place of its first part', () => {
    const at = (part: Octets, seconds: number): Captured => ({ packet: ethernet(part), seconds });
    const { chunks, records } = read(pcap({}, at(second, 100), at(first, 101), at(third, 102)));
    const header = chunks[0]?.batch.datagrams[0];
    const address = packet === first ? '' : String(records[0]?.['_exporter']);
    expect(['192.0.2.7', '2001:db8::7']).toContain(address);
    expect(header?.received).toBe(102_000);
    const headers = 14 + (first.length - 400);
    expect(header?.sourceOffset).toBe(24 + 16 + 14 + second.length + 16 + headers + 8);
    expect(records.map((record) => record['octetDeltaCount'])).toEqual(
      Array.from({ length: 20 }, (__, i) => 100 + i),
    );
  });

  it('that lacks a part is counted, and no part of it is taken', () => {
    expect(rows(first, third)).toEqual({ rows: 0, skipped: { 'incomplete IP fragments': 2 } });
    expect(rows(first, second)).toEqual({ rows: 0, skipped: { 'incomplete IP fragments': 2 } });
  });

  it('with parts that overlap is refused, with all that comes of it', () => {
    const [, other = packet] = split(packet, 392, 7);
    expect(rows(first, other, second, third)).toEqual({
      rows: 0,
      skipped: { 'faulty IP fragments': 4 },
    });
    const changed = second.slice();
    changed[changed.length - 1] = 99;
    expect(rows(second, changed, first, third)).toEqual({
      rows: 0,
      skipped: { 'faulty IP fragments': 4 },
    });
  });

  it('waits no longer than thirty seconds', () => {
    const at = (part: Octets, seconds: number): Captured => ({ packet: ethernet(part), seconds });
    const late = read(pcap({}, at(first, 100), at(second, 100), at(third, 131)));
    expect(late.rows).toBe(0);
    expect(Object.fromEntries(late.summary.skipped)).toEqual({ 'incomplete IP fragments': 3 });
    expect(read(pcap({}, at(first, 100), at(second, 100), at(third, 130))).rows).toBe(20);
  });

  it('is pushed out by more than a thousand others, whose memory is bounded', () => {
    const flood = Array.from({ length: 1024 }, (__, i) => split(packet, 400, 100 + i)[0] ?? packet);
    const { rows: count, skipped } = rows(first, ...flood, second, third);
    expect(count).toBe(0);
    expect(skipped).toEqual({ 'incomplete IP fragments': 1027 });
    const fewer = rows(first, ...flood.slice(1), second, third);
    expect(fewer).toEqual({ rows: 20, skipped: { 'incomplete IP fragments': 1023 } });
  });
});

it('parts of false length, or beyond the largest datagram, are refused', () => {
  const [first = datagram, , third = datagram] = fragments4(ipv4(datagram), 400, 7);
  // The first of two parts ends at no multiple of eight bytes.
  const odd = concat(first.subarray(0, 2), new Uint8Array([0, 20 + 397]), first.subarray(4, 20 + 397));
  expect(rows(odd, third)).toEqual({ rows: 0, skipped: { 'faulty IP fragments': 2 } });
  const far = third.slice();
  far.set([0x1f, 0xff], 6);
  expect(rows(first, far)).toEqual({ rows: 0, skipped: { 'faulty IP fragments': 2 } });
});

describeShared('a capture of the reference corpus', () => {
  it('with five UDP datagrams in fragments, as tshark counts them, gives them whole', () => {
    const { summary } = read(readFileSync(sharedPath('corpus/packets/ipv4-udp-fragmented.pcap') ?? ''));
    expect(Object.fromEntries(summary.skipped)).toEqual({ 'not flow export': 5 });
  });
});
