/** The wire's signal as what it is in this host. */
import type { Context } from '../../wire/server.ts';

/** The wire names the part of an AbortSignal that it needs; on Node what it made is a whole one. */
export function nodeSignal({ signal }: Pick<Context<never>, 'signal'>): AbortSignal {
  if (!(signal instanceof AbortSignal)) throw new Error('a signal of another host');
  return signal;
}
