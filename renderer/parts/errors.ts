/** Errors as sentences, and those that are none. */
import { WireError } from '../../core/wire/wire-error.ts';

export function errorSentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** True where the person gave up, or the connection is being made again: nothing to report. */
export function isQuiet(error: unknown): boolean {
  return error instanceof WireError && (error.code === 'cancelled' || error.code === 'disconnected');
}
