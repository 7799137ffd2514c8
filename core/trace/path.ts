/**
 * From related logins to paths: which login came in through which.
 *
 * A login i may have carried login j where it opened before and closed after it (nesting, judged after lag correction; an
 * opening or closing that no record shows is no violation), where their silences agree, and where j left from the host
 * that i entered. Without a shared host the hop between is inferred, at a cost, and only where no login explains j.
 */
import { activityOverlap, correlationPointFunction, durations } from './cpf.ts';
import type { Host } from './records.ts';
import type { PairScore } from './pair-score.ts';
import {
  expectChance,
  livesTogether,
  SCORED_ALL,
  type Comparison,
  type Expectation,
  type Suspect,
} from './witness.ts';

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
/** An edge is taken when at most this many false ones are to be expected. */
const LOGIN_EXPECTED_FALSE = 0.01;
const INFERRED_EXPECTED_FALSE = 0.001;
const NESTING_SLACK_MS = 2000;
/** A chain longer than this is not followed; nor are more paths than this compared. */
const LONGEST_CHAIN = 32;
const MOST_PATHS = 5000;
/** Crowds are cut: logins followed further, coarse logins taken for bridges, and logins before each of these. */
const MOST_FOLLOWED = 200;
const MOST_BRIDGES = 100;
const MOST_BEFORE = 500;

export interface FoundEdges {
  readonly edges: readonly Edge[];
  /** In sentences, what was not looked at because there was too much of it. */
  readonly cuts: readonly string[];
}

