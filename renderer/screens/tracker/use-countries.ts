/** The sums by country of the view's selection, and the scale that they are drawn on. */
import { useMemo } from 'react';
import type { CountriesAnswer } from '../../../core/model/place.ts';
import { useCall } from '../../link/use-call.ts';
import { useStoredRange } from '../../link/workspace.ts';
import { useSelection } from '../../state/selection.ts';
import { heatScale, type HeatScale } from './heat-scale.ts';
import type { TrackerState } from './tracker-state.ts';

export interface CountriesState {
  readonly answer: CountriesAnswer | undefined;
  readonly error: Error | null;
  readonly isLoading: boolean;
  readonly isStale: boolean;
  readonly retry: () => void;
  readonly scale: HeatScale | undefined;
}

export function useCountries({ heat, side }: TrackerState): CountriesState {
  const selection = useSelection();
  const stored = useStoredRange();
  const { data, error, isLoading, isStale, retry } = useCall(
    'geo.countries',
    { ...selection, side },
    { enabled: stored !== null && heat !== null },
  );
  const scale = useMemo(
    () => (data && heat !== null ? heatScale(data.countries, heat) : undefined),
    [data, heat],
  );
  return { answer: data, error, isLoading: isLoading && stored !== null, isStale, retry, scale };
}
