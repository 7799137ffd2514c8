/**
 * Column encoding for flows that come faster than every encoding can be tried: what was smallest for a column before is
 * smallest most often again, so the others are tried only now and then.
 */
import type { NumberColumn } from './column-basic.ts';
import { encodeAs, encodeColumn, type EncodedColumn, type Encoding, type Tellers } from './column-codec.ts';

/** Shorter columns cost nothing, and say little about the next ones. */
const MIN_VALUES = 2048;
/** Columns of one name between two that are tried every way. */
const TRY_EVERY = 32;
/** Column names that are remembered. */
const MAX_NAMES = 4096;

export class ColumnEncoder {
  #allRows: { readonly length: number; readonly encoded: EncodedColumn } | undefined;
  readonly #known = new Map<string, { readonly encoding: Encoding; left: number }>();

  encode(name: string, column: NumberColumn, tellers?: Tellers): EncodedColumn {
    if (column.length < MIN_VALUES) return encodeColumn(column, tellers);
    if (name.startsWith('rows:') && column[column.length - 1] === column.length - 1) return this.#all(column);
    const known = this.#known.get(name);
    if (known && known.left > 0) {
      known.left--;
      const encoded = encodeAs(known.encoding, column, tellers);
      if (encoded) return encoded;
    }
    const best = encodeColumn(column, tellers);
    if (this.#known.size >= MAX_NAMES) this.#known.clear();
    this.#known.set(name, { encoding: best.encoding, left: TRY_EVERY });
    return best;
  }

  /** Row numbers ascend: where the last is the count less one, all rows are there, for each extra element again. */
  #all(column: NumberColumn): EncodedColumn {
    if (this.#allRows?.length !== column.length) {
      this.#allRows = { length: column.length, encoded: encodeColumn(column) };
    }
    return this.#allRows.encoded;
  }
}
