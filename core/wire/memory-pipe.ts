/** Both ends of a pipe within one thread. */
import type { CloseReason, Pipe } from './pipe.ts';

/** Two ends joined: what one sends the other is given, later and in order, without a copy. */
export function memoryPipes(): readonly [Pipe, Pipe] {
  const left = new MemoryEnd();
  const right = new MemoryEnd();
  left.other = right;
  right.other = left;
  return [left, right];
}

class MemoryEnd implements Pipe {
  other: MemoryEnd | undefined;
  #closed = false;
  #message: ((bytes: Uint8Array) => void) | undefined;
  #close: ((reason: CloseReason) => void) | undefined;

  send(bytes: Uint8Array): void {
    const { other } = this;
    if (this.#closed || !other) return;
    void Promise.resolve().then(() => {
      if (!other.#closed) other.#message?.(bytes);
    });
  }

  onMessage(listener: (bytes: Uint8Array) => void): void {
    this.#message = listener;
  }

  onClose(listener: (reason: CloseReason) => void): void {
    this.#close = listener;
  }

  close(): void {
    const { other } = this;
    this.#end();
    // Behind what was sent before it.
    void Promise.resolve().then(() => {
      if (other) other.#end();
    });
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#close?.('lost');
  }
}
