/** Sums of flows by the number of an address (address-numbers.ts), until they are taken over into a table of keys. */
import type { Counts } from '../model/query.ts';
import type { AddressNumbers, NumberedCodes } from './address-numbers.ts';
import { addEntries, addSums, BYTES, LAST, PACKETS, spanGroups, sumGroups } from './group-sums.ts';
import { hashWords, nthLargest, type WordTable, type WordTableData } from './word-table.ts';

/** What is summed of a batch, by row. */
export interface SummedFlows {
  readonly packets: Float64Array;
  readonly bytes: Float64Array;
  /** Absent where no sums of a key are times. */
  readonly starts: Float64Array | undefined;
  readonly ends: Float64Array | undefined;
}

/** Which sums alone are wanted. */
export interface Largest {
  readonly place: number;
  readonly most: number;
}

/** A key of addressField (fields.ts): family, site, four words. */
const ADDRESS_WIDTH = 6;
/** Numbers of 16 bits are their own places. */
const DIRECT = 65_536;
const everyNumber = Uint32Array.from({ length: DIRECT }, (_, number) => number);

/** Sums of flows by a number of at most 16 bits: a port, a protocol. */
export class DirectSums {
  readonly #stride: number;
  readonly #sums: Float64Array;

  constructor(stride: number) {
    this.#stride = stride;
    this.#sums = new Float64Array(DIRECT * stride);
  }

