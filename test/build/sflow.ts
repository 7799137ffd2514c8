/** sFlow v5 datagrams (XDR), and packets as their headers hold them. */
import { concat, ip, u16, u32, u8, type Octets } from './octets.ts';

export interface SFlowOptions {
  agent?: string;
  subAgent?: number;
  sequence?: number;
  uptime?: number;
  /** The count in the header, where it is not the number of samples. */
  samples?: number;
}

export function sflow(options: SFlowOptions, ...samples: readonly Octets[]): Octets {
  return concat(
    u32(5),
    address(options.agent ?? '192.0.2.1'),
    u32(options.subAgent ?? 0),
    u32(options.sequence ?? 0),
    u32(options.uptime ?? 0),
    u32(options.samples ?? samples.length),
    ...samples,
  );
}

/** An address after its family. */
function address(text: string): Octets {
  const octets = ip(text);
  return concat(u32(octets.length === 4 ? 1 : 2), octets);
}

/** A sample or a record of enterprise 0: format, length, content filled up to words of 4 bytes. */
export function opaque(format: number, ...content: readonly Octets[]): Octets {
  const body = concat(...content);
  const padded = concat(body, new Uint8Array((4 - (body.length % 4)) % 4));
  return concat(u32(format), u32(padded.length), padded);
}

const words = (...values: readonly number[]): Octets => concat(...values.map(u32));

export interface FlowSampleOptions {
  sequence?: number;
  sourceType?: number;
  sourceIndex?: number;
  rate?: number;
  pool?: number;
  drops?: number;
  /** Interface format (2 bits) and value. */
  input?: readonly [format: number, value: number];
  output?: readonly [format: number, value: number];
}

export function flowSample(options: FlowSampleOptions, ...records: readonly Octets[]): Octets {
  const { input = [0, 0], output = [0, 0] } = options;
  return opaque(
    1,
    u32(options.sequence ?? 0),
    u32((options.sourceType ?? 0) * 2 ** 24 + (options.sourceIndex ?? 0)),
    words(options.rate ?? 1, options.pool ?? 0, options.drops ?? 0),
    u32(input[0] * 2 ** 30 + input[1]),
    u32(output[0] * 2 ** 30 + output[1]),
    u32(records.length),
    ...records,
  );
}

export function expandedFlowSample(options: FlowSampleOptions, ...records: readonly Octets[]): Octets {
  const { input = [0, 0], output = [0, 0] } = options;
  return opaque(
    3,
    words(options.sequence ?? 0, options.sourceType ?? 0, options.sourceIndex ?? 0),
    words(options.rate ?? 1, options.pool ?? 0, options.drops ?? 0),
    words(...input, ...output, records.length),
    ...records,
  );
}

export const counterSample = (sequence: number, sourceIndex: number, ...records: readonly Octets[]): Octets =>
  opaque(2, words(sequence, sourceIndex, records.length), ...records);

export const expandedCounterSample = (
  sequence: number,
  sourceIndex: number,
  ...records: readonly Octets[]
): Octets => opaque(4, words(sequence, 0, sourceIndex, records.length), ...records);

export const discardSample = (
  values: {
    sequence: number;
    sourceIndex: number;
    drops: number;
    input: number;
    output: number;
    reason: number;
  },
  ...records: readonly Octets[]
): Octets =>
  opaque(
    5,
    words(values.sequence, 0, values.sourceIndex, values.drops, values.input, values.output, values.reason),
    u32(records.length),
    ...records,
  );

/** A raw packet header; `protocol` 1 is Ethernet, 11 IPv4, 12 IPv6. */
export const rawHeader = (protocol: number, frameLength: number, header: Octets): Octets =>
  opaque(1, words(protocol, frameLength, 4, header.length), header);

export const sampledEthernet = (length: number, source: Octets, destination: Octets, type: number): Octets =>
  opaque(2, u32(length), source, u16(0), destination, u16(0), u32(type));

export interface SampledPacket {
  length: number;
  protocol: number;
  source: string;
  destination: string;
  sourcePort: number;
  destinationPort: number;
  flags: number;
  service: number;
}

