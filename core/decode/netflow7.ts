/**
 * NetFlow v7 (Cisco Catalyst 5000): a header of 24 bytes and up to 28 records of 52.
 *
 *   header  version u16, count u16, sysUptime u32, unix seconds u32, nanoseconds u32, sequence u32, reserved u32
 *   record  `flowFields` and what stands below
 *
 * The switch forwards by shortcut what a router had forwarded first: `ipv4RouterSc` is that router. The switch does not
 * know all that a router knows, and the flags say what of a record is not valid: `v7Flags1` is 1 where the flow mask was
 * destination only and 2 where it was source and destination only; then ports, and with 1 the source too, are 0.
 */
import { flowFields, planOf, readFixedHeader, type FixedExport } from './fixed-record.ts';
import type { DatagramContext } from './message.ts';
import { readU16 } from './values.ts';

export const HEADER_7 = 24;
const RECORD_7 = 52;

const plan = planOf([
  ...flowFields,
  ['v7Flags1', 'unsigned8', 1],
  ['tcpControlBits', 'unsigned16', 1],
  ['protocolIdentifier', 'unsigned8', 1],
  ['ipClassOfService', 'unsigned8', 1],
  ['bgpSourceAsNumber', 'unsigned32', 2],
  ['bgpDestinationAsNumber', 'unsigned32', 2],
  ['sourceIPv4PrefixLength', 'unsigned8', 1],
  ['destinationIPv4PrefixLength', 'unsigned8', 1],
  ['v7Flags2', 'unsigned16', 2],
  ['ipv4RouterSc', 'ipv4Address', 4],
]);

/** Reads the header; the caller has checked that its 24 bytes are there. */
export function readNetFlow7(bytes: Uint8Array, context: DatagramContext): FixedExport {
  return {
    header: readFixedHeader(bytes, context, 0),
    count: readU16(bytes, 2),
    headerLength: HEADER_7,
    recordLength: RECORD_7,
    plan,
    extras: [],
  };
}
