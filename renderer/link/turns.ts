/** Turns for questions that can wait: a few at a time, in the order in which they came. */

interface Waiting {
  readonly go: () => void;
}

export class Turns {
  readonly #most: number;
  readonly #waiting: Waiting[] = [];
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves when it is one's turn, with what ends it. Rejects with the signal's reason where nobody waits any more. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#taken >= this.#most) await this.#wait(signal);
    else this.#taken++;
    return () => this.#pass();
  }

  async #wait(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const waiting = {
        go: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error('nobody waits any more'));
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiting);
    });
  }

  /** To the next who waits, or to nobody. */
  #pass(): void {
    const next = this.#waiting.shift();
    if (next) next.go();
    else this.#taken--;
  }
}
