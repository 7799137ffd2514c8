/**
 * Sums by key, for keys of a fixed number of 32-bit words: an open-addressing hash table on typed arrays.
 *
 * Memory is bounded by keeping a part of all keys: those whose hash begins with `prefix`, of `bits` bits. Where more than
 * `limit` keys would be kept, the part is halved (`bits` grows by one) and what falls out is left for a later pass.
 */

export interface HashPart {
  readonly prefix: number;
  /** 0: every key. */
  readonly bits: number;
}

/** A table at rest: `count` keys of `width` words, `stride` sums each. */
export interface WordTableData {
  readonly part: HashPart;
  readonly count: number;
  readonly words: Uint32Array;
  readonly sums: Float64Array;
  readonly hashes: Uint32Array;
  /** The keys ascend, word by word. */
  readonly ordered?: true;
}

const EMPTY = 0xffff_ffff;
const FIRST_KEYS = 1024;

/** Two words a slot: the key's number and its hash, which spares looking elsewhere. */
const emptySlots = (slots: number): Uint32Array<ArrayBuffer> => new Uint32Array(slots * 2).fill(EMPTY);

/** As many as are half empty with so many keys: a power of two. */
function slotsFor(keys: number): number {
  let slots = 2 * FIRST_KEYS;
  while (slots < 2 * keys) slots *= 2;
  return slots;
}

export class WordTable {
  readonly width: number;
  readonly stride: number;
  readonly #limit: number;
  #part: HashPart;
  #count = 0;
  #words: Uint32Array;
  #sums: Float64Array;
  #hashes: Uint32Array;
  #slots: Uint32Array;

  /** At most `limit` keys; room for `room` of them at first. */
  constructor(width: number, stride: number, limit: number, part: HashPart, room = FIRST_KEYS) {
    this.width = width;
    this.stride = stride;
    this.#limit = limit;
    this.#part = part;
    this.#words = new Uint32Array(room * width);
    this.#sums = new Float64Array(room * stride);
    this.#hashes = new Uint32Array(room);
    this.#slots = emptySlots(slotsFor(room));
  }

  /** Goes on with a table at rest, whose arrays it takes. */
  static of(
    data: WordTableData,
    { width, stride, limit }: { readonly width: number; readonly stride: number; readonly limit: number },
  ): WordTable {
    const table = new WordTable(width, stride, limit, data.part);
    let slots = 2 * FIRST_KEYS;
    while (data.count * 4 > slots) slots *= 2;
    // As many keys as fit before the table grows have room.
    const capacity = Math.max(Math.min(slots / 2, limit), data.count);
    table.#words = resized(data.words, capacity * width);
    table.#sums = resized(data.sums, capacity * stride);
    table.#hashes = resized(data.hashes, capacity);
    table.#count = data.count;
    table.#slots = table.#fillSlots(emptySlots(slots));
    return table;
  }

  get limit(): number {
    return this.#limit;
  }

  get count(): number {
    return this.#count;
  }

  get sums(): Float64Array {
    return this.#sums;
  }

  get part(): HashPart {
    return this.#part;
  }

  /**
   * The entry of the key in `words` at `at`, made where it is new (its sums 0); -1 where the key is of another part.
   * `sums` may be another array afterwards.
   */
  entry(words: Uint32Array, at: number, hash: number): number {
    const { prefix, bits } = this.#part;
    if (bits > 0 && hash >>> (32 - bits) !== prefix) return -1;
    const slot = this.#seek(words, at, hash);
    const known = this.#slots[slot] ?? EMPTY;
    if (known !== EMPTY) return known;
    if (this.#count >= this.#limit) {
      this.#halve();
      return this.entry(words, at, hash);
    }
    if (this.#count * 4 >= this.#slots.length) {
      this.#grow();
      return this.entry(words, at, hash);
    }
    const index = this.#count++;
    this.#slots[slot] = index;
    this.#slots[slot + 1] = hash;
    this.#hashes[index] = hash;
    const { width } = this;
    for (let word = 0; word < width; word++) this.#words[index * width + word] = words[at + word] ?? 0;
    return index;
  }

