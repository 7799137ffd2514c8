/**
 * Sums by key for a report: one table answers several orders of the same keys.
 *
 * As in `top.ts`, a segment's flows are summed by its own small codes, and taken over by value once a segment; where a
 * thread would hold more than `maxKeys` keys, all threads keep the same part of them, and a further pass takes the next.
 */
import type { Counts } from '../model/query.ts';
import { TextTable, type CodedColumn } from './coded-column.ts';
import type { addSums } from './group-sums.ts';
import type { SelectedRows } from './kernel.ts';
import { mergeOrdered } from './numbered-sums.ts';
import { COUNTS } from './report-sums.ts';
import { compareKeys, type KeyFields } from './top.ts';
import { nthLargest, remainingParts, WordTable, type HashPart, type WordTableData } from './word-table.ts';

/** Rows of equal size past the limit that take part in the order by name. */
const MAX_EQUALS = 10_000;
const EVERYTHING: HashPart = { prefix: 0, bits: 0 };

export interface KeyCounts extends Counts {
  readonly key: string;
}

export interface KeyTable {
  readonly table: WordTableData;
  readonly texts: readonly string[];
}

/** What is settled after some passes. */
export interface KeysSoFar {
  /** Parts that no pass has taken yet; the first is next. */
  readonly parts: readonly HashPart[];
  /** The largest of each order. */
  readonly orders: readonly (readonly KeyCounts[])[];
  readonly distinct: number;
}

/** Which keys are wanted: the `limit` with the largest sum in `place`, with the counts from `counts` on. */
export interface KeyOrder {
  readonly counts: number;
  readonly place: number;
  readonly limit: number;
}

export interface KeyTableOptions {
  /** Sums of a key. */
  readonly stride: number;
  /** From here on they are no sums but the same wherever they are not 0. */
  readonly mark: number;
  /** Keys that a thread holds, some 130 bytes each at most. */
  readonly maxKeys: number;
}

/** What a thread holds of all keys. */
export class KeySums {
  readonly texts = new TextTable();
  readonly stride: number;
  readonly #keys: KeyFields;
  readonly #table: WordTable;
  /** Of the last segment: the codes that have flows, the words of their keys, and their entries, -1 for none. */
  codes = new Uint32Array(0);
  words = new Uint32Array(0);
  entries = new Int32Array(0);
  #hashes = new Uint32Array(0);

  constructor(keys: KeyFields, { stride, maxKeys }: KeyTableOptions, before: KeysSoFar | undefined) {
    this.#keys = keys;
    this.stride = stride;
    this.#table = new WordTable(keys.width, stride, maxKeys, before?.parts[0] ?? EVERYTHING);
  }

  get sums(): Float64Array {
    return this.#table.sums;
  }

  /** Words of a key. */
  get width(): number {
    return this.#keys.width;
  }

  bind(selected: SelectedRows, side: 'source' | 'destination'): CodedColumn {
    const [column] = this.#keys.bind(selected, side, this.texts);
    if (!column) throw new Error('a key has a field');
    return column;
  }

  /** Finds the entries of the codes that have flows; returns how many those are. */
  locate(column: CodedColumn, counts: Float64Array): number {
    const { size } = column;
    const { width } = this.#keys;
    if (this.codes.length < size) {
      this.codes = new Uint32Array(size);
      this.words = new Uint32Array(size * width);
      this.entries = new Int32Array(size);
      this.#hashes = new Uint32Array(size);
    }
    const scratch = new Uint32Array(width);
    let count = 0;
    for (let code = 0; code < size; code++) {
      if (counts[code * COUNTS] === 0) continue;
      column.write(code, this.words, count * width);
      this.#hashes[count] = this.#keys.hash(this.words, count * width, this.texts, scratch);
      this.codes[count++] = code;
    }
    this.#table.entries(this.words, this.#hashes, count, this.entries);
    return count;
  }

  /** Adds the counts of the codes that were located to the sums from `place` on. */
  add(count: number, counts: Float64Array, place: number): void {
    const { codes, entries, stride } = this;
    const { sums } = this.#table;
    for (let i = 0; i < count; i++) {
      const entry = entries[i] as number;
      if (entry < 0) continue;
      const from = (codes[i] as number) * COUNTS;
      const to = entry * stride + place;
      sums[to] = (sums[to] as number) + (counts[from] as number);
      sums[to + 1] = (sums[to + 1] as number) + (counts[from + 1] as number);
      sums[to + 2] = (sums[to + 2] as number) + (counts[from + 2] as number);
    }
  }

