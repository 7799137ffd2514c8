/**
 * The largest keys of one or several fields.
 *
 * Per segment the flows are summed by the segment's own small codes; only then are the few sums taken over into a hash
 * table by value. Exact for any number of distinct keys: a thread holds up to MAX_KEYS of them; where there are more,
 * all threads keep the same part of the keys (word-table.ts), the largest of that part are noted, and a further pass over
 * the flows takes the next part.
 */
import { ApiError } from '../model/api-error.ts';
import type { Counts, Measure, TopAnswer, TopQuestion, TopRow } from '../model/query.ts';
import { TextTable } from './coded-column.ts';
import { fieldNamed, type Field, type ShortColumnName, type Side } from './fields.ts';
import { addEntries, FIRST, LAST, PACKETS, BYTES, spanGroups, sumGroups } from './group-sums.ts';
import { groupRows, isFew, type PlacedColumn, type RowGroups } from './group-rows.ts';
import type { Accumulator, Bare, Conclusion, Kernel, KernelHelp, SelectedRows } from './kernel.ts';
import { addTable, DirectSums, mergeOrdered, NumberedSums, type SummedFlows } from './numbered-sums.ts';
import {
  hashWords,
  nthLargest,
  release,
  remainingParts,
  WordTable,
  type HashPart,
  type WordTableData,
} from './word-table.ts';

/** About 120 bytes each while threads and their merging hold them. */
const MAX_KEYS = 1 << 20;
/** Keys of two addresses take twice as much, and so does putting them together. */
const maxKeys = (width: number): number => (width > 8 ? MAX_KEYS / 4 : MAX_KEYS);
const MAX_FIELDS = 8;
const MAX_LIMIT = 100_000;

const strideOf = ({ times }: TopQuestion): number => (times === false ? 3 : 5);

const places: Readonly<Record<Measure, number>> = { flows: 0, packets: PACKETS, bytes: BYTES };

export interface TopPartial {
  readonly table: WordTableData;
  readonly texts: readonly string[];
  readonly total: Counts;
}

/** What is settled of the parts before. */
export interface TopCarry {
  readonly parts: readonly HashPart[];
  readonly rows: readonly TopRow[];
  readonly distinct: number;
  readonly total: Counts;
}

const EVERYTHING: HashPart = { prefix: 0, bits: 0 };

export const topKernel: Kernel<TopQuestion, TopPartial, Bare<TopAnswer>, TopCarry> = {
  kinds: ['flow'],
  begin: (question, help, carry) => new TopAccumulator(question, help, carry?.parts[0] ?? EVERYTHING),
  conclude,
};

/** The fields of a key and where their words are. */
export class KeyFields {
  readonly width: number;
  readonly bothSides: boolean;
  readonly fields: readonly { readonly field: Field; readonly at: number }[];
  /** The words that are numbers of texts; 0 is the empty text, whose hash is 0 too. */
  readonly #textWords: readonly number[];

