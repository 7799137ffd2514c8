/** Flows between addresses as arcs between places: put together by pair, and bounded. */
import type { Place } from '../../../core/model/place.ts';
import type { Position } from '../../parts/globe/sphere.ts';
import { positionOf } from './path-points.ts';
import { placeTitle } from './place-words.ts';

/** What went from one address to another. */
export interface Passed {
  readonly source: string;
  readonly destination: string;
  readonly flows: number;
  readonly bytes: number;
  /** When it was last seen; on whatever clock the caller keeps. */
  readonly at: number;
}

export interface Spot {
  readonly key: string;
  readonly position: Position;
  readonly title: string;
}

export interface TrafficArc {
  readonly key: string;
  readonly from: Spot;
  readonly to: Spot;
  flows: number;
  bytes: number;
  at: number;
}

export interface Traffic {
  /** The latest first, of one moment those with most flows. */
  readonly arcs: readonly TrafficArc[];
  /** Pairs of places beyond the bound. */
  readonly pairsLeftOut: number;
  /** Flows with an end that is at no place. */
  readonly flowsNowhere: number;
  /** Flows whose addresses have not been looked up yet. */
  readonly flowsPending: number;
}

/** Arcs that can be told apart on one globe. */
const MAX_ARCS = 240;

/** `placeOf` gives undefined for what was not looked up yet. */
export function gatherTraffic(
  passed: Iterable<Passed>,
  placeOf: (address: string) => Place | undefined,
  limit = MAX_ARCS,
): Traffic {
  const arcs = new Map<string, TrafficArc>();
  let flowsNowhere = 0;
  let flowsPending = 0;
  for (const { source, destination, flows, bytes, at } of passed) {
    const [left, right] = [placeOf(source), placeOf(destination)];
    if (!left || !right) {
      flowsPending += flows;
      continue;
    }
    const [from, to] = [spotOf(left), spotOf(right)];
    if (!from || !to) {
      flowsNowhere += flows;
      continue;
    }
    const key = `${from.key}>${to.key}`;
    const known = arcs.get(key);
    if (known) {
      known.flows += flows;
      known.bytes += bytes;
      known.at = Math.max(known.at, at);
    } else arcs.set(key, { key, from, to, flows, bytes, at });
  }
  const all = [...arcs.values()].sort((a, b) => b.at - a.at || b.flows - a.flows);
  return {
    arcs: all.slice(0, limit),
    pairsLeftOut: Math.max(0, all.length - limit),
    flowsNowhere,
    flowsPending,
  };
}

/** Flows come by the thousand, places do not. */
const spots = new WeakMap<Place, Spot>();

/** Places some ten kilometres from each other are one. */
function spotOf(place: Place): Spot | undefined {
  const known = spots.get(place);
  if (known) return known;
  const position = positionOf(place);
  if (!position) return undefined;
  const key = position.map((degrees) => degrees.toFixed(1)).join(',');
  const spot = { key, position, title: placeTitle(place) };
  spots.set(place, spot);
  return spot;
}
