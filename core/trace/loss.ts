/**
 * Which datagrams never arrived, told by the gaps in their sequence numbers.
 *
 * NetFlow v5 counts flows sent before this datagram, v9 and sFlow count datagrams, IPFIX counts data records sent before this
 * message. softflowd's IPFIX counts those of this message too, and options records not at all (against RFC 7011, 3.1).
 * The step between two datagrams is therefore tried as the records, or the flows, of the former or of the latter, and a
 * gap is what none of them explains.
 */
import { SFLOW_5 } from '../model/flow-batch.ts';

/** One exporter's datagrams in the order of export. */
export interface DatagramSequence {
  readonly version: Uint16Array;
  readonly sequence: Float64Array;
  /** Data records of each datagram, and how many of them are flows. */
  readonly records: Float64Array;
  readonly flows: Float64Array;
  readonly exportMs: Float64Array;
}

export interface Loss {
  /** Export times between which something was lost: flat pairs [from, to], ascending. */
  readonly windows: number[];
  /** Units lost: flows for v5, records for IPFIX, datagrams for v9 and sFlow. */
  readonly units: number;
  readonly datagrams: number;
}

/** A step beyond this many units is a restart of the counter, not a loss. */
const RESTART = 1_000_000;

export function findLoss(input: DatagramSequence): Loss {
  const windows: number[] = [];
  let units = 0;
  for (let i = 1; i < input.sequence.length; i++) {
    const step = ((input.sequence[i] ?? 0) - (input.sequence[i - 1] ?? 0) + 2 ** 32) % 2 ** 32;
    if (step === 0 || step > RESTART) continue;
    const missing = countsDatagrams(input.version[i]) ? step - 1 : missingRecords(input, i, step);
    if (!Number.isFinite(missing) || missing <= 0) continue;
    units += missing;
    windows.push(input.exportMs[i - 1] ?? 0, input.exportMs[i] ?? 0);
  }
  return { windows, units, datagrams: input.sequence.length };
}

/** Sequence numbers count datagrams in v9 and sFlow, records elsewhere. */
const countsDatagrams = (version: number | undefined): boolean => version === 9 || version === SFLOW_5;

function missingRecords({ records, flows }: DatagramSequence, i: number, step: number): number {
  const explained = [records[i - 1], records[i], flows[i - 1], flows[i]].map((count) => step - (count ?? 0));
  return Math.min(...explained.filter((rest) => rest >= 0));
}
