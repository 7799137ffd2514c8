import { describe, expect, it } from 'vitest';
import { looksLikeFlowExport } from '../../core/archive/flow-export.ts';
import { concat, hex, u16, u32, u8, type Octets } from '../build/octets.ts';
import {
  counterSample,
  discardSample,
  expandedCounterSample,
  expandedFlowSample,
  extendedGateway,
  extendedRouter,
  extendedSwitch,
  extension,
  flowSample,
  fragment,
  frame,
  gre,
  ip4,
  ip6,
  opaque,
  rawHeader,
  sampledEthernet,
  sampledIp,
  sflow,
  tcp,
  udp,
  vxlan,
} from '../build/sflow.ts';
import { codes, decodeAll, neutral } from './run.ts';

const TCP = 6;
const UDP = 17;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const ssh = ip4({ protocol: TCP, tos: 16 }, tcp(50_000, 22, 0x18));

const header = {
  _msg: 0,
  _v: 'sflow5',
  _agent: '192.0.2.77',
  _subAgent: 3,
  _seq: 500,
  _uptimeMs: 9_000,
  _exporter: '192.0.2.1',
};
const datagram = (...samples: readonly Octets[]): Octets =>
  sflow({ agent: '192.0.2.77', subAgent: 3, sequence: 500, uptime: 9_000 }, ...samples);

/** The elements of the one sample of a raw header. */
function sampled(protocol: number, packet: Octets): Record<string, unknown> {
  const chunk = decodeAll(datagram(flowSample({}, rawHeader(protocol, packet.length + 4, packet))));
  expect(chunk.issues).toEqual([]);
  return neutral(chunk)[0] ?? {};
}

