/** One datagram of each kind that the decoders meet, for tests that break datagrams in every way. */
import {
  VARIABLE,
  ipfix,
  optionsTemplate10,
  optionsTemplates10,
  specifier,
  template10,
  templates10,
  withdrawal10,
} from './ipfix.ts';
import {
  data,
  netflow5,
  netflow9,
  optionsTemplate9,
  optionsTemplates9,
  paddedData,
  template9,
  templates9,
} from './netflow.ts';
import { aggregates, netflow1, netflow7, netflow8 } from './netflow-fixed.ts';
import { ascii, concat, hex, ip, ntp, u16, u32, u64, u8, variable, type Octets } from './octets.ts';
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
  sampledIp,
  sflow,
  tcp,
  udp,
  vxlan,
} from './sflow.ts';

export type SampleKind = 'netflow1' | 'netflow5' | 'netflow7' | 'netflow8' | 'netflow9' | 'ipfix' | 'sflow';

const flow5 = {
  source: '10.0.0.1',
  destination: '10.0.0.2',
  packets: 3,
  octets: 180,
  first: 1_000,
  last: 2_000,
};

const netflow5Samples: Readonly<Record<string, Octets>> = {
  'two flows': netflow5({ sysUpTime: 60_000, seconds: 1_600_000_000, samplingInterval: 10 }, [
    flow5,
    { ...flow5, first: 0xffff_fff0 },
  ]),
  'thirty flows': netflow5(
    { count: 30 },
    Array.from({ length: 30 }, () => flow5),
  ),
};

const flowTemplate9 = template9(
  256,
  [8, 4],
  [12, 4],
  [7, 2],
  [11, 2],
  [4, 1],
  [1, 8],
  [2, 4],
  [22, 4],
  [21, 4],
);
const flowData9 = [
  [ip('10.0.0.1'), ip('10.0.0.2'), u16(1), u16(2), u8(6), u64(2n ** 60n), u32(1), u32(10), u32(20)],
  [ip('10.0.0.3'), ip('10.0.0.4'), u16(3), u16(4), u8(17), u64(9), u32(1), u32(10), u32(20)],
];

const netflow9Samples: Readonly<Record<string, Octets>> = {
  'template and data': netflow9(
    { sysUpTime: 60_000, seconds: 1_600_000_000 },
    templates9(flowTemplate9),
    paddedData(256, 3, ...flowData9),
  ),
  'data before its template': netflow9(
    {},
    data(257, [u16(1), u32(2)]),
    templates9(template9(257, [7, 2], [40_000, 4])),
  ),
  options: netflow9(
    {},
    optionsTemplates9(
      2,
      optionsTemplate9(
        258,
        [
          [1, 0],
          [2, 4],
        ],
        [
          [34, 4],
          [84, 8],
        ],
      ),
    ),
    data(258, [u32(1), u32(100), ascii('sampler', 8)]),
  ),
  'events and samplers': netflow9(
    {},
    optionsTemplates9(
      0,
      optionsTemplate9(
        265,
        [[1, 4]],
        [
          [48, 1],
          [50, 4],
        ],
      ),
    ),
    data(265, [u32(0), u8(1), u32(100)]),
    templates9(template9(264, [8, 4], [225, 4], [40_001, 4], [40_003, 2], [233, 1], [323, 8], [48, 1])),
    data(264, [
      ip('10.0.0.1'),
      ip('192.0.2.1'),
      ip('192.0.2.1'),
      u16(9),
      u8(2),
      u64(1_600_000_000_000),
      u8(1),
    ]),
  ),
};

const list = concat(u8(3), specifier([82, VARIABLE]), variable(ascii('lo')), variable(ascii('eth0'), 'long'));

