/** Which connections belong together, as it is found out pair by pair (union and find). */

/** Both NATs, both LANs and a few exporters between make no more views of one login. */
const MOST_VIEWS = 12;

/**
 * Connections united into logins. Where more than `MOST_VIEWS` are alike, as a crowd's are, nothing tells which of them
 * are views of which: none is united but what exporters told themselves.
 */
export class Groups {
  readonly #parent: Uint32Array;
  readonly #size: Uint32Array;

  constructor(count: number, start?: Groups) {
    this.#parent = start ? start.#parent.slice() : Uint32Array.from({ length: count }, (_, i) => i);
    this.#size = start ? start.#size.slice() : new Uint32Array(count).fill(1);
  }

  find(i: number): number {
    let root = i;
    while (this.#parent[root] !== root) root = this.#parent[root] ?? root;
    this.#parent[i] = root;
    return root;
  }

  unite(a: number, b: number): void {
    const [one, other] = [this.find(a), this.find(b)];
    if (one === other) return;
    this.#parent[other] = one;
    this.#size[one] = (this.#size[one] ?? 0) + (this.#size[other] ?? 0);
  }

  /** False where it would change nothing: both are in one group, or in crowds. */
  mayUnite(a: number, b: number): boolean {
    const [one, other] = [this.find(a), this.find(b)];
    return one !== other && !(this.isCrowded(one) && this.isCrowded(other));
  }

  isCrowded(i: number): boolean {
    return (this.#size[this.find(i)] ?? 0) > MOST_VIEWS;
  }
}
