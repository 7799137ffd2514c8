import { describe, expect, it } from 'vitest';
import { Allowlist, senderAddress } from '../../core/collect/allowlist.ts';
import { ClockWatch } from '../../core/collect/clock-watch.ts';
import { findDrops } from '../../core/collect/kernel-drops.ts';
import { parseListenAddress } from '../../core/collect/listen-address.ts';
import { MessageFramer } from '../../core/collect/message-framer.ts';
import { intervalOf } from '../../core/decode/sampling.ts';
import { SequenceCounter, type SequencedDatagram } from '../../core/collect/sequence-counter.ts';
import { ipfix } from '../build/ipfix.ts';
import { concat, ip, u16 } from '../build/octets.ts';

describe('a place to listen', () => {
  it('is scheme, address and port', () => {
    expect(parseListenAddress('udp://0.0.0.0:2055')).toEqual({ scheme: 'udp', host: '0.0.0.0', port: 2055 });
    expect(parseListenAddress('TLS://[2001:db8::1]:4740')).toEqual({
      scheme: 'tls',
      host: '2001:db8::1',
      port: 4740,
    });
    expect(parseListenAddress('tcp://localhost:0').host).toBe('127.0.0.1');
  });

  it.each(['udp://[127.0.0.1]:1', 'udp://::1:2055', 'udp://1.2.3.4', 'http://1.2.3.4:80', ''])(
    'is not %j',
    (text) => {
      expect(() => parseListenAddress(text)).toThrow(/write|kinds/);
    },
  );
});

describe('messages on a stream', () => {
  const messages = [ipfix({ sequence: 1 }, u16(1)), ipfix({ sequence: 2 }), ipfix({ sequence: 3 }, u16(3))];
  const stream = concat(...messages);

  it.each([1, 3, 16, 17, 1000])('are found again in pieces of %i bytes', (size) => {
    const framer = new MessageFramer();
    const found: number[][] = [];
    for (let at = 0; at < stream.length; at += size) {
      for (const message of framer.push(stream.subarray(at, at + size))) found.push([...message]);
    }
    expect(found).toEqual(messages.map((message) => [...message]));
    expect(framer.pending).toBe(0);
  });

  it('end at the first byte that is none', () => {
    const framer = new MessageFramer();
    const found: Uint8Array[] = [];
    expect(() => {
      for (const message of framer.push(concat(stream, u16(9), u16(40)))) found.push(message);
    }).toThrow(/version 9/);
    expect(found).toHaveLength(3);
    expect(() => [...new MessageFramer().push(concat(u16(10), u16(15)))]).toThrow(/15 bytes/);
  });
});

describe('sequence numbers', () => {
  const datagram = (sequenceNumber: number, more: Partial<SequencedDatagram> = {}): SequencedDatagram => ({
    version: 5,
    sequenceNumber,
    sysUpTime: 1_000_000,
    exportTime: sequenceNumber,
    records: 10,
    options: 0,
    counted: true,
    ...more,
  });
  const counted = (...datagrams: SequencedDatagram[]): Partial<SequenceCounter> => {
    const counter = new SequenceCounter();
    for (const one of datagrams) counter.add(one);
    const { lost, reordered, duplicates, restarts } = counter;
    return { lost, reordered, duplicates, restarts };
  };
  const none = { lost: 0, reordered: 0, duplicates: 0, restarts: 0 };

  it('of v5 count flows, through the wrap of 32 bits', () => {
    expect(counted(datagram(2 ** 32 - 10), datagram(0), datagram(10))).toEqual(none);
    expect(counted(datagram(0), datagram(10), datagram(50))).toEqual({ ...none, lost: 30 });
  });

  it('of v9 count datagrams', () => {
    const nine = { version: 9 };
    expect(counted(datagram(7, nine), datagram(8, nine), datagram(12, nine))).toEqual({ ...none, lost: 3 });
  });

  it('of IPFIX count records before the message', () => {
    const ten = { version: 10, sysUpTime: null };
    expect(counted(datagram(0, ten), datagram(10, ten), datagram(25, ten))).toEqual({ ...none, lost: 5 });
  });

  it('of softflowd count its own records too, without options: no loss is seen', () => {
    const ten = { version: 10, sysUpTime: null };
    expect(
      counted(
        datagram(4, { ...ten, records: 5, options: 1 }),
        datagram(17, { ...ten, records: 13 }),
        datagram(20, { ...ten, records: 3 }),
        datagram(31, { ...ten, records: 11 }),
      ),
    ).toEqual(none);
  });

  it('are not judged where records wait for a template', () => {
    const ten = { version: 10, sysUpTime: null };
    expect(
      counted(datagram(0, { ...ten, records: 0, counted: false }), datagram(40, ten), datagram(50, ten)),
    ).toEqual(none);
  });

  it('take a late datagram back out of the loss', () => {
    expect(counted(datagram(0), datagram(20), datagram(10), datagram(30))).toEqual({ ...none, reordered: 1 });
  });

  it('show repetitions', () => {
    expect(counted(datagram(0), datagram(10), datagram(10), datagram(20))).toEqual({
      ...none,
      duplicates: 1,
    });
  });

  it('that begin anew are a restart, by the uptime or by the jump', () => {
    expect(counted(datagram(5000), datagram(0, { sysUpTime: 500 }))).toEqual({ ...none, restarts: 1 });
    expect(counted(datagram(50_000_000), datagram(0), datagram(10))).toEqual({ ...none, restarts: 1 });
    const wrapped = counted(datagram(0, { sysUpTime: 2 ** 32 - 1000 }), datagram(10, { sysUpTime: 300 }));
    expect(wrapped).toEqual(none);
  });

  it('are absent in v1', () => {
    expect(counted(datagram(0, { version: 1 }), datagram(0, { version: 1 }))).toEqual(none);
  });
});