export const sampledIp = (packet: SampledPacket): Octets =>
  opaque(
    packet.source.includes(':') ? 4 : 3,
    words(packet.length, packet.protocol),
    ip(packet.source),
    ip(packet.destination),
    words(packet.sourcePort, packet.destinationPort, packet.flags, packet.service),
  );

export const extendedSwitch = (...values: readonly [number, number, number, number]): Octets =>
  opaque(1001, words(...values));

export const extendedRouter = (nextHop: string, sourceMask: number, destinationMask: number): Octets =>
  opaque(1002, address(nextHop), words(sourceMask, destinationMask));

export interface Gateway {
  nextHop: string;
  as: number;
  sourceAs: number;
  sourcePeerAs: number;
  path: readonly (readonly [type: number, ...asns: number[]])[];
  communities: readonly number[];
  localPref: number;
}

export const extendedGateway = (gateway: Gateway): Octets =>
  opaque(
    1003,
    address(gateway.nextHop),
    words(gateway.as, gateway.sourceAs, gateway.sourcePeerAs, gateway.path.length),
    ...gateway.path.map(([type, ...asns]) => words(type, asns.length, ...asns)),
    words(gateway.communities.length, ...gateway.communities, gateway.localPref),
  );

const MACS = Uint8Array.of(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1);

/** An Ethernet frame from 02:..:01 to 02:..:02; each tag is [type, priority, VLAN]. */
export function frame(
  type: number,
  payload: Octets,
  tags: readonly (readonly [type: number, priority: number, vlan: number])[] = [],
): Octets {
  const inserted = tags.map(([tag, priority, vlan]) => concat(u16(tag), u16((priority << 13) | vlan)));
  return concat(MACS, ...inserted, u16(type), payload);
}

export interface Ip4 {
  source?: string;
  destination?: string;
  protocol: number;
  tos?: number;
  ttl?: number;
  /** Whole words of options. */
  options?: Octets;
  /** In units of 8 bytes. */
  fragmentOffset?: number;
}

export function ip4(packet: Ip4, payload: Octets): Octets {
  const options = packet.options ?? new Uint8Array();
  return concat(
    u8(0x45 + options.length / 4),
    u8(packet.tos ?? 0),
    u16(20 + options.length + payload.length),
    u16(1),
    u16(packet.fragmentOffset ?? 0),
    u8(packet.ttl ?? 64),
    u8(packet.protocol),
    u16(0),
    ip(packet.source ?? '10.0.0.1'),
    ip(packet.destination ?? '10.0.0.2'),
    options,
    payload,
  );
}

/** An IPv6 packet whose first header after the fixed one is `next`. */
export const ip6 = (next: number, payload: Octets, service = 0, label = 0): Octets =>
  concat(
    u32(0x6000_0000 + service * 2 ** 20 + label),
    u16(payload.length),
    u8(next),
    u8(63),
    ip('2001:db8::1'),
    ip('2001:db8::2'),
    payload,
  );

/** An IPv6 extension header of 8 bytes before `next`. */
export const extension = (next: number): Octets => concat(u8(next), new Uint8Array(7));

/** The IPv6 fragment header; the offset in units of 8 bytes. */
export const fragment = (next: number, offset: number): Octets =>
  concat(u8(next), u8(0), u16(offset << 3), u32(9));

export const tcp = (source: number, destination: number, flags: number): Octets =>
  concat(u16(source), u16(destination), u32(1), u32(2), u8(0x50), u8(flags), new Uint8Array(6));

export const udp = (source: number, destination: number, payload: Octets = new Uint8Array()): Octets =>
  concat(u16(source), u16(destination), u16(8 + payload.length), u16(0), payload);

/** GRE; `flags` 0x8000 is a checksum, 0x2000 a key, 0x1000 a sequence number, 4 bytes each. */
export function gre(flags: number, type: number, payload: Octets): Octets {
  const optional = [0x8000, 0x2000, 0x1000].filter((flag) => (flags & flag) !== 0).length;
  return concat(u16(flags), u16(type), new Uint8Array(4 * optional).fill(0x99), payload);
}

export const vxlan = (network: number, ethernet: Octets): Octets =>
  concat(u32(0x0800_0000), u32(network * 256), ethernet);
