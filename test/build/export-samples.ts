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
import { ascii, concat, hex, ip, ntp, u16, u32, u64, u8, variable, type Octets } from './octets.ts';

export type SampleKind = 'netflow5' | 'netflow9' | 'ipfix';

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

/** Every datagram kind by name, by protocol. */
export const samples: Readonly<Record<SampleKind, Readonly<Record<string, Octets>>>> = {
  netflow5: netflow5Samples,
  netflow9: netflow9Samples,
  ipfix: ipfixSamples,
};