  finish(): KeyTable {
    return { table: this.#table.finish(), texts: this.texts.texts };
  }
}

export interface Settled {
  readonly soFar: KeysSoFar;
  /** The keys of this pass, each once. */
  readonly table: WordTableData;
}

/** Brings the threads' tables together. */
export function settleKeys(
  keys: KeyFields,
  options: KeyTableOptions,
  orders: readonly KeyOrder[],
  before: KeysSoFar | undefined,
  tables: readonly KeyTable[],
): Settled {
  const asked = before?.parts[0] ?? EVERYTHING;
  const merged = mergeTables(keys, options, asked, tables);
  const found = orders.map((order, i) => {
    const rows = [...(before?.orders[i] ?? []), ...largest(keys, options.stride, merged, order)];
    const by = (['flows', 'packets', 'bytes'] as const)[order.place - order.counts] ?? 'flows';
    rows.sort((a, b) => b[by] - a[by] || compareKeys([a.key], [b.key]));
    return rows.slice(0, order.limit);
  });
  const soFar = {
    parts: [...remainingParts(asked, merged.table.part), ...(before?.parts.slice(1) ?? [])],
    orders: found,
    distinct: (before?.distinct ?? 0) + merged.table.count,
  };
  return { soFar, table: merged.table };
}

function mergeTables(
  keys: KeyFields,
  { stride, mark, maxKeys }: KeyTableOptions,
  asked: HashPart,
  tables: readonly KeyTable[],
): KeyTable {
  const [only] = tables;
  if (tables.length === 1 && only) return only;
  if (asked.bits === 0 && tables.every(({ table }) => table.ordered === true)) {
    const add: typeof addSums = (to, group, from, other) =>
      addMarked(to, group, from, other, { stride, mark });
    const merged = tables
      .map(({ table }) => table)
      .reduce((all, other) => mergeOrdered(all, other, { width: keys.width, stride, add }));
    return { table: merged, texts: [''] };
  }
  let part = asked;
  for (const { table } of tables) if (table.part.bits > part.bits) ({ part } = table);
  const merged = new WordTable(keys.width, stride, maxKeys * Math.max(tables.length, 1), part);
  const texts = new TextTable();
  for (const { table, texts: own } of tables) {
    const codes = Uint32Array.from(own, (text) => texts.code(text));
    if (own.length > 1) {
      for (let index = 0; index < table.count; index++) {
        keys.renumber(table.words, index * keys.width, codes);
      }
    }
    const entries = new Int32Array(table.count);
    merged.entries(table.words, table.hashes, table.count, entries);
    const { sums } = merged;
    for (let index = 0; index < table.count; index++) {
      const entry = entries[index] as number;
      if (entry < 0) continue;
      addMarked(sums, entry, table.sums, index, { stride, mark });
    }
  }
  return { table: merged.finish(), texts: texts.texts };
}

/** Adds the sums of one entry to those of another one; a mark is taken over where there is one. */
function addMarked(
  to: Float64Array,
  entry: number,
  from: Float64Array,
  other: number,
  { stride, mark }: Pick<KeyTableOptions, 'stride' | 'mark'>,
): void {
  const at = entry * stride;
  const fromAt = other * stride;
  for (let place = 0; place < mark; place++) {
    to[at + place] = (to[at + place] as number) + (from[fromAt + place] as number);
  }
  for (let place = mark; place < stride; place++) {
    to[at + place] = (from[fromAt + place] as number) || (to[at + place] as number);
  }
}

/** The largest rows of a table, in no order; of equals some more than are wanted, whatever their order here. */
function largest(
  keys: KeyFields,
  stride: number,
  { table, texts }: KeyTable,
  { counts, place, limit }: KeyOrder,
): KeyCounts[] {
  const { sums, words, count } = table;
  const least = nthLargest(sums, count, stride, place, limit);
  const rows: KeyCounts[] = [];
  let equals = 0;
  for (let index = 0; index < count; index++) {
    const at = index * stride;
    const value = sums[at + place] as number;
    // In an order of some of the flows, a key without any has no place.
    if (value < least || sums[at + counts] === 0) continue;
    if (value === least && ++equals > MAX_EQUALS + limit) continue;
    rows.push({
      key: keys.format(words, index * keys.width, texts)[0] ?? '',
      flows: sums[at + counts] ?? 0,
      packets: sums[at + counts + 1] ?? 0,
      bytes: sums[at + counts + 2] ?? 0,
    });
  }
  return rows;
}
