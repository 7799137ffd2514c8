/**
 * NetFlow v5 (Cisco): a header of 24 bytes and up to 30 records of 48.
 *
 *   header  version u16, count u16, sysUptime u32, unix seconds u32, nanoseconds u32, sequence u32,
 *           engine type u8, engine id u8, sampling mode 2 bits and interval 14 bits
 *   record  as `fields` below, which is the template the exporter never sends
 */
import type { AbstractDataType } from '../model/element.ts';
import { epochMs, uptimeMs } from '../model/time.ts';
import type { DatagramContext, MessageHeader } from './message.ts';
import { RecordPlan } from './record-plan.ts';
import { readU16, readU32 } from './values.ts';

export const HEADER_5 = 24;
export const RECORD_5 = 48;

const fields: readonly (readonly [name: string, type: AbstractDataType, length: number])[] = [
  ['sourceIPv4Address', 'ipv4Address', 4],
  ['destinationIPv4Address', 'ipv4Address', 4],
  ['ipNextHopIPv4Address', 'ipv4Address', 4],
  ['ingressInterface', 'unsigned32', 2],
  ['egressInterface', 'unsigned32', 2],
  ['packetDeltaCount', 'unsigned64', 4],
  ['octetDeltaCount', 'unsigned64', 4],
  ['flowStartSysUpTime', 'unsigned32', 4],
  ['flowEndSysUpTime', 'unsigned32', 4],
  ['sourceTransportPort', 'unsigned16', 2],
  ['destinationTransportPort', 'unsigned16', 2],
  ['paddingOctets', 'octetArray', 1],
  ['tcpControlBits', 'unsigned16', 1],
  ['protocolIdentifier', 'unsigned8', 1],
  ['ipClassOfService', 'unsigned8', 1],
  ['bgpSourceAsNumber', 'unsigned32', 2],
  ['bgpDestinationAsNumber', 'unsigned32', 2],
  ['sourceIPv4PrefixLength', 'unsigned8', 1],
  ['destinationIPv4PrefixLength', 'unsigned8', 1],
  ['paddingOctets', 'octetArray', 2],
];

export const plan5 = new RecordPlan({
  id: 0,
  options: false,
  fields: fields.map(([name, type, length]) => ({ name, type, length })),
});

export interface Header5 extends MessageHeader {
  readonly count: number;
  /** Packets to one sampled packet; 0 where the exporter does not say. */
  readonly samplingInterval: number;
  /** Cisco's mode bits: 1 takes every n-th packet, 2 takes one of n at random. */
  readonly samplingAlgorithm: number;
}

/** Reads the header; the caller has checked that its 24 bytes are there. */
export function readHeader5(bytes: Uint8Array, context: DatagramContext): Header5 {
  const sampling = readU16(bytes, 22);
  return {
    version: 5,
    exporter: {
      address: context.address,
      port: context.port,
      observationDomainId: readU16(bytes, 20),
    },
    count: readU16(bytes, 2),
    sysUpTime: uptimeMs(readU32(bytes, 4)),
    exportTime: epochMs(readU32(bytes, 8) * 1000 + readU32(bytes, 12) / 1_000_000),
    sequenceNumber: readU32(bytes, 16),
    samplingInterval: sampling & 0x3fff,
    samplingAlgorithm: sampling >> 14,
  };
}
