import { describe, expect, it } from 'vitest';
import { compileFilter, flowFilter } from '../../core/filter/compile.ts';
import { parseFilter } from '../../core/filter/parse.ts';
import { parseAddress } from '../../core/model/address.ts';
import { FlowBatchBuilder, type ElementValue, type SitedBatch } from '../../core/model/flow-batch.ts';
import { hosts, randomBatch, summaryOf } from './batches.ts';
import { Chance, random } from './random-filter.ts';

interface Flow {
  readonly src?: string;
  readonly dst?: string;
  readonly sport?: number;
  readonly dport?: number;
  readonly proto?: number;
  readonly flags?: number;
  readonly bytes?: number;
  readonly tos?: number;
  readonly start?: number;
  readonly site?: 'DE' | 'KR';
  readonly extras?: Readonly<Record<string, ElementValue>>;
}

function batchOf(flows: readonly Flow[]): SitedBatch {
  const builder = new FlowBatchBuilder();
  const domain = { DE: 0x0102, KR: 7 };
  const exporters = { DE: '192.0.2.1', KR: '192.0.2.2' };
  for (const flow of flows) {
    const site = flow.site ?? 'DE';
    const exporter = builder.internExporter({
      address: exporters[site],
      port: 9995,
      observationDomainId: domain[site],
    });
    const row = builder.beginRow();
    const { columns } = builder;
    const intern = (text: string | undefined): number =>
      text === undefined ? 0 : builder.addresses.intern(parseAddress(text) ?? new Uint8Array(4));
    columns.sourceAddress[row] = intern(flow.src);
    columns.destinationAddress[row] = intern(flow.dst);
    columns.sourceTransportPort[row] = flow.sport ?? 0;
    columns.destinationTransportPort[row] = flow.dport ?? 0;
    columns.protocolIdentifier[row] = flow.proto ?? 6;
    columns.tcpControlBits[row] = flow.flags ?? 0;
    columns.ipClassOfService[row] = flow.tos ?? 0;
    columns.octetDeltaCount[row] = flow.bytes ?? 0;
    columns.flowStartMilliseconds[row] = flow.start ?? Number.NaN;
    columns.exporter[row] = exporter;
    for (const [name, value] of Object.entries(flow.extras ?? {})) builder.setExtra(name, row, value);
  }
  const batch = builder.finish();
  return { ...batch, sites: batch.exporters.map(({ address }) => (address === '192.0.2.1' ? 'DE' : 'KR')) };
}

const matching = (flows: readonly Flow[], filter: string, rows?: Uint32Array): number[] => [
  ...compileFilter(parseFilter(filter)).select(batchOf(flows), rows),
];

const talk: readonly Flow[] = [
  { src: '10.0.0.1', dst: '192.0.2.7', sport: 50_000, dport: 22, flags: 0b10, bytes: 60 },
  { src: '192.0.2.7', dst: '10.0.0.1', sport: 22, dport: 50_000, flags: 0b01_0010, bytes: 5000 },
  { src: '10.0.0.2', dst: '10.0.0.1', sport: 53, dport: 53, proto: 17, site: 'KR', tos: 0xb8 },
  { src: '2001:db8::1', dst: '2001:db8::2', proto: 58, dport: 0x8000 },
];

