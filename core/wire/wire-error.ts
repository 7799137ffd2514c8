/** What can go wrong with a call or a feed: the refusals of the core, and what the wire itself adds. */
import { isApiErrorCode, type ApiErrorCode } from '../model/api-error.ts';

/**
 * `cancelled`: the reader gave up. `disconnected`: the other side is gone; calls are not repeated by themselves.
 * `bad-request`: the request does not fit the contract, or a limit. `internal`: a fault of the program.
 */
export type WireErrorCode = ApiErrorCode | (typeof ownCodes)[number];

const ownCodes = ['cancelled', 'disconnected', 'bad-request', 'internal'] as const;

export const isWireErrorCode = (text: string): text is WireErrorCode =>
  isApiErrorCode(text) || ownCodes.some((code) => code === text);

/** `message` is a sentence for the person. */
export class WireError extends Error {
  readonly code: WireErrorCode;

  constructor(code: WireErrorCode, message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.name = 'WireError';
    this.code = code;
  }
}
