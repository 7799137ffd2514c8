/** Flows, packets and bytes of each day, bytes by protocol too: the sums of `series` in one loop. */
import type { CoreColumns } from '../model/flow-batch.ts';
import { TimeCells } from './time-cells.ts';

const DAY_MS = 86_400_000;
/** Lines: the bytes of each protocol, then packets, then flows. */
const PROTOCOLS = 256;
const PACKETS = PROTOCOLS;
const FLOWS = PROTOCOLS + 1;
const LINES = PROTOCOLS + 2;

export interface DaySums {
  /** One a day, from the first of the month. A flow counts where it begins; the others are spread over its life. */
  readonly flows: Float64Array;
  readonly packets: Float64Array;
  readonly bytes: Float64Array;
  /** Bytes of each protocol that occurs, the largest first. */
  readonly protocols: readonly { readonly protocol: number; readonly bytes: Float64Array }[];
  /** Flows that no day can take, for want of a time. */
  readonly undated: number;
}

export interface DayPartial {
  readonly cells: Float64Array;
  readonly undated: number;
}

type DayColumns = Pick<
  CoreColumns,
  | 'flowStartMilliseconds'
  | 'flowEndMilliseconds'
  | 'protocolIdentifier'
  | 'packetDeltaCount'
  | 'octetDeltaCount'
>;

export class DayCounter {
  readonly #cells: TimeCells;
  readonly #bytes = new Float64Array(PROTOCOLS);
  #left = new Uint32Array(0);
  #undated = 0;

  /** `from` is midnight. */
  constructor(from: number, days: number) {
    this.#cells = new TimeCells({ startMs: from, bucketMs: DAY_MS, count: days });
    this.#cells.reserve(LINES);
  }

  add(columns: DayColumns, rows: Uint32Array): void {
    const left = this.#addOneDay(columns, rows);
    const { flowStartMilliseconds: starts, flowEndMilliseconds: ends, protocolIdentifier } = columns;
    const { packetDeltaCount, octetDeltaCount } = columns;
    const cells = this.#cells;
    for (const row of left) {
      let start = starts[row] ?? Number.NaN;
      let end = ends[row] ?? Number.NaN;
      if (Number.isNaN(start)) start = end;
      if (Number.isNaN(end)) end = start;
      if (Number.isNaN(start)) {
        this.#undated++;
        continue;
      }
      cells.addAt(FLOWS, start, 1);
      if (start > end) [start, end] = [end, start];
      cells.spread(PACKETS, start, end, packetDeltaCount[row] ?? 0);
      cells.spread(protocolIdentifier[row] ?? 0, start, end, octetDeltaCount[row] ?? 0);
    }
  }

  finish(): DayPartial {
    return { cells: this.#cells.finish(), undated: this.#undated };
  }

  /** Takes in what lies within the day of the first row; returns the other rows. */
  #addOneDay(columns: DayColumns, rows: Uint32Array): Uint32Array {
    const { flowStartMilliseconds: starts, flowEndMilliseconds: ends, protocolIdentifier } = columns;
    const { packetDeltaCount, octetDeltaCount } = columns;
    const day = Math.floor((starts[rows[0] ?? 0] ?? Number.NaN) / DAY_MS) * DAY_MS;
    const dayEnd = day + DAY_MS;
    if (this.#left.length < rows.length) this.#left = new Uint32Array(rows.length);
    const left = this.#left;
    const sums = this.#bytes.fill(0);
    let others = 0;
    let packets = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const start = starts[row] as number;
      const end = ends[row] as number;
      if (start >= day && end >= start && end < dayEnd) {
        const protocol = protocolIdentifier[row] as number;
        sums[protocol] = (sums[protocol] as number) + (octetDeltaCount[row] as number);
        packets += packetDeltaCount[row] as number;
      } else left[others++] = row;
    }
    this.#cells.addAt(FLOWS, day, rows.length - others);
    this.#cells.addAt(PACKETS, day, packets);
    for (let protocol = 0; protocol < PROTOCOLS; protocol++) {
      const bytes = sums[protocol] ?? 0;
      if (bytes > 0) this.#cells.addAt(protocol, day, bytes);
    }
    return left.subarray(0, others);
  }
}

export function concludeDays(partials: readonly DayPartial[], days: number): DaySums {
  const cells = new Float64Array(LINES * days);
  for (const partial of partials) {
    for (const [i, value] of partial.cells.entries()) cells[i] = (cells[i] ?? 0) + value;
  }
  const line = (number: number): Float64Array => cells.slice(number * days, (number + 1) * days);
  const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
  const bytes = new Float64Array(days);
  const protocols = Array.from({ length: PROTOCOLS }, (_, protocol) => ({ protocol, bytes: line(protocol) }))
    .filter((one) => one.bytes.some((value) => value > 0))
    .toSorted((a, b) => sumOf(b.bytes) - sumOf(a.bytes) || a.protocol - b.protocol);
  for (const one of protocols)
    for (let day = 0; day < days; day++) bytes[day] = (bytes[day] ?? 0) + (one.bytes[day] ?? 0);
  const undated = partials.reduce((sum, partial) => sum + partial.undated, 0);
  return { flows: line(FLOWS), packets: line(PACKETS), bytes, protocols, undated };
}
