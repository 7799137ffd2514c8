/**
 * The elements of an nfcapd record (layout 2) as they are written: which names of a flow make an element, and where in its
 * body their values lie. The other way round than nfcapd-v2.ts, and with the sizes of nfdump 1.7.1.
 */
import { EX } from './nfcapd-layout.ts';

/** How a value lies in the body, little endian; `pad` has no value. */
export type SlotKind = 'u8' | 'u16' | 'u32' | 'u64' | 'us' | 'ip4' | 'ip6' | 'mac' | 'labels' | 'acl' | 'pad';

export type Slot = readonly [kind: SlotKind, name: string];

export interface WrittenElement {
  readonly id: number;
  readonly slots: readonly Slot[];
  /** Bytes of the body. */
  readonly size: number;
  /** Names of which one at least must be in the record's layout. */
  readonly names: readonly string[];
}

const slotBytes: Readonly<Record<SlotKind, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  us: 8,
  ip4: 4,
  ip6: 16,
  mac: 8,
  labels: 40,
  acl: 12,
  pad: 1,
};

export const bytesOf = (kind: SlotKind): number => slotBytes[kind];

const pad = (count: number): Slot[] => Array.from({ length: count }, (): Slot => ['pad', '']);

const tables: readonly (readonly [id: number, slots: readonly Slot[]])[] = [
  [
    EX.cntFlow,
    [
      ['u64', '_aggregatedFlows'],
      ['u64', 'postPacketDeltaCount'],
      ['u64', 'postOctetDeltaCount'],
    ],
  ],
  [
    EX.vLan,
    [
      ['u32', 'vlanId'],
      ['u32', 'postVlanId'],
    ],
  ],
  [
    EX.asRouting,
    [
      ['u32', 'bgpSourceAsNumber'],
      ['u32', 'bgpDestinationAsNumber'],
    ],
  ],
  [EX.bgpNextHopV4, [['ip4', 'bgpNextHopIPv4Address']]],
  [EX.bgpNextHopV6, [['ip6', 'bgpNextHopIPv6Address']]],
  [EX.ipNextHopV4, [['ip4', 'ipNextHopIPv4Address']]],
  [EX.ipNextHopV6, [['ip6', 'ipNextHopIPv6Address']]],
  [EX.mplsLabel, [['labels', '_mplsLabels']]],
  [
    EX.macAddr,
    [
      ['mac', 'sourceMacAddress'],
      ['mac', 'postDestinationMacAddress'],
      ['mac', 'destinationMacAddress'],
      ['mac', 'postSourceMacAddress'],
    ],
  ],
  [
    EX.asAdjacent,
    [
      ['u32', 'bgpNextAdjacentAsNumber'],
      ['u32', 'bgpPrevAdjacentAsNumber'],
    ],
  ],
  [
    EX.latency,
    [
      ['us', '_nf_cli_latency'],
      ['us', '_nf_srv_latency'],
      ['us', '_nf_app_latency'],
    ],
  ],
  [EX.samplerInfo, [['u64', 'selectorId'], ...pad(8)]],
  [
    EX.nselCommon,
    [['u64', '_eventMs'], ['u32', 'flowId'], ['u16', '_nselExtEvent'], ['u8', '_nselEvent'], ...pad(1)],
  ],
  [
    EX.natXlateIPv4,
    [
      ['ip4', 'postNATSourceIPv4Address'],
      ['ip4', 'postNATDestinationIPv4Address'],
    ],
  ],
  [
    EX.natXlateIPv6,
    [
      ['ip6', 'postNATSourceIPv6Address'],
      ['ip6', 'postNATDestinationIPv6Address'],
    ],
  ],
  [
    EX.natXlatePort,
    [
      ['u16', 'postNAPTSourceTransportPort'],
      ['u16', 'postNAPTDestinationTransportPort'],
    ],
  ],
  [
    EX.nselAcl,
    [
      ['acl', '_ingressAcl'],
      ['acl', '_egressAcl'],
    ],
  ],
  [EX.natCommon, [['u64', '_eventMs'], ['u32', 'natPoolId'], ['u8', 'natEvent'], ...pad(3)]],
  [
    EX.natPortBlock,
    [
      ['u16', 'portRangeStart'],
      ['u16', 'portRangeEnd'],
      ['u16', 'portRangeStepSize'],
      ['u16', 'portRangeNumPorts'],
    ],
  ],
  [
    EX.tunIPv4,
    [
      ['ip4', '_nf_src4_tun_ip'],
      ['ip4', '_nf_dst4_tun_ip'],
      ['u32', '_nf_tun_proto'],
    ],
  ],
  [
    EX.tunIPv6,
    [
      ['ip6', '_nf_src6_tun_ip'],
      ['ip6', '_nf_dst6_tun_ip'],
      ['u32', '_nf_tun_proto'],
    ],
  ],
  [
    EX.observation,
    [
      ['u64', 'observationPointId'],
      ['u32', 'observationDomainId'],
    ],
  ],
  [
    EX.vrf,
    [
      ['u32', 'egressVRFID'],
      ['u32', 'ingressVRFID'],
    ],
  ],
];

/** Names that several elements have: they alone do not make one of them. */
const shared: ReadonlySet<string> = new Set(['_eventMs', 'flowId', '_nf_tun_proto', 'observationDomainId']);

/** All but those that every record has and those of text, in the order in which they are written. */
export const writtenElements: readonly WrittenElement[] = tables.map(([id, slots]) => ({
  id,
  slots,
  size: slots.reduce((sum, [kind]) => sum + slotBytes[kind], 0),
  names: slots.map(([, name]) => name).filter((name) => name !== '' && !shared.has(name)),
}));

/** Names that make the element of interfaces, masks and direction. */
export const miscNames: ReadonlySet<string> = new Set([
  'ingressInterface',
  'egressInterface',
  'flowDirection',
  'postIpClassOfService',
  'sourceIPv4PrefixLength',
  'destinationIPv4PrefixLength',
  'sourceIPv6PrefixLength',
  'destinationIPv6PrefixLength',
  'biflowDirection',
  'flowEndReason',
]);
