/** The records of a chunk in the neutral form, whatever kind of archive it came from. */
import { neutralRecords, type NeutralRecord } from '../decode/neutral.ts';
import type { FlowChunk } from '../model/chunk.ts';
import type { ArchiveKind } from './archive.ts';
import { flowRecords } from './flow-neutral.ts';
import { nfcapdRecords } from './nfcapd-neutral.ts';

/** In the order of the archive; `firstNumber` is `_n` of the first. */
export function archiveRecords(
  kind: ArchiveKind,
  chunk: FlowChunk,
  firstNumber: number,
): Iterable<NeutralRecord> {
  switch (kind) {
    case 'pcap':
    case 'ipfix':
    case 'datagram':
      return neutralRecords(chunk, firstNumber);
    case 'nfcapd':
      return nfcapdRecords(chunk.batch, firstNumber);
    default:
      return flowRecords(chunk.batch, firstNumber);
  }
}
