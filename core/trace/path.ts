/**
 * From hops to paths: every way back from the target, by the sum of its hops and the agreement of logins that are not
 * neighbours.
 */
import type { PairScore } from './pair-score.ts';
import type { Suspect } from './suspects.ts';
import type { Comparison, Expectation } from './witness.ts';

export interface Edge {
  readonly upstream: Suspect;
  readonly downstream: Suspect;
  readonly kind: 'login' | 'inferred';
  readonly score: PairScore;
  /** What the edge adds to a path: the guarded score, less the cost of a hop that nobody saw. */
  readonly nats: number;
  /** What the upstream login shares with logins further down, where the downstream one is seen too coarsely; else 0. */
  readonly supportNats: number;
  /** Logins that the same data would have let us ask about here. */
  readonly alternatives: number;
  readonly chance: Expectation;
  readonly cpf: number;
  readonly activityOverlap: number;
}

export interface Path {
  /** Attacker's side first; the last edge ends in the target. Empty where nothing leads further. */
  readonly edges: readonly Edge[];
  readonly scoreNats: number;
}

/** Nats that a hop through a host nobody exported costs. */
export const INFERRED_COST = 6;
/** A chain longer than this is not followed; nor are more paths than this compared. */
export const LONGEST_CHAIN = 32;
const MOST_PATHS = 5000;

/** Every path into the target that cannot be extended, best first. */
export function assemblePaths(target: Suspect, edges: readonly Edge[], compare: Comparison): Path[] {
  const into = Map.groupBy(edges, (edge) => edge.downstream);
  const paths: Path[] = [];
  const walk = (tail: readonly Edge[], at: Suspect, visited: ReadonlySet<Suspect>): void => {
    if (paths.length >= MOST_PATHS) return;
    const further =
      tail.length >= LONGEST_CHAIN ? [] : (into.get(at) ?? []).filter((edge) => !visited.has(edge.upstream));
    if (further.length === 0) {
      paths.push({ edges: tail, scoreNats: pathScore(tail, compare) });
      return;
    }
    for (const edge of further) walk([edge, ...tail], edge.upstream, new Set([...visited, edge.upstream]));
  };
  walk([], target, new Set([target]));
  return paths.sort((a, b) => b.scoreNats - a.scoreNats);
}

/** Edges, plus the mean agreement of logins that are not neighbours. */
function pathScore(edges: readonly Edge[], compare: Comparison): number {
  const logins = [...edges.map((edge) => edge.upstream), ...edges.slice(-1).map((edge) => edge.downstream)];
  let sum = 0;
  let pairs = 0;
  for (let i = 0; i < logins.length; i++) {
    for (let j = i + 2; j < logins.length; j++) {
      const [upstream, downstream] = [logins[i], logins[j]];
      if (!upstream || !downstream) continue;
      sum += compare.score(downstream, upstream)?.scoreNats ?? 0;
      pairs++;
    }
  }
  return edges.reduce((total, edge) => total + edge.nats, 0) + (pairs > 0 ? sum / pairs : 0);
}