describe('sFlow flow samples', () => {
  const options = { sequence: 8, sourceIndex: 28, rate: 1_024, pool: 70_000, drops: 2 };
  const chunk = decodeAll(
    datagram(
      flowSample({ ...options, input: [0, 27], output: [2, 5] }, rawHeader(1, 58, frame(IPV4, ssh))),
      expandedFlowSample(
        { ...options, sourceType: 1, input: [0, 2 ** 30 + 1], output: [1, 258] },
        rawHeader(11, 44, ssh),
      ),
    ),
  );
  const packet = {
    ipVersion: 4,
    ipClassOfService: 16,
    ipTotalLength: 40,
    ipTTL: 64,
    protocolIdentifier: 6,
    sourceIPv4Address: '10.0.0.1',
    destinationIPv4Address: '10.0.0.2',
    sourceTransportPort: 50_000,
    destinationTransportPort: 22,
    tcpControlBits: 24,
    records: ['0:1'],
  };

  it('give what the agent said and what the header holds, plain and expanded', () => {
    expect(neutral(chunk)).toEqual([
      {
        _n: 0,
        ...header,
        _kind: 'sample',
        sampleFormat: '0:1',
        sampleSequence: 8,
        sourceIdType: 0,
        sourceIdIndex: 28,
        samplingPacketInterval: 1_024,
        samplePool: 70_000,
        drops: 2,
        ingressInterface: 27,
        egressInterface: 5,
        egressFormat: 2,
        headerProtocol: 1,
        frameLength: 58,
        stripped: 4,
        headerLength: 54,
        destinationMacAddress: '02:00:00:00:00:02',
        sourceMacAddress: '02:00:00:00:00:01',
        ethernetType: 2048,
        ...packet,
      },
      {
        _n: 1,
        ...header,
        _kind: 'sample',
        sampleFormat: '0:3',
        sampleSequence: 8,
        sourceIdType: 1,
        sourceIdIndex: 28,
        samplingPacketInterval: 1_024,
        samplePool: 70_000,
        drops: 2,
        ingressInterface: 1_073_741_825,
        egressInterface: 258,
        egressFormat: 1,
        headerProtocol: 11,
        frameLength: 44,
        stripped: 4,
        headerLength: 40,
        ...packet,
      },
    ]);
    expect(chunk.issues).toEqual([]);
  });

  it('are rows of one raw packet at the time of receipt, with the octets of its IP header', () => {
    const { columns, extras, addresses, datagrams } = chunk.batch;
    expect([...columns.packetDeltaCount]).toEqual([1, 1]);
    expect([...columns.octetDeltaCount]).toEqual([40, 40]);
    expect([...columns.flowStartMilliseconds]).toEqual([1_700_000_000_000, 1_700_000_000_000]);
    expect([...columns.flowEndMilliseconds]).toEqual([1_700_000_000_000, 1_700_000_000_000]);
    expect(addresses.text(columns.sourceAddress[1] ?? 0)).toBe('10.0.0.1');
    expect(extras.get('samplingPacketInterval')?.values).toEqual([1_024, 1_024]);
    expect(extras.get('_kind')?.values).toEqual(['sample', 'sample']);
    expect(datagrams).toMatchObject([{ version: 105, sequenceNumber: 500, sysUpTime: 9_000, records: 2 }]);
  });

  it('take addresses and ports from a packet that the agent took apart, where there is no raw header', () => {
    const values = {
      length: 60,
      protocol: TCP,
      source: '10.1.1.1',
      destination: '10.1.1.2',
      sourcePort: 1_000,
      destinationPort: 2_000,
      flags: 2,
      service: 8,
    };
    const six = { ...values, source: '2001:db8::5', destination: '2001:db8::6' };
    const { batch, issues } = decodeAll(
      datagram(flowSample({}, sampledIp(values)), flowSample({}, sampledIp(six))),
    );
    expect(issues).toEqual([]);
    expect(batch.extras.get('sampledIPv4')?.values).toEqual([
      {
        length: 60,
        protocolIdentifier: 6,
        sourceIPv4Address: '10.1.1.1',
        destinationIPv4Address: '10.1.1.2',
        sourceTransportPort: 1_000,
        destinationTransportPort: 2_000,
        tcpControlBits: 2,
        ipClassOfService: 8,
      },
    ]);
    expect(batch.extras.get('sampledIPv6')?.values).toMatchObject([{ sourceIPv6Address: '2001:db8::5' }]);
    expect([...batch.columns.sourceTransportPort]).toEqual([1_000, 1_000]);
    expect([...batch.columns.octetDeltaCount]).toEqual([60, 60]);
    expect(batch.addresses.text(batch.columns.destinationAddress[1] ?? 0)).toBe('2001:db8::6');
  });

  it('keep switch, router and gateway, with the AS path', () => {
    const gateway = {
      nextHop: '2001:db8::fe',
      as: 64_500,
      sourceAs: 64_501,
      sourcePeerAs: 64_502,
      path: [
        [2, 64_510, 64_511],
        [1, 4_200_000_000],
      ] as const,
      communities: [0x1000_0001],
      localPref: 100,
    };
    const { batch } = decodeAll(
      datagram(
        flowSample(
          {},
          extendedSwitch(100, 0, 200, 4_294_967_295),
          extendedRouter('10.0.0.254', 20, 27),
          extendedGateway(gateway),
          sampledEthernet(64, hex('020000000001'), hex('020000000002'), IPV4),
        ),
      ),
    );
    const value = (name: string): unknown => batch.extras.get(name)?.values[0];
    expect(value('extendedSwitch')).toEqual({
      sourceVlan: 100,
      sourcePriority: 0,
      destinationVlan: 200,
      destinationPriority: 4_294_967_295,
    });
    expect(value('extendedRouter')).toEqual({
      nextHop: '10.0.0.254',
      sourcePrefixLength: 20,
      destinationPrefixLength: 27,
    });
    expect(value('extendedGateway')).toEqual({
      nextHop: '2001:db8::fe',
      as: 64_500,
      sourceAs: 64_501,
      sourcePeerAs: 64_502,
      destinationAsPath: [
        { type: 2, asns: [64_510, 64_511] },
        { type: 1, asns: [4_200_000_000] },
      ],
      communities: [268_435_457],
      localPref: 100,
    });
    expect(value('sampledEthernet')).toEqual({
      length: 64,
      sourceMacAddress: '02:00:00:00:00:01',
      destinationMacAddress: '02:00:00:00:00:02',
      ethernetType: 2048,
    });
    expect(value('records')).toEqual(['0:1001', '0:1002', '0:1003', '0:2']);
    expect(batch.columns.bgpSourceAsNumber[0]).toBe(64_501);
    expect(batch.columns.bgpDestinationAsNumber[0]).toBe(4_200_000_000);
  });

  it('list records that are not read, and keep the first of two alike', () => {
    const vendor = opaque(4413 * 4096 + 1, u32(0));
    const chunk = decodeAll(
      datagram(flowSample({}, vendor, extendedSwitch(1, 0, 1, 0), extendedSwitch(2, 0, 2, 0))),
    );
    expect(neutral(chunk)[0]).toMatchObject({
      extendedSwitch: { sourceVlan: 1 },
      records: ['4413:1', '0:1001', '0:1001'],
    });
  });
});

