/**
 * NetFlow v5 (Cisco), which others export as J-Flow, cflowd, NetStream and rFlow: a header of 24 bytes and up to 30
 * records of 48.
 *
 *   header  version u16, count u16, sysUptime u32, unix seconds u32, nanoseconds u32, sequence u32,
 *           engine type u8, engine id u8, sampling mode 2 bits and interval 14 bits
 *   record  `flowFields` and what stands below
 *
 * Cisco's mode is 1 where every n-th packet is taken and 2 where one of n is taken at random. J-Flow, cflowd and
 * NetStream leave the mode 0 and fill in the interval alone.
 */
import { flowFields, padding, planOf, readFixedHeader, type FixedExport } from './fixed-record.ts';
import type { DatagramContext } from './message.ts';
import { readU16 } from './values.ts';

export const HEADER_5 = 24;
const RECORD_5 = 48;

const plan = planOf([
  ...flowFields,
  padding(1),
  ['tcpControlBits', 'unsigned16', 1],
  ['protocolIdentifier', 'unsigned8', 1],
  ['ipClassOfService', 'unsigned8', 1],
  ['bgpSourceAsNumber', 'unsigned32', 2],
  ['bgpDestinationAsNumber', 'unsigned32', 2],
  ['sourceIPv4PrefixLength', 'unsigned8', 1],
  ['destinationIPv4PrefixLength', 'unsigned8', 1],
  padding(2),
]);

/** Reads the header; the caller has checked that its 24 bytes are there. */
export function readNetFlow5(bytes: Uint8Array, context: DatagramContext): FixedExport {
  const sampling = readU16(bytes, 22);
  const interval = sampling & 0x3fff;
  return {
    header: readFixedHeader(bytes, context, readU16(bytes, 20)),
    count: readU16(bytes, 2),
    headerLength: HEADER_5,
    recordLength: RECORD_5,
    plan,
    extras:
      interval === 0
        ? []
        : [
            ['samplingInterval', interval],
            ['samplingAlgorithm', sampling >> 14],
          ],
  };
}
