import { describe, expect, it } from 'vitest';
import { LINK, ethernet, ipv4, ipv6, loopback, pcap, sll, sll2, type PcapOptions } from '../build/pcap.ts';
import { netflow5 } from '../build/netflow.ts';
import { concat, u16, u32, type Octets } from '../build/octets.ts';
import { memorySource } from '../../core/archive/byte-cursor.ts';
import { read, readFrom } from './run.ts';

const flow = {
  source: '10.1.2.3',
  destination: '10.4.5.6',
  sourcePort: 51_000,
  destinationPort: 22,
  packets: 3,
};
const datagram = netflow5({ seconds: 1_700_000_000, sysUpTime: 1000 }, [flow]);

function rowsOf(options: PcapOptions, packet: Octets): number {
  return read(pcap(options, packet)).rows;
}

describe('a pcap file', () => {
  it.each([
    ['little', 'micro', 500_250, 1_700_000_005_500.25],
    ['big', 'micro', 500_250, 1_700_000_005_500.25],
    ['little', 'nano', 500_250_000, 1_700_000_005_500.25],
    ['big', 'nano', 500_250_000, 1_700_000_005_500.25],
  ] as const)(
    'is read in %s-endian %sseconds, with the time of capture',
    (endian, precision, fraction, ms) => {
      const file = pcap(
        { endian, precision },
        { packet: ethernet(ipv4(datagram)), seconds: 1_700_000_005, fraction },
      );
      const { chunks, records, summary } = read(file);
      expect(records).toMatchObject([
        {
          _exporter: '192.0.2.7',
          sourceIPv4Address: '10.1.2.3',
          destinationTransportPort: 22,
          packetDeltaCount: 3,
        },
      ]);
      expect(chunks[0]?.batch.exporters[0]).toEqual({
        address: '192.0.2.7',
        port: 4000,
        observationDomainId: 0,
      });
      expect(chunks[0]?.batch.columns.collectionTimeMilliseconds[0]).toBe(ms);
      expect(chunks[0]?.batch.columns.sourceOffset[0]).toBe(24 + 16 + 14 + 20 + 8);
      expect(summary).toEqual({ kind: 'pcap', bytesRead: file.length, brokeAt: null, skipped: new Map() });
    },
  );

  it('is read from every link type, with VLAN tags and IPv6 extension headers', () => {
    const packet = ipv4(datagram);
    const hopByHop = { number: 0, body: concat(Uint8Array.of(0), new Uint8Array(6)) };
    const routing = { number: 43, body: concat(Uint8Array.of(1), new Uint8Array(14)) };
    const authentication = { number: 51, body: concat(Uint8Array.of(1), new Uint8Array(10)) };
    const wholeFragment = { number: 44, body: new Uint8Array(7) };
    expect(rowsOf({}, ethernet(packet, [[0x8100, 12]]))).toBe(1);
    expect(
      rowsOf(
        {},
        ethernet(packet, [
          [0x88a8, 12],
          [0x8100, 7],
        ]),
      ),
    ).toBe(1);
    expect(rowsOf({ link: LINK.raw }, packet)).toBe(1);
    expect(rowsOf({ link: LINK.sll }, sll(packet))).toBe(1);
    expect(rowsOf({ link: LINK.sll2 }, sll2(packet))).toBe(1);
    expect(rowsOf({ link: LINK.null }, loopback(packet))).toBe(1);
    expect(rowsOf({ link: LINK.loop }, loopback(ipv6(datagram)))).toBe(1);
    expect(rowsOf({}, ethernet(ipv6(datagram)))).toBe(1);
    expect(rowsOf({}, ethernet(ipv6(datagram, {}, [hopByHop, routing, authentication, wholeFragment])))).toBe(
      1,
    );
  });

  it('is read behind MPLS labels and in a PPPoE session', () => {
    const labels = (bottom: Uint8Array): Uint8Array =>
      concat(new Uint8Array(12), u16(0x8847), Uint8Array.of(0, 1, 0x20, 64), bottom);
    const inSession = (protocol: number, packet: Uint8Array): Uint8Array =>
      concat(
        new Uint8Array(12),
        u16(0x8864),
        Uint8Array.of(0x11, 0),
        u16(7),
        u16(packet.length + 2),
        u16(protocol),
        packet,
      );
    const last = Uint8Array.of(0, 1, 0x31, 64);
    expect(rowsOf({}, labels(concat(last, ipv4(datagram))))).toBe(1);
    expect(rowsOf({}, labels(concat(last, ipv6(datagram))))).toBe(1);
    expect(rowsOf({}, labels(new Uint8Array(2)))).toBe(0);
    expect(rowsOf({}, inSession(0x0021, ipv4(datagram)))).toBe(1);
    expect(rowsOf({}, inSession(0x0057, ipv6(datagram)))).toBe(1);
    expect(rowsOf({}, inSession(0xc021, new Uint8Array(20)))).toBe(0);
  });

  it('takes export datagrams on any port and counts what it passes over by reason', () => {
    const file = pcap(
      {},
      ethernet(ipv4(datagram, { destinationPort: 6343 })),
      ethernet(ipv4(u32(1), { destinationPort: 2055 })),
      ethernet(ipv4(datagram, { protocol: 6 })),
      ethernet(ipv4(datagram, { fragment: 0x2000 })),
      ethernet(ipv4(datagram, { fragment: 185 })),
      ethernet(ipv6(datagram, {}, [{ number: 44, body: concat(new Uint8Array(1), u16(8), u32(9)) }])),
      { packet: ethernet(ipv4(datagram)), keep: 60 },
      concat(new Uint8Array(12), u16(0x0806), new Uint8Array(28)),
    );
    const { rows, summary } = read(file);
    expect(rows).toBe(1);
    expect(Object.fromEntries(summary.skipped)).toEqual({
      'not flow export': 1,
      'not UDP': 1,
      'incomplete IP fragments': 3,
      'cut short by the capture': 1,
      'not IP': 1,
    });
  });

  it('of an unknown link type says so once and counts its packets', () => {
    const { issues, summary } = read(pcap({ link: 147 }, datagram, datagram));
    expect(issues).toEqual([
      {
        code: 'unsupported',
        offset: 20,
        message: 'packets of link type 147 cannot be read: all were passed over',
      },
    ]);
    expect(Object.fromEntries(summary.skipped)).toEqual({ 'unknown link type': 2 });
  });

  it('stops at a packet length that no capture can have', () => {
    const good = pcap({}, ethernet(ipv4(datagram)));
    const bad = concat(good, u32(0), u32(0), Uint8Array.of(0, 0, 0, 0x7f), u32(0), new Uint8Array(500));
    const { rows, issues, summary } = read(bad);
    expect(rows).toBe(1);
    expect(issues).toMatchObject([{ code: 'bad-length', offset: good.length }]);
    expect(summary.brokeAt).toBe(good.length);
  });

  it('cut at any byte gives the packets before the cut and says where it broke', () => {
    const packet = ethernet(ipv4(datagram));
    const file = pcap({}, packet, packet, packet);
    const packetBytes = 16 + packet.length;
    for (let length = 4; length < file.length; length++) {
      const { rows, issues, summary } = read(file.subarray(0, length));
      const whole = Math.max(0, Math.floor((length - 24) / packetBytes));
      const clean = length >= 24 && (length - 24) % packetBytes === 0;
      expect(rows).toBe(whole);
      expect(issues.map((issue) => issue.code)).toEqual(clean ? [] : ['truncated']);
      expect(summary.brokeAt).toBe(clean ? null : length < 24 ? 0 : 24 + whole * packetBytes);
    }
  });

  it('gives the same chunks however the bytes arrive, no longer than asked', () => {
    const packet = ethernet(ipv4(netflow5({}, [flow, flow, flow])));
    const file = pcap({}, ...Array.from({ length: 40 }, () => packet));
    const { chunks, rows, records } = read(file, 10);
    expect(rows).toBe(120);
    expect(chunks.map((chunk) => chunk.batch.count)).toEqual([12, 12, 12, 12, 12, 12, 12, 12, 12, 12]);
    const source = memorySource(file);
    const drops = readFrom({ pull: (target) => source.pull(target.subarray(0, 7)) }, 10);
    expect(drops.chunks.map((chunk) => [chunk.batch.count, chunk.bytesRead])).toEqual(
      chunks.map((chunk) => [chunk.batch.count, chunk.bytesRead]),
    );
    expect(drops.records).toEqual(records);
  });
});
