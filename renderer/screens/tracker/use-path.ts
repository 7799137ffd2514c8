/** The path of the current trace with the places of its machines. */
import { useMemo } from 'react';
import type { Place } from '../../../core/model/place.ts';
import type { Hop } from '../../../core/model/trace-result.ts';
import { useCall } from '../../link/use-call.ts';
import { checkForm, readForm, type TraceAsked } from '../../state/trace-question.ts';
import { useView } from '../../state/view.ts';
import { useTrace } from '../trace/use-trace.ts';
import { locate, nameText, pathPoints, type LocatedPoint } from './path-points.ts';

export interface PathState {
  /** Null: nothing was asked, or not completely. */
  readonly asked: TraceAsked | null;
  readonly hops: readonly Hop[];
  readonly points: readonly LocatedPoint[];
  /** Why there is no path, in a sentence; undefined where there is one, or none yet. */
  readonly nothing: string | undefined;
  readonly isRunning: boolean;
  readonly error: Error | null;
  /** The path is there and its places are not. */
  readonly placeError: Error | null;
  readonly retry: () => void;
}

export function usePath(enabled: boolean): PathState {
  const extra = useView((view) => view.extra);
  const asked = useMemo(() => checkForm(readForm(extra)).asked ?? null, [extra]);
  const { result, error, isRunning, again } = useTrace(enabled ? asked : null);
  const path = result?.paths[0];
  const points = useMemo(() => (path ? pathPoints(path) : []), [path]);
  const names = useMemo(() => [...new Set(points.flatMap((point) => point.names.map(nameText)))], [points]);
  const places = useCall('geo.places', { addresses: names }, { enabled: names.length > 0 });
  const located = useMemo(() => {
    const known = new Map<string, Place>();
    for (const [i, name] of names.entries()) {
      const place = places.data?.places[i];
      // While another question is on its way, the answer has the addresses of the one before.
      if (place && place.address === name.split('@')[0]) known.set(name, place);
    }
    return points.map((point) => locate(point, (name) => known.get(name)));
  }, [points, names, places.data]);
  return {
    asked,
    hops: path?.hops ?? [],
    points: located,
    nothing:
      result && !path
        ? (result.refusal ?? 'No login upstream of this one was found in the flows.')
        : undefined,
    isRunning,
    error,
    placeError: places.error,
    retry: places.error ? places.retry : again,
  };
}
