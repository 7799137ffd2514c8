/** The other direction's counters, which a biflow record has beside its own (RFC 5103). */
import type { ExtraColumn, FlowBatch } from '../model/flow-batch.ts';

export interface ReverseCounters {
  readonly packets: number;
  readonly bytes: number;
  readonly flags: number;
}

/** By row, in any order; undefined for rows without them. Undefined where no row of the batch has them. */
export function reverseCounters(
  batch: FlowBatch,
): ((row: number) => ReverseCounters | undefined) | undefined {
  const counters = new Map<number, { packets: number; bytes: number; flags: number }>();
  for (const [name, what] of elements) note(batch.extras.get(name), counters, what);
  if (counters.size === 0) return undefined;
  return (row) => counters.get(row);
}

/** Where a record has both, the later one counts. */
const elements = [
  ['reversePacketTotalCount', 'packets'],
  ['reverseOctetTotalCount', 'bytes'],
  ['reversePacketDeltaCount', 'packets'],
  ['reverseOctetDeltaCount', 'bytes'],
  ['reverseTcpControlBits', 'flags'],
] as const;

function note(
  extra: ExtraColumn | undefined,
  counters: Map<number, { packets: number; bytes: number; flags: number }>,
  what: keyof ReverseCounters,
): void {
  for (let i = 0; i < (extra?.rows.length ?? 0); i++) {
    const row = extra?.rows[i] ?? 0;
    const value = Number(extra?.values[i] ?? 0);
    if (!(value > 0)) continue;
    const all = counters.get(row) ?? { packets: 0, bytes: 0, flags: 0 };
    all[what] = value;
    counters.set(row, all);
  }
}
