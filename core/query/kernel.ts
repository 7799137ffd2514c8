/**
 * What computes an answer from flows, cut so that several threads can share the work.
 *
 * A thread begins an accumulator, adds the segments of its share, and finishes with a partial result: plain values and
 * typed arrays, which can move to another thread. One thread concludes from the partials of all. Where an answer needs
 * the flows once more (what did not fit into memory, what is known only after all were seen), `conclude` returns what is
 * to be carried into the next pass instead of the answer.
 */
import type { SitedBatch } from '../model/flow-batch.ts';
import type { NumberedCodes } from './address-numbers.ts';
import type { AnswerNotes, FlowSelection, RecordKind } from '../model/query.ts';

/** Rows of a segment that the question selects: only flows (no aggregates, events, samples), no duplicates. */
export interface SelectedRows {
  readonly batch: SitedBatch;
  /** Ascending; undefined: every row. */
  readonly rows: Uint32Array | undefined;
  /** Before duplicates were left out, for kernels that ask for it; absent where none were. */
  readonly observed?: Uint32Array | undefined;
  /** Factor of each row of the batch (not of `rows`); undefined: 1. */
  readonly scale: Float64Array | undefined;
  /** The numbers of the batch's addresses; undefined where there are too many. Absent where nobody numbers them. */
  readonly numbered?: (() => NumberedCodes | undefined) | undefined;
  /** Which of the query's segments it is: their order is that of time and storing. */
  readonly segment: number;
  /** Where the batch has but some of the segment's rows: which of the segment each is. */
  readonly rowNumbers?: (() => Uint32Array) | undefined;
}

export interface Accumulator<P> {
  /**
   * Takes the rows in. Must read every part of the batch that it needs before it changes anything of its own: where a
   * part is damaged, its getter throws, and the segment counts as not seen.
   */
  add(selected: SelectedRows): void;
  /** The partial result; the accumulator must not be used afterwards. */
  finish(): P;
  /** What can be shown before the end, cheaply: concluded from like a partial result. */
  peek?(): P;
}

/** What a kernel is told beside the question. */
export interface KernelHelp {
  /** From the first start to the last end of what is looked at, within the question's bounds; null: nothing. */
  readonly range: { readonly start: number; readonly end: number } | null;
  /** The store has more than one site: addresses that are local to one are told apart. */
  readonly severalSites: boolean;
  /** Whether there is an information element of this name. */
  isElement(name: string): boolean;
  /** Country of an address (4 or 16 bytes), ISO 3166-1 alpha-2, empty where unknown; absent without a database. */
  readonly countryOf?: ((address: Uint8Array) => string) | undefined;
}

/** An answer without the notes, which are the engine's. */
export type Bare<A extends AnswerNotes> = Omit<A, keyof AnswerNotes>;

/** `notes`: what the person should know beside the answer, a sentence each. */
export type Conclusion<A, C> =
  { readonly answer: A; readonly notes?: readonly string[] } | { readonly carry: C };

/**
 * `Q` question, `P` partial result, `A` answer, `C` what one pass carries into the next (absent in the first). Throws
 * ApiError `usage` from `begin` where the question cannot be met.
 */
export interface Kernel<Q extends FlowSelection, P, A, C = never> {
  /** The kinds of record that it takes where the question names none. */
  readonly kinds: readonly RecordKind[];
  /** It is told of `observed` rows, also where all of a segment's are duplicates. */
  readonly observes?: true;
  begin(question: Q, help: KernelHelp, carry: C | undefined): Accumulator<P>;
  conclude(question: Q, partials: readonly P[], help: KernelHelp, carry: C | undefined): Conclusion<A, C>;
}