  add(column: Uint8Array | Uint16Array, rows: Uint32Array | undefined, flows: SummedFlows): void {
    sumGroups(this.#sums, this.#stride, column, rows, flows.packets, flows.bytes);
    if (flows.starts && flows.ends) spanGroups(this.#sums, column, flows.starts, flows.ends, rows);
  }

  finish(largest?: Largest): WordTableData {
    const write = (number: number, words: Uint32Array, at: number): void => {
      words[at] = number;
    };
    return tableOf(this.#sums, everyNumber, { width: 1, stride: this.#stride, write }, largest);
  }
}

export class NumberedSums {
  readonly #numbers: AddressNumbers;
  readonly #stride: number;
  #sums = new Float64Array(0);
  #ofCodes = new Float64Array(0);

  constructor(numbers: AddressNumbers, stride: number) {
    this.#numbers = numbers;
    this.#stride = stride;
  }

  /** Adds the rows (undefined: all) by the codes of one of their addresses; returns what they have together. */
  add(
    numbered: NumberedCodes,
    column: Uint32Array,
    rows: Uint32Array | undefined,
    flows: SummedFlows,
  ): Counts {
    const stride = this.#stride;
    const { ofCode } = numbered;
    this.#reserve(ofCode.length);
    // First by the segment's own codes: those sums lie close together.
    const sums = this.#ofCodes.fill(0, 0, ofCode.length * stride);
    sumGroups(sums, stride, column, rows, flows.packets, flows.bytes);
    if (flows.starts && flows.ends) spanGroups(sums, column, flows.starts, flows.ends, rows);
    const total = new Float64Array(LAST + 1);
    addNumbers(this.#sums, ofCode, sums, stride, total);
    return { flows: total[0] ?? 0, packets: total[PACKETS] ?? 0, bytes: total[BYTES] ?? 0 };
  }

  /** The sums of every address that has flows; of the `most` with the largest in `place` alone, where that is given. */
  finish(largest?: Largest): WordTableData {
    const numbers = this.#numbers;
    const write = (number: number, words: Uint32Array, at: number): void => {
      words[at] = numbers.family(number);
      numbers.write(number, words, at + 2);
    };
    return tableOf(
      this.#sums,
      numbers.inOrder(),
      { width: ADDRESS_WIDTH, stride: this.#stride, write },
      largest,
    );
  }

  /** Room for the codes of a batch and for all numbers. */
  #reserve(codes: number): void {
    const stride = this.#stride;
    if (this.#ofCodes.length < codes * stride) this.#ofCodes = new Float64Array(codes * stride);
    const { count } = this.#numbers;
    if (count * stride <= this.#sums.length) return;
    const sums = new Float64Array(Math.max(count, (2 * this.#sums.length) / stride) * stride);
    sums.set(this.#sums);
    this.#sums = sums;
  }
}

/** Adds the sums of codes to those of their numbers, and all of them to a total. */
function addNumbers(
  to: Float64Array,
  ofCode: Uint32Array,
  from: Float64Array,
  stride: number,
  total: Float64Array,
): void {
  let flows = 0;
  let packets = 0;
  let bytes = 0;
  for (let code = 0, at = 0; code < ofCode.length; code++, at += stride) {
    const own = from[at] as number;
    if (own === 0) continue;
    flows += own;
    packets += from[at + PACKETS] as number;
    bytes += from[at + BYTES] as number;
    addSums(to, ofCode[code] as number, from, code, stride);
  }
  total[0] = flows;
  total[PACKETS] = packets;
  total[BYTES] = bytes;
}

interface KeyShape {
  readonly width: number;
  readonly stride: number;
  readonly write: (number: number, words: Uint32Array, at: number) => void;
}

/** A table of the numbers that have flows; their keys ascend in the order that is given. */
export function tableOf(
  sums: Float64Array,
  order: Uint32Array,
  { width, stride, write }: KeyShape,
  largest: Largest | undefined,
): WordTableData {
  const total = sums.length / stride;
  const place = largest?.place ?? 0;
  const least = largest ? nthLargest(sums, total, stride, place, largest.most) : Number.NEGATIVE_INFINITY;
  const chosen = new Uint32Array(Math.min(total, order.length));
  let count = 0;
  for (const number of order) {
    // Numbers that were given after the last segment was added have no sums.
    if (number >= total || count === largest?.most) continue;
    if (sums[number * stride] === 0 || (sums[number * stride + place] as number) < least) continue;
    chosen[count++] = number;
  }
  const words = new Uint32Array(count * width);
  const kept = new Float64Array(count * stride);
  const hashes = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const number = chosen[i] as number;
    write(number, words, i * width);
    hashes[i] = hashWords(words, i * width, width);
    for (let sum = 0; sum < stride; sum++) kept[i * stride + sum] = sums[number * stride + sum] as number;
  }
  return { part: { prefix: 0, bits: 0 }, count, words, sums: kept, hashes, ordered: true };
}

/** One table of two whose keys ascend; `add` where the sums are no plain flows, packets, bytes and times. */
export function mergeOrdered(
  a: WordTableData,
  b: WordTableData,
  {
    width,
    stride,
    add = addSums,
  }: { readonly width: number; readonly stride: number; readonly add?: typeof addSums },
): WordTableData {
  const words = new Uint32Array((a.count + b.count) * width);
  const sums = new Float64Array((a.count + b.count) * stride);
  const hashes = new Uint32Array(a.count + b.count);
  let count = 0;
  for (let i = 0, j = 0; i < a.count || j < b.count; count++) {
    const order =
      i === a.count ? 1 : j === b.count ? -1 : compare(a.words, i * width, b.words, j * width, width);
    const from = order <= 0 ? a : b;
    const at = order <= 0 ? i : j;
    for (let word = 0; word < width; word++) {
      words[count * width + word] = from.words[at * width + word] as number;
    }
    for (let sum = 0; sum < stride; sum++) {
      sums[count * stride + sum] = from.sums[at * stride + sum] as number;
    }
    hashes[count] = from.hashes[at] as number;
    if (order === 0) add(sums, count, b.sums, j, stride);
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  return { part: a.part, count, words, sums, hashes, ordered: true };
}

function compare(a: Uint32Array, at: number, b: Uint32Array, bt: number, width: number): number {
  let word = 0;
  while (word < width - 1 && a[at + word] === b[bt + word]) word++;
  return (a[at + word] as number) - (b[bt + word] as number);
}

/** Adds what a table at rest has to another one. */
export function addTable(table: WordTable, { words, hashes, count, sums }: WordTableData): void {
  const entries = new Int32Array(count);
  table.entries(words, hashes, count, entries);
  addEntries(table.sums, entries, count, sums, undefined, table.stride);
}
