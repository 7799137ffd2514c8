/**
 * sFlow v5 (sflow.org): samples of packets and counters of interfaces, raw.
 *
 *   datagram  version u32 = 5, agent address (u32 family, 4 or 16 bytes), sub-agent u32, sequence u32, uptime u32 ms,
 *             samples u32, then each: u32 enterprise (20 bits) and format (12 bits), u32 length, data
 *   0:1 flow sample       sequence, source (8 bits type, 24 bits index), rate, pool, drops, input, output, records
 *   0:3 the same with type and index, and format and value of each interface, in words of their own
 *   0:2 counter sample    sequence, source, records       0:4 expanded: sequence, type, index, records
 *   0:5 discarded packet  sequence, type, index, drops, input, output, reason, records
 *
 * Interfaces of a 0:1 have 2 bits of format (0 an interface, 1 a discard reason, 2 several interfaces) and 30 of value.
 */
import { formatAddress } from '../model/address.ts';
import { SFLOW_5 } from '../model/flow-batch.ts';
import { formatHex } from '../model/text.ts';
import { epochMs, uptimeMs } from '../model/time.ts';
import type { DatagramContext, MessageHeader } from './message.ts';
import { SampleFields } from './sample-fields.ts';
import { formatOf, readRecords } from './sflow-records.ts';
import { readU32 } from './values.ts';

export const HEADER_SFLOW = 28;

export interface SFlowHeader {
  readonly agent: string;
  readonly subAgent: number;
  readonly sequence: number;
  readonly uptime: number;
  readonly samples: number;
  /** Where the first sample begins. */
  readonly first: number;
}

/** Reads the header; undefined where the agent's address has no family we know, or the header is cut short. */
export function readSFlowHeader(bytes: Uint8Array): SFlowHeader | undefined {
  const family = bytes.length >= 8 ? readU32(bytes, 4) : 0;
  const size = family === 1 ? 4 : family === 2 ? 16 : 0;
  const at = 8 + size;
  if (size === 0 || bytes.length < at + 16) return undefined;
  return {
    agent: formatAddress(bytes, 8, size),
    subAgent: readU32(bytes, at),
    sequence: readU32(bytes, at + 4),
    uptime: readU32(bytes, at + 8),
    samples: readU32(bytes, at + 12),
    first: at + 16,
  };
}

/** The header as all versions have it. */
export function sflowMessage(header: SFlowHeader, context: DatagramContext): MessageHeader {
  const { address, port, received } = context;
  return {
    version: SFLOW_5,
    exporter: { address, port, observationDomainId: header.subAgent },
    sequenceNumber: header.sequence,
    exportTime: received ?? epochMs(0),
    sysUpTime: uptimeMs(header.uptime),
  };
}

export type SampleKind = 'sample' | 'counters' | 'discard' | 'unknown';

export interface Sample {
  readonly kind: SampleKind;
  readonly fields: SampleFields;
  /** What was wrong with it; what could be read is in `fields`. */
  readonly fault: string | undefined;
}

/** Words before the records of each sample format, the count of records last. */
const FLOW = 1;
const COUNTERS = 2;
const EXPANDED_FLOW = 3;
const EXPANDED_COUNTERS = 4;
const DISCARD = 5;
const wordsOf: ReadonlyMap<number, number> = new Map([
  [FLOW, 8],
  [COUNTERS, 3],
  [EXPANDED_FLOW, 11],
  [EXPANDED_COUNTERS, 4],
  [DISCARD, 8],
]);

/** Reads the sample of this format whose data lie between `at` and `end`. */
export function readSample(format: number, bytes: Uint8Array, at: number, end: number): Sample {
  const fields = new SampleFields();
  fields.add('sampleFormat', formatOf(format));
  const words = wordsOf.get(format);
  if (words === undefined) {
    fields.add('sampleOctets', formatHex(bytes, at, end - at));
    return { kind: 'unknown', fields, fault: undefined };
  }
  const kind = kindOf(format);
  if (at + 4 * words > end) {
    return { kind, fields, fault: `a sample ${formatOf(format)} of ${end - at} bytes is too short` };
  }
  const word = (index: number): number => readU32(bytes, at + 4 * index);
  fields.add('sampleSequence', word(0));
  const expanded = format >= EXPANDED_FLOW;
  fields.add('sourceIdType', expanded ? word(1) : word(1) >>> 24);
  fields.add('sourceIdIndex', expanded ? word(2) : word(1) & 0xff_ffff);
  if (format === FLOW || format === EXPANDED_FLOW) addFlow(fields, word, expanded);
  else if (format === DISCARD) {
    fields.add('drops', word(3));
    fields.add('ingressInterface', word(4));
    fields.add('egressInterface', word(5));
    fields.add('discardReason', word(6));
  }
  const records = kind === 'counters' ? 'counters' : 'flow';
  const fault = readRecords(records, word(words - 1), bytes, at + 4 * words, end, fields);
  return { kind, fields, fault };
}

function kindOf(format: number): SampleKind {
  if (format === DISCARD) return 'discard';
  return format === FLOW || format === EXPANDED_FLOW ? 'sample' : 'counters';
}

function addFlow(fields: SampleFields, word: (index: number) => number, expanded: boolean): void {
  const at = expanded ? 3 : 2;
  fields.add('samplingPacketInterval', word(at));
  fields.add('samplePool', word(at + 1));
  fields.add('drops', word(at + 2));
  const [input, output] = [word(at + 3), word(at + (expanded ? 5 : 4))];
  const [inputFormat, ingress] = expanded ? [input, word(at + 4)] : [input >>> 30, input & 0x3fff_ffff];
  const [outputFormat, egress] = expanded ? [output, word(at + 6)] : [output >>> 30, output & 0x3fff_ffff];
  fields.add('ingressInterface', ingress);
  if (inputFormat !== 0) fields.add('ingressFormat', inputFormat);
  fields.add('egressInterface', egress);
  if (outputFormat !== 0) fields.add('egressFormat', outputFormat);
  fields.derive('packetDeltaCount', 1);
}
