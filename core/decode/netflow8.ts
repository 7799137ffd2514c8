/**
 * NetFlow v8 (Cisco): flows summed up in the router by one of 14 schemes. A header of 28 bytes, then records whose layout
 * the scheme tells.
 *
 *   header  version u16, count u16, sysUptime u32, unix seconds u32, nanoseconds u32, sequence u32,
 *           engine type u8, engine id u8, aggregation u8, aggregation version u8, sampling interval u16, reserved u16
 *
 * Schemes 1 to 5 are of Cisco routers, 9 to 14 the same with the type of service, 6 to 8 of the Catalyst 6000, whose
 * packets beyond a contract are counted apart (`_extraPackets`) and re-marked (`postIpClassOfService`). A record is a sum over
 * flows, no flow: its row has `_kind` aggregate and `_aggregation`, and its prefixes are no addresses.
 *
 * Layouts as in Cisco's feature guides and flow-tools. Wireshark 4.0 reads the masks of schemes 5, 13 and 14 the other way
 * round and the type of service of scheme 9 before the interfaces.
 */
import { padding, planOf, readFixedHeader, type FixedExport, type FixedField } from './fixed-record.ts';
import type { DatagramContext } from './message.ts';
import type { RecordPlan } from './record-plan.ts';
import { readU16 } from './values.ts';

export const HEADER_8 = 28;

const octet = (name: string): FixedField => [name, 'unsigned8', 1];
const packets: FixedField = ['packetDeltaCount', 'unsigned64', 4];
const octets: FixedField = ['octetDeltaCount', 'unsigned64', 4];
const first: FixedField = ['flowStartSysUpTime', 'unsigned32', 4];
const last: FixedField = ['flowEndSysUpTime', 'unsigned32', 4];
const sums: readonly FixedField[] = [['deltaFlowCount', 'unsigned64', 4], packets, octets, first, last];
const catalystSums: readonly FixedField[] = [packets, octets, first, last];
const source: FixedField = ['sourceIPv4Address', 'ipv4Address', 4];
const destination: FixedField = ['destinationIPv4Address', 'ipv4Address', 4];
const sourcePrefix: FixedField = ['sourceIPv4Prefix', 'ipv4Address', 4];
const destinationPrefix: FixedField = ['destinationIPv4Prefix', 'ipv4Address', 4];
const sourceMask = octet('sourceIPv4PrefixLength');
const destinationMask = octet('destinationIPv4PrefixLength');
const sourceAs: FixedField = ['bgpSourceAsNumber', 'unsigned32', 2];
const destinationAs: FixedField = ['bgpDestinationAsNumber', 'unsigned32', 2];
const input: FixedField = ['ingressInterface', 'unsigned32', 2];
const output: FixedField = ['egressInterface', 'unsigned32', 2];
const sourcePort: FixedField = ['sourceTransportPort', 'unsigned16', 2];
const destinationPort: FixedField = ['destinationTransportPort', 'unsigned16', 2];
const protocol = octet('protocolIdentifier');
const tos = octet('ipClassOfService');
const markedTos = octet('postIpClassOfService');
const extraPackets: FixedField = ['_extraPackets', 'unsigned32', 4];
const router: FixedField = ['ipv4RouterSc', 'ipv4Address', 4];

interface Scheme {
  readonly name: string;
  readonly plan: RecordPlan;
  readonly recordLength: number;
}

const scheme = (name: string, ...fields: readonly FixedField[]): Scheme => ({
  name,
  plan: planOf(fields),
  recordLength: fields.reduce((sum, [, , length]) => sum + length, 0),
});

/** By the aggregation number in the header. */
const schemes: ReadonlyMap<number, Scheme> = new Map([
  [1, scheme('as', ...sums, sourceAs, destinationAs, input, output)],
  [2, scheme('protocol-port', ...sums, protocol, padding(3), sourcePort, destinationPort)],
  [3, scheme('source-prefix', ...sums, sourcePrefix, sourceMask, padding(1), sourceAs, input, padding(2))],
  [
    4,
    scheme(
      'destination-prefix',
      ...sums,
      destinationPrefix,
      destinationMask,
      padding(1),
      destinationAs,
      output,
      padding(2),
    ),
  ],
  [
    5,
    scheme(
      'prefix',
      ...sums,
      sourcePrefix,
      destinationPrefix,
      destinationMask,
      sourceMask,
      padding(2),
      sourceAs,
      destinationAs,
      input,
      output,
    ),
  ],
  [6, scheme('destination', destination, ...catalystSums, output, tos, markedTos, extraPackets, router)],
  [
    7,
    scheme(
      'source-destination',
      destination,
      source,
      ...catalystSums,
      output,
      input,
      tos,
      markedTos,
      padding(2),
      extraPackets,
      router,
    ),
  ],
  [
    8,
    scheme(
      'full-flow',
      destination,
      source,
      destinationPort,
      sourcePort,
      ...catalystSums,
      output,
      input,
      tos,
      protocol,
      markedTos,
      padding(1),
      extraPackets,
      router,
    ),
  ],
  [9, scheme('as-tos', ...sums, sourceAs, destinationAs, input, output, tos, padding(3))],
  [
    10,
    scheme(
      'protocol-port-tos',
      ...sums,
      protocol,
      tos,
      padding(2),
      sourcePort,
      destinationPort,
      input,
      output,
    ),
  ],
  [11, scheme('source-prefix-tos', ...sums, sourcePrefix, sourceMask, tos, sourceAs, input, padding(2))],
  [
    12,
    scheme(
      'destination-prefix-tos',
      ...sums,
      destinationPrefix,
      destinationMask,
      tos,
      destinationAs,
      output,
      padding(2),
    ),
  ],
  [
    13,
    scheme(
      'prefix-tos',
      ...sums,
      sourcePrefix,
      destinationPrefix,
      destinationMask,
      sourceMask,
      tos,
      padding(1),
      sourceAs,
      destinationAs,
      input,
      output,
    ),
  ],
  [
    14,
    scheme(
      'prefix-port',
      ...sums,
      sourcePrefix,
      destinationPrefix,
      destinationMask,
      sourceMask,
      tos,
      protocol,
      sourcePort,
      destinationPort,
      input,
      output,
    ),
  ],
]);

/** The length of a record of this aggregation; undefined for numbers that no router sends. */
export function recordLength8(aggregation: number): number | undefined {
  return schemes.get(aggregation)?.recordLength;
}

/** What records of this aggregation are sums over, in a word or two; undefined for numbers that no router sends. */
export function aggregationName8(aggregation: number): string | undefined {
  return schemes.get(aggregation)?.name;
}

/** Reads the header; the caller has checked that its 28 bytes are there. Undefined where the scheme is unknown. */
export function readNetFlow8(bytes: Uint8Array, context: DatagramContext): FixedExport | undefined {
  const found = schemes.get(bytes[22] ?? 0);
  if (!found) return undefined;
  const interval = readU16(bytes, 24) & 0x3fff;
  return {
    header: readFixedHeader(bytes, context, readU16(bytes, 20)),
    count: readU16(bytes, 2),
    headerLength: HEADER_8,
    recordLength: found.recordLength,
    plan: found.plan,
    extras: [
      ['_kind', 'aggregate'],
      ['_aggregation', found.name],
      ...(interval === 0 ? [] : [['samplingInterval', interval] as const]),
    ],
  };
}
