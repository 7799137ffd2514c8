/** What turns flows into the bytes of a file. One encoder makes one file. */
import type { StoredBatch } from '../store/segment-reader.ts';

export interface FlowEncoder {
  /**
   * Takes rows of a batch (ascending; all where none are named) and gives what of the file is finished, piece by piece: each
   * is good until the next is asked for.
   */
  add(
    batch: StoredBatch,
    rows: Uint32Array | undefined,
    scale: Float64Array | undefined,
  ): Iterable<Uint8Array>;
  /** Returns the rest of the file, and what is to be put over its first bytes, if anything. */
  finish(): { readonly rest: readonly Uint8Array[]; readonly head?: Uint8Array };
}

/** Calls `visit` for each of the rows, or for all of `count`. */
export function forEachRow(count: number, rows: Uint32Array | undefined, visit: (row: number) => void): void {
  if (rows) for (let i = 0; i < rows.length; i++) visit(rows[i] ?? 0);
  else for (let row = 0; row < count; row++) visit(row);
}