  /**
   * The entries of many keys at once, -1 where a key is of another part: key `i` of the first `count` is at `i * width`.
   * `sums` may be another array afterwards.
   */
  entries(words: Uint32Array, hashes: Uint32Array, count: number, found: Int32Array): void {
    // Where the part is halved on the way, entries that were found are elsewhere.
    for (let part: HashPart | undefined; part !== this.#part;) {
      part = this.#part;
      this.#findAll(words, hashes, count, found);
    }
  }

  #findAll(words: Uint32Array, hashes: Uint32Array, count: number, found: Int32Array): void {
    const { width } = this;
    const part = this.#part;
    const { prefix, bits } = part;
    let slots = this.#slots;
    let keys = this.#words;
    let mask = slots.length - 1;
    for (let i = 0; i < count; i++) {
      const hash = hashes[i] as number;
      if (bits > 0 && hash >>> (32 - bits) !== prefix) {
        found[i] = -1;
        continue;
      }
      const at = i * width;
      let known = EMPTY;
      for (let slot = (hash << 1) & mask; ; slot = (slot + 2) & mask) {
        const index = slots[slot] as number;
        if (index === EMPTY) break;
        if (slots[slot + 1] !== hash) continue;
        const from = index * width;
        let word = 0;
        while (word < width && keys[from + word] === words[at + word]) word++;
        if (word < width) continue;
        known = index;
        break;
      }
      if (known === EMPTY) {
        found[i] = this.entry(words, at, hash);
        if (this.#part !== part) return;
        slots = this.#slots;
        keys = this.#words;
        mask = slots.length - 1;
      } else found[i] = known;
    }
  }

  /** Keeps the keys of a narrower part only. */
  narrow(part: HashPart): void {
    const { width, stride } = this;
    this.#part = part;
    let kept = 0;
    for (let index = 0; index < this.#count; index++) {
      const hash = this.#hashes[index] ?? 0;
      if (part.bits > 0 && hash >>> (32 - part.bits) !== part.prefix) continue;
      this.#hashes[kept] = hash;
      this.#words.copyWithin(kept * width, index * width, (index + 1) * width);
      this.#sums.copyWithin(kept * stride, index * stride, (index + 1) * stride);
      kept++;
    }
    this.#sums.fill(0, kept * stride, this.#count * stride);
    this.#count = kept;
    this.#fillSlots(this.#slots.fill(EMPTY));
  }

  /** The table at rest, as it is now. */
  finish(): WordTableData {
    return {
      part: this.#part,
      count: this.#count,
      words: this.#words.slice(0, this.#count * this.width),
      sums: this.#sums.slice(0, this.#count * this.stride),
      hashes: this.#hashes.slice(0, this.#count),
    };
  }

