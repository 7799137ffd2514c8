/** Who goes first where processors are short. */
import { readlinkSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { platform } from 'node:process';

const STEPS = 5;

/** Lets other threads go before the calling one, so that sockets are read in time. Where the system has no such thing for single threads, nothing changes. */
export function stepBack(): void {
  // Elsewhere the number would be a process.
  if (platform !== 'linux') return;
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    setPriority(thread, Math.min(constants.priority.PRIORITY_LOW, getPriority(thread) + STEPS));
  } catch {
    // Without /proc it stays as it was.
  }
}
