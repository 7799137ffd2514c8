/** Ctrl-C in the middle of long work: it stops at the next safe place, and the program ends with 130. */
import type { CliIo } from './io.ts';

/**
 * Signals closer together than this come from one press: the terminal sends one to npm and to the program, and npm
 * passes on its own.
 */
const ONE_PRESS_MS = 500;

/** Runs work that looks at the signal now and then. A second press ends the program where it is. */
export async function interruptible<T>(io: CliIo, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let pressedAt = Number.NaN;
  const onInterrupt = (): void => {
    const now = performance.now();
    if (now - pressedAt > ONE_PRESS_MS) process.exit(130);
    if (!Number.isNaN(pressedAt)) return;
    pressedAt = now;
    io.fail(130);
    controller.abort();
  };
  process.on('SIGINT', onInterrupt);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

/** Undefined where the work ended because the signal was aborted. */
export async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted && error === signal.reason) return undefined;
    throw error;
  }
}
