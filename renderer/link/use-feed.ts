/** The latest item of a feed, for as long as somebody looks. */
import { useEffect, useState } from 'react';
import type { CoreContract } from '../../core/wire/contract.ts';
import type { FeedName, ItemOf, RequestOf } from '../../core/wire/method.ts';
import { core } from './core.ts';

export interface FeedState<Item> {
  readonly item: Item | undefined;
  readonly error: Error | null;
  /** The feed has ended by itself. */
  readonly ended: boolean;
}

const before = { item: undefined, error: null, ended: false };

/** Follows a feed; `request` null: none. A new request is a new feed. */
export function useFeed<K extends FeedName<CoreContract>>(
  name: K,
  request: RequestOf<CoreContract[K]> | null,
): FeedState<ItemOf<CoreContract[K]>> {
  const [state, setState] = useState<FeedState<ItemOf<CoreContract[K]>>>(before);
  const key = JSON.stringify(request);
  useEffect(() => {
    setState(before);
    if (key === 'null') return undefined;
    const stop = new AbortController();
    void follow(name, JSON.parse(key) as RequestOf<CoreContract[K]>, stop.signal, setState);
    return () => stop.abort();
  }, [name, key]);
  return state;
}

async function follow<K extends FeedName<CoreContract>>(
  name: K,
  request: RequestOf<CoreContract[K]>,
  signal: AbortSignal,
  tell: (change: (state: FeedState<ItemOf<CoreContract[K]>>) => FeedState<ItemOf<CoreContract[K]>>) => void,
): Promise<void> {
  try {
    for await (const item of core.feed(name, request, { signal })) {
      tell(() => ({ item, error: null, ended: false }));
    }
    if (!signal.aborted) tell((state) => ({ ...state, ended: true }));
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    if (!signal.aborted) tell((state) => ({ ...state, error, ended: true }));
  }
}
