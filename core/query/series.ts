/**
 * Sums over time, split by a field.
 *
 * Every key has a line of buckets as long as they are few (MAX_CELLS). Where they are not, the first pass only finds the
 * largest keys, and a second one fills their lines and `other`.
 */
import { ApiError } from '../model/api-error.ts';
import type { CoreColumns } from '../model/flow-batch.ts';
import type { Measure, SeriesAnswer, SeriesLine, SeriesQuestion, TopQuestion } from '../model/query.ts';
import { bucketsOf, type Buckets } from './buckets.ts';
import { TextTable } from './coded-column.ts';
import { groupRows, type RowGroups } from './group-rows.ts';
import type { Accumulator, Bare, Conclusion, Kernel, KernelHelp, SelectedRows } from './kernel.ts';
import { KeyFields, topKernel, type TopCarry, type TopPartial } from './top.ts';
import { TimeCells } from './time-cells.ts';
import { WordTable, type WordTableData } from './word-table.ts';

/** Sums that a thread holds, 16 bytes each at most. */
const MAX_CELLS = 1 << 21;
const MAX_KEYS = 1 << 20;
const DEFAULT_LINES = 10;
const MAX_LINES = 1000;
/** The key of what has no line of its own, and of everything where nothing is split. */
const OTHER = 'other';
const ALL = 'all';

export interface SeriesPartial {
  /** A line each key; absent in further passes, and where the keys were too many. */
  readonly lines?: KeyLines | undefined;
  /** The search for the largest keys. */
  readonly top?: TopPartial | undefined;
  /** The lines that were asked for, then all others together. */
  readonly cells?: Float64Array | undefined;
  /** Flows that no bucket can take, for want of a time. */
  readonly undated: number;
}

interface KeyLines {
  readonly table: WordTableData;
  readonly texts: readonly string[];
  readonly cells: Float64Array;
}

/** The keys are searched for, or known: the largest first. */
export type SeriesCarry =
  | { readonly stage: 'search'; readonly top: TopCarry | undefined }
  | { readonly stage: 'fill'; readonly keys: readonly string[] };

export const seriesKernel: Kernel<SeriesQuestion, SeriesPartial, Bare<SeriesAnswer>, SeriesCarry> = {
  kinds: ['flow'],
  begin: (question, help, carry) =>
    carry?.stage === 'search'
      ? new SearchAccumulator(topKernel.begin(asTop(question), help, carry.top))
      : new SeriesAccumulator(question, help, carry?.keys),
  conclude,
};

function asTop(question: SeriesQuestion): TopQuestion {
  const fields = question.split === undefined ? [] : [question.split];
  return { ...question, fields, limit: lineLimit(question), times: false };
}

function lineLimit({ splitLimit }: SeriesQuestion): number {
  const lines = splitLimit ?? DEFAULT_LINES;
  if (lines >= 1 && lines <= MAX_LINES) return lines;
  throw new ApiError('usage', `From 1 to ${MAX_LINES} lines can be asked for.`);
}

class SearchAccumulator implements Accumulator<SeriesPartial> {
  readonly #top: Accumulator<TopPartial>;

  constructor(top: Accumulator<TopPartial>) {
    this.#top = top;
  }

  add(selected: SelectedRows): void {
    this.#top.add(selected);
  }

  finish(): SeriesPartial {
    return { top: this.#top.finish(), undated: 0 };
  }
}

class SeriesAccumulator implements Accumulator<SeriesPartial> {
  readonly #by: Measure;
  readonly #buckets: Buckets;
  readonly #keys: KeyFields;
  readonly #cells: TimeCells;
  readonly #texts = new TextTable();
  readonly #known: ReadonlyMap<string, number> | undefined;
  readonly #table: WordTable;
  #tooMany = false;
  #undated = 0;

