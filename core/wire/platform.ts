/** The few globals that Node and browsers have in common and the language itself has not, as far as the wire needs them. */

export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
