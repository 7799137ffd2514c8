/** Something that changes: feeds wait for its next change. */
export class Changes {
  /** Changes with this one. */
  readonly #whole: Changes | undefined;
  #version = 0;
  readonly #waiting = new Set<() => void>();

  constructor(whole?: Changes) {
    this.#whole = whole;
  }

  /** The number of changes so far. */
  get version(): number {
    return this.#version;
  }

  announce(): void {
    this.#version++;
    for (const wake of this.#waiting) wake();
    this.#whole?.announce();
  }

  /** Resolves when there was a change after the `seen` version, `ms` have passed, or the signal is aborted. */
  async after(seen: number, signal: AbortSignal, ms: number): Promise<void> {
    if (this.#version !== seen || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}

/** Waits, or ends early by the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Changes().after(0, signal, ms);
}
