/** Numbers for keys, without an object a key: a hash table in two typed arrays. */

const FIRST_SLOTS = 1024;
const NONE = -1;

/** Numbers distinct keys from 0 on, as they first appear. Keys are whole numbers from 0 to 2^53 - 1. */
export class NumberIndex {
  #keys = new Float64Array(FIRST_SLOTS);
  #numbers = new Int32Array(FIRST_SLOTS).fill(NONE);
  #size = 0;
  /** Differs from table to table, so that nobody can choose keys that fall into one slot. */
  readonly #odd = Math.floor(Math.random() * 2 ** 32) | 1;

  get size(): number {
    return this.#size;
  }

  /** The key's number; the next one where it is new. */
  number(key: number): number {
    const slot = this.#slotOf(key);
    const known = this.#numbers[slot] ?? NONE;
    if (known !== NONE) return known;
    this.#keys[slot] = key;
    this.#numbers[slot] = this.#size++;
    if (this.#size * 2 > this.#keys.length) this.#grow();
    return this.#size - 1;
  }

  #slotOf(key: number): number {
    const mask = this.#keys.length - 1;
    const mixed = Math.imul((key >>> 0) ^ Math.imul((key / 2 ** 32) >>> 0, 0x9e37_79b1), this.#odd);
    let slot = (mixed ^ (mixed >>> 15)) & mask;
    while (this.#numbers[slot] !== NONE && this.#keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keys, numbers] = [this.#keys, this.#numbers];
    this.#keys = new Float64Array(keys.length * 2);
    this.#numbers = new Int32Array(keys.length * 2).fill(NONE);
    for (const [slot, number] of numbers.entries()) {
      if (number === NONE) continue;
      const at = this.#slotOf(keys[slot] ?? 0);
      this.#keys[at] = keys[slot] ?? 0;
      this.#numbers[at] = number;
    }
  }
}
