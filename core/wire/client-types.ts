/** What a client of a contract can do. */
import type { CallName, Contract, FeedName, ItemOf, ProgressOf, ReplyOf, RequestOf } from './method.ts';
import type { AbortSignalLike } from './platform.ts';

export interface CallOptions<Progress> {
  /** Ends the call with WireError `cancelled`, and the work in the core. */
  readonly signal?: AbortSignalLike | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * `connecting` for the first time, `open`, `waiting` for the next try after a loss, `refused` for good (the token is not
 * this server's: it was started anew), `closed` by `close`.
 */
export type LinkState = 'connecting' | 'open' | 'waiting' | 'refused' | 'closed';

export interface Client<C extends Contract> {
  /**
   * One reply. Throws WireError. Until there is a connection it waits; a call that the loss of one cut off is not
   * repeated: `disconnected`.
   */
  call<K extends CallName<C>>(
    name: K,
    request: RequestOf<C[K]>,
    options?: CallOptions<ProgressOf<C[K]>>,
  ): Promise<ReplyOf<C[K]>>;
  /**
   * Items until the feed ends. Leaving the loop, or the signal, stops the work in the core; by the signal the loop ends
   * without an error. After a loss of the connection it is asked for anew, and goes on with its current items.
   */
  feed<K extends FeedName<C>>(
    name: K,
    request: RequestOf<C[K]>,
    options?: { readonly signal?: AbortSignalLike | undefined },
  ): AsyncIterable<ItemOf<C[K]>>;
  readonly state: LinkState;
  /** Tells of each change of the state; returns how to end that. */
  onState(listener: (state: LinkState) => void): () => void;
  close(): void;
}