/** All edges that lead to the target, over any number of hops. */
export function findEdges(
  target: Suspect,
  suspects: readonly Suspect[],
  hosts: readonly Host[],
  compare: Comparison,
): FoundEdges {
  const edges: Edge[] = [];
  const cuts = new Set<string>();
  const search = { suspects, hosts, compare, entering: indexEntering(suspects), cuts };
  let followed = 0;
  const seen = new Set([target]);
  let frontier: (readonly Suspect[])[] = [[target]];
  for (let depth = 0; depth < LONGEST_CHAIN && frontier.length > 0; depth++) {
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
  readonly suspects: readonly Suspect[];
  readonly hosts: readonly Host[];
  readonly compare: Comparison;
  /** Logins by the hosts that they entered. */
  readonly entering: ReadonlyMap<number, readonly Suspect[]>;
  readonly cuts: Set<string>;
}

function indexEntering(suspects: readonly Suspect[]): Map<number, Suspect[]> {
  const index = new Map<number, Suspect[]>();
  for (const suspect of suspects) {
    for (const host of new Set(suspect.login.views.map((view) => view.server.host))) {
      const list = index.get(host);
      if (list) list.push(suspect);
      else index.set(host, [suspect]);
    }
  }
  return index;
}

/** Logins that entered a host which this one left from. */
function enteringHostsOf(
  downstream: Suspect,
  { entering, hosts, compare, cuts }: Search,
): readonly Suspect[] {
  const lists = downstream.login.views.map((view) => entering.get(view.client.host) ?? []);
  const total = lists.reduce((sum, list) => sum + list.length, 0);
  const shared = (one: Suspect): boolean => one !== downstream && sharesHost(one, downstream, hosts);
  if (total <= SCORED_ALL) return [...new Set(lists.flat())].filter(shared);
  const listed = compare.worthScoring(downstream).filter(shared);
  const host = hosts[downstream.login.views[0]?.client.host ?? -1]?.address ?? '?';
  cuts.add(
    `${total.toLocaleString('en')} logins entered ${host}: only the ${listed.length} whose silences agree best with the next hop's were compared.`,
  );
  return listed;
}

interface Scored {
  readonly upstream: Suspect;
  readonly score: PairScore;
}

interface Supported extends Scored {
  readonly supportNats: number;
}

function isConvincing({ score, supportNats }: Supported, alternatives: number): boolean {
  const nats = Math.max(score.scoreNats, supportNats);
  return nats > 0 && alternatives * Math.exp(-nats) <= LOGIN_EXPECTED_FALSE;
}

/** Edges into the first login of a chain that ends in the target. */
function edgesInto(chain: readonly Suspect[], search: Search): Edge[] {
  const [downstream, ...later] = chain;
  if (!downstream) return [];
  const { suspects, hosts, compare } = search;
  const listed = compare.worthScoring(downstream);
  const asked =
    listed === suspects
      ? listed
      : new Set([...listed, ...enteringHostsOf(downstream, search)]).values().toArray();
  const scored = asked.flatMap((upstream) => {
    const score = chain.includes(upstream) ? undefined : scoreNested(upstream, downstream, search);
    return score ? [{ upstream, score }] : [];
  });
  const entering = scored.filter(({ upstream }) => sharesHost(upstream, downstream, hosts));
  const logins = entering
    .map((found) => ({ ...found, supportNats: supportFrom(found, later, search) }))
    .filter((found) => isConvincing(found, entering.length));
  const carried = logins.length > 0 ? logins : findBridges(entering, downstream, search);
  const edges = carried
    .map((found) => makeEdge(found, downstream, 'login', entering.length, search.compare))
    .filter(({ chance }) => chance.eValue <= LOGIN_EXPECTED_FALSE);
  if (edges.length > 0) return edges;
  const entered = new Set(entering);
  // Logins that only an index passed over were searched too.
  const unseen = listed === suspects ? scored.length : compare.comparable(downstream);
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

/** The score of an upstream login that nests around the downstream one. */
function scoreNested(upstream: Suspect, downstream: Suspect, { compare }: Search): PairScore | undefined {
  if (upstream === downstream || !livesTogether(upstream, downstream)) return undefined;
  const score = compare.score(downstream, upstream);
  return score && isNested(upstream, downstream, score.lagMs) ? score : undefined;
}

/**
 * What an upstream login shares with logins further down the chain. It counts where the next login is seen too coarsely
 * to tell (a long timeout leaves it few silences) and says nothing against.
 */
function supportFrom({ upstream, score }: Scored, later: readonly Suspect[], search: Search): number {
  if (score.scoreNats < 0) return 0;
  return Math.max(...later.map((login) => scoreNested(upstream, login, search)?.scoreNats ?? 0), 0);
}

/**
 * Logins into the downstream login's host that are seen too coarsely to convince alone, but link it host by host to a
 * login further up which does: it entered the host that the bridge left from, nests around both, and agrees with the
 * downstream login, while the bridge contradicts neither. The number of such pairs is what was searched.
 */
function findBridges(entering: readonly Scored[], downstream: Suspect, search: Search): Supported[] {
  const bridges = entering.filter(({ score }) => score.scoreNats >= 0);
  if (bridges.length > MOST_BRIDGES) {
    bridges.sort((a, b) => b.score.scoreNats - a.score.scoreNats);
    search.cuts.add(
      `${bridges.length.toLocaleString('en')} logins that are seen coarsely may link two hops: only the best ${MOST_BRIDGES} were looked into.`,
    );
  }
  const pairs = bridges.slice(0, MOST_BRIDGES).flatMap((bridge) => {
    const earliest = enteringHostsOf(bridge.upstream, search);
    return nearestBefore(earliest, bridge.upstream, search.cuts).flatMap((earlier) => {
      if (earlier === downstream) return [];
      const before = scoreNested(earlier, bridge.upstream, search);
      const across = scoreNested(earlier, downstream, search);
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

/** Upstream opens first and closes last, as far as openings and closings were seen. */
function isNested(upstream: Suspect, downstream: Suspect, lagMs: number): boolean {
  const slack = NESTING_SLACK_MS + upstream.fingerprint.timingErrorMs + downstream.fingerprint.timingErrorMs;
  const opens = upstream.openCensored || upstream.start - lagMs <= downstream.start + slack;
  const closes =
    upstream.endCensored || downstream.endCensored || upstream.end - lagMs >= downstream.end - slack;
  return opens && closes;
}

/**
 * True where `downstream` left from a host that `upstream` entered. Behind one NAT's face live many hosts: where both
 * logins show the host behind the face at one site, it must be the same one.
 */
function sharesHost(upstream: Suspect, downstream: Suspect, hosts: readonly Host[]): boolean {
  const entered = new Set(upstream.login.views.map((view) => view.server.host));
  const left = new Set(downstream.login.views.map((view) => view.client.host));
  if (entered.isDisjointFrom(left)) return false;
  const behind = (set: ReadonlySet<number>): Set<string> =>
    new Set([...set].flatMap((host) => hosts[host]?.site ?? []));
  const sites = behind(entered).intersection(behind(left));
  if (sites.size === 0) return true;
  return [...entered].some((host) => left.has(host) && sites.has(hosts[host]?.site ?? ''));
}

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
