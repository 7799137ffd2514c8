/**
 * Headers of the two versions whose records are described by templates.
 *
 *   NetFlow v9 (RFC 3954 5.1)  version u16, count u16, sysUptime u32, unix seconds u32, sequence u32, source id u32
 *   IPFIX (RFC 7011 3.1)       version u16, length u16, export time u32, sequence u32, observation domain u32
 *
 * After the header come sets (v9: FlowSets): id u16, length u16 with these four bytes, content.
 */
import { epochMs, uptimeMs } from '../model/time.ts';
import type { DatagramContext, MessageHeader } from './message.ts';
import { readU32 } from './values.ts';

export const HEADER_9 = 20;
export const HEADER_10 = 16;

/** Reads a v9 header; the caller has checked that its 20 bytes are there. */
export function readHeader9(bytes: Uint8Array, context: DatagramContext): MessageHeader {
  return {
    version: 9,
    exporter: {
      address: context.address,
      port: context.port,
      observationDomainId: readU32(bytes, 16),
    },
    sysUpTime: uptimeMs(readU32(bytes, 4)),
    exportTime: epochMs(readU32(bytes, 8) * 1000),
    sequenceNumber: readU32(bytes, 12),
  };
}

/** Reads an IPFIX header; the caller has checked that its 16 bytes are there. */
export function readHeader10(bytes: Uint8Array, context: DatagramContext): MessageHeader {
  return {
    version: 10,
    exporter: {
      address: context.address,
      port: context.port,
      observationDomainId: readU32(bytes, 12),
    },
    sysUpTime: null,
    exportTime: epochMs(readU32(bytes, 4) * 1000),
    sequenceNumber: readU32(bytes, 8),
  };
}
