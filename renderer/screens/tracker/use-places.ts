/** Places of many addresses, asked in pieces and kept while the screen is open. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Place } from '../../../core/model/place.ts';
import { MAX_PLACES } from '../../../core/wire/contract-geo.ts';
import { core } from '../../link/core.ts';
import { isQuiet } from '../../parts/errors.ts';

/** Beyond it the cache begins anew. */
const MAX_KEPT = 50_000;
/** Pieces follow one another no sooner: where new addresses come all the time, others have their turn meanwhile, ms. */
const PACE = 100;

export interface Places {
  /** Another function where more is known than before. */
  readonly placeOf: (address: string) => Place | undefined;
  readonly error: Error | undefined;
}

/** Asks for those of `addresses` that are not known yet, one piece at a time. */
export function usePlaces(addresses: readonly string[]): Places {
  const asking = useRef(false);
  const toldAt = useRef(Number.NEGATIVE_INFINITY);
  /** Without an answer: they are not asked for again. */
  const unanswered = useRef(new Set<string>());
  const [known, setKnown] = useState({ places: new Map<string, Place>() });
  const [error, setError] = useState<Error>();

  useEffect(() => {
    if (asking.current) return;
    const { places: kept } = known;
    const missing = addresses
      .filter((address) => !kept.has(address) && !unanswered.current.has(address))
      .slice(0, MAX_PLACES);
    if (missing.length === 0) return;
    asking.current = true;
    const ask = async () => {
      try {
        const rest = toldAt.current + PACE - performance.now();
        if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
        const { places } = await core.call('geo.places', { addresses: missing });
        if (kept.size > MAX_KEPT) kept.clear();
        for (const [i, address] of missing.entries()) {
          const place = places[i];
          if (place) kept.set(address, place);
          else unanswered.current.add(address);
        }
        setError(undefined);
      } catch (cause) {
        if (isQuiet(cause)) return;
        for (const address of missing) unanswered.current.add(address);
        setError(cause instanceof Error ? cause : new Error(String(cause)));
      } finally {
        asking.current = false;
      }
      // One map, told anew: what came while a piece was asked is asked for with the next.
      toldAt.current = performance.now();
      setKnown({ places: kept });
    };
    void ask();
  }, [addresses, known]);

  const placeOf = useCallback((address: string) => known.places.get(address), [known]);
  return { placeOf, error };
}