  constructor(names: readonly string[], help: KernelHelp) {
    if (names.length > MAX_FIELDS) {
      throw new ApiError(
        'usage',
        `Flows can be counted by at most ${MAX_FIELDS} fields, not ${names.length}.`,
      );
    }
    let at = 0;
    this.fields = names.map((name) => {
      const field = fieldNamed(name, help);
      const placed = { field, at };
      at += field.width;
      return placed;
    });
    this.#textWords = this.fields.flatMap(({ field, at: place }) =>
      field.textWord === undefined ? [] : [place + field.textWord],
    );
    this.width = at;
    this.bothSides = this.fields.some(({ field }) => field.bothSides);
  }

  /** The column of a key that is an address and nothing else. */
  addressColumn(side: Side): 'sourceAddress' | 'destinationAddress' | undefined {
    const [only] = this.fields;
    return this.fields.length === 1 ? only?.field.addressColumn?.(side) : undefined;
  }

  /** The column of a key that is one short number. */
  shortColumn(side: Side): ShortColumnName | undefined {
    const [only] = this.fields;
    return this.fields.length === 1 ? only?.field.shortColumn?.(side) : undefined;
  }

  get sides(): readonly Side[] {
    return this.bothSides ? ['source', 'destination'] : ['source'];
  }

  bind({ batch }: SelectedRows, side: Side, texts: TextTable): PlacedColumn[] {
    return this.fields.map(({ field, at }) => ({ ...field.bind(batch, side, texts), at }));
  }

  /** The same in every thread, whatever numbers the texts have. */
  hash(words: Uint32Array, at: number, texts: TextTable, scratch: Uint32Array): number {
    let plain = true;
    for (const word of this.#textWords) if (words[at + word] !== 0) plain = false;
    if (plain) return hashWords(words, at, this.width);
    for (let word = 0; word < this.width; word++) scratch[word] = words[at + word] ?? 0;
    for (const word of this.#textWords) scratch[word] = texts.hashes[scratch[word] ?? 0] ?? 0;
    return hashWords(scratch, 0, this.width);
  }

  /** Gives the texts of a key another table's numbers. */
  renumber(words: Uint32Array, at: number, codes: Uint32Array): void {
    for (const word of this.#textWords) words[at + word] = codes[words[at + word] ?? 0] ?? 0;
  }

  format(words: Uint32Array, at: number, texts: readonly string[]): string[] {
    return this.fields.map(({ field, at: place }) => field.format(words, at + place, texts));
  }
}

class TopAccumulator implements Accumulator<TopPartial> {
  readonly #question: TopQuestion;
  readonly #keys: KeyFields;
  readonly #times: boolean;
  readonly #texts = new TextTable();
  readonly #table: WordTable;
  readonly #total = { flows: 0, packets: 0, bytes: 0 };
  readonly #stride: number;
  /** Of keys that are short numbers, and of addresses that have numbers. */
  #direct: DirectSums | undefined;
  #numbered: NumberedSums | undefined;
  #sums = new Float64Array(0);
  /** The groups of a segment that have flows, and their keys. */
  #groups = new Uint32Array(0);
  #words = new Uint32Array(0);
  #hashes = new Uint32Array(0);
  #entries = new Int32Array(0);

  constructor(question: TopQuestion, help: KernelHelp, part: HashPart) {
    if (!(question.limit >= 1 && question.limit <= MAX_LIMIT)) {
      throw new ApiError('usage', `From 1 to ${MAX_LIMIT} rows can be asked for.`);
    }
    if (question.fields.length === 0) throw new ApiError('usage', 'Name a field to count flows by.');
    this.#question = question;
    this.#keys = new KeyFields(question.fields, help);
    this.#times = question.times !== false;
    this.#stride = strideOf(question);
    this.#table = new WordTable(this.#keys.width, this.#stride, maxKeys(this.#keys.width), part);
  }

  add(selected: SelectedRows): void {
    const { batch, rows } = selected;
    const { octetDeltaCount, packetDeltaCount } = batch.columns;
    const packets = scaled(packetDeltaCount, selected.scale);
    const bytes = scaled(octetDeltaCount, selected.scale);
    const starts = this.#times ? batch.columns.flowStartMilliseconds : undefined;
    const ends = this.#times ? batch.columns.flowEndMilliseconds : undefined;
    const flows = { packets, bytes, starts, ends };
    if (this.#addDirect(selected, flows) || this.#addNumbered(selected, flows)) return;
    const grouped = this.#keys.sides.map((side) =>
      groupRows(this.#keys.bind(selected, side, this.#texts), batch.count, rows),
    );
    addTotal(this.#total, packets, bytes, rows);
    for (const { groups, size, write } of grouped) {
      const sums = this.#cleared(size);
      sumGroups(sums, this.#stride, groups, rows, packets, bytes);
      if (starts && ends) spanGroups(sums, groups, starts, ends, rows);
      this.#takeOver(sums, size, write);
    }
  }

  #addDirect({ batch, rows }: SelectedRows, flows: SummedFlows): boolean {
    const names = this.#keys.sides.flatMap((side) => this.#keys.shortColumn(side) ?? []);
    if (names.length === 0) return false;
    const columns = names.map((name) => batch.columns[name]);
    this.#direct ??= new DirectSums(this.#stride);
    addTotal(this.#total, flows.packets, flows.bytes, rows);
    for (const column of columns) this.#direct.add(column, rows, flows);
    return true;
  }

  /** By the numbers of addresses, where the key is one and most of them have flows. */
  #addNumbered({ batch, rows, numbered }: SelectedRows, flows: SummedFlows): boolean {
    const names = this.#keys.sides.flatMap((side) => this.#keys.addressColumn(side) ?? []);
    if (!numbered || names.length === 0) return false;
    if (isFew(rows?.length ?? batch.count, batch.addresses.count)) return false;
    const columns = names.map((name) => batch.columns[name]);
    const codes = numbered();
    if (!codes) return false;
    this.#numbered ??= new NumberedSums(codes.numbers, this.#stride);
    let total: Counts | undefined;
    for (const column of columns) total = this.#numbered.add(codes, column, rows, flows);
    this.#total.flows += total?.flows ?? 0;
    this.#total.packets += total?.packets ?? 0;
    this.#total.bytes += total?.bytes ?? 0;
    return true;
  }

  finish(): TopPartial {
    const numbered = (this.#direct ?? this.#numbered)?.finish();
    const { count, part } = this.#table;
    if (numbered && count === 0 && part.bits === 0) {
      return { table: numbered, texts: this.#texts.texts, total: this.#total };
    }
    if (numbered) addTable(this.#table, numbered);
    return { table: this.#table.take(), texts: this.#texts.texts, total: this.#total };
  }

  /** The largest keys so far, their sums and number so far. */
  peek(): TopPartial {
    const { by, limit } = this.#question;
    const largest = { place: places[by], most: limit * 2 };
    const table = WordTable.of(this.#table.largest(largest.place, largest.most), this.#table);
    const numbered = (this.#direct ?? this.#numbered)?.finish(largest);
    if (numbered) addTable(table, numbered);
    return {
      table: table.finish(),
      texts: this.#texts.texts,
      total: { ...this.#total },
    };
  }

  #cleared(size: number): Float64Array {
    const length = size * this.#stride;
    if (this.#sums.length < length) this.#sums = new Float64Array(length);
    else this.#sums.fill(0, 0, length);
    return this.#sums;
  }

  #takeOver(sums: Float64Array, size: number, write: RowGroups['write']): void {
    const keys = this.#keys;
    const { width } = keys;
    const stride = this.#stride;
    if (this.#groups.length < size) {
      this.#groups = new Uint32Array(size);
      this.#words = new Uint32Array(size * width);
      this.#hashes = new Uint32Array(size);
      this.#entries = new Int32Array(size);
    }
    const groups = this.#groups;
    const words = this.#words;
    const hashes = this.#hashes;
    const entries = this.#entries;
    const scratch = new Uint32Array(width);
    let count = 0;
    for (let group = 0; group < size; group++) {
      if (sums[group * stride] === 0) continue;
      const at = count * width;
      write(group, words, at);
      hashes[count] = keys.hash(words, at, this.#texts, scratch);
      groups[count++] = group;
    }
    this.#table.entries(words, hashes, count, entries);
    addEntries(this.#table.sums, entries, count, sums, groups, stride);
  }
}

function scaled(values: Float64Array, scale: Float64Array | undefined): Float64Array {
  return scale ? values.map((value, row) => value * (scale[row] ?? 1)) : values;
}

function addTotal(
  total: { flows: number; packets: number; bytes: number },
  packets: Float64Array,
  bytes: Float64Array,
  rows: Uint32Array | undefined,
): void {
  const count = rows?.length ?? packets.length;
  let packetSum = 0;
  let byteSum = 0;
  for (let i = 0; i < count; i++) {
    const row = rows ? (rows[i] ?? 0) : i;
    packetSum += packets[row] ?? 0;
    byteSum += bytes[row] ?? 0;
  }
  total.flows += count;
  total.packets += packetSum;
  total.bytes += byteSum;
}

function conclude(
  question: TopQuestion,
  partials: readonly TopPartial[],
  help: KernelHelp,
  carry: TopCarry | undefined,
): Conclusion<Bare<TopAnswer>, TopCarry> {
  const keys = new KeyFields(question.fields, help);
  const asked = carry?.parts[0] ?? EVERYTHING;
  const stride = strideOf(question);
  const merged = mergeTables(keys, stride, partials, asked);
  const rows = [...(carry?.rows ?? []), ...largest(keys, merged, question)];
  rows.sort((a, b) => b[question.by] - a[question.by] || compareKeys(a.key, b.key));
  rows.length = Math.min(rows.length, question.limit);
  const distinct = (carry?.distinct ?? 0) + merged.table.count;
  const total = carry?.total ?? sumTotals(partials);
  const parts = [...remainingParts(asked, merged.table.part), ...(carry?.parts.slice(1) ?? [])];
  if (parts.length > 0) return { carry: { parts, rows, distinct, total } };
  return { answer: { fields: question.fields, rows, total, distinct } };
}

interface MergedTable {
  readonly table: WordTableData;
  readonly texts: readonly string[];
}

/** One table of all, of the narrowest part that any of them came to. */
function mergeTables(
  keys: KeyFields,
  stride: number,
  partials: readonly TopPartial[],
  asked: HashPart,
): MergedTable {
  // The largest is taken as it is, and the others are added to it.
  const [first, ...others] = partials.toSorted((a, b) => b.table.count - a.table.count);
  if (!first)
    return { table: new WordTable(keys.width, stride, maxKeys(keys.width), asked).finish(), texts: [''] };
  if (others.length === 0) return first;
  if (partials.every(({ table }) => table.ordered === true && table.part.bits === 0)) {
    const width = { width: keys.width, stride };
    const table = others.reduce((all, other) => mergeOrdered(all, other.table, width), first.table);
    return { table, texts: first.texts };
  }
  const merged = WordTable.of(first.table, {
    width: keys.width,
    stride,
    limit: maxKeys(keys.width) * partials.length,
  });
  let { part } = merged;
  for (const { table } of others) if (table.part.bits > part.bits) ({ part } = table);
  if (part.bits > merged.part.bits) merged.narrow(part);
  const texts = new TextTable();
  for (const text of first.texts) texts.code(text);
  for (const { table, texts: own } of others) {
    const codes = Uint32Array.from(own, (text) => texts.code(text));
    for (let index = 0; index < table.count; index++) {
      keys.renumber(table.words, index * keys.width, codes);
    }
    addTable(merged, table);
    release(table);
  }
  return { table: merged.take(), texts: texts.texts };
}

/** The largest rows of a table, in no order. */
function largest(keys: KeyFields, { table, texts }: MergedTable, question: TopQuestion): TopRow[] {
  const place = places[question.by];
  // Everything that is as large as the last one comes along: which of equals are shown must not depend on their order here.
  const stride = strideOf(question);
  const least = nthLargest(table.sums, table.count, stride, place, question.limit);
  const rows: TopRow[] = [];
  let equals = 0;
  for (let index = 0; index < table.count; index++) {
    const value = table.sums[index * stride + place] ?? 0;
    if (value < least || (value === least && ++equals > MAX_EQUALS + question.limit)) continue;
    rows.push({
      key: keys.format(table.words, index * keys.width, texts),
      flows: table.sums[index * stride] ?? 0,
      packets: table.sums[index * stride + PACKETS] ?? 0,
      bytes: table.sums[index * stride + BYTES] ?? 0,
      firstMs: question.times === false ? null : table.sums[index * stride + FIRST] || null,
      lastMs: question.times === false ? null : -(table.sums[index * stride + LAST] ?? 0) || null,
    });
  }
  return rows;
}

/** Rows of equal size past the limit that take part in the order by name. */
const MAX_EQUALS = 100_000;

/** Equal rows in the order of their names: numbers by value, everything else by text. */
export function compareKeys(a: readonly string[], b: readonly string[]): number {
  for (const [i, text] of a.entries()) {
    const other = b[i] ?? '';
    if (text === other) continue;
    const difference = Number(text) - Number(other);
    return Number.isNaN(difference) || difference === 0 ? (text < other ? -1 : 1) : difference;
  }
  return 0;
}

function sumTotals(partials: readonly TopPartial[]): Counts {
  const total = { flows: 0, packets: 0, bytes: 0 };
  for (const partial of partials) {
    total.flows += partial.total.flows;
    total.packets += partial.total.packets;
    total.bytes += partial.total.bytes;
  }
  return total;
}
