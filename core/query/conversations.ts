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
import type { HashPart, WordTable, WordTableData } from './word-table.ts';

/** Some 90 bytes each, in a thread and once more where threads are put together. */
const MAX_KEYS = 1 << 18;
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
  #places = new Uint32Array(0);

  constructor(table: WordTable, by: Measure) {
    this.#table = table;
    this.#by = by;
  }

  add({ batch, rows, scale }: SelectedRows): void {
    const keys = new ConversationKeys(batch);
    const values = this.#values(batch);
    const hashes = keys.hashes(rows);
    const table = this.#table;
    const count = rows?.length ?? batch.count;
    if (this.#places.length < count) this.#places = new Uint32Array(count);
    const places = this.#places;
    const own = placesOfPart(hashes, count, table.part, places);
    for (let k = 0; k < own; k++) {
      const place = places[k] as number;
      const row = rows ? (rows[place] as number) : place;
      keys.write(row);
      const entry = table.entry(keys.words, 0, hashes[place] as number);
      // The part may have been halved meanwhile.
      if (entry < 0) continue;
      const { sums } = table;
      const value = values ? (values[row] as number) * (scale ? (scale[row] as number) : 1) : 1;
      sums[entry] = (sums[entry] as number) + value;
    }
  }

  /** What each row adds, with the other direction's; undefined: 1. */
  #values(batch: SitedBatch): Float64Array | undefined {
    const by = this.#by;
    if (by === 'flows') return undefined;
    const values = by === 'packets' ? batch.columns.packetDeltaCount : batch.columns.octetDeltaCount;
    const reverse = reverseCounters(batch);
    return reverse ? values.map((value, row) => value + (reverse(row)?.[by] ?? 0)) : values;
  }

  finish(): ConversationPartial {
    return { table: this.#table.take() };
  }
}

/** Notes where hashes of the part are; how many. */
function placesOfPart(
  hashes: Uint32Array,
  count: number,
  { prefix, bits }: HashPart,
  places: Uint32Array,
): number {
  // Twice, since a shift by 32 is none.
  const shift = 31 - bits;
  let n = 0;
  for (let i = 0; i < count; i++) {
    places[n] = i;
    n += ((hashes[i] as number) >>> 1) >>> shift === prefix ? 1 : 0;
  }
  return n;
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
