/**
 * Which datagrams never arrived, told by the gaps in their sequence numbers.
 *
 * NetFlow v5 counts flows sent before this datagram, v9 counts datagrams, IPFIX counts data records sent before this
 * message; softflowd's IPFIX counts those of this message too (against RFC 7011, 3.1). The step between two datagrams
 * is therefore tried as both "records of the former" and "records of the latter", and a gap is what neither explains.
 */

/** One exporter's datagrams in the order of export. */
export interface DatagramSequence {
  readonly version: Uint16Array;
  readonly sequence: Float64Array;
  readonly records: Float64Array;
  readonly exportMs: Float64Array;
}

export interface Loss {
  /** Export times between which something was lost: flat pairs [from, to], ascending. */
  readonly windows: number[];
  /** Units lost: flows for v5, records for IPFIX, datagrams for v9. */
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
    const former = input.records[i - 1] ?? 0;
    const latter = input.records[i] ?? 0;
    const missing =
      input.version[i] === 9 ? step - 1 : Math.min(...[step - former, step - latter].filter((n) => n >= 0));
    if (!Number.isFinite(missing) || missing <= 0) continue;
    units += missing;
    windows.push(input.exportMs[i - 1] ?? 0, input.exportMs[i] ?? 0);
  }
  return { windows, units, datagrams: input.sequence.length };
}
