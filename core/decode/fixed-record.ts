/** What the NetFlow versions without templates share: a header, then records of one fixed layout. */
import type { AbstractDataType } from '../model/element.ts';
import type { ElementValue, Exporter } from '../model/flow-batch.ts';
import { epochMs, uptimeMs } from '../model/time.ts';
import type { DatagramContext, MessageHeader } from './message.ts';
import { RecordPlan } from './record-plan.ts';
import { readU16, readU32 } from './values.ts';

/** A datagram understood as far as its header. */
export interface FixedExport {
  readonly header: MessageHeader;
  /** Records that the header announces. */
  readonly count: number;
  readonly headerLength: number;
  readonly recordLength: number;
  readonly plan: RecordPlan;
  /** Values that hold for every record and stand in none. */
  readonly extras: readonly (readonly [name: string, value: ElementValue])[];
}

export type FixedField = readonly [name: string, type: AbstractDataType, length: number];

/** Bytes of the record that mean nothing. */
export const padding = (length: number): FixedField => ['paddingOctets', 'octetArray', length];

/** What the records of versions 1, 5 and 7 begin with. */
export const flowFields: readonly FixedField[] = [
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
];

/** The template that the exporter never sends. */
export function planOf(fields: readonly FixedField[]): RecordPlan {
  return new RecordPlan({
    id: 0,
    options: false,
    fields: fields.map(([name, type, length]) => ({ name, type, length })),
  });
}

/**
 * The header that versions 1, 5, 7 and 8 begin with: version u16, count u16, sysUptime u32, unix seconds u32,
 * nanoseconds u32, and from version 5 on a sequence number u32.
 */
export function readFixedHeader(bytes: Uint8Array, context: DatagramContext, engine: number): MessageHeader {
  const version = readU16(bytes, 0);
  const exporter: Exporter = { address: context.address, port: context.port, observationDomainId: engine };
  return {
    version,
    exporter,
    sysUpTime: uptimeMs(readU32(bytes, 4)),
    exportTime: epochMs(readU32(bytes, 8) * 1000 + readU32(bytes, 12) / 1_000_000),
    sequenceNumber: version === 1 ? 0 : readU32(bytes, 16),
  };
}