describe('an exporter clock', () => {
  it('stands where the least delayed datagrams say, and drifts by their slope', () => {
    const clock = new ClockWatch();
    expect([clock.offsetMs, clock.driftPpm]).toEqual([null, null]);
    // Half an hour, ten datagrams a second; the clock is 97 s ahead and gains 100 ppm; delays up to 900 ms.
    for (let i = 0; i <= 18_000; i++) {
      const received = 1_790_000_000_000 + i * 100;
      clock.add(received + 97_000 + i * 100 * 1e-4 - ((i * 7919) % 900), received);
    }
    expect(clock.offsetMs).toBeGreaterThan(97_100);
    expect(clock.offsetMs).toBeLessThan(97_190);
    expect(clock.driftPpm).toBeGreaterThan(85);
    expect(clock.driftPpm).toBeLessThan(115);
  });
});

describe('sampling', () => {
  it.each([
    [[['samplingInterval', 100]], 100],
    [[['samplerRandomInterval', 512]], 512],
    [
      [
        ['samplingPacketInterval', 1],
        ['samplingPacketSpace', 999],
      ],
      1000,
    ],
    [
      [
        ['samplingSize', 2],
        ['samplingPopulation', 100],
      ],
      50,
    ],
    [[['samplingProbability', 0.01]], 100],
    [[['samplingInterval', 0]], undefined],
    [[['interfaceName', 'eth0']], undefined],
  ] as const)('is told by %j', (fields, expected) => {
    expect(intervalOf(new Map<string, unknown>(fields))).toBe(expected);
  });
});

describe('the drops of a socket', () => {
  const head =
    'sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops';
  const line = (address: string, drops: number): string =>
    ` 1: ${address} 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 12 2 0000000000000000 ${drops}         `;

  it('stand at the end of its line in /proc/net/udp', () => {
    const table = [head, line('0100007F:0807', 5), line('00000000:0807', 77)].join('\n');
    expect(findDrops(table, ip('127.0.0.1'), 2055)).toBe(5);
    expect(findDrops(table, ip('0.0.0.0'), 2055)).toBe(77);
    expect(findDrops(table, ip('0.0.0.0'), 2056)).toBeNull();
  });

  it('and in udp6, where an address is four words', () => {
    const table = [head, line('00000000000000000000000001000000:0807', 9)].join('\n');
    expect(findDrops(table, ip('::1'), 2055)).toBe(9);
  });
});

describe('allowed exporters', () => {
  it('are compared as addresses, not as text', () => {
    const list = new Allowlist(['2001:DB8:0::1', '192.0.2.1']);
    expect(list.admits(senderAddress('2001:db8::1'))).toBe(true);
    expect(list.admits(senderAddress('::ffff:192.0.2.1'))).toBe(true);
    expect(list.admits(senderAddress('192.0.2.2'))).toBe(false);
    expect(list.refused).toBe(1);
  });

  it('beyond them, refused addresses are counted one by one up to a limit', () => {
    const list = new Allowlist(['192.0.2.1']);
    for (let i = 0; i < 5000; i++) list.admits(`198.51.${i >> 8}.${i & 255}`);
    expect(list.refused).toBe(5000);
    expect(list.refusals(10_000)).toHaveLength(1024);
  });
});
