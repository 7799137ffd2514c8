/**
 * The largest of any number of keys in bounded memory: each pass over the flows sums one part of the keys (word-table.ts) in
 * every thread, notes the largest of it, and says which parts are left for further passes.
 */
import {
  nthLargest,
  release,
  remainingParts,
  WordTable,
  type HashPart,
  type WordTableData,
} from './word-table.ts';

/** What is settled after some passes. */
export interface LargestSoFar {
  /** Parts that no pass has taken yet; the first is next. */
  readonly parts: readonly HashPart[];
  /** Keys of `width` words and their sums, the largest first. */
  readonly rows: readonly LargestKey[];
  readonly distinct: number;
}

export interface LargestKey {
  readonly words: Uint32Array;
  readonly sums: Float64Array;
}

const EVERYTHING: HashPart = { prefix: 0, bits: 0 };

export interface LargestOptions {
  readonly width: number;
  readonly stride: number;
  /** Keys that one thread holds. */
  readonly maxKeys: number;
  /** How many are wanted, and by which sum. */
  readonly limit: number;
  readonly place: number;
}

/** The table that a thread fills in this pass. */
export function tableFor(options: LargestOptions, before: LargestSoFar | undefined): WordTable {
  const { width, stride, maxKeys } = options;
  if (!before) return new WordTable(width, stride, maxKeys, EVERYTHING);
  // There were more than a thread holds: it is as large as it will be at once.
  return new WordTable(width, stride, maxKeys, before.parts[0] ?? EVERYTHING, maxKeys);
}

/**
 * What is settled once the threads have filled their tables, whose arrays it takes. `combine` adds the sums of one entry to those of another; the
 * order of the tables does not matter where that of its arguments does not.
 */
export function settle(
  options: LargestOptions,
  before: LargestSoFar | undefined,
  tables: readonly WordTableData[],
  combine: (to: Float64Array, at: number, from: Float64Array, fromAt: number) => void,
): LargestSoFar {
  const { width, stride, limit, place } = options;
  const asked = before?.parts[0] ?? EVERYTHING;
  let part = asked;
  for (const table of tables) if (table.part.bits > part.bits) part = table.part;
  // The largest is taken as it is, and the others are added to it.
  const [first, ...others] = tables.toSorted((a, b) => b.count - a.count);
  const most = Math.max(
    tables.reduce((sum, { count }) => sum + count, 0),
    1,
  );
  const merged = first
    ? WordTable.of(first, { width, stride, limit: most })
    : new WordTable(width, stride, most, part);
  if (part.bits > merged.part.bits) merged.narrow(part);
  for (const table of others) {
    for (let index = 0; index < table.count; index++) {
      const entry = merged.entry(table.words, index * width, table.hashes[index] ?? 0);
      if (entry >= 0) combine(merged.sums, entry * stride, table.sums, index * stride);
    }
    release(table);
  }
  const whole = merged.take();
  const rows = [...(before?.rows ?? []), ...largestOf(whole, options)]
    .sort((a, b) => (b.sums[place] ?? 0) - (a.sums[place] ?? 0) || compareWords(a.words, b.words))
    .slice(0, limit);
  return {
    parts: [...remainingParts(asked, whole.part), ...(before?.parts.slice(1) ?? [])],
    rows,
    distinct: (before?.distinct ?? 0) + whole.count,
  };
}

/** The largest entries of a table, of equals those with the smaller words. */
function largestOf(table: WordTableData, { width, stride, limit, place }: LargestOptions): LargestKey[] {
  const least = nthLargest(table.sums, table.count, stride, place, limit);
  const above: number[] = [];
  let equals: number[] = [];
  const wordsOf = (index: number): Uint32Array => table.words.subarray(index * width, (index + 1) * width);
  const byWords = (a: number, b: number): number => compareWords(wordsOf(a), wordsOf(b));
  for (let index = 0; index < table.count; index++) {
    const value = table.sums[index * stride + place] ?? 0;
    if (value > least) above.push(index);
    else if (value === least) {
      equals.push(index);
      // Of many equals only those that can be wanted are kept.
      if (equals.length > 4 * limit + 65_536) equals = equals.sort(byWords).slice(0, limit);
    }
  }
  return [...above, ...equals.sort(byWords).slice(0, Math.max(0, limit - above.length))].map((index) => ({
    words: wordsOf(index).slice(),
    sums: table.sums.slice(index * stride, (index + 1) * stride),
  }));
}

export function compareWords(a: Uint32Array, b: Uint32Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