describe('a compiled filter', () => {
  it.each([
    ['', [0, 1, 2, 3]],
    ['any', [0, 1, 2, 3]],
    ['not any', []],
    ['port ssh', [0, 1]],
    ['src port ssh', [1]],
    ['src and dst port dns', [2]],
    ['port in [22, domain]', [0, 1, 2]],
    ['ip 10.0.0.1', [0, 1, 2]],
    ['src ip 10.0.0.1', [0]],
    ['net 10/8 and not src net 10.0.0.0 255.0.0.0', [1]],
    ['ip in [2001:db8::/32 192.0.2.7]', [0, 1, 3]],
    ['ipv6', [3]],
    ['icmp-type 128', [3]],
    ['flags S', [0, 1]],
    ['flags = S', [0]],
    ['flags S and not flags AFRPU', [0]],
    ['bytes > 1k', [1]],
    ['dscp 46', [2]],
    ['site kr', [2]],
    ['ident "DE" and port 22', [0, 1]],
    ['exporter ip 192.0.2.2', [2]],
    ['engine-type 1 and engine-id 2', [0, 1, 3]],
    ['exporter id 7', [2]],
    ['sourceIPv4Address = 10.0.0.0/8', [0, 2]],
    ['sourceAddress in [2001:db8::1]', [3]],
    ['sourceIPv4Address != 10.0.0.1', [1, 2]],
    ['destinationTransportPort >= 50000', [1]],
    ['# a comment\nport 53 # another', [2]],
  ])('%s', (filter, rows) => {
    expect(matching(talk, filter)).toEqual(rows);
  });

  it('looks only at the rows that it is given', () => {
    expect(matching(talk, 'ip 10.0.0.1', Uint32Array.of(1, 3))).toEqual([1]);
    expect(matching(talk, 'not ip 10.0.0.1', Uint32Array.of(1, 3))).toEqual([3]);
    expect(matching(talk, '', Uint32Array.of(1, 3))).toEqual([1, 3]);
  });

  it('compares counters above 2^53 exactly', () => {
    const flows = [
      { bytes: 2 ** 64, extras: { octetDeltaCount: '18446744073709551615' } },
      { bytes: 2 ** 64, extras: { octetDeltaCount: '18446744073709551614' } },
      { bytes: 5 },
    ];
    expect(matching(flows, 'bytes = 18446744073709551615')).toEqual([0]);
    expect(matching(flows, 'bytes < 18446744073709551615')).toEqual([1, 2]);
    expect(matching(flows, 'octetDeltaCount = 18446744073709551614')).toEqual([1]);
  });

  it('compares stored elements by name: numbers, texts, addresses; a row without one never matches', () => {
    const flows = [
      { extras: { applicationName: 'ssh', tcpWindowSize: 100 } },
      { extras: { applicationName: 'http', ipNextHopIPv4Address: '10.0.0.9' } },
      {},
    ];
    expect(matching(flows, 'applicationName = "ssh"')).toEqual([0]);
    expect(matching(flows, 'applicationName != ssh')).toEqual([1]);
    expect(matching(flows, 'tcpWindowSize > 99 and tcpWindowSize le 100')).toEqual([0]);
    expect(matching(flows, 'ipNextHopIPv4Address = 10.0.0.0/24')).toEqual([1]);
    expect(matching(flows, 'applicationName in ["ssh" http]')).toEqual([0, 1]);
  });

  it('compares times with epoch milliseconds and with calendar times', () => {
    const start = Date.UTC(2026, 10, 21);
    const flows = [{ start }, { start: start + 1 }, {}];
    expect(matching(flows, `flowStartMilliseconds = ${start}`)).toEqual([0]);
    expect(matching(flows, 'flowStartMilliseconds > "2026-11-21T00:00:00Z"')).toEqual([1]);
  });

  it('binds not closer than and, and that closer than or', () => {
    expect(matching(talk, 'not port 22 and proto udp')).toEqual([2]);
    expect(matching(talk, 'port 22 or proto udp and port 1')).toEqual([0, 1]);
    expect(matching(talk, '(port 22 or proto udp) and port 53')).toEqual([2]);
    expect(matching(talk, 'not (port 22 or proto udp)')).toEqual([3]);
    expect(matching(talk, 'not not port 53')).toEqual([2]);
  });

  it('reads no column of rows where the dictionary has no such address', () => {
    const batch = batchOf(talk);
    const touched: string[] = [];
    const columns = new Proxy(batch.columns, {
      get: (target, name): unknown => {
        touched.push(String(name));
        return Reflect.get(target, name);
      },
    });
    const found = flowFilter('proto tcp and src ip 10.7.7.7 and bytes > 5').select({ ...batch, columns });
    expect([...found]).toEqual([]);
    expect(touched).toEqual([]);
  });
});

