import { describe, expect, it } from 'vitest';
import {
  VARIABLE,
  ipfix,
  optionsTemplate10,
  optionsTemplates10,
  template10,
  templates10,
  withdrawal10,
} from '../build/ipfix.ts';
import { data } from '../build/netflow.ts';
import { ascii, concat, hex, ip, ntp, u16, u32, u64, u8, variable } from '../build/octets.ts';
import { codes, decodeAll, elements, neutral } from './run.ts';

const ports = template10(256, [7, 2], [11, 2]);

describe('IPFIX', () => {
  it('gives every field of a record under its registered name', () => {
    const chunk = decodeAll(
      ipfix(
        { seconds: 1_600_000_000, sequence: 9, domain: 7 },
        templates10(template10(256, [27, 16], [28, 16], [152, 8], [153, 8], [85, 8], [86, 8], [136, 1])),
        data(256, [
          ip('2001:db8::1'),
          ip('2001:db8:0:1::2'),
          u64(1_599_999_999_123),
          u64(1_600_000_000_456),
          u64(1500),
          u64(3),
          u8(2),
        ]),
      ),
    );
    expect(neutral(chunk)).toEqual([
      {
        _n: 0,
        _msg: 0,
        _v: 10,
        _odid: 7,
        _seq: 9,
        _exportMs: 1_600_000_000_000,
        _exporter: '192.0.2.1',
        _set: 256,
        _kind: 'flow',
        sourceIPv6Address: '2001:db8::1',
        destinationIPv6Address: '2001:db8:0:1::2',
        flowStartMilliseconds: 1_599_999_999_123,
        flowEndMilliseconds: 1_600_000_000_456,
        octetTotalCount: 1500,
        packetTotalCount: 3,
        flowEndReason: 2,
        _startMs: 1_599_999_999_123,
        _endMs: 1_600_000_000_456,
      },
    ]);
    const { columns, layouts } = chunk.batch;
    expect([columns.octetDeltaCount[0], columns.packetDeltaCount[0]]).toEqual([1500, 3]);
    expect(layouts[0]?.fields).not.toContain('octetDeltaCount');
  });

  it('reads values of variable length, with lengths of one byte and of three', () => {
    const long = ascii('x'.repeat(300));
    const chunk = decodeAll(
      ipfix(
        {},
        templates10(template10(256, [82, VARIABLE], [7, 2], [313, VARIABLE])),
        data(
          256,
          [variable(ascii('eth0')), u16(1), variable(hex('0102'), 'long')],
          [variable(ascii('')), u16(2), variable(long, 'long')],
        ),
      ),
    );
    expect(elements(chunk)).toEqual([
      { interfaceName: 'eth0', sourceTransportPort: 1, ipHeaderPacketSection: '0102' },
      { interfaceName: '', sourceTransportPort: 2, ipHeaderPacketSection: '78'.repeat(300) },
    ]);
  });

  it('gives a core element of variable length both as column and as exported', () => {
    const chunk = decodeAll(
      ipfix(
        {},
        templates10(template10(256, [8, VARIABLE], [7, VARIABLE])),
        data(256, [variable(ip('10.0.0.1')), variable(u16(80))], [variable(hex('0a')), variable(u8(9))]),
      ),
    );
    expect(elements(chunk)).toEqual([
      { sourceIPv4Address: '10.0.0.1', sourceTransportPort: 80 },
      { sourceIPv4Address: '0a', sourceTransportPort: 9 },
    ]);
    expect([...chunk.batch.columns.sourceTransportPort]).toEqual([80, 9]);
  });

  it('names enterprise elements by their numbers, reverse elements by the forward ones', () => {
    const chunk = decodeAll(
      ipfix(
        {},
        templates10(
          template10(
            256,
            [1, 4, 29_305],
            [40, 2, 6871],
            [501, VARIABLE, 16_982],
            [515, 1],
            [9999, 1, 29_305],
          ),
        ),
        data(256, [u32(92), u16(1), variable(ascii('a.example')), u8(5), u8(6)]),
      ),
    );
    expect(elements(chunk)).toEqual([
      {
        reverseOctetDeltaCount: 92,
        e6871id40: '0001',
        e16982id501: '612e6578616d706c65',
        ie515: '05',
        e29305id9999: '06',
      },
    ]);
    expect(chunk.batch.columns.octetDeltaCount[0]).toBe(0);
  });

  it.each([
    ['Seconds', 150, u32(1_600_000_000), 1_600_000_000, 1_600_000_000_000],
    ['Microseconds', 154, ntp(1_600_000_000, 0x8000_0000), 1_600_000_000_500_000, 1_600_000_000_500],
    ['Nanoseconds', 156, ntp(1_600_000_000, 0x4000_0000), '1600000000250000000', 1_600_000_000_250],
    ['DeltaMicroseconds', 158, u32(1_500_000), 1_500_000, 1_600_000_098_500],
  ])('dates a flow by flowStart%s', (name, element, octets, raw, start) => {
    const chunk = decodeAll(
      ipfix(
        { seconds: 1_600_000_100 },
        templates10(template10(256, [element, octets.length])),
        data(256, [octets]),
      ),
    );
    expect(elements(chunk)).toEqual([{ [`flowStart${name}`]: raw, _startMs: start }]);
  });

  it('prefers milliseconds to seconds, wherever they stand', () => {
    const chunk = decodeAll(
      ipfix(
        {},
        templates10(template10(256, [152, 8], [150, 4])),
        data(256, [u64(1_600_000_000_123), u32(1_600_000_000)]),
      ),
    );
    expect(elements(chunk)).toEqual([
      {
        flowStartMilliseconds: 1_600_000_000_123,
        flowStartSeconds: 1_600_000_000,
        _startMs: 1_600_000_000_123,
      },
    ]);
  });

  it('dates uptimes by the boot time of the record, else of an earlier options record, else not', () => {
    const uptime = template10(256, [22, 4]);
    const boot = optionsTemplate10(257, [[143, 4]], [[160, 8]]);
    const chunk = decodeAll(
      ipfix({}, templates10(uptime), data(256, [u32(500)])),
      ipfix({}, optionsTemplates10(boot), data(257, [u32(1), u64(1_600_000_000_000)]), data(256, [u32(500)])),
      ipfix(
        {},
        templates10(template10(258, [22, 4], [160, 8])),
        data(258, [u32(500), u64(1_500_000_000_000)]),
      ),
      ipfix({ domain: 2 }, templates10(uptime), data(256, [u32(500)])),
    );
    const flows = neutral(chunk).filter((record) => record['_kind'] === 'flow');
    expect(flows.map((record) => record['_startMs'])).toEqual([
      undefined,
      1_600_000_000_500,
      1_500_000_000_500,
      undefined,
    ]);
  });

  it('gives an element that occurs several times as a list, the last one in the column', () => {
    const chunk = decodeAll(
      ipfix(
        {},
        templates10(template10(256, [7, 2], [4, 1], [7, 2], [210, 1])),
        data(256, [u16(0), u8(17), u16(2222), u8(0)]),
      ),
    );
    expect(elements(chunk)).toEqual([{ sourceTransportPort: [0, 2222], protocolIdentifier: 17 }]);
    expect(chunk.batch.columns.sourceTransportPort[0]).toBe(2222);
  });

  it('chooses between an IPv4 and an IPv6 address by ipVersion, else by which is not zero', () => {
    const both = template10(256, [8, 4], [27, 16]);
    const chunk = decodeAll(
      ipfix(
        {},
        templates10(both, template10(257, [8, 4], [27, 16], [60, 1])),
        data(256, [ip('0.0.0.0'), ip('2001:db8::1')], [ip('10.0.0.1'), ip('::')]),
        data(257, [ip('0.0.0.0'), ip('::'), u8(6)]),
      ),
    );
    const { addresses, columns } = chunk.batch;
    expect([...columns.sourceAddress].map((code) => addresses.text(code))).toEqual([
      '2001:db8::1',
      '10.0.0.1',
      '::',
    ]);
    expect(elements(chunk)[0]).toEqual({ sourceIPv4Address: '0.0.0.0', sourceIPv6Address: '2001:db8::1' });
  });

  it('reads every simple type', () => {
    const chunk = decodeAll(
      ipfix(
        {},
        templates10(template10(256, [276, 1], [276, 1], [434, 4], [320, 8], [311, 4], [56, 6], [82, 6])),
        data(256, [
          u8(1),
          u8(2),
          hex('fffffff0'),
          hex('3ff8000000000000'),
          hex('40200000'),
          hex('0a0b0c0d0e0f'),
          hex('c582c3b30000'),
        ]),
      ),
    );
    expect(elements(chunk)).toEqual([
      {
        dataRecordsReliability: [true, false],
        mibObjectValueInteger: -16,
        absoluteError: 1.5,
        samplingProbability: 2.5,
        sourceMacAddress: '0a:0b:0c:0d:0e:0f',
        interfaceName: 'łó',
      },
    ]);
  });

  it('forgets a template that is withdrawn, or all of a kind', () => {
    const record = data(256, [u16(1), u16(2)]);
    const one = decodeAll(ipfix({}, templates10(ports), templates10(withdrawal10(256)), record));
    expect([one.batch.count, codes(one)]).toEqual([0, ['missing-template']]);
    const all = decodeAll(ipfix({}, templates10(ports), templates10(withdrawal10(2)), record));
    expect([all.batch.count, codes(all)]).toEqual([0, ['missing-template']]);
    const other = decodeAll(ipfix({}, templates10(ports), optionsTemplates10(withdrawal10(3)), record));
    expect([other.batch.count, codes(other)]).toEqual([1, []]);
  });

  it('goes by the message length, not by the datagram', () => {
    const message = ipfix({}, templates10(ports), data(256, [u16(1), u16(2)]));
    const long = decodeAll(concat(message, data(256, [u16(3), u16(4)])));
    expect([long.batch.count, codes(long)]).toEqual([1, ['bad-length']]);
    const short = decodeAll(ipfix({ length: 500 }, templates10(ports), data(256, [u16(1), u16(2)])));
    expect([short.batch.count, codes(short)]).toEqual([1, ['truncated']]);
    const tiny = decodeAll(ipfix({ length: 15 }, templates10(ports)));
    expect([tiny.batch.count, codes(tiny)]).toEqual([0, ['bad-length']]);
  });

  it('gives the whole records of a set whose last one overruns it', () => {
    const chunk = decodeAll(
      ipfix(
        {},
        templates10(template10(256, [7, 2], [82, VARIABLE])),
        data(256, [u16(1), variable(ascii('lo'))], [u16(2), concat(u8(200), ascii('eth'))]),
      ),
    );
    expect(elements(chunk)).toEqual([{ sourceTransportPort: 1, interfaceName: 'lo' }]);
    expect(codes(chunk)).toEqual(['bad-record']);
    expect(chunk.batch.extras.get('interfaceName')?.rows).toEqual([0]);
  });

  it('passes over reserved sets and versions that are no flow export', () => {
    const chunk = decodeAll(ipfix({}, data(4, [u32(0)])), hex('0006'), hex('00'), hex('000a0014'));
    expect(codes(chunk)).toEqual(['unsupported', 'unknown-version', 'unknown-version', 'truncated']);
    expect(chunk.issues.map((issue) => issue.datagram)).toEqual([0, 1, 2, 3]);
  });
});
