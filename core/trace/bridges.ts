/** Hops that are seen too coarsely to convince alone. */
import type { Entrances } from './entrances.ts';
import { isConvincing, scoreNested, type Scored, type Supported } from './nesting.ts';
import type { Suspect } from './suspects.ts';
import type { Comparison } from './witness.ts';

/** Of a crowd no more coarse logins are taken for bridges, nor more logins before each of them. */
const MOST_BRIDGES = 100;
const MOST_BEFORE = 500;

interface Search {
  readonly compare: Comparison;
  readonly entrances: Entrances;
  readonly cuts: Set<string>;
}

/**
 * Logins into the downstream login's host that are seen too coarsely to convince alone, but link it host by host to a
 * login further up which does: it entered the host that the bridge left from, nests around both, and agrees with the
 * downstream login, while the bridge contradicts neither. The number of such pairs is what was searched.
 */
export function findBridges(
  entering: readonly Scored[],
  downstream: Suspect,
  { compare, entrances, cuts }: Search,
): Supported[] {
  const bridges = entering.filter(({ score }) => score.scoreNats >= 0);
  if (bridges.length > MOST_BRIDGES) {
    bridges.sort((a, b) => b.score.scoreNats - a.score.scoreNats);
    cuts.add(
      `${bridges.length.toLocaleString('en')} logins that are seen coarsely may link two hops: only the best ${MOST_BRIDGES} were looked into.`,
    );
  }
  const pairs = bridges.slice(0, MOST_BRIDGES).flatMap((bridge) => {
    const earliest = entrances.before(bridge.upstream);
    return nearestBefore(earliest, bridge.upstream, cuts).flatMap((earlier) => {
      if (earlier === downstream) return [];
      const before = scoreNested(earlier, bridge.upstream, compare);
      const across = scoreNested(earlier, downstream, compare);
      if (!before || !across || before.scoreNats < 0) return [];
      return [
        { ...bridge, supportNats: Math.max(across.scoreNats, before.scoreNats + bridge.score.scoreNats) },
      ];
    });
  });
  const best = Map.groupBy(
    pairs.filter((pair) => isConvincing(pair, pairs.length)),
    (pair) => pair.upstream,
  );
  return [...best.values()].map((found) => found.reduce((a, b) => (b.supportNats > a.supportNats ? b : a)));
}

/** Of very many logins those that opened last before this one. */
function nearestBefore(
  logins: readonly Suspect[],
  { start }: Suspect,
  cuts: Set<string>,
): readonly Suspect[] {
  if (logins.length <= MOST_BEFORE) return logins;
  cuts.add(
    `${logins.length.toLocaleString('en')} logins entered the host before a hop that is seen coarsely: only the ${MOST_BEFORE} that opened nearest to it were compared.`,
  );
  return logins
    .toSorted((a, b) => Math.abs(a.start - start) - Math.abs(b.start - start))
    .slice(0, MOST_BEFORE);
}
