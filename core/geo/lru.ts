/**
 * A map of bounded size that keeps what was asked for lately. In two generations: what is asked for moves into the young
 * one; when that is full it becomes the old one, and what was old is forgotten. Forgetting costs nothing per entry.
 */
export class LruMap<K, V> {
  readonly #half: number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  /** Holds between `most` / 2 and `most` entries once it is full. */
  constructor(most: number) {
    this.#half = Math.max(1, most >> 1);
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
