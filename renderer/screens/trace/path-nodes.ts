/** A path as what a diagram draws: machines and address translations in a row, with what joins each to the next. */
import type { Hop, TracedPath } from '../../../core/model/trace-result.ts';

export interface PathNode {
  readonly kind: 'origin' | 'stone' | 'nat' | 'victim';
  readonly address: string;
  readonly site: string | undefined;
  /** What joins it to the next; null on the last. */
  readonly link: PathLink | null;
  /** The hop that entered here, where it is known to have carried the next one. */
  readonly carried: Hop | undefined;
}

export interface PathLink {
  readonly kind: 'login' | 'twin' | 'inferred' | 'target';
  readonly hop: Hop;
}

interface Place {
  readonly address: string;
  readonly site: string | undefined;
}

const same = (a: Place | undefined, b: Place): boolean => a?.address === b.address && a.site === b.site;

/** Attacker's side first. */
export function pathNodes({ hops }: TracedPath): PathNode[] {
  const nodes: PathNode[] = [];
  for (const [i, hop] of hops.entries()) {
    const isTarget = i === hops.length - 1;
    const before = hops[i - 1];
    const [sources, destinations] = placesOf(hop);
    const first: PathNode['kind'] = i === 0 ? 'origin' : 'stone';
    const across = sources.length + destinations.length - 1;
    const all = [...sources, ...destinations].slice(0, across);
    for (const [k, place] of all.entries()) {
      const kind = k === 0 ? first : 'nat';
      const main = k === sources.length - 1;
      nodes.push({
        kind,
        ...place,
        link: {
          kind: hop.kind === 'inferred' ? 'inferred' : main ? (isTarget ? 'target' : 'login') : 'twin',
          hop,
        },
        carried: k === 0 ? before : undefined,
      });
    }
    if (isTarget) {
      nodes.push({
        kind: 'victim',
        address: hop.to,
        site: hop.toSite,
        link: null,
        carried: undefined,
      });
    }
  }
  return nodes;
}

/** Every address under which the two ends of a login were seen, attacker's side first. */
function placesOf(hop: Hop): [Place[], Place[]] {
  const sources: Place[] = [{ address: hop.from, site: hop.fromSite }];
  const destinations: Place[] = [];
  for (const { source, sourceSite, destination, destinationSite } of hop.connections) {
    const from = { address: source, site: sourceSite };
    const to = { address: destination, site: destinationSite };
    if (!sources.some((place) => same(place, from))) sources.push(from);
    if (!destinations.some((place) => same(place, to))) destinations.push(to);
  }
  const last = { address: hop.to, site: hop.toSite };
  return [sources, [...destinations.filter((place) => !same(place, last)), last]];
}
