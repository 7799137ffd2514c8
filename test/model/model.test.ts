import { describe, expect, it } from 'vitest';
import { AddressTableBuilder, addressScope, formatAddress, parseAddress } from '../../core/model/address.ts';
import { parseElementTable } from '../../core/model/element.ts';
import { FlowBatchBuilder, NO_DATAGRAM } from '../../core/model/flow-batch.ts';
import { epochMs, formatTime, parseTime } from '../../core/model/time.ts';

const canonical = (text: string): string => {
  const bytes = parseAddress(text);
  return bytes ? formatAddress(bytes) : 'no address';
};

describe('addresses', () => {
  it.each([
    // RFC 5952, sections 1, 2 and 4.
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:DB8::ABCD', '2001:db8::abcd'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:db8:0:0:0:0:0:0', '2001:db8::'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['fe80::1%eth0', 'fe80::1'],
    ['192.0.2.7', '192.0.2.7'],
  ])('%s is written %s', (text, written) => {
    expect(canonical(text)).toBe(written);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.4.5',
    '1.2.3.x',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    '::1.2.3',
    'g::1',
  ])('"%s" is no address', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it('of another length than 4 or 16 bytes cannot be written', () => {
    expect(() => formatAddress(new Uint8Array(6))).toThrow(RangeError);
  });

  it.each([
    ['10.0.0.1', 'private'],
    ['172.15.255.255', 'public'],
    ['172.16.0.0', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['192.168.1.1', 'private'],
    ['100.63.255.255', 'public'],
    ['100.64.0.0', 'shared'],
    ['100.127.255.255', 'shared'],
    ['100.128.0.0', 'public'],
    ['169.254.1.1', 'link-local'],
    ['127.0.0.1', 'loopback'],
    ['224.0.0.5', 'multicast'],
    ['255.255.255.255', 'unspecified'],
    ['0.0.0.0', 'unspecified'],
    ['8.8.8.8', 'public'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['fe80::1', 'link-local'],
    ['febf::1', 'link-local'],
    ['fc00::1', 'unique-local'],
    ['fdff::1', 'unique-local'],
    ['ff02::1', 'multicast'],
    ['2001:db8::1', 'public'],
    ['::ffff:10.0.0.1', 'private'],
    ['::ffff:8.8.8.8', 'public'],
    ['no address', 'unspecified'],
  ])('%s is %s', (text, scope) => {
    expect(addressScope(text)).toBe(scope);
  });

  it('are coded once each, of both families, however many there are', () => {
    const builder = new AddressTableBuilder();
    const codes = Array.from({ length: 300 }, (_, i) =>
      builder.intern(Uint8Array.of(10, 0, i >> 8, i & 255)),
    );
    const six = builder.intern(parseAddress('2001:db8::7') ?? new Uint8Array(16));
    expect(new Set([...codes, six]).size).toBe(301);
    expect(builder.intern(Uint8Array.of(10, 0, 0, 5))).toBe(codes[5]);
    const table = builder.finish();
    expect(table.text(codes[299] ?? 0)).toBe('10.0.1.43');
    expect([table.text(six), table.family(six)]).toEqual(['2001:db8::7', 6]);
    expect([table.text(0), table.family(0)]).toEqual(['', 0]);
    expect(table.find(Uint8Array.of(10, 0, 1, 43))).toBe(codes[299]);
    expect(table.find(Uint8Array.of(10, 9, 9, 9))).toBeUndefined();
  });
});

describe('times', () => {
  it.each([
    ['2026-11-20', 1_795_132_800_000],
    ['2026-11-20T12:00', 1_795_176_000_000],
    ['2026-11-20 12:00:01.5Z', 1_795_176_001_500],
    ['2026-11-20T12:00:00+09:00', 1_795_143_600_000],
    ['1795176000000', 1_795_176_000_000],
  ])('%s is understood', (text, value) => {
    expect(parseTime(text)).toBe(value);
  });

  it.each(['', 'noon', '2026-13-01', '20.11.2026', '12:00', '12'])('"%s" is no time', (text) => {
    expect(parseTime(text)).toBeUndefined();
  });

  it('are written in UTC, or as unknown', () => {
    expect(formatTime(epochMs(1_795_176_001_500))).toBe('2026-11-20T12:00:01.500Z');
    expect(formatTime(epochMs(Number.NaN))).toBe('unknown');
    expect(formatTime(epochMs(1e18))).toBe('unknown');
    expect(formatTime(epochMs(Number.POSITIVE_INFINITY))).toBe('unknown');
  });
});

describe('a batch under construction', () => {
  const exporter = { address: '192.0.2.1', port: 2055, observationDomainId: 7 };

  it('keeps its rows when it grows', () => {
    const builder = new FlowBatchBuilder(2);
    for (let i = 0; i < 9; i++) {
      const row = builder.beginRow();
      builder.columns.packetDeltaCount[row] = i * 10;
    }
    const batch = builder.finish();
    expect(batch.count).toBe(9);
    expect([...batch.columns.packetDeltaCount]).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80]);
  });

  it('starts a row with unknown times and no datagram', () => {
    const builder = new FlowBatchBuilder();
    builder.beginRow();
    const { columns } = builder.finish();
    expect(columns.flowStartMilliseconds[0]).toBeNaN();
    expect(columns.flowEndMilliseconds[0]).toBeNaN();
    expect(columns.datagram[0]).toBe(NO_DATAGRAM);
    expect(columns.packetDeltaCount[0]).toBe(0);
  });

  it('takes an abandoned row back whole', () => {
    const builder = new FlowBatchBuilder();
    builder.setExtra('flowId', builder.beginRow(), 1);
    const broken = builder.beginRow();
    builder.columns.octetDeltaCount[broken] = 99;
    builder.setExtra('flowId', broken, 2);
    builder.setExtra('samplerName', broken, 'x');
    builder.abandonRow();
    const again = builder.beginRow();
    const batch = builder.finish();
    expect([again, batch.count]).toEqual([1, 2]);
    expect(batch.columns.octetDeltaCount[1]).toBe(0);
    expect([...batch.extras]).toEqual([['flowId', { rows: [0], values: [1] }]]);
  });

  it('knows exporters and layouts again', () => {
    const builder = new FlowBatchBuilder();
    expect(builder.internExporter(exporter)).toBe(0);
    expect(builder.internExporter({ ...exporter, port: 2056 })).toBe(1);
    expect(builder.internExporter({ ...exporter })).toBe(0);
    expect(builder.internLayout({ templateId: 256, fields: ['a', 'b'] })).toBe(0);
    expect(builder.internLayout({ templateId: 256, fields: ['b', 'a'] })).toBe(1);
    expect(builder.internLayout({ templateId: 256, fields: ['a', 'b'] })).toBe(0);
  });

  it('is full at 65,536 rows', () => {
    const builder = new FlowBatchBuilder();
    for (let i = 0; i < 65_535; i++) builder.beginRow();
    expect(builder.full).toBe(false);
    builder.beginRow();
    expect(builder.full).toBe(true);
  });
});

describe('the element table', () => {
  const registry = parseElementTable(
    '# comment\n0\t1\tunsigned64\toctetDeltaCount\n\n29305\t1\tunsigned64\treverseOctetDeltaCount\n',
  );

  it('finds elements by enterprise and number, and by name', () => {
    expect(registry.byNumber(0, 1)?.name).toBe('octetDeltaCount');
    expect(registry.byNumber(29_305, 1)?.name).toBe('reverseOctetDeltaCount');
    expect(registry.byName('octetDeltaCount')).toEqual({
      enterprise: 0,
      id: 1,
      type: 'unsigned64',
      name: 'octetDeltaCount',
    });
    expect(registry.byNumber(0, 2)).toBeUndefined();
  });

  it('names the line that it cannot read', () => {
    expect(() => parseElementTable('0\t1\tunsigned64\ta\n0\tone\tunsigned8\tb')).toThrow(/line 2/);
  });
});
