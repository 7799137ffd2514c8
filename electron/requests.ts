/** What the shell asks of the page: kept until a page is there to take it. */
import type { DeskRequest } from '../core/wire/contract-desktop.ts';

/** Beyond this the oldest are forgotten: nobody looks. */
const MAX_WAITING = 100;

export class Requests {
  #waiting: DeskRequest[] = [];
  #wake = (): void => undefined;
  #reader = 0;

  add(request: DeskRequest): void {
    this.#waiting = [...this.#waiting, request].slice(-MAX_WAITING);
    this.#wake();
  }

  /** Each request once, until the signal. A second reader takes over from the first. */
  async *read(signal: AbortSignal): AsyncGenerator<DeskRequest> {
    const own = ++this.#reader;
    const end = (): void => this.#wake();
    end();
    signal.addEventListener('abort', end, { once: true });
    try {
      while (!signal.aborted && own === this.#reader) {
        const request = this.#waiting.shift();
        if (request) yield request;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', end);
    }
  }
}
