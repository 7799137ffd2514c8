/**
 * Conversations: both directions of what two endpoints said to each other, all selected flows of a 5-tuple together.
 *
 * First passes find the largest by the measure (largest-keys.ts), in memory that does not grow with their number; a last one
 * gathers of those what is shown, who opened them among that (conversation-opener.ts). A record that holds both directions
 * (RFC 5103) counts for both. ICMP has no ports: what two hosts exchange of it is one conversation.
 */
import { ApiError } from '../model/api-error.ts';
import type { SitedBatch } from '../model/flow-batch.ts';
import type { ConversationAnswer, ConversationQuestion, Measure } from '../model/query.ts';
import { ConversationDetails, describeConversations, type DetailPartial } from './conversation-details.ts';
import { ConversationKeys, KEY_WORDS } from './conversation-key.ts';
import type { Accumulator, Bare, Conclusion, Kernel, SelectedRows } from './kernel.ts';
import { settle, tableFor, type LargestOptions, type LargestSoFar } from './largest-keys.ts';
import { reverseCounters } from './reverse-counters.ts';
import type { WordTable, WordTableData } from './word-table.ts';

/** Some 100 bytes each, in a thread and once more where threads are put together. */
const MAX_KEYS = 1 << 19;
const MAX_LIMIT = 10_000;

export type ConversationPartial =
  { readonly table: WordTableData } | { readonly details: readonly DetailPartial[] };

/** The largest so far, and whether they are all known, so that this pass gathers their details. */
export interface ConversationCarry {
  readonly largest: LargestSoFar;
  readonly settled: boolean;
}

export const conversationKernel: Kernel<
  ConversationQuestion,
  ConversationPartial,
  Bare<ConversationAnswer>,
  ConversationCarry
> = {
  kinds: ['flow'],
  begin(question, _help, carry) {
    const options = optionsFor(question);
    if (carry?.settled === true) return new ConversationDetails(carry.largest.rows.map(({ words }) => words));
    return new KeySums(tableFor(options, carry?.largest), question.by);
  },
  conclude,
};

function optionsFor(question: ConversationQuestion): LargestOptions {
  const { limit } = question;
  if (!(limit >= 1 && limit <= MAX_LIMIT)) {
    throw new ApiError('usage', `From 1 to ${MAX_LIMIT} conversations can be asked for.`);
  }
  return { width: KEY_WORDS, stride: 1, maxKeys: MAX_KEYS, limit, place: 0 };
}

/** Sums the measure alone: all else is gathered of those that are shown. */
class KeySums implements Accumulator<ConversationPartial> {
  readonly #table: WordTable;
  readonly #by: Measure;

  constructor(table: WordTable, by: Measure) {
    this.#table = table;
    this.#by = by;
  }

  add({ batch, rows, scale }: SelectedRows): void {
    const keys = new ConversationKeys(batch);
    const valueOf = this.#measure(batch);
    const count = rows?.length ?? batch.count;
    for (let i = 0; i < count; i++) {
      const row = rows ? (rows[i] ?? 0) : i;
      keys.write(row);
      const entry = this.#table.entry(keys.words, 0, keys.hash());
      if (entry < 0) continue;
      const { sums } = this.#table;
      const factor = scale && this.#by !== 'flows' ? (scale[row] ?? 1) : 1;
      sums[entry] = (sums[entry] ?? 0) + valueOf(row) * factor;
    }
  }

  #measure(batch: SitedBatch): (row: number) => number {
    const by = this.#by;
    if (by === 'flows') return () => 1;
    const values = by === 'packets' ? batch.columns.packetDeltaCount : batch.columns.octetDeltaCount;
    const reverse = reverseCounters(batch);
    return (row) => (values[row] ?? 0) + (reverse?.(row)?.[by] ?? 0);
  }

  finish(): ConversationPartial {
    return { table: this.#table.take() };
  }
}

function addSums(to: Float64Array, at: number, from: Float64Array, fromAt: number): void {
  to[at] = (to[at] ?? 0) + (from[fromAt] ?? 0);
}

function conclude(
  question: ConversationQuestion,
  partials: readonly ConversationPartial[],
  _help: unknown,
  carry: ConversationCarry | undefined,
): Conclusion<Bare<ConversationAnswer>, ConversationCarry> {
  if (carry?.settled === true) {
    const details = partials.flatMap((partial) => ('details' in partial ? [partial.details] : []));
    const conversations = describeConversations(
      carry.largest.rows.map(({ words }) => words),
      details,
    );
    return { answer: { conversations, total: carry.largest.distinct } };
  }
  const tables = partials.flatMap((partial) => ('table' in partial ? [partial.table] : []));
  const largest = settle(optionsFor(question), carry?.largest, tables, addSums);
  if (largest.rows.length === 0) return { answer: { conversations: [], total: 0 } };
  return { carry: { largest, settled: largest.parts.length === 0 } };
}
