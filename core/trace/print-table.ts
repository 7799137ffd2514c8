/**
 * The fingerprints of many logins in one set of columns: silences in CSR form, never an object a login. Pairs are taken
 * out of it, as objects, only once an index has said that they are worth a look.
 */
import type { Side } from './pair-score.ts';
import { Population, selectBoundaries, type Boundaries } from './population.ts';
import type { Fingerprint } from './silences.ts';

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

export function makeTable(prints: readonly Fingerprint[]): PrintTable {
  const offsets = new Uint32Array(prints.length + 1);
  for (const [i, { from }] of prints.entries()) offsets[i + 1] = (offsets[i] ?? 0) + from.length;
  const total = offsets[prints.length] ?? 0;
  const table = {
    count: prints.length,
    offsets,
    from: new Float64Array(total),
    to: new Float64Array(total),
    doubtful: new Uint8Array(total),
    start: Float64Array.from(prints, ({ active }) => active[0] ?? 0),
    end: Float64Array.from(prints, ({ active }) => active.at(-1) ?? 0),
    timeoutMs: Float64Array.from(prints, ({ timeoutMs }) => timeoutMs),
    timingErrorMs: Float64Array.from(prints, ({ timingErrorMs }) => timingErrorMs),
    clockTied: Uint8Array.from(prints, ({ clockTied }) => (clockTied ? 1 : 0)),
    seen: Float64Array.from(prints, ({ seen }) => seen),
  };
  for (const [i, print] of prints.entries()) {
    table.from.set(print.from, offsets[i]);
    table.to.set(print.to, offsets[i]);
    table.doubtful.set(print.doubtful, offsets[i]);
  }
  return table;
}

/** The silences of login `id` of at least `threshold` ms. */
function boundariesOf(table: PrintTable, id: number, threshold: number): Boundaries {
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
