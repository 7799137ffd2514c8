import { describe, expect, it } from 'vitest';
import {
  data,
  netflow9,
  optionsTemplate9,
  optionsTemplates9,
  paddedData,
  template9,
  templates9,
} from '../build/netflow.ts';
import { ascii, hex, ip, u16, u32, u64, u8 } from '../build/octets.ts';
import { codes, decodeAll, elements, neutral } from './run.ts';

const ports = template9(256, [7, 2], [11, 2]);

describe('NetFlow v9', () => {
  it('gives every field of a record under its registered name, times by uptime', () => {
    const chunk = decodeAll(
      netflow9(
        { sysUpTime: 60_000, seconds: 1_600_000_000, sequence: 5, sourceId: 33 },
        templates9(
          template9(300, [8, 4], [12, 4], [7, 2], [11, 2], [4, 1], [1, 4], [2, 4], [22, 4], [21, 4], [56, 6]),
        ),
        data(300, [
          ip('10.0.0.1'),
          ip('10.0.0.2'),
          u16(1024),
          u16(443),
          u8(6),
          u32(1500),
          u32(3),
          u32(10_000),
          u32(59_000),
          hex('06beefbeef4f'),
        ]),
      ),
    );
    expect(neutral(chunk)).toEqual([
      {
        _n: 0,
        _msg: 0,
        _v: 9,
        _odid: 33,
        _seq: 5,
        _exportMs: 1_600_000_000_000,
        _exporter: '192.0.2.1',
        _set: 300,
        _kind: 'flow',
        sourceIPv4Address: '10.0.0.1',
        destinationIPv4Address: '10.0.0.2',
        sourceTransportPort: 1024,
        destinationTransportPort: 443,
        protocolIdentifier: 6,
        octetDeltaCount: 1500,
        packetDeltaCount: 3,
        flowStartSysUpTime: 10_000,
        flowEndSysUpTime: 59_000,
        sourceMacAddress: '06:be:ef:be:ef:4f',
        _startMs: 1_599_999_950_000,
        _endMs: 1_599_999_999_000,
      },
    ]);
    expect(chunk.issues).toEqual([]);
  });

  it('reads several templates of one set and several sets of one datagram, and pays no heed to the count', () => {
    const chunk = decodeAll(
      netflow9(
        { count: 1 },
        templates9(ports, template9(257, [4, 1])),
        data(257, [u8(17)], [u8(6)]),
        data(256, [u16(1), u16(2)]),
      ),
    );
    expect(elements(chunk)).toEqual([
      { protocolIdentifier: 17 },
      { protocolIdentifier: 6 },
      { sourceTransportPort: 1, destinationTransportPort: 2 },
    ]);
    expect(chunk.batch.datagrams).toMatchObject([{ records: 3 }]);
  });

  it('takes bytes fewer than a record at the end of a set for padding', () => {
    const chunk = decodeAll(netflow9({}, templates9(ports), paddedData(256, 3, [u16(1), u16(2)])));
    expect(elements(chunk)).toEqual([{ sourceTransportPort: 1, destinationTransportPort: 2 }]);
    expect(chunk.issues).toEqual([]);
  });

  it('reads options records with scopes, a scope of no bytes, and padding after the template', () => {
    const chunk = decodeAll(
      netflow9(
        {},
        optionsTemplates9(
          2,
          optionsTemplate9(
            256,
            [
              [1, 0],
              [2, 4],
            ],
            [
              [35, 1],
              [34, 4],
              [84, 8],
            ],
          ),
        ),
        data(256, [u32(7), u8(2), u32(1000), ascii('sampler', 8)]),
      ),
    );
    expect(neutral(chunk)).toMatchObject([
      {
        _kind: 'options',
        _set: 256,
        scopeSystem: null,
        scopeInterface: 7,
        samplingAlgorithm: 2,
        samplingInterval: 1000,
        samplerName: 'sampler',
      },
    ]);
    expect(chunk.options).toMatchObject([{ templateId: 256, datagram: 0, afterRows: 0 }]);
  });

  it('keeps flows and options in the order of the input', () => {
    const chunk = decodeAll(
      netflow9(
        {},
        templates9(ports),
        optionsTemplates9(0, optionsTemplate9(257, [[1, 4]], [[34, 4]])),
        data(256, [u16(1), u16(1)]),
        data(257, [u32(0), u32(10)]),
        data(256, [u16(2), u16(2)]),
      ),
    );
    expect(neutral(chunk).map((record) => record['_kind'])).toEqual(['flow', 'options', 'flow']);
    expect(neutral(chunk).map((record) => record['_n'])).toEqual([0, 1, 2]);
  });

  it('names unknown fields by number and shows their bytes', () => {
    const chunk = decodeAll(
      netflow9(
        {},
        templates9(template9(256, [40_001, 4], [0, 1], [4, 1])),
        data(256, [hex('c0a80e01'), u8(0), u8(6)]),
      ),
    );
    expect(elements(chunk)).toEqual([{ v9f40001: 'c0a80e01', v9f0: '00', protocolIdentifier: 6 }]);
  });

  it('reads integers shorter and longer than their type, and shows other lengths that do not fit as hex', () => {
    const chunk = decodeAll(
      netflow9(
        {},
        templates9(template9(256, [1, 3], [48, 2], [7, 4], [43, 2], [4, 9])),
        data(256, [hex('010000'), u16(300), u32(65_537), hex('0102'), new Uint8Array(9)]),
      ),
    );
    expect(elements(chunk)).toEqual([
      {
        octetDeltaCount: 65_536,
        samplerId: 300,
        sourceTransportPort: 65_537,
        ipv4RouterSc: '0102',
        protocolIdentifier: '000000000000000000',
      },
    ]);
  });

  it('shows counters above 2^53-1 exactly and keeps them rounded in the column', () => {
    const chunk = decodeAll(
      netflow9(
        {},
        templates9(template9(256, [1, 8], [2, 8])),
        data(256, [u64(2n ** 64n - 1n), u64(2 ** 53 - 1)]),
      ),
    );
    expect(elements(chunk)).toEqual([
      { octetDeltaCount: '18446744073709551615', packetDeltaCount: 9_007_199_254_740_991 },
    ]);
    expect(chunk.batch.columns.octetDeltaCount[0]).toBe(2 ** 64);
  });

  it('follows a template that is defined anew', () => {
    const chunk = decodeAll(
      netflow9({}, templates9(ports), data(256, [u16(1), u16(2)])),
      netflow9({}, templates9(template9(256, [11, 2], [7, 2])), data(256, [u16(1), u16(2)])),
    );
    expect([...chunk.batch.columns.sourceTransportPort]).toEqual([1, 2]);
    expect(chunk.batch.layouts).toHaveLength(2);
  });

  it.each([
    ['with no fields', template9(256)],
    ['whose fields all have no bytes', template9(256, [7, 0], [11, 0])],
    ['with a reserved number', template9(255, [7, 2])],
    [
      'with many fields of no bytes',
      template9(256, [7, 2], ...Array.from({ length: 17 }, () => [8, 0] as const)),
    ],
  ])('does not decode with a template %s', (_, template) => {
    const chunk = decodeAll(netflow9({}, templates9(template), data(256, [u16(1), u16(2)])));
    expect(chunk.batch.count).toBe(0);
    expect(codes(chunk)).toContain('missing-template');
  });

  it('stops at a set shorter than its header, with what came before', () => {
    const chunk = decodeAll(
      netflow9(
        {},
        templates9(ports),
        data(256, [u16(1), u16(2)]),
        hex('01000003'),
        data(256, [u16(3), u16(4)]),
      ),
    );
    expect(chunk.batch.count).toBe(1);
    expect(codes(chunk)).toEqual(['bad-length']);
  });

  it('reads the whole records of a set that overruns its datagram', () => {
    const whole = netflow9({}, templates9(ports), data(256, [u16(1), u16(2)], [u16(3), u16(4)]));
    const chunk = decodeAll(whole.subarray(0, whole.length - 2));
    expect([...chunk.batch.columns.sourceTransportPort]).toEqual([1]);
    expect(codes(chunk)).toEqual(['truncated']);
  });
});
