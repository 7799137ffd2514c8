/** What turns flows into the bytes of a file. One encoder makes one file. */
import type { StoredBatch } from '../../store/segment-reader.ts';

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
