/**
 * Records of flow-tools files (ftlib.h, stream format 3), by version of NetFlow and, in version 8, by aggregation: fields
 * in order, each with its bytes. All are unsigned numbers in the byte order of the file; a `-` is padding.
 *
 * Every record repeats the header of the datagram it came in: seconds, nanoseconds, uptime, exporter. Of three
 * aggregations the exporter comes before the uptime.
 */

export type FlowToolsField = readonly [name: string, bytes: 1 | 2 | 4];

const clock: readonly FlowToolsField[] = [
  ['_seconds', 4],
  ['_nanoseconds', 4],
];
const header: readonly FlowToolsField[] = [...clock, ['_sysUpTime', 4], ['_exporter', 4]];
const swappedHeader: readonly FlowToolsField[] = [...clock, ['_exporter', 4], ['_sysUpTime', 4]];

const span: readonly FlowToolsField[] = [
  ['packetDeltaCount', 4],
  ['octetDeltaCount', 4],
  ['flowStartSysUpTime', 4],
  ['flowEndSysUpTime', 4],
];
const source: FlowToolsField = ['sourceIPv4Address', 4];
const destination: FlowToolsField = ['destinationIPv4Address', 4];
const sourcePrefix: FlowToolsField = ['sourceIPv4Prefix', 4];
const destinationPrefix: FlowToolsField = ['destinationIPv4Prefix', 4];
const sourceMask: FlowToolsField = ['sourceIPv4PrefixLength', 1];
const destinationMask: FlowToolsField = ['destinationIPv4PrefixLength', 1];
const sourceAs: FlowToolsField = ['bgpSourceAsNumber', 2];
const destinationAs: FlowToolsField = ['bgpDestinationAsNumber', 2];
const sourcePort: FlowToolsField = ['sourceTransportPort', 2];
const destinationPort: FlowToolsField = ['destinationTransportPort', 2];
const input: FlowToolsField = ['ingressInterface', 2];
const output: FlowToolsField = ['egressInterface', 2];
const protocol: FlowToolsField = ['protocolIdentifier', 1];
const tos: FlowToolsField = ['ipClassOfService', 1];
const pad1: FlowToolsField = ['-', 1];
const pad2: FlowToolsField = ['-', 2];
const engine: readonly FlowToolsField[] = [
  ['engineType', 1],
  ['engineId', 1],
];
const shortcut: FlowToolsField = ['ipv4RouterSc', 4];

const flow: readonly FlowToolsField[] = [
  ...header,
  source,
  destination,
  ['ipNextHopIPv4Address', 4],
  input,
  output,
  ...span,
  sourcePort,
  destinationPort,
  protocol,
  tos,
  ['tcpControlBits', 1],
  pad1,
];
const flow5 = [...flow, ...engine, sourceMask, destinationMask, sourceAs, destinationAs];
const aggregate = [...header, ['deltaFlowCount', 4] as FlowToolsField, ...span];
const swappedAggregate = [...swappedHeader, ['deltaFlowCount', 4] as FlowToolsField, ...span];
/** The Catalyst's aggregations by destination, by addresses and by flow count packets beyond a contract, not flows. */
const contract: readonly FlowToolsField[] = [['_extraPackets', 4], shortcut];
const marked: readonly FlowToolsField[] = [tos, ['postIpClassOfService', 1], ...engine];

const versions: Readonly<Record<number, readonly FlowToolsField[]>> = {
  1: [...flow, ['-', 4]],
  5: flow5,
  6: [...flow5, ['_inputEncapsulation', 1], ['_outputEncapsulation', 1], pad2, ['_peerNextHop', 4]],
  7: [...flow5, shortcut],
};

const aggregations: Readonly<Record<number, readonly FlowToolsField[]>> = {
  1: [...aggregate, sourceAs, destinationAs, input, output, ...engine, pad2],
  2: [...aggregate, protocol, pad1, pad2, sourcePort, destinationPort, ...engine, pad2],
  3: [...swappedAggregate, sourcePrefix, sourceMask, pad1, sourceAs, input, ...engine],
  4: [...aggregate, destinationPrefix, destinationMask, pad1, ...engine, destinationAs, output],
  5: [
    ...aggregate,
    sourcePrefix,
    destinationPrefix,
    destinationMask,
    sourceMask,
    ...engine,
    sourceAs,
    destinationAs,
    input,
    output,
  ],
  6: [...header, ...span, destination, ...contract, output, pad2, ...marked],
  7: [...header, ...span, destination, source, ...contract, output, input, ...marked],
  8: [
    ...header,
    ...span,
    destination,
    source,
    ...contract,
    destinationPort,
    sourcePort,
    output,
    input,
    ...marked,
    protocol,
    pad1,
    pad2,
  ],
  9: [...aggregate, sourceAs, destinationAs, input, output, ...engine, tos, pad1],
  10: [...aggregate, sourcePort, destinationPort, input, output, ...engine, protocol, tos],
  11: [...swappedAggregate, sourcePrefix, sourceMask, tos, sourceAs, input, ...engine],
  12: [...swappedAggregate, destinationPrefix, output, destinationAs, destinationMask, tos, ...engine],
  13: [
    ...aggregate,
    sourcePrefix,
    destinationPrefix,
    sourceAs,
    destinationAs,
    input,
    output,
    destinationMask,
    sourceMask,
    ...engine,
    tos,
    pad1,
    pad2,
  ],
  14: [
    ...aggregate,
    sourcePrefix,
    destinationPrefix,
    sourcePort,
    destinationPort,
    input,
    output,
    destinationMask,
    sourceMask,
    ...engine,
    tos,
    protocol,
    pad2,
  ],
};

/** The fields of a record of this version and aggregation (0 but in version 8); undefined where there is none such. */
export function flowToolsFields(version: number, aggregation: number): readonly FlowToolsField[] | undefined {
  return version === 8 ? aggregations[aggregation] : versions[version];
}
