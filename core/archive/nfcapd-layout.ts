/**
 * Which elements an nfcapd record carried, as names, in the order in which nfdump prints them.
 *
 * Both file layouts are reduced to the element ids of nfdump 1.7 (EXgenericFlow = 1, EXipv4Flow = 2, ...). A set of ids
 * is 43 bits wide and is kept in two integers.
 */
import type { RecordLayout } from '../model/flow-batch.ts';

/** nfdump 1.7 element ids. */
export const EX = {
  genericFlow: 1,
  ipv4Flow: 2,
  ipv6Flow: 3,
  flowMisc: 4,
  cntFlow: 5,
  vLan: 6,
  asRouting: 7,
  bgpNextHopV4: 8,
  bgpNextHopV6: 9,
  ipNextHopV4: 10,
  ipNextHopV6: 11,
  ipReceivedV4: 12,
  ipReceivedV6: 13,
  mplsLabel: 14,
  macAddr: 15,
  asAdjacent: 16,
  latency: 17,
  samplerInfo: 18,
  nselCommon: 19,
  natXlateIPv4: 20,
  natXlateIPv6: 21,
  natXlatePort: 22,
  nselAcl: 23,
  nselUser: 24,
  natCommon: 25,
  natPortBlock: 26,
  nbarApp: 27,
  label: 28,
  inPayload: 29,
  outPayload: 30,
  tunIPv4: 31,
  tunIPv6: 32,
  observation: 33,
  inmonMeta: 34,
  inmonFrame: 35,
  vrf: 36,
  pfinfo: 37,
  layer2: 38,
  flowId: 39,
  nokiaNat: 40,
  nokiaNatString: 41,
  ipInfo: 42,
} as const;

/** Element id and the names it stands for. `genericFlow` and the prefix lengths of `flowMisc` depend on the record. */
const fieldsOf: readonly (readonly [id: number, names: readonly string[]])[] = [
  [EX.ipv4Flow, ['sourceIPv4Address', 'destinationIPv4Address']],
  [EX.ipv6Flow, ['sourceIPv6Address', 'destinationIPv6Address']],
  [
    EX.flowMisc,
    ['ingressInterface', 'egressInterface', 'forwardingStatus', 'flowDirection', 'postIpClassOfService'],
  ],
  [EX.cntFlow, ['postPacketDeltaCount', 'postOctetDeltaCount', '_aggregatedFlows']],
  [EX.vLan, ['vlanId', 'postVlanId']],
  [EX.asRouting, ['bgpSourceAsNumber', 'bgpDestinationAsNumber']],
  [EX.bgpNextHopV4, ['bgpNextHopIPv4Address']],
  [EX.bgpNextHopV6, ['bgpNextHopIPv6Address']],
  [EX.ipNextHopV4, ['ipNextHopIPv4Address']],
  [EX.ipNextHopV6, ['ipNextHopIPv6Address']],
  [EX.ipReceivedV4, ['_exporter']],
  [EX.ipReceivedV6, ['_exporter']],
  [EX.mplsLabel, ['_mplsLabels']],
  [
    EX.macAddr,
    ['sourceMacAddress', 'postDestinationMacAddress', 'destinationMacAddress', 'postSourceMacAddress'],
  ],
  [EX.asAdjacent, ['bgpNextAdjacentAsNumber', 'bgpPrevAdjacentAsNumber']],
  [EX.latency, ['_nf_cli_latency', '_nf_srv_latency', '_nf_app_latency']],
  [EX.tunIPv4, ['_nf_tun_proto', '_nf_src4_tun_ip', '_nf_dst4_tun_ip']],
  [EX.tunIPv6, ['_nf_tun_proto', '_nf_src6_tun_ip', '_nf_dst6_tun_ip']],
  [EX.observation, ['observationDomainId', 'observationPointId']],
  [EX.vrf, ['ingressVRFID', 'egressVRFID']],
  [EX.nselCommon, ['flowId', '_nselEvent', '_nselEventName', '_nselExtEvent', '_eventMs']],
  [EX.natXlateIPv4, ['postNATSourceIPv4Address', 'postNATDestinationIPv4Address']],
  [EX.natXlateIPv6, ['postNATSourceIPv6Address', 'postNATDestinationIPv6Address']],
  [EX.natXlatePort, ['postNAPTSourceTransportPort', 'postNAPTDestinationTransportPort']],
  [EX.nselAcl, ['_ingressAcl', '_egressAcl']],
  [EX.nselUser, ['userName']],
  [EX.natCommon, ['natEvent', '_natEventName', 'natPoolId', '_eventMs']],
  [EX.natPortBlock, ['portRangeStart', 'portRangeEnd', 'portRangeStepSize', 'portRangeNumPorts']],
  [EX.samplerInfo, ['selectorId']],
  [EX.nbarApp, ['applicationId']],
  [EX.label, ['_nf_label']],
  [EX.inPayload, ['_nf_in_payload']],
  [EX.outPayload, ['_nf_out_payload']],
  [EX.inmonMeta, ['_nf_frame_size', '_nf_link_type']],
  [EX.inmonFrame, ['_nf_frame']],
  [EX.pfinfo, ['_nf_pf_action', '_nf_pf_reason', '_nf_pf_dir', '_nf_pf_rule']],
  [
    EX.layer2,
    [
      'dot1qVlanId',
      'dot1qCustomerVlanId',
      'postDot1qVlanId',
      'postDot1qCustomerVlanId',
      'ingressPhysicalInterface',
      'egressPhysicalInterface',
      'layer2SegmentId',
      'ethernetType',
      'ipVersion',
    ],
  ],
  [EX.flowId, ['flowId']],
  [EX.nokiaNat, ['_nf_in_service_id', '_nf_out_service_id']],
  [EX.nokiaNatString, ['_nf_nat_substring']],
  [EX.ipInfo, ['fragmentFlags', 'minimumTTL', 'maximumTTL']],
];

