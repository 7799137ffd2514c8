/** The items of one feed between the pipe, which pushes, and the reader, who pulls. */
import type { WireError } from './wire-error.ts';

export interface FeedReaderEvents {
  /** The reader has taken an item. */
  onTaken(): void;
  /** The reader wants no more; called once, and not where the feed ended by itself. */
  onLeft(): void;
}

/** What the pipe pushes is bounded by the credit that the sender has. */
export class FeedReader<T> implements AsyncIterator<T, undefined> {
  readonly #events: FeedReaderEvents;
  #items: T[] = [];
  #asked: { resolve(step: IteratorResult<T, undefined>): void; reject(error: WireError): void }[] = [];
  #error: WireError | undefined;
  #over = false;

  constructor(events: FeedReaderEvents) {
    this.#events = events;
  }

  push(item: T): void {
    if (this.#over) return;
    const asker = this.#asked.shift();
    if (!asker) {
      this.#items.push(item);
      return;
    }
    this.#events.onTaken();
    asker.resolve({ done: false, value: item });
  }

  /** Drops what was not read. */
  forget(): void {
    this.#items = [];
  }

  finish(): void {
    this.#end(undefined);
  }

  fail(error: WireError): void {
    this.#end(error);
  }

  leave(): void {
    if (this.#over) return;
    this.forget();
    this.#end(undefined);
    this.#events.onLeft();
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    const [item] = this.#items;
    if (this.#items.length > 0) {
      this.#items.shift();
      if (!this.#over) this.#events.onTaken();
      return { done: false, value: item as T };
    }
    if (this.#error) {
      const error = this.#error;
      this.#error = undefined;
      throw error;
    }
    if (this.#over) return { done: true, value: undefined };
    return new Promise((resolve, reject) => this.#asked.push({ resolve, reject }));
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.leave();
    return { done: true, value: undefined };
  }

  #end(error: WireError | undefined): void {
    if (this.#over) return;
    this.#over = true;
    const asked = this.#asked;
    this.#asked = [];
    const [first, ...others] = asked;
    if (error && first) first.reject(error);
    else {
      this.#error = error;
      first?.resolve({ done: true, value: undefined });
    }
    for (const asker of others) asker.resolve({ done: true, value: undefined });
  }
}
