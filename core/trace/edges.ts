/**
 * Which login came in through which?
 *
 * A login i may have carried login j where it opened before and closed after it (nesting, judged after lag correction; an
 * opening or closing that no record shows is no violation), where their silences agree, and where j left from the host
 * that i entered. Without a shared host the hop between is inferred, at a cost, and only where no login explains j.
 */
import { findBridges } from './bridges.ts';
import { activityOverlap, correlationPointFunction, durations } from './cpf.ts';
import { Entrances } from './entrances.ts';
import { isConvincing, LOGIN_EXPECTED_FALSE, scoreNested, type Scored, type Supported } from './nesting.ts';
import type { PairScore } from './pair-score.ts';
import { INFERRED_COST, LONGEST_CHAIN, type Edge } from './path.ts';
import type { Host } from './records.ts';
import type { Suspect, Suspects } from './suspects.ts';
import { expectChance, type Comparison } from './witness.ts';

/** An inferred hop is taken when at most this many false ones are to be expected. */
const INFERRED_EXPECTED_FALSE = 0.001;
/** Of a crowd no more logins are followed further. */
const MOST_FOLLOWED = 200;

export interface FoundEdges {
  readonly edges: readonly Edge[];
  /** In sentences, what was not looked at because there was too much of it. */
  readonly cuts: readonly string[];
}

/** All edges that lead to the target, over any number of hops; `onDepth` is told how many hops back the search is. */
export function findEdges(
  target: Suspect,
  suspects: Suspects,
  hosts: readonly Host[],
  compare: Comparison,
  onDepth: (hops: number) => void,
): FoundEdges {
  const edges: Edge[] = [];
  const cuts = new Set<string>();
  const search = { compare, entrances: new Entrances(suspects, hosts, compare, cuts), cuts };
  let followed = 0;
  const seen = new Set([target]);
  let frontier: (readonly Suspect[])[] = [[target]];
  for (let depth = 0; depth < LONGEST_CHAIN && frontier.length > 0; depth++) {
    onDepth(depth + 1);
    const next: (readonly Suspect[])[] = [];
    for (const chain of frontier) {
      for (const edge of edgesInto(chain, search)) {
        edges.push(edge);
        if (seen.has(edge.upstream)) continue;
        if (++followed > MOST_FOLLOWED) {
          cuts.add(
            `More than ${MOST_FOLLOWED} logins lead to the victim; those beyond were not followed further.`,
          );
          continue;
        }
        seen.add(edge.upstream);
        next.push([edge.upstream, ...chain]);
      }
    }
    frontier = next;
  }
  return { edges, cuts: [...cuts] };
}

interface Search {
  readonly compare: Comparison;
  readonly entrances: Entrances;
  readonly cuts: Set<string>;
}

/** Edges into the first login of a chain that ends in the target. */
function edgesInto(chain: readonly Suspect[], search: Search): Edge[] {
  const [downstream, ...later] = chain;
  if (!downstream) return [];
  const { compare, entrances } = search;
  const listed = compare.worthScoring(downstream);
  const asked = compare.isExhaustive
    ? listed
    : new Set([...listed, ...entrances.before(downstream)]).values().toArray();
  const scored = asked.flatMap((upstream) => {
    const score = chain.includes(upstream) ? undefined : scoreNested(upstream, downstream, compare);
    return score ? [{ upstream, score }] : [];
  });
  const entering = scored.filter(({ upstream }) => entrances.lead(upstream, downstream));
  const logins = entering
    .map((found) => ({ ...found, supportNats: supportFrom(found, later, compare) }))
    .filter((found) => isConvincing(found, entering.length));
  const carried = logins.length > 0 ? logins : findBridges(entering, downstream, search);
  const edges = carried
    .map((found) => makeEdge(found, downstream, 'login', entering.length, search.compare))
    .filter(({ chance }) => chance.eValue <= LOGIN_EXPECTED_FALSE);
  if (edges.length > 0) return edges;
  const entered = new Set(entering);
  // Logins that only an index passed over were searched too.
  const unseen = compare.isExhaustive ? scored.length : compare.comparable(downstream);
  return scored
    .filter((found) => !entered.has(found) && canBeInferred(found.score, unseen))
    .map((found) => makeEdge({ ...found, supportNats: 0 }, downstream, 'inferred', unseen, compare))
    .filter(({ chance }) => chance.eValue <= INFERRED_EXPECTED_FALSE);
}

/** True where the model alone lets a hop be inferred; surrogates may still speak against it. */
function canBeInferred({ scoreNats }: PairScore, alternatives: number): boolean {
  const nats = scoreNats - INFERRED_COST;
  return nats > 0 && alternatives * Math.exp(-nats) <= INFERRED_EXPECTED_FALSE;
}

/**
 * What an upstream login shares with logins further down the chain. It counts where the next login is seen too coarsely
 * to tell (a long timeout leaves it few silences) and says nothing against.
 */
function supportFrom({ upstream, score }: Scored, later: readonly Suspect[], compare: Comparison): number {
  if (score.scoreNats < 0) return 0;
  return later.reduce(
    (most, login) => Math.max(most, scoreNested(upstream, login, compare)?.scoreNats ?? 0),
    0,
  );
}

function makeEdge(
  { upstream, score, supportNats }: Supported,
  downstream: Suspect,
  kind: Edge['kind'],
  alternatives: number,
  compare: Comparison,
): Edge {
  const nats = score.scoreNats - (kind === 'inferred' ? INFERRED_COST : 0);
  const needed = isConvincing({ upstream, score, supportNats: 0 }, alternatives) ? 0 : supportNats;
  return {
    upstream,
    downstream,
    kind,
    score,
    nats,
    supportNats: needed > score.scoreNats ? needed : 0,
    alternatives,
    chance: expectChance(compare, downstream, Math.max(nats, needed), alternatives),
    cpf: correlationPointFunction(durations(downstream.fingerprint), durations(upstream.fingerprint)),
    activityOverlap: activityOverlap(downstream.fingerprint, upstream.fingerprint, score.lagMs),
  };
}
