/**
 * Logins that carry other logins, among all pairs, without comparing all pairs.
 *
 * A pair is scored where its silences have rare moments in common (gap-keys.ts), at a lower bar where the one entered a
 * host that the other left from. What was searched is paid for nonetheless: the E-value counts every pair that could have
 * been found, linked by a host or not.
 */
import { activityOf, type LoginTable } from './login-table.ts';
import { lowerBound } from '../math/search.ts';
import { INFERRED_COST } from './path.ts';
import { findCommonGaps } from './gap-keys.ts';
import { scorePair, type PairScore } from './pair-score.ts';
import { TableSides } from './print-table.ts';

export interface Stone {
  readonly upstream: number;
  readonly downstream: number;
  readonly kind: 'login' | 'inferred';
  readonly score: PairScore;
  /** The score, less what an inferred hop costs. */
  readonly nats: number;
  readonly eValue: number;
}

export interface StoneSearch {
  /** Best first. */
  readonly stones: readonly Stone[];
  readonly pairsScored: number;
  /** Pairs beyond what one search may score, the least telling. */
  readonly pairsNotScored: number;
  /** Pairs that could have been found: with a host in common, and all that lived at one time. */
  readonly linkedPairs: number;
  readonly allPairs: number;
}

/** Findings of either kind are listed where at most this many false ones are to be expected among them. */
const EXPECTED_FALSE = { login: 0.5, inferred: 0.05 } as const;
/** What common silences must be worth, and how many there must be, before a pair is scored. */
const LEAST_LINKED = { hits: 1, worth: 4 };
const LEAST_UNLINKED = { hits: 3, worth: 20 };
/** Pairs that are scored, the most telling first: a few seconds. */
const MOST_SCORED = 60_000;
const NESTING_SLACK_MS = 2000;

/** Finds stepping stones among all logins of a table. */
export function findStones(logins: LoginTable): StoneSearch {
  const { prints } = logins;
  const sides = new TableSides(prints);
  const common = findCommonGaps(prints, (a, b, hits, worth) => {
    const least = isLinked(logins, a, b) || isLinked(logins, b, a) ? LEAST_LINKED : LEAST_UNLINKED;
    return hits >= least.hits && worth >= least.worth;
  });
  const { linkedPairs, allPairs } = countPairs(logins);
  const found: Stone[] = [];
  const scored = Math.min(common.count, MOST_SCORED);
  for (let k = 0; k < scored; k++) {
    const stone = judge(logins, sides, common.a[k] ?? 0, common.b[k] ?? 0, { linkedPairs, allPairs });
    if (stone) found.push(stone);
  }
  const stones = withoutShortcuts(found).sort((a, b) => b.nats - a.nats);
  return { stones, pairsScored: scored, pairsNotScored: common.count - scored, linkedPairs, allPairs };
}

interface Searched {
  readonly linkedPairs: number;
  readonly allPairs: number;
}

/** The pair as a stepping stone, whichever of the two is upstream; undefined where it does not convince. */
function judge(
  logins: LoginTable,
  sides: TableSides,
  a: number,
  b: number,
  searched: Searched,
): Stone | undefined {
  const stones = [
    [a, b],
    [b, a],
  ].flatMap(([upstream = 0, downstream = 0]) => {
    const linked = isLinked(logins, upstream, downstream);
    if (!linked && (isLinked(logins, downstream, upstream) || areParallel(logins, a, b))) return [];
    const [x, y] = sides.pair(downstream, upstream);
    const score = scorePair(x, y);
    if (!score || !nests(logins, upstream, downstream, score.lagMs)) return [];
    const kind = linked ? ('login' as const) : ('inferred' as const);
    const nats = score.scoreNats - (linked ? 0 : INFERRED_COST);
    const eValue = (linked ? searched.linkedPairs : searched.allPairs) * Math.exp(-nats);
    return eValue <= EXPECTED_FALSE[kind] ? [{ upstream, downstream, kind, score, nats, eValue }] : [];
  });
  return stones.sort((one, other) => other.nats - one.nats)[0];
}

/** Where logins link A to B to C, the agreement of A with C is no finding of its own. */
function withoutShortcuts(found: readonly Stone[]): Stone[] {
  const next = Map.groupBy(
    found.filter(({ kind }) => kind === 'login'),
    ({ upstream }) => upstream,
  );
  const leadsTo = (from: number, to: number, depth: number): boolean =>
    depth > 0 &&
    (next.get(from) ?? []).some(({ downstream }) => downstream === to || leadsTo(downstream, to, depth - 1));
  return found.filter(
    ({ kind, upstream, downstream }) => kind === 'login' || !leadsTo(upstream, downstream, LONGEST_CHAIN),
  );
}

const LONGEST_CHAIN = 5;

const isLinked = ({ entered, left }: LoginTable, upstream: number, downstream: number): boolean =>
  (entered[upstream] ?? []).some((host) => (left[downstream] ?? []).includes(host));

/** Two logins of one machine, or into one: what they share is that machine's rhythm, not a path through it. */
const areParallel = ({ entered, left }: LoginTable, a: number, b: number): boolean =>
  (entered[a] ?? []).some((host) => (entered[b] ?? []).includes(host)) ||
  (left[a] ?? []).some((host) => (left[b] ?? []).includes(host));

/** Upstream opens first and closes last, as far as openings and closings were seen. */
function nests(logins: LoginTable, upstream: number, downstream: number, lagMs: number): boolean {
  const [outer, inner] = [activityOf(logins, upstream), activityOf(logins, downstream)];
  const slack =
    NESTING_SLACK_MS +
    (logins.prints.timingErrorMs[upstream] ?? 0) +
    (logins.prints.timingErrorMs[downstream] ?? 0);
  const opens = outer.openCensored || outer.start - lagMs <= inner.start + slack;
  const closes = outer.endCensored || inner.endCensored || outer.end - lagMs >= inner.end - slack;
  return opens && closes;
}

/** How many ordered pairs lived at one time: through one host, and at all. Counted by sorting, not by listing them. */
function countPairs({ prints, entered, left }: LoginTable): Searched {
  const comparable = Array.from({ length: prints.count }, (_, i) => i).filter(
    (i) => (prints.offsets[i + 1] ?? 0) > (prints.offsets[i] ?? 0),
  );
  const into = new Map<number, number[]>();
  for (const i of comparable) {
    for (const host of new Set(entered[i])) {
      const list = into.get(host);
      if (list) list.push(i);
      else into.set(host, [i]);
    }
  }
  const lives = (ids: readonly number[]) => ({
    starts: Float64Array.from(ids, (i) => prints.start[i] ?? 0).sort(),
    ends: Float64Array.from(ids, (i) => prints.end[i] ?? 0).sort(),
  });
  const everyone = lives(comparable);
  const through = new Map([...into].map(([host, ids]) => [host, lives(ids)]));
  let [linkedPairs, allPairs] = [0, 0];
  for (const i of comparable) {
    const at = prints.start[i] ?? 0;
    allPairs += aliveAt(everyone, at);
    for (const host of new Set(left[i])) {
      const there = through.get(host);
      if (there) linkedPairs += aliveAt(there, at);
    }
  }
  return { linkedPairs, allPairs };
}

function aliveAt({ starts, ends }: { starts: Float64Array; ends: Float64Array }, at: number): number {
  return lowerBound(starts, at + 1) - lowerBound(ends, at);
}