  /** The table at rest, made of its own arrays: it must not be used afterwards. */
  take(): WordTableData {
    this.#slots = emptySlots(0);
    // To make arrays shorter that are nearly full would take memory for a moment instead of giving it back.
    const room = this.#count * 2 > this.#hashes.length ? this.#hashes.length : this.#count;
    return {
      part: this.#part,
      count: this.#count,
      words: resized(this.#words, room * this.width),
      sums: resized(this.#sums, room * this.stride),
      hashes: resized(this.#hashes, room),
    };
  }

  /** The slot of the key, or the empty one where it would go. */
  #seek(words: Uint32Array, at: number, hash: number): number {
    const { width } = this;
    const slots = this.#slots;
    const keys = this.#words;
    const mask = slots.length - 1;
    for (let slot = (hash << 1) & mask; ; slot = (slot + 2) & mask) {
      const index = slots[slot] ?? EMPTY;
      if (index === EMPTY) return slot;
      if (slots[slot + 1] !== hash) continue;
      let word = 0;
      while (word < width && keys[index * width + word] === words[at + word]) word++;
      if (word === width) return slot;
    }
  }

  /** Those entries alone whose sum in `place` is among the `most` largest. */
  largest(place: number, most: number): WordTableData {
    const { width, stride } = this;
    const least = nthLargest(this.#sums, this.#count, stride, place, most);
    const table = new WordTable(width, stride, Number.POSITIVE_INFINITY, this.#part);
    for (let index = 0; index < this.#count && table.count < most; index++) {
      if ((this.#sums[index * stride + place] ?? 0) < least) continue;
      const entry = table.entry(this.#words, index * width, this.#hashes[index] ?? 0);
      table.sums.set(this.#sums.subarray(index * stride, (index + 1) * stride), entry * stride);
    }
    return table.finish();
  }

  #halve(): void {
    const { prefix, bits } = this.#part;
    if (bits >= 31) throw new RangeError('keys of one hash fill the table');
    this.narrow({ prefix: (prefix << 1) >>> 0, bits: bits + 1 });
  }

  #grow(): void {
    const slots = this.#slots.length / 2;
    const capacity = Math.min(slots, this.#limit);
    this.#words = resized(this.#words, capacity * this.width);
    this.#hashes = resized(this.#hashes, capacity);
    this.#sums = resized(this.#sums, capacity * this.stride);
    this.#slots = emptySlots(0);
    this.#slots = this.#fillSlots(emptySlots(slots * 2));
  }

  #fillSlots(slots: Uint32Array): Uint32Array {
    const mask = slots.length - 1;
    for (let index = 0; index < this.#count; index++) {
      const hash = this.#hashes[index] ?? 0;
      let slot = (hash << 1) & mask;
      while (slots[slot] !== EMPTY) slot = (slot + 2) & mask;
      slots[slot] = index;
      slots[slot + 1] = hash;
    }
    return slots;
  }
}

/** An array of this length that begins alike. The memory of the one before is given back at once, not when it is collected. */
function resized<T extends Uint32Array | Float64Array>(from: T, length: number): T {
  if (from.length === length) return from;
  const { buffer, byteLength, BYTES_PER_ELEMENT: size } = from;
  const whole = buffer instanceof ArrayBuffer && byteLength === buffer.byteLength;
  const own = whole ? buffer : from.slice().buffer;
  const resizedBuffer = own.transfer(length * size);
  const made =
    from instanceof Float64Array ? new Float64Array(resizedBuffer) : new Uint32Array(resizedBuffer);
  return made as T;
}

/** Gives the memory of a table back that was taken over. */
export function release({ words, sums, hashes }: WordTableData): void {
  for (const array of [words, sums, hashes]) resized(array, 0);
}

/** The `n`th largest of the sums in one place; minus infinity where there are not so many. */
export function nthLargest(
  sums: Float64Array,
  count: number,
  stride: number,
  place: number,
  n: number,
): number {
  if (count <= n) return Number.NEGATIVE_INFINITY;
  if (n <= FEW) return nthOfHeap(sums, count, stride, place, n);
  const values = new Float64Array(count);
  for (let index = 0; index < count; index++) values[index] = sums[index * stride + place] ?? 0;
  return values.sort()[count - n] ?? Number.NEGATIVE_INFINITY;
}

/** Of so many, the largest so far are kept; of more, all are sorted. */
const FEW = 1024;

function nthOfHeap(sums: Float64Array, count: number, stride: number, place: number, n: number): number {
  // The least of the largest is the first; children of i are 2i + 1 and 2i + 2.
  const heap = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
  for (let index = 0; index < count; index++) {
    const value = sums[index * stride + place] as number;
    if (value <= (heap[0] as number)) continue;
    let at = 0;
    for (let child = 1; child < n; child = 2 * at + 1) {
      if (child + 1 < n && (heap[child + 1] as number) < (heap[child] as number)) child++;
      if ((heap[child] as number) >= value) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = value;
  }
  return heap[0] ?? Number.NEGATIVE_INFINITY;
}

/** MurmurHash3 over the words up to the last that is not 0; the upper bits are as good as the lower ones. */
export function hashWords(words: Uint32Array, at: number, width: number): number {
  // An IPv4 address takes three words of six.
  let used = width;
  while (used > 0 && words[at + used - 1] === 0) used--;
  let h = width;
  for (let i = 0; i < used; i++) {
    let k = Math.imul(words[at + i] ?? 0, 0xcc9e_2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b87_3593);
    h ^= k;
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe654_6b64) | 0;
  }
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The parts that remain when `done` is what a pass for `asked` came to: its siblings on the way down. */
export function remainingParts(asked: HashPart, done: HashPart): HashPart[] {
  const parts: HashPart[] = [];
  for (let { bits } = done; bits > asked.bits; bits--) {
    parts.push({ prefix: ((done.prefix >>> (done.bits - bits)) | 1) >>> 0, bits });
  }
  return parts;
}
