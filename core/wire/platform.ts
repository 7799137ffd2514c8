/**
 * The few globals that Node and browsers have in common and the language itself has not, as far as the wire needs them.
 * They are named here and nowhere else: the room takes neither Node's nor the browser's types.
 */

export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface AbortControllerLike {
  readonly signal: AbortSignalLike;
  abort(): void;
}

interface Platform {
  readonly AbortController: new () => AbortControllerLike;
  readonly TextEncoder: new () => { encode(text: string): Uint8Array };
  readonly TextDecoder: new (
    label: string,
    options: { readonly fatal: boolean },
  ) => {
    decode(bytes: Uint8Array): string;
  };
  setTimeout(work: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

const platform = globalThis as unknown as Platform;
const encoder = new platform.TextEncoder();
const decoder = new platform.TextDecoder('utf-8', { fatal: true });

export const makeAbortController = (): AbortControllerLike => new platform.AbortController();

export const encodeText = (text: string): Uint8Array => encoder.encode(text);

/** Throws where the bytes are no UTF-8. */
export const decodeText = (bytes: Uint8Array): string => decoder.decode(bytes);

/** Runs `work` later; the returned function takes that back. */
export function later(ms: number, work: () => void): () => void {
  const timer = platform.setTimeout(work, ms);
  return () => platform.clearTimeout(timer);
}
