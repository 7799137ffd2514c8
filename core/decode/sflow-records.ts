/**
 * The records of sFlow v5 samples (sflow.org, sFlow version 5, section 5.3; XDR: big-endian words of 4 bytes).
 *
 * Each record is u32 enterprise (20 bits) and format (12 bits), u32 length, data. These are read; the others are listed
 * in `records` and left:
 *
 *   flow      0:1 raw packet header   0:2 Ethernet   0:3 IPv4   0:4 IPv6   0:1001 switch   0:1002 router   0:1003 gateway
 *   counters  0:1 generic interface   0:2 Ethernet   0:5 VLAN
 */
import { formatAddress } from '../model/address.ts';
import type { ElementValue } from '../model/flow-batch.ts';
import { formatHex } from '../model/text.ts';
import type { SampleFields } from './sample-fields.ts';
import { readSampledHeader } from './sampled-header.ts';
import { exactUnsigned, readU32 } from './values.ts';

/** A walk over one record's words. Reading past the end gives zeros and sets `overrun`. */
class Words {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;
  overrun = false;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** Where the next `length` bytes begin, or -1. */
  take(length: number): number {
    const at = this.at;
    if (at + length > this.end) {
      this.overrun = true;
      return -1;
    }
    this.at += length;
    return at;
  }

  u32(): number {
    const at = this.take(4);
    return at < 0 ? 0 : readU32(this.bytes, at);
  }

  u64(): number | string {
    const at = this.take(8);
    return at < 0 ? 0 : exactUnsigned(this.bytes, at, 8);
  }

  octets(length: number): Uint8Array | undefined {
    const at = this.take(length);
    return at < 0 ? undefined : this.bytes.subarray(at, at + length);
  }

  /** An address with its family before it: 1 is IPv4, 2 is IPv6; null for "unknown". */
  address(): string | null {
    const family = this.u32();
    const octets = family === 1 ? this.octets(4) : family === 2 ? this.octets(16) : undefined;
    return octets ? formatAddress(octets) : null;
  }

  /** A count and as many words, no more than are there. */
  list(): number[] {
    const count = this.u32();
    if (count > (this.end - this.at) / 4) {
      this.overrun = true;
      return [];
    }
    return Array.from({ length: count }, () => this.u32());
  }
}

type RecordReader = (words: Words, fields: SampleFields) => void;

const flowRecords: ReadonlyMap<number, RecordReader> = new Map<number, RecordReader>([
  [1, readRawHeader],
  [2, readEthernet],
  [3, (words, fields) => readPacket(words, fields, 4)],
  [4, (words, fields) => readPacket(words, fields, 16)],
  [1001, readSwitch],
  [1002, readRouter],
  [1003, readGateway],
]);

const counterRecords: ReadonlyMap<number, RecordReader> = new Map<number, RecordReader>([
  [1, (words, fields) => readCounters(words, fields, 'generic', genericCounters)],
  [2, (words, fields) => readCounters(words, fields, 'ethernet', ethernetCounters)],
  [5, (words, fields) => readCounters(words, fields, 'vlanCounters', vlanCounters)],
]);

/**
 * Reads `count` records between `at` and `end` into `fields`, and lists them all. Returns why it stopped before the last,
 * or which was shorter than its format says; undefined where all is well.
 */
export function readRecords(
  kind: 'flow' | 'counters',
  count: number,
  bytes: Uint8Array,
  from: number,
  end: number,
  fields: SampleFields,
): string | undefined {
  const readers = kind === 'flow' ? flowRecords : counterRecords;
  const formats: string[] = [];
  let fault: string | undefined;
  let at = from;
  for (let i = 0; i < count; i++) {
    if (at + 8 > end) {
      fault = `${count} records were announced, ${i} are there`;
      break;
    }
    const format = readU32(bytes, at);
    const length = readU32(bytes, at + 4);
    if (length > end - at - 8) {
      fault = `record ${formatOf(format)} overruns its sample`;
      break;
    }
    formats.push(formatOf(format));
    const words = new Words(bytes, at + 8, at + 8 + length);
    // Formats of other enterprises than 0 have numbers above 4095.
    readers.get(format)?.(words, fields);
    if (words.overrun) fault = `record ${formatOf(format)} of ${length} bytes is too short`;
    // XDR pads to 4 bytes; some agents count the padding, some do not.
    at += 8 + length + ((4 - (length % 4)) % 4);
  }
  fields.add('records', formats);
  return fault;
}

/** Enterprise and number of a sample's or record's format. */
export const formatOf = (format: number): string => `${format >>> 12}:${format & 0xfff}`;

function readRawHeader(words: Words, fields: SampleFields): void {
  const protocol = words.u32();
  const frameLength = words.u32();
  const stripped = words.u32();
  const headerLength = words.u32();
  if (words.overrun || fields.has('headerProtocol')) return;
  fields.add('headerProtocol', protocol);
  fields.add('frameLength', frameLength);
  fields.add('stripped', stripped);
  fields.add('headerLength', headerLength);
  const end = Math.min(words.at + headerLength, words.end);
  readSampledHeader(protocol, words.bytes, words.at, end, fields);
  fields.derive('octetDeltaCount', frameLength);
}

