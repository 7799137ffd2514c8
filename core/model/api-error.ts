/** The faults a person can mend: a request that cannot be met, said in a sentence that tells what to do instead. */

/**
 * Every way a request can be refused, with the exit code of the command line: 1 where an input could not be read or
 * written, 2 where the request itself has to change.
 */
const exitCodes = {
  usage: 2,
  'unreadable-file': 1,
  'unsupported-file': 1,
  'not-an-archive': 1,
  'no-store': 2,
  'newer-store': 2,
  'busy-store': 2,
  'damaged-store': 1,
  'no-such-flow': 2,
  'bad-filter': 2,
  'ambiguous-address': 2,
  'unknown-site': 2,
  'outside-archive': 2,
  'cannot-write': 1,
  'cannot-listen': 2,
  'no-answer': 1,
} as const;

export type ApiErrorCode = keyof typeof exitCodes;

export const isApiErrorCode = (text: string): text is ApiErrorCode => Object.hasOwn(exitCodes, text);

/** A refused request. `message` is one sentence for the person who asked; `cause` keeps the fault beneath, if any. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;

  constructor(code: ApiErrorCode, message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.name = 'ApiError';
    this.code = code;
  }

  /** What the command line exits with. */
  get exitCode(): 1 | 2 {
    return exitCodes[this.code];
  }
}
