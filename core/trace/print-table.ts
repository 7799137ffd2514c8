/**
 * The fingerprints of many logins in one set of columns: silences in CSR form, never an object a login. Pairs are taken
 * out of it, as objects, only once an index has said that they are worth a look.
 */
import type { Side } from './likelihood.ts';
import { Population, selectBoundaries, type Boundaries } from './population.ts';

/** Login i's silences are entries `offsets[i]` to `offsets[i + 1]`, ascending. Times in epoch ms. */
export interface PrintTable {
  readonly count: number;
  readonly offsets: Uint32Array;
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly doubtful: Uint8Array;
  /** First and last activity of each login. */
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly timeoutMs: Float64Array;
  readonly timingErrorMs: Float64Array;
  /** 1 where the clocks behind it are tied to the others'. */
  readonly clockTied: Uint8Array;
  readonly seen: Float64Array;
}

/** Takes the silences of some logins out of a table, in that order. */
export function selectPrints(table: PrintTable, ids: Uint32Array): PrintTable {
  const offsets = new Uint32Array(ids.length + 1);
  for (const [k, id] of ids.entries())
    offsets[k + 1] = (offsets[k] ?? 0) + (table.offsets[id + 1] ?? 0) - (table.offsets[id] ?? 0);
  const total = offsets[ids.length] ?? 0;
  const [from, to, doubtful] = [new Float64Array(total), new Float64Array(total), new Uint8Array(total)];
  for (const [k, id] of ids.entries()) {
    const [first, last] = [table.offsets[id], table.offsets[id + 1]];
    from.set(table.from.subarray(first, last), offsets[k]);
    to.set(table.to.subarray(first, last), offsets[k]);
    doubtful.set(table.doubtful.subarray(first, last), offsets[k]);
  }
  const pick = (column: Float64Array): Float64Array => Float64Array.from(ids, (id) => column[id] ?? 0);
  return {
    count: ids.length,
    offsets,
    from,
    to,
    doubtful,
    start: pick(table.start),
    end: pick(table.end),
    timeoutMs: pick(table.timeoutMs),
    timingErrorMs: pick(table.timingErrorMs),
    clockTied: Uint8Array.from(ids, (id) => table.clockTied[id] ?? 0),
    seen: pick(table.seen),
  };
}

/** How many silences login `id` shows. */
export const silencesOf = ({ offsets }: PrintTable, id: number): number =>
  (offsets[id + 1] ?? 0) - (offsets[id] ?? 0);

/** The silences of login `id` of at least `threshold` ms. */
export function boundariesOf(table: PrintTable, id: number, threshold: number): Boundaries {
  const [first, last] = [table.offsets[id] ?? 0, table.offsets[id + 1] ?? 0];
  return selectBoundaries(
    {
      from: table.from.subarray(first, last),
      to: table.to.subarray(first, last),
      doubtful: table.doubtful.subarray(first, last),
      start: table.start[id] ?? 0,
      end: table.end[id] ?? 0,
    },
    threshold,
  );
}

/** Thresholds are rounded up to this step, so that few populations serve all pairs. */
const THRESHOLD_STEP_MS = 100;

/** The shortest silence that exporters of these timeouts both show. */
export const sharedThreshold = (...timeouts: readonly number[]): number =>
  Math.ceil(Math.max(...timeouts) / THRESHOLD_STEP_MS) * THRESHOLD_STEP_MS;

/** Takes sides for pairs out of a table; populations are made once a threshold. */
export class TableSides {
  readonly #table: PrintTable;
  readonly #populations = new Map<number, Population>();

  constructor(table: PrintTable) {
    this.#table = table;
  }

  /** Both logins of a pair, with their silences longer than either's idle timeout. */
  pair(x: number, y: number): [Side, Side] {
    const { timeoutMs } = this.#table;
    const threshold = sharedThreshold(timeoutMs[x] ?? 0, timeoutMs[y] ?? 0);
    return [this.side(x, threshold), this.side(y, threshold)];
  }

  side(id: number, threshold: number): Side {
    const boundaries = boundariesOf(this.#table, id, threshold);
    return {
      boundaries,
      rates: this.#population(threshold).rates(boundaries),
      timingErrorMs: this.#table.timingErrorMs[id] ?? 0,
      clockTied: this.#table.clockTied[id] === 1,
      seen: this.#table.seen[id] ?? 1,
    };
  }

  #population(threshold: number): Population {
    let population = this.#populations.get(threshold);
    if (!population) {
      population = new Population(this.#table, threshold);
      this.#populations.set(threshold, population);
    }
    return population;
  }
}
