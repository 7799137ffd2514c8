/**
 * Those rows of a segment that a question wants, and where they are few a batch of them alone: what computes over it reads
 * short columns. How many they are, which they are and what their columns hold is kept for the next question that wants
 * the same.
 */
import { makeColumn, type ColumnArray, type ExtraColumn } from '../model/flow-batch.ts';
import type { NumberColumnType } from './column-basic.ts';
import { defineLazily, LazyExtras, lazyColumns } from './lazy-batch.ts';
import type { PartKeeper } from './segment-cache.ts';
import type { StoredBatch } from './segment-reader.ts';

/** Where more than one row of so many is wanted, to gather them costs more than to pass over the others. */
const FEW = 4;

export class WantedRows {
  /** How many rows were looked at, and how many of them are wanted. */
  readonly looked: number;
  readonly count: number;
  readonly areFew: boolean;
  readonly kept: PartKeeper | undefined;
  readonly #select: () => { readonly looked: number; readonly selected: Uint32Array };
  #numbers: Uint32Array | undefined;

  /** `rows` of the segment; `select` may throw DamagedColumn, and so may what reads it later. */
  constructor(
    rows: number,
    kept: PartKeeper | undefined,
    select: () => { readonly looked: number; readonly selected: Uint32Array },
  ) {
    this.#select = select;
    this.kept = kept;
    const count = (): Uint32Array => {
      const { looked, selected } = select();
      this.#numbers = selected;
      return Uint32Array.of(looked, selected.length);
    };
    const [looked = 0, wanted = 0] = kept ? kept.keep('counts', count) : count();
    this.looked = looked;
    this.count = wanted;
    this.areFew = wanted > 0 && wanted * FEW <= rows;
    if (kept && this.#numbers && this.areFew) this.#steps(this.#numbers);
  }

  /** The rows, ascending. */
  get numbers(): Uint32Array {
    if (this.#numbers) return this.#numbers;
    if (!this.areFew) return (this.#numbers = this.#select().selected);
    const numbers = this.#steps(undefined).slice();
    for (let i = 1; i < numbers.length; i++) numbers[i] = (numbers[i] as number) + (numbers[i - 1] as number);
    return (this.#numbers = numbers);
  }

  /** How far each row is from the one before, which takes one byte most often; good until another segment's. */
  #steps(numbers: Uint32Array | undefined): Uint32Array {
    const fill = (steps: Uint32Array): Uint32Array => {
      steps.set(numbers ?? this.#select().selected);
      for (let i = steps.length - 1; i > 0; i--) steps[i] = (steps[i] as number) - (steps[i - 1] as number);
      return steps;
    };
    if (this.kept) return this.kept.column('steps', Uint32Array, this.count, fill);
    return fill(new Uint32Array(this.count));
  }
}

/** The rows of a segment's batch as a batch of their own; addresses, exporters and the like are the whole segment's. */
export function gatherBatch(
  batch: StoredBatch,
  rows: WantedRows,
  keeper: PartKeeper | undefined,
): StoredBatch {
  const { count, kept } = rows;
  const columns = lazyColumns((name) => {
    const type = makeColumn(name, 0).constructor as NumberColumnType<ColumnArray>;
    const gather = (picked: ColumnArray): ColumnArray => {
      const whole = (): ColumnArray => batch.columns[name];
      return keeper ? keeper.pick(name, rows.numbers, picked, whole) : pick(whole(), rows.numbers, picked);
    };
    return kept ? kept.column(name, type, count, gather) : gather(new type(count));
  });
  return defineLazily<StoredBatch>({
    count: () => count,
    columns: () => columns,
    addresses: () => batch.addresses,
    extras: () => {
      const names = (): readonly string[] => [...batch.extras.keys()];
      return new LazyExtras(kept ? kept.keep('extras', names) : names(), (name) => {
        const whole = batch.extras.get(name);
        return whole ? gatherExtra(whole, rows.numbers) : { rows: [], values: [] };
      });
    },
    layouts: () => batch.layouts,
    exporters: () => batch.exporters,
    datagrams: () => batch.datagrams,
    sites: () => batch.sites,
    source: () => batch.source,
  });
}

/** Fills `picked` with the values at as many rows. */
function pick<T extends ColumnArray>(whole: T, rows: Uint32Array, picked: T): T {
  for (let i = 0; i < rows.length; i++) picked[i] = whole[rows[i] as number] as number;
  return picked;
}

/** An element of those rows alone, by their places; both lists of rows ascend. */
function gatherExtra(whole: ExtraColumn, rows: Uint32Array): ExtraColumn {
  const places: number[] = [];
  const found: number[] = [];
  for (let i = 0, at = 0; i < rows.length && at < whole.rows.length; i++) {
    const row = rows[i] as number;
    while (at < whole.rows.length && (whole.rows[at] as number) < row) at++;
    if (whole.rows[at] !== row) continue;
    places.push(i);
    found.push(at);
  }
  const { values } = whole;
  return {
    rows: Uint32Array.from(places),
    values:
      values instanceof Float64Array
        ? Float64Array.from(found, (at) => values[at] as number)
        : found.map((at) => values[at] ?? null),
  };
}
