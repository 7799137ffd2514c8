/** A traced path as the machines it ran over, in hop order, with what is known of where they are. */
import type { Place, PlaceKind } from '../../../core/model/place.ts';
import type { Hop, TracedPath } from '../../../core/model/trace-result.ts';
import type { Position } from '../../parts/globe/sphere.ts';

/** An address as the flows had it; local ones repeat from site to site. */
export interface Name {
  readonly address: string;
  readonly site: string | undefined;
}

export interface PathPoint {
  /** From 1, attacker's side first. */
  readonly number: number;
  readonly role: 'origin' | 'stone' | 'victim';
  /** Every name under which it was seen, attacker's side first. */
  readonly names: readonly Name[];
  /** False: no exporter saw behind its address. */
  readonly observed: boolean;
  readonly arrived: Hop | undefined;
  readonly left: Hop | undefined;
}

export function pathPoints({ hops }: TracedPath): PathPoint[] {
  return Array.from({ length: hops.length + 1 }, (_, i): PathPoint => {
    const [arrived, left] = [hops[i - 1], hops[i]];
    return {
      number: i + 1,
      role: i === 0 ? 'origin' : i === hops.length ? 'victim' : 'stone',
      names: unique([
        ...(arrived?.connections.map(({ destination, destinationSite }) => ({
          address: destination,
          site: destinationSite,
        })) ?? []),
        ...(arrived ? [{ address: arrived.to, site: arrived.toSite }] : []),
        ...(left ? [{ address: left.from, site: left.fromSite }] : []),
        ...(left?.connections.map(({ source, sourceSite }) => ({ address: source, site: sourceSite })) ?? []),
      ]),
      observed: isObserved(arrived, left),
      arrived,
      left,
    };
  });
}

/** Its own site names it, or one exporter saw both the login into it and the login out of it. */
function isObserved(arrived: Hop | undefined, left: Hop | undefined): boolean {
  if (arrived?.toSite !== undefined || left?.fromSite !== undefined) return true;
  if (!arrived || !left) return (arrived ?? left)?.kind === 'login';
  const seen = new Set(arrived.connections.flatMap(({ exporters }) => exporters));
  return left.connections.some(({ exporters }) => exporters.some((exporter) => seen.has(exporter)));
}

export const nameText = ({ address, site }: Name): string =>
  site === undefined ? address : `${address}@${site}`;

function unique(names: readonly Name[]): Name[] {
  return [...new Map(names.map((name) => [nameText(name), name])).values()];
}

export interface LocatedPoint extends PathPoint {
  /** The best of its names' places; undefined while it is not known yet. */
  readonly place: Place | undefined;
  /** The name that the place is of, or the first. */
  readonly name: Name;
}

/** A person's word first, then what is nearest to a place. */
const order: readonly PlaceKind[] = ['site', 'place', 'country', 'anycast', 'special', 'unknown'];

export function locate(point: PathPoint, placeOf: (name: string) => Place | undefined): LocatedPoint {
  const known = point.names.flatMap((name) => {
    const place = placeOf(nameText(name));
    return place ? [{ name, place }] : [];
  });
  known.sort((a, b) => order.indexOf(a.place.kind) - order.indexOf(b.place.kind));
  const [best] = known;
  const name = best?.name ?? point.names[0] ?? { address: '', site: undefined };
  return { ...point, place: best?.place, name };
}

/** Where it is drawn; undefined where it is at no place that could be. */
export function positionOf(place: Place | undefined): Position | undefined {
  if (!place || place.latitude === undefined || place.longitude === undefined) return undefined;
  const drawn = place.kind === 'place' || place.kind === 'site' || place.kind === 'country';
  return drawn ? [place.longitude, place.latitude] : undefined;
}
