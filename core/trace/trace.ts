/**
 * Traceback: from a victim's address, port and time to the machines through which the login came.
 * See README.md for the method and its sources.
 */
import type { SitedBatch } from '../model/flow-batch.ts';
import { activityOverlap, correlationPointFunction, durations } from './cpf.ts';
import type { Connection } from './connections.ts';
import { describeLimits } from './notes.ts';
import { assemblePaths, findEdges, type Edge, type Path } from './path.ts';
import type { Question } from '../model/trace-question.ts';
import { connectionsFor, findMeant, refuseSeveralSites } from './question.ts';
import { gatherRecords, type Gathered } from './records.ts';
import type { Candidate, TraceResult, Verdict } from '../model/trace-result.ts';
import { estimateTimeouts } from './timeouts.ts';
import { groupTwins } from './twins.ts';
import { showClock, showConnection, showPath } from './views.ts';
import { Comparison, expectChance, isRelated, makeSuspects, refusalOf, type Suspect } from './witness.ts';

/** Unrelated candidates that a result carries, the best of them. */
const STRANGERS_KEPT = 500;
const isStranger = (verdict: Verdict): boolean => verdict === 'unrelated' || verdict === 'insufficient';
/** Paths that a result carries: the best and those beside it. */
const PATHS_SHOWN = 5;

/**
 * Traces a connection back. `batches` are the flows around the time, of all exporters; the larger the span, the longer
 * the logins that can be seen whole. Throws ApiError where the question names no single connection.
 */
export function traceBack(batches: readonly SitedBatch[], question: Question): TraceResult {
  const gathered = gatherRecords(batches);
  const connections = connectionsFor(gathered, question);
  const meant = findMeant(gathered, connections, question);
  estimateTimeouts(gathered.records, connections, gathered.observers);
  const suspects = makeSuspects(gathered.records, gathered.observers, groupTwins(gathered, connections));
  const { target, view, others } = chooseTarget(gathered, suspects, meant, question);
  const compare = new Comparison(suspects);
  const edges = findEdges(target, suspects, gathered.hosts, compare);
  const paths = assemblePaths(target, edges, compare);
  const refusal = refusalOf(compare, target, target, suspects.length);
  return {
    target: showConnection(gathered, view),
    refusal,
    candidates: rankCandidates(gathered, target, view, suspects, edges, paths, compare),
    paths: paths.slice(0, PATHS_SHOWN).map((path) => showPath(gathered, target, path)),
    notes: describeLimits({
      gathered,
      target,
      others,
      suspects,
      paths,
      refusal,
    }),
    clocks: gathered.observers.map(showClock),
  };
}

interface Chosen {
  readonly target: Suspect;
  /** The view of the target that the question named. */
  readonly view: Connection;
  /** Other logins that the question could have meant. */
  readonly others: readonly Connection[];
}

/** The login that the question means; the one with most silences where it could be several at one site. */
function chooseTarget(
  gathered: Gathered,
  suspects: readonly Suspect[],
  meant: readonly Connection[],
  question: Question,
): Chosen {
  const ids = new Set(meant.map((connection) => connection.id));
  const logins = suspects
    .filter(({ login }) => login.views.some((view) => ids.has(view.id)))
    .toSorted((a, b) => b.fingerprint.from.length - a.fingerprint.from.length);
  const viewOf = (suspect: Suspect): Connection =>
    suspect.login.views.find((view) => ids.has(view.id)) ?? suspect.principal;
  refuseSeveralSites(gathered.hosts, logins.map(viewOf), question.victim);
  const target = logins[0];
  if (!target) throw new Error('every connection belongs to a login');
  return { target, view: viewOf(target), others: logins.slice(1).map(viewOf) };
}

/** Candidates by score, each view a line; a path's logins and their twins carry their verdicts. */
function rankCandidates(
  gathered: Gathered,
  target: Suspect,
  named: Connection,
  suspects: readonly Suspect[],
  edges: readonly Edge[],
  paths: readonly Path[],
  compare: Comparison,
): Candidate[] {
  const onPath = new Set((paths[0]?.edges ?? []).map((edge) => edge.upstream));
  const related = new Set(edges.map((edge) => edge.upstream));
  const targetDurations = durations(target.fingerprint);
  const candidates: Candidate[] = target.login.views
    .filter((twin) => twin !== named)
    .map((twin) => ({
      connection: showConnection(gathered, twin),
      cpf: 1,
      scoreNats: compare.potential(target),
      eValue: 0,
      eValueModel: 0,
      eValueSurrogate: null,
      lagMs: 0,
      verdict: 'twin' as const,
      refusal: null,
      matched: 0,
      targetBoundaries: 0,
      activityOverlap: 1,
    }));
  const searched = suspects.length - 1;
  const compared = suspects
    .flatMap((suspect) => {
      const score = suspect === target ? undefined : compare.score(target, suspect);
      return score ? [{ suspect, score }] : [];
    })
    .sort((a, b) => b.score.scoreNats - a.score.scoreNats);
  let strangers = 0;
  for (const { suspect, score } of compared) {
    const verdict = ((): Verdict => {
      if (onPath.has(suspect)) return 'path';
      if (related.has(suspect)) return 'related';
      if (!isRelated(compare.potential(target, suspect), searched)) return 'insufficient';
      if (isRelated(score.scoreNats, searched)) return 'related';
      return isRelated(score.unguardedNats, searched) ? 'indistinguishable' : 'unrelated';
    })();
    const room = isStranger(verdict) ? STRANGERS_KEPT - strangers : Number.POSITIVE_INFINITY;
    if (room <= 0) continue;
    const views = suspect.login.views.slice(0, room);
    if (isStranger(verdict)) strangers += views.length;
    const common = {
      cpf: correlationPointFunction(targetDurations, durations(suspect.fingerprint)),
      scoreNats: score.scoreNats,
      ...expectChance(compare, target, score.scoreNats, searched),
      lagMs: score.lagMs,
      matched: score.matched,
      targetBoundaries: score.targetBoundaries,
      activityOverlap: activityOverlap(target.fingerprint, suspect.fingerprint, score.lagMs),
    };
    for (const view of views) {
      candidates.push({
        connection: showConnection(gathered, view),
        ...common,
        verdict: verdict === 'path' && view !== suspect.principal ? 'twin' : verdict,
        refusal: verdict === 'insufficient' ? refusalOf(compare, target, suspect, searched) : null,
      });
    }
  }
  return candidates;
}