/** True for ICMP and ICMPv6, whose type and code nfcapd keeps in the destination port. */
export const isIcmp = (protocol: number): boolean => protocol === 1 || protocol === 58;

/** The most layouts kept: a real file has a handful, a hostile one could have any number. */
const MAX_LAYOUTS = 4_096;

/** Layouts by the set of elements; the same set gives the same object. */
export class NfcapdLayouts {
  readonly #known = new Map<number, RecordLayout>();

  /** `low` holds ids 0-31, `high` ids 32-42; `extended` where flowMisc says more than nfdump prints. */
  layout(low: number, high: number, icmp: boolean, extended: boolean): RecordLayout {
    const key = (low >>> 0) + (high + (icmp ? 1 << 12 : 0) + (extended ? 1 << 13 : 0)) * 0x1_0000_0000;
    let layout = this.#known.get(key);
    if (!layout) {
      if (this.#known.size >= MAX_LAYOUTS) this.#known.clear();
      layout = { templateId: 0, fields: fieldNames(low, high, icmp, extended) };
      this.#known.set(key, layout);
    }
    return layout;
  }
}

function fieldNames(low: number, high: number, icmp: boolean, extended: boolean): string[] {
  const has = (id: number): boolean => ((id < 32 ? low >>> id : high >>> (id - 32)) & 1) === 1;
  const names = new Set<string>();
  const add = (...more: readonly string[]): void => {
    for (const name of more) names.add(name);
  };
  if (has(EX.genericFlow)) {
    add('packetDeltaCount', 'octetDeltaCount', 'protocolIdentifier');
    if (icmp) add('icmpTypeIPv4', 'icmpCodeIPv4');
    else add('tcpControlBits', 'sourceTransportPort', 'destinationTransportPort');
    add('ipClassOfService');
  }
  for (const [id, fields] of fieldsOf) if (has(id)) add(...fields);
  if (has(EX.flowMisc)) {
    const family = has(EX.ipv6Flow) ? 'IPv6' : 'IPv4';
    add(`source${family}PrefixLength`, `destination${family}PrefixLength`);
    if (extended) add('biflowDirection', 'flowEndReason');
  }
  return [...names];
}
