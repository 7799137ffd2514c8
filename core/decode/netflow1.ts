/**
 * NetFlow v1 (Cisco): a header of 16 bytes and up to 24 records of 48. It has no sequence number, no engine and no
 * sampling field, so that loss cannot be counted.
 *
 *   header  version u16, count u16, sysUptime u32, unix seconds u32, nanoseconds u32
 *   record  `flowFields` and what stands below; the padding at its end held TCP retransmission counts in early routers
 */
import { flowFields, padding, planOf, readFixedHeader, type FixedExport } from './fixed-record.ts';
import type { DatagramContext } from './message.ts';
import { readU16 } from './values.ts';

export const HEADER_1 = 16;
const RECORD_1 = 48;

const plan = planOf([
  ...flowFields,
  padding(2),
  ['protocolIdentifier', 'unsigned8', 1],
  ['ipClassOfService', 'unsigned8', 1],
  ['tcpControlBits', 'unsigned16', 1],
  padding(7),
]);

/** Reads the header; the caller has checked that its 16 bytes are there. */
export function readNetFlow1(bytes: Uint8Array, context: DatagramContext): FixedExport {
  return {
    header: readFixedHeader(bytes, context, 0),
    count: readU16(bytes, 2),
    headerLength: HEADER_1,
    recordLength: RECORD_1,
    plan,
    extras: [],
  };
}
