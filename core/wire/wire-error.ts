/** What can go wrong with a call or a feed: the refusals of the core, and what the wire itself adds. */
import type { ApiErrorCode } from '../model/api-error.ts';

/**
 * `cancelled`: the reader gave up. `disconnected`: the other side is gone; calls are not repeated by themselves.
 * `bad-request`: the request does not fit the contract, or a limit. `internal`: a fault of the program.
 */
export type WireErrorCode = ApiErrorCode | 'cancelled' | 'disconnected' | 'bad-request' | 'internal';

/** `message` is a sentence for the person. */
export class WireError extends Error {
  readonly code: WireErrorCode;

  constructor(code: WireErrorCode, message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.name = 'WireError';
    this.code = code;
  }
}