describe('sampled headers', () => {
  it('have the outermost of two VLAN tags, and the inner one beside', () => {
    const tagged = frame(IPV4, ssh, [
      [0x88a8, 5, 300],
      [0x8100, 0, 42],
    ]);
    expect(sampled(1, tagged)).toMatchObject({
      ethernetType: 2048,
      vlanId: 300,
      dot1qPriority: 5,
      destinationTransportPort: 22,
    });
    const { batch } = decodeAll(datagram(flowSample({}, rawHeader(1, 70, tagged))));
    expect(batch.extras.get('dot1qCustomerVlanId')?.values).toEqual([42]);
  });

  it('may carry MPLS labels before the packet', () => {
    const labels = concat(u32((16_000 << 12) | 64), u32((17 << 12) | 0x100 | 64));
    expect(sampled(1, frame(0x8847, concat(labels, ssh)))).toMatchObject({
      mplsLabels: [16_000, 17],
      ipVersion: 4,
      destinationTransportPort: 22,
    });
  });

  it('have ports behind IPv4 options, and none in a later fragment', () => {
    const options = ip4({ protocol: UDP, options: hex('0101010101010100') }, udp(53, 5_353));
    expect(sampled(11, options)).toMatchObject({ sourceTransportPort: 53, ipTotalLength: 36 });
    const later = sampled(11, ip4({ protocol: UDP, fragmentOffset: 185 }, udp(53, 5_353)));
    expect(later).toMatchObject({ protocolIdentifier: 17 });
    expect(later).not.toHaveProperty('sourceTransportPort');
  });

  it('have ports behind IPv6 extension headers, and none in a later fragment', () => {
    const chain = concat(extension(60), extension(44), fragment(TCP, 0), tcp(1_234, 443, 2));
    expect(sampled(1, frame(IPV6, ip6(0, chain, 8, 0xabcde)))).toMatchObject({
      ethernetType: 34_525,
      ipVersion: 6,
      ipClassOfService: 8,
      flowLabelIPv6: 703_710,
      ipPayloadLength: 44,
      ipTTL: 63,
      sourceIPv6Address: '2001:db8::1',
      destinationIPv6Address: '2001:db8::2',
      protocolIdentifier: 6,
      sourceTransportPort: 1_234,
      destinationTransportPort: 443,
      tcpControlBits: 2,
    });
    const later = sampled(12, ip6(44, concat(fragment(UDP, 100), udp(1, 2))));
    expect(later).toMatchObject({ protocolIdentifier: 17 });
    expect(later).not.toHaveProperty('sourceTransportPort');
  });

  it('have type and code of ICMP', () => {
    expect(sampled(11, ip4({ protocol: 1 }, hex('0800')))).toMatchObject({
      icmpTypeIPv4: 8,
      icmpCodeIPv4: 0,
    });
    expect(sampled(12, ip6(58, hex('8700')))).toMatchObject({ icmpTypeIPv6: 135, icmpCodeIPv6: 0 });
  });

  const inner = ip4({ protocol: TCP, source: '172.16.0.1', destination: '172.16.0.2' }, tcp(40_000, 22, 2));
  const tunnels: readonly (readonly [name: string, packet: Octets])[] = [
    ['gre', ip4({ protocol: 47 }, gre(0, IPV4, inner))],
    ['gre', ip4({ protocol: 47 }, gre(0xb000, IPV4, inner))],
    ['gre', ip4({ protocol: 47 }, gre(0x2000, 0x6558, frame(IPV4, inner)))],
    ['ip', ip4({ protocol: 4 }, inner)],
    ['vxlan', ip4({ protocol: UDP }, udp(55_555, 4_789, vxlan(77, frame(IPV4, inner))))],
  ];
  it.each(tunnels)('keep their own addresses and those of the packet within: %s', (name, packet) => {
    const { batch } = decodeAll(datagram(flowSample({}, rawHeader(11, packet.length + 4, packet))));
    const value = (extra: string): unknown => batch.extras.get(extra)?.values[0];
    expect(batch.addresses.text(batch.columns.sourceAddress[0] ?? 0)).toBe('10.0.0.1');
    expect(value('_tunnel')).toBe(name);
    expect(value('_innerSourceAddress')).toBe('172.16.0.1');
    expect(value('_innerDestinationAddress')).toBe('172.16.0.2');
    expect(value('_innerProtocolIdentifier')).toBe(6);
    expect(value('_innerSourceTransportPort')).toBe(40_000);
    expect(value('_innerDestinationTransportPort')).toBe(22);
  });

  it('give what is whole of them where they are cut', () => {
    const packet = frame(IPV4, ssh);
    expect(sampled(1, packet.subarray(0, 36))).not.toHaveProperty('sourceTransportPort');
    expect(sampled(1, packet.subarray(0, 40))).toMatchObject({ destinationTransportPort: 22 });
    expect(sampled(1, packet.subarray(0, 40))).not.toHaveProperty('tcpControlBits');
    expect(sampled(1, packet.subarray(0, 20))).not.toHaveProperty('ipVersion');
  });
});