const ipfixSamples: Readonly<Record<string, Octets>> = {
  'fixed lengths': ipfix(
    { seconds: 1_600_000_000 },
    templates10(
      template10(256, [27, 16], [28, 16], [154, 8], [156, 8], [7, 2], [7, 2], [1, 4, 29_305], [210, 3]),
    ),
    data(256, [
      ip('2001:db8::1'),
      ip('::'),
      ntp(1_600_000_000, 5),
      ntp(1_600_000_001, 6),
      u16(1),
      u16(2),
      u32(7),
      hex('000000'),
    ]),
  ),
  'variable lengths': ipfix(
    {},
    templates10(template10(257, [82, VARIABLE], [8, VARIABLE], [501, VARIABLE, 16_982])),
    data(257, [variable(ascii('eth0')), variable(ip('10.0.0.1')), variable(ascii('a.example'), 'long')]),
  ),
  'options and uptimes': ipfix(
    {},
    optionsTemplates10(optionsTemplate10(258, [[143, 4]], [[160, 8]])),
    data(258, [u32(1), u64(1_600_000_000_000)]),
    templates10(template10(259, [22, 4], [21, 4], [276, 1], [320, 8])),
    data(259, [u32(100), u32(200), u8(1), hex('3ff8000000000000')]),
  ),
  lists: ipfix(
    {},
    templates10(
      template10(260, [291, VARIABLE], [292, VARIABLE], [293, VARIABLE]),
      template10(261, [7, 2], [291, VARIABLE]),
    ),
    data(260, [
      variable(list),
      variable(concat(u8(3), u16(261), u16(80), variable(list))),
      variable(concat(u8(3), u16(261), u16(4 + 3 + list.length), u16(80), variable(list))),
    ]),
  ),
  withdrawals: ipfix(
    {},
    templates10(template10(262, [7, 2])),
    templates10(withdrawal10(262)),
    data(262, [u16(1)]),
  ),
};

const netflow1Samples: Readonly<Record<string, Octets>> = {
  'three flows': netflow1({ sysUpTime: 60_000, seconds: 1_600_000_000 }, [flow5, flow5, flow5]),
};

const netflow7Samples: Readonly<Record<string, Octets>> = {
  'three flows': netflow7({ sysUpTime: 60_000, seconds: 1_600_000_000 }, [flow5, flow5, flow5]),
};

const netflow8Samples: Readonly<Record<string, Octets>> = Object.fromEntries(
  Object.entries(aggregates).map(([aggregation, record]) => [
    `aggregation ${aggregation}`,
    netflow8({ aggregation: Number(aggregation) }, [record, record]),
  ]),
);

const packet = frame(0x0800, ip4({ protocol: 6 }, tcp(50_000, 22, 0x18)), [[0x8100, 1, 42]]);
const packet6 = frame(0x86dd, ip6(0, concat(extension(44), fragment(17, 0), udp(53, 5_353))));
const tunnelled = ip4({ protocol: 17 }, udp(55_555, 4_789, vxlan(7, packet)));
const gateway = {
  nextHop: '10.0.0.1',
  as: 1,
  sourceAs: 2,
  sourcePeerAs: 3,
  path: [[2, 4, 5]] as const,
  communities: [6],
  localPref: 7,
};

const sflowSamples: Readonly<Record<string, Octets>> = {
  'raw headers': sflow(
    {},
    flowSample({}, rawHeader(1, 100, packet), extendedSwitch(1, 2, 3, 4)),
    expandedFlowSample({}, rawHeader(1, 120, packet6), extendedRouter('2001:db8::9', 20, 24)),
  ),
  'tunnels and gateways': sflow(
    { agent: '2001:db8::1' },
    flowSample({}, rawHeader(11, 200, tunnelled), extendedGateway(gateway)),
    flowSample({}, rawHeader(11, 200, ip4({ protocol: 47 }, gre(0x2000, 0x6558, packet)))),
    flowSample({}, rawHeader(1, 64, frame(0x8847, concat(u32(0x0010_0140), ip4({ protocol: 1 }, u32(0)))))),
  ),
  'packets taken apart': sflow(
    {},
    flowSample(
      {},
      sampledIp({
        length: 60,
        protocol: 6,
        source: '10.0.0.1',
        destination: '10.0.0.2',
        sourcePort: 1,
        destinationPort: 2,
        flags: 2,
        service: 0,
      }),
    ),
  ),
  'counters and discards': sflow(
    {},
    counterSample(1, 2, opaque(1, new Uint8Array(88)), opaque(2, new Uint8Array(52))),
    expandedCounterSample(1, 2, opaque(5, new Uint8Array(28)), opaque(7, new Uint8Array(8))),
    discardSample({ sequence: 1, sourceIndex: 2, drops: 3, input: 4, output: 5, reason: 6 }),
    opaque(99, u32(7)),
  ),
};

/** Every datagram kind by name, by protocol. */
export const samples: Readonly<Record<SampleKind, Readonly<Record<string, Octets>>>> = {
  netflow1: netflow1Samples,
  netflow5: netflow5Samples,
  netflow7: netflow7Samples,
  netflow8: netflow8Samples,
  netflow9: netflow9Samples,
  ipfix: ipfixSamples,
  sflow: sflowSamples,
};
