/**
 * When the screens ask anew while the store grows: so seldom that the answers take a small part of the time, however long
 * one takes. Times are of one clock, ms.
 */

/** Live data change the store all the time: never more often than this. */
const LEAST = 2000;
/** Of the time, at most one part in so many passes with questions on their way. */
const SHARE = 6;

export class AskingPace {
  readonly #now: () => number;
  #open = 0;
  #openedAt = 0;
  /** Time with a question on its way since the last round. */
  #busy = 0;
  #roundAt = Number.NEGATIVE_INFINITY;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A question is on its way. Returns what to call once when nobody waits for it any more. */
  ask(): () => void {
    if (this.#open++ === 0) this.#openedAt = this.#now();
    return () => {
      if (--this.#open === 0) this.#busy += this.#now() - this.#openedAt;
    };
  }

  /** Everything is asked anew now. */
  begin(): void {
    this.#roundAt = this.#now();
    this.#busy = 0;
  }

  /** How long that has to wait yet; undefined while questions are on their way. */
  wait(): number | undefined {
    if (this.#open > 0) return undefined;
    return Math.max(0, this.#roundAt + Math.max(LEAST, SHARE * this.#busy) - this.#now());
  }
}