describe('sFlow counter samples', () => {
  const generic = opaque(
    1,
    concat(u32(7), u32(6), u32(2), u32(1_410_065_408), u32(1), u32(3)),
    concat(u32(0), u32(900), ...[1, 2, 3, 4, 5, 6].map(u32)),
    concat(u32(1), u32(0), ...[11, 12, 13, 14, 15, 1].map(u32)),
  );
  const vlan = opaque(5, concat(u32(42), u32(0), u32(1_000), ...[1, 2, 3, 4].map(u32)));

  it('stand beside the flows as options records of their own kind', () => {
    const chunk = decodeAll(
      datagram(counterSample(4, 7, generic), expandedCounterSample(5, 2 ** 25, vlan, opaque(7, u32(0)))),
    );
    expect(chunk.batch.count).toBe(0);
    expect(neutral(chunk)).toEqual([
      {
        _n: 0,
        ...header,
        _kind: 'counters',
        sampleFormat: '0:2',
        sampleSequence: 4,
        sourceIdType: 0,
        sourceIdIndex: 7,
        generic: {
          ifIndex: 7,
          ifType: 6,
          ifSpeed: 10_000_000_000,
          ifDirection: 1,
          ifStatus: 3,
          ifInOctets: 900,
          ifInUcastPkts: 1,
          ifInMulticastPkts: 2,
          ifInBroadcastPkts: 3,
          ifInDiscards: 4,
          ifInErrors: 5,
          ifInUnknownProtos: 6,
          ifOutOctets: 4_294_967_296,
          ifOutUcastPkts: 11,
          ifOutMulticastPkts: 12,
          ifOutBroadcastPkts: 13,
          ifOutDiscards: 14,
          ifOutErrors: 15,
          ifPromiscuousMode: 1,
        },
        records: ['0:1'],
      },
      {
        _n: 1,
        ...header,
        _kind: 'counters',
        sampleFormat: '0:4',
        sampleSequence: 5,
        sourceIdType: 0,
        sourceIdIndex: 33_554_432,
        vlanCounters: {
          vlanId: 42,
          octets: 1_000,
          ucastPkts: 1,
          multicastPkts: 2,
          broadcastPkts: 3,
          discards: 4,
        },
        records: ['0:5', '0:7'],
      },
    ]);
  });

  it('so do discarded packets and samples of unknown formats', () => {
    const discard = { sequence: 1, sourceIndex: 2, drops: 3, input: 4, output: 5, reason: 257 };
    const chunk = decodeAll(
      datagram(
        discardSample(discard, rawHeader(11, 44, ssh)),
        opaque(8800 * 4096 + 2, u16(0xabcd), u8(1), u8(2)),
      ),
    );
    expect(chunk.batch.count).toBe(0);
    expect(neutral(chunk)).toMatchObject([
      {
        _kind: 'discard',
        sampleFormat: '0:5',
        drops: 3,
        ingressInterface: 4,
        egressInterface: 5,
        discardReason: 257,
        sourceIPv4Address: '10.0.0.1',
        destinationTransportPort: 22,
        records: ['0:1'],
      },
      { _kind: 'unknown', sampleFormat: '8800:2', sampleOctets: 'abcd0102' },
    ]);
  });
});

describe('faulty sFlow', () => {
  const good = flowSample({}, rawHeader(11, 44, ssh));

  it('gives the whole samples before a cut', () => {
    const whole = datagram(good, good, good);
    const chunk = decodeAll(whole.subarray(0, whole.length - 5));
    expect([chunk.batch.count, codes(chunk)]).toEqual([2, ['truncated']]);
  });

  it('says which record overruns its sample, or is too short, and keeps the rest', () => {
    const overrun = opaque(1, ...Array.from({ length: 7 }, () => u32(1)), u32(1), u32(1001), u32(400));
    const short = flowSample({}, opaque(1001, u32(1)), rawHeader(11, 44, ssh));
    const chunk = decodeAll(datagram(overrun, short, good));
    expect(codes(chunk)).toEqual(['bad-record', 'bad-record']);
    expect(chunk.batch.count).toBe(3);
    expect(neutral(chunk)[1]).toMatchObject({ destinationTransportPort: 22, records: ['0:1001', '0:1'] });
  });

  it('is told where the agent has no address, or bytes are left over', () => {
    expect(codes(decodeAll(concat(u32(5), u32(0), new Uint8Array(40))))).toEqual(['truncated']);
    expect(codes(decodeAll(concat(datagram(good), u32(0))))).toEqual(['bad-length']);
  });

  it('is recognised on any port, with agents of both families', () => {
    expect(looksLikeFlowExport(datagram(good))).toBe(true);
    expect(looksLikeFlowExport(sflow({ agent: '2001:db8::1' }))).toBe(true);
    expect(looksLikeFlowExport(concat(u32(5), u32(3), new Uint8Array(40)))).toBe(false);
    expect(looksLikeFlowExport(concat(u32(4), u32(1), new Uint8Array(40)))).toBe(false);
  });
});
