/** Who goes first where processors are short. */
import { readlinkSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { platform } from 'node:process';

/** Niceness: a thread that is five steps behind has a quarter of what another one has, at ten a tenth. */
const STEPS = { storing: 5, answering: 10 } as const;

/**
 * Lets other threads go before the calling one, so that sockets are read in time and screens are drawn: what stores what
 * came in goes before what answers questions about it. Where the system has no such thing for single threads, nothing
 * changes.
 */
export function stepBack(work: keyof typeof STEPS): void {
  // Elsewhere the number would be a process.
  if (platform !== 'linux') return;
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    setPriority(thread, Math.min(constants.priority.PRIORITY_LOW, getPriority(thread) + STEPS[work]));
  } catch {
    // Without /proc it stays as it was.
  }
}
