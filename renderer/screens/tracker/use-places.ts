/** Places of many addresses, asked in pieces and kept while the screen is open. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Place } from '../../../core/model/place.ts';
import { MAX_PLACES } from '../../../core/wire/contract-geo.ts';
import { core } from '../../link/core.ts';
import { isQuiet } from '../../parts/errors.ts';

/** Beyond it the cache begins anew. */
const MAX_KEPT = 50_000;

export interface Places {
  readonly placeOf: (address: string) => Place | undefined;
  /** Another number: more is known than before. */
  readonly version: number;
  readonly error: Error | undefined;
}

/** Asks for those of `addresses` that are not known yet, one piece at a time. */
export function usePlaces(addresses: readonly string[]): Places {
  const kept = useRef(new Map<string, Place>());
  const asking = useRef(false);
  const [version, setVersion] = useState(0);
  const [error, setError] = useState<Error>();

  useEffect(() => {
    if (asking.current) return;
    const missing = addresses.filter((address) => !kept.current.has(address)).slice(0, MAX_PLACES);
    if (missing.length === 0) return;
    asking.current = true;
    const ask = async () => {
      try {
        const { places } = await core.call('geo.places', { addresses: missing });
        if (kept.current.size > MAX_KEPT) kept.current.clear();
        for (const [i, address] of missing.entries()) {
          const place = places[i];
          if (place) kept.current.set(address, place);
        }
        setError(undefined);
      } catch (cause) {
        if (!isQuiet(cause)) setError(cause instanceof Error ? cause : new Error(String(cause)));
      } finally {
        asking.current = false;
      }
      setVersion((number) => number + 1);
    };
    void ask();
    // `version` in the list: what came while one piece was asked is asked for with the next.
  }, [addresses, version]);

  const placeOf = useCallback((address: string) => kept.current.get(address), []);
  return { placeOf, version, error };
}