  constructor(question: SeriesQuestion, help: KernelHelp, keys: readonly string[] | undefined) {
    lineLimit(question);
    this.#by = question.by;
    this.#buckets = bucketsOf(question, help.range);
    this.#keys = new KeyFields(question.split === undefined ? [] : [question.split], help);
    this.#cells = new TimeCells(this.#buckets);
    this.#table = new WordTable(this.#keys.width, 0, MAX_KEYS, { prefix: 0, bits: 0 });
    if (!keys) return;
    this.#known = new Map(keys.map((key, line) => [key, line]));
    this.#cells.reserve(keys.length + 1);
  }

  add(selected: SelectedRows): void {
    if (this.#tooMany) return;
    const { batch, rows, scale } = selected;
    const starts = batch.columns.flowStartMilliseconds;
    const ends = batch.columns.flowEndMilliseconds;
    const values = this.#valuesOf(batch.columns);
    const grouped = this.#keys.sides.map((side) =>
      groupRows(this.#keys.bind(selected, side, this.#texts), batch.count, rows),
    );
    for (const groups of grouped) {
      const lines = this.#linesOf(groups, rows ?? batch.count);
      if (!lines) return;
      this.#sum(lines, groups.groups, { starts, ends, values, scale }, rows);
    }
  }

  finish(): SeriesPartial {
    // A field without a side looks at each flow twice.
    const undated = this.#undated / this.#keys.sides.length;
    if (this.#tooMany) return { undated };
    const cells = this.#cells.finish();
    if (this.#known) return { cells, undated };
    return { lines: { table: this.#table.finish(), texts: this.#texts.texts, cells }, undated };
  }

  peek(): SeriesPartial {
    return this.finish();
  }

  #valuesOf(columns: CoreColumns): Float64Array | undefined {
    if (this.#by === 'flows') return undefined;
    return this.#by === 'bytes' ? columns.octetDeltaCount : columns.packetDeltaCount;
  }

  /** The line of each group that occurs; undefined once there are too many. */
  #linesOf({ groups, size, write }: RowGroups, rows: Uint32Array | number): Int32Array | undefined {
    const lines = new Int32Array(size).fill(-1);
    const words = new Uint32Array(this.#keys.width);
    const scratch = new Uint32Array(this.#keys.width);
    const most = MAX_CELLS / Math.max(this.#buckets.count, 1);
    const seen = seenGroups(groups, size, rows);
    for (let group = 0; group < size; group++) {
      if (seen[group] === 0) continue;
      write(group, words, 0);
      if (this.#known) {
        const [key = ''] = this.#keys.format(words, 0, this.#texts.texts);
        lines[group] = this.#known.get(key) ?? this.#known.size;
        continue;
      }
      lines[group] = this.#table.entry(words, 0, this.#keys.hash(words, 0, this.#texts, scratch));
      if (this.#table.count > Math.max(most, 1)) {
        this.#tooMany = true;
        return undefined;
      }
    }
    if (!this.#known) this.#cells.reserve(this.#table.count);
    return lines;
  }

  #sum(
    lines: Int32Array,
    groups: RowGroups['groups'],
    columns: SummedColumns,
    rows: Uint32Array | undefined,
  ): void {
    const { starts, ends, values, scale } = columns;
    const cells = this.#cells;
    const count = rows?.length ?? starts.length;
    // What lasts over a border of buckets, or has no time, is left for a second loop.
    const left =
      values && !scale ? cells.addWithin({ lines, groups, starts, ends, values }, rows) : undefined;
    for (let i = 0; i < (left?.length ?? count); i++) {
      const row = left ? (left[i] ?? 0) : rows ? (rows[i] ?? 0) : i;
      const line = lines[groups[row] ?? 0] ?? 0;
      let start = starts[row] ?? Number.NaN;
      let end = ends[row] ?? Number.NaN;
      if (Number.isNaN(start)) start = end;
      if (Number.isNaN(end)) end = start;
      if (Number.isNaN(start)) this.#undated++;
      else if (!values) cells.addAt(line, start, 1);
      else {
        const value = (values[row] ?? 0) * (scale ? (scale[row] ?? 1) : 1);
        if (start <= end) cells.spread(line, start, end, value);
        else cells.spread(line, end, start, value);
      }
    }
  }
}

/** A 1 for each group that one of the rows has; `rows` may be how many there are. */
function seenGroups(groups: RowGroups['groups'], size: number, rows: Uint32Array | number): Uint8Array {
  const seen = new Uint8Array(size);
  if (typeof rows === 'number') {
    for (let row = 0; row < rows; row++) seen[groups[row] as number] = 1;
  } else {
    for (let i = 0; i < rows.length; i++) seen[groups[rows[i] as number] as number] = 1;
  }
  return seen;
}

interface SummedColumns {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** undefined: every flow counts 1. */
  readonly values: Float64Array | undefined;
  readonly scale: Float64Array | undefined;
}

function conclude(
  question: SeriesQuestion,
  partials: readonly SeriesPartial[],
  help: KernelHelp,
  carry: SeriesCarry | undefined,
): Conclusion<Bare<SeriesAnswer>, SeriesCarry> {
  if (carry?.stage === 'search') {
    const tops = partials.flatMap(({ top }) => (top ? [top] : []));
    const found = topKernel.conclude(asTop(question), tops, help, carry.top);
    if ('carry' in found) return { carry: { stage: 'search', top: found.carry } };
    return { carry: { stage: 'fill', keys: found.answer.rows.map(({ key }) => key[0] ?? '') } };
  }
  const buckets = bucketsOf(question, help.range);
  const named = carry
    ? filledLines(carry.keys, partials, buckets)
    : keyLines(question, partials, help, buckets);
  if (!named) return { carry: { stage: 'search', top: undefined } };
  const undated = partials.reduce((sum, partial) => sum + partial.undated, 0);
  const answer = {
    startMs: buckets.startMs,
    bucketMs: buckets.bucketMs,
    buckets: buckets.count,
    by: question.by,
    lines: named,
  };
  const note = `${undated} flows without a time are in no bucket.`;
  return { answer, notes: undated > 0 ? [note] : [] };
}

function filledLines(
  keys: readonly string[],
  partials: readonly SeriesPartial[],
  { count }: Buckets,
): SeriesLine[] {
  const sums = new Float64Array((keys.length + 1) * count);
  for (const { cells } of partials) addInto(sums, cells ?? new Float64Array(0));
  const lines = [...keys, OTHER].map((key, line) => ({
    key,
    values: sums.slice(line * count, (line + 1) * count),
  }));
  return lines.filter(({ key, values }) => key !== OTHER || values.some((value) => value > 0));
}

/** Undefined where some thread met too many keys. */
function keyLines(
  question: SeriesQuestion,
  partials: readonly SeriesPartial[],
  help: KernelHelp,
  { count }: Buckets,
): SeriesLine[] | undefined {
  const keys = new KeyFields(question.split === undefined ? [] : [question.split], help);
  const byKey = new Map<string, Float64Array>();
  for (const { lines } of partials) {
    if (!lines) return undefined;
    for (let line = 0; line < lines.table.count; line++) {
      const key = keys.format(lines.table.words, line * keys.width, lines.texts)[0] ?? ALL;
      const values = lines.cells.subarray(line * count, (line + 1) * count);
      const known = byKey.get(key);
      if (known) addInto(known, values);
      else byKey.set(key, values.slice());
    }
  }
  const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
  const ordered = [...byKey]
    .map(([key, values]) => ({ key, values, sum: sumOf(values) }))
    .sort((a, b) => b.sum - a.sum || (a.key < b.key ? -1 : 1));
  const limit = lineLimit(question);
  const lines: SeriesLine[] = ordered.slice(0, limit).map(({ key, values }) => ({ key, values }));
  if (ordered.length <= limit) return lines;
  const other = new Float64Array(count);
  for (const { values } of ordered.slice(limit)) addInto(other, values);
  return [...lines, { key: OTHER, values: other }];
}

function addInto(sums: Float64Array, more: Float64Array): void {
  for (let i = 0; i < more.length; i++) sums[i] = (sums[i] ?? 0) + (more[i] ?? 0);
}