describe('what a segment may hold', () => {
  const primitives = [
    ...hosts.flatMap((host) => [`src ip ${host}`, `ip ${host}`, `dst ip in [${host} 10.9.9.9]`]),
    ...hosts.map((host) => `${host.includes(':') ? 'sourceIPv6Address' : 'sourceIPv4Address'} = ${host}`),
    ...['=', '!=', '<', '>', '<=', '>='].flatMap((sign) => [
      `bytes ${sign} 10`,
      `bytes ${sign} 999`,
      `bytes ${sign} 18446744073709551615`,
      `packets ${sign} 5`,
      `octetDeltaCount ${sign} 0`,
      `flowStartMilliseconds ${sign} 1050`,
      `flowEndMilliseconds ${sign} 1150`,
    ]),
    'bytes in [1 2 3]',
    'net 10/8',
    'port 22',
    'port 8080',
    'src port 443',
    'dst port in [80 443]',
    'src port > 21 and src port < 54',
    'port != 53',
    'dst port >= 400',
    'sourceTransportPort < 80',
    'vlan 1',
    'proto tcp',
    'proto != 6',
    'proto in [17 47]',
    'proto < 6',
    'protocolIdentifier = 17',
    'flags S',
    'any',
  ];

  it('is never denied where a row matches, and no row matches that should not', () => {
    const next = new Chance(random(4));
    let skipped = 0;
    for (let i = 0; i < 4000; i++) {
      const grow = (depth: number): string => {
        const form = depth === 0 ? 0 : next.below(4);
        if (form === 0) return next.of(primitives);
        if (form === 1) return `not (${grow(depth - 1)})`;
        return `(${grow(depth - 1)} ${form === 2 ? 'and' : 'or'} ${grow(depth - 1)})`;
      };
      const filter = grow(3);
      const batch = randomBatch(next, 1 + next.below(6));
      const compiled = flowFilter(filter);
      const rows = compiled.select(batch);
      const may = compiled.mayMatch(summaryOf(batch));
      if (rows.length > 0) expect(may, filter).toBe(true);
      if (!may) skipped++;
      const rest = flowFilter(`not (${filter})`).select(batch);
      const hasFlags = filter.includes('flags');
      if (!hasFlags)
        expect(
          [...rows, ...rest].toSorted((a, b) => a - b),
          filter,
        ).toEqual([...Array(batch.count).keys()]);
    }
    expect(skipped).toBeGreaterThan(200);
  });

  it('is denied where bounds or addresses rule it out', () => {
    const summary = summaryOf(batchOf(talk));
    expect(flowFilter('ip 10.7.7.7').mayMatch(summary)).toBe(false);
    expect(flowFilter('not bytes <= 5000').mayMatch(summary)).toBe(false);
    expect(flowFilter('bytes > 5000 or packets > 1').mayMatch(summary)).toBe(false);
    expect(flowFilter('bytes >= 5000').mayMatch(summary)).toBe(true);
  });

  it('is denied where no row has the ports or the protocol', () => {
    const batch = randomBatch(new Chance(random(1)), 40);
    batch.columns.protocolIdentifier.fill(6);
    const summary = summaryOf(batch);
    expect(flowFilter('port 8080').mayMatch(summary)).toBe(false);
    expect(flowFilter('src port in [1 2 3]').mayMatch(summary)).toBe(false);
    expect(flowFilter('port >= 1000 and port < 40000').mayMatch(summary)).toBe(true);
    expect(flowFilter('proto udp').mayMatch(summary)).toBe(false);
    expect(flowFilter('not proto tcp').mayMatch(summary)).toBe(false);
    expect(flowFilter('proto tcp and port 80').mayMatch(summary)).toBe(true);
  });
});