function readEthernet(words: Words, fields: SampleFields): void {
  const length = words.u32();
  // XDR pads a MAC address to 8 bytes.
  const source = words.octets(8);
  const destination = words.octets(8);
  const ethernetType = words.u32();
  if (!source || !destination || words.overrun) return;
  fields.add('sampledEthernet', {
    length,
    sourceMacAddress: formatHex(source, 0, 6, ':'),
    destinationMacAddress: formatHex(destination, 0, 6, ':'),
    ethernetType,
  });
}

/** A packet that the agent took apart itself. Its values stand in the columns where no raw header does. */
function readPacket(words: Words, fields: SampleFields, size: 4 | 16): void {
  const family = size === 4 ? 'IPv4' : 'IPv6';
  const length = words.u32();
  const protocol = words.u32();
  const source = words.octets(size);
  const destination = words.octets(size);
  const sourcePort = words.u32();
  const destinationPort = words.u32();
  const flags = words.u32();
  const service = words.u32();
  if (!source || !destination || words.overrun || fields.has(`sampled${family}`)) return;
  fields.add(`sampled${family}`, {
    length,
    protocolIdentifier: protocol,
    [`source${family}Address`]: formatAddress(source),
    [`destination${family}Address`]: formatAddress(destination),
    sourceTransportPort: sourcePort,
    destinationTransportPort: destinationPort,
    tcpControlBits: flags,
    ipClassOfService: service,
  });
  if (fields.source) return;
  fields.source = source;
  fields.destination = destination;
  fields.derive('protocolIdentifier', protocol);
  fields.derive('sourceTransportPort', sourcePort);
  fields.derive('destinationTransportPort', destinationPort);
  fields.derive('tcpControlBits', flags);
  fields.derive('ipClassOfService', service);
  fields.derive('octetDeltaCount', length);
}

function readSwitch(words: Words, fields: SampleFields): void {
  const [sourceVlan, sourcePriority, destinationVlan, destinationPriority] = [
    words.u32(),
    words.u32(),
    words.u32(),
    words.u32(),
  ];
  if (words.overrun) return;
  fields.add('extendedSwitch', { sourceVlan, sourcePriority, destinationVlan, destinationPriority });
}

function readRouter(words: Words, fields: SampleFields): void {
  const nextHop = words.address();
  const sourcePrefixLength = words.u32();
  const destinationPrefixLength = words.u32();
  if (words.overrun) return;
  fields.add('extendedRouter', { nextHop, sourcePrefixLength, destinationPrefixLength });
}

function readGateway(words: Words, fields: SampleFields): void {
  const nextHop = words.address();
  const as = words.u32();
  const sourceAs = words.u32();
  const sourcePeerAs = words.u32();
  const segments = words.u32();
  const path: { type: number; asns: number[] }[] = [];
  for (let i = 0; i < segments && !words.overrun; i++) path.push({ type: words.u32(), asns: words.list() });
  const communities = words.list();
  const localPref = words.u32();
  if (words.overrun || fields.has('extendedGateway')) return;
  const gateway: Record<string, ElementValue> = {
    nextHop,
    as,
    sourceAs,
    sourcePeerAs,
    destinationAsPath: path.map(({ type, asns }) => ({ type, asns })),
    communities,
    localPref,
  };
  fields.add('extendedGateway', gateway);
  fields.derive('bgpSourceAsNumber', sourceAs);
  fields.derive('bgpDestinationAsNumber', path.at(-1)?.asns.at(-1) ?? 0);
}

type Counter = readonly [name: string, bytes: 4 | 8];

const words4 = (...names: readonly string[]): Counter[] => names.map((name) => [name, 4]);

const genericCounters: readonly Counter[] = [
  ...words4('ifIndex', 'ifType'),
  ['ifSpeed', 8],
  ...words4('ifDirection', 'ifStatus'),
  ['ifInOctets', 8],
  ...words4('ifInUcastPkts', 'ifInMulticastPkts', 'ifInBroadcastPkts'),
  ...words4('ifInDiscards', 'ifInErrors', 'ifInUnknownProtos'),
  ['ifOutOctets', 8],
  ...words4('ifOutUcastPkts', 'ifOutMulticastPkts', 'ifOutBroadcastPkts'),
  ...words4('ifOutDiscards', 'ifOutErrors', 'ifPromiscuousMode'),
];

const ethernetCounters: readonly Counter[] = words4(
  'dot3StatsAlignmentErrors',
  'dot3StatsFCSErrors',
  'dot3StatsSingleCollisionFrames',
  'dot3StatsMultipleCollisionFrames',
  'dot3StatsSQETestErrors',
  'dot3StatsDeferredTransmissions',
  'dot3StatsLateCollisions',
  'dot3StatsExcessiveCollisions',
  'dot3StatsInternalMacTransmitErrors',
  'dot3StatsCarrierSenseErrors',
  'dot3StatsFrameTooLongs',
  'dot3StatsInternalMacReceiveErrors',
  'dot3StatsSymbolErrors',
);

const vlanCounters: readonly Counter[] = [
  ['vlanId', 4],
  ['octets', 8],
  ...words4('ucastPkts', 'multicastPkts', 'broadcastPkts', 'discards'),
];

function readCounters(words: Words, fields: SampleFields, name: string, counters: readonly Counter[]): void {
  const values: Record<string, ElementValue> = {};
  for (const [counter, bytes] of counters) values[counter] = bytes === 8 ? words.u64() : words.u32();
  if (!words.overrun) fields.add(name, values);
}
