/**
 * Traceback: from a victim's address, port and time to the machines through which the login came.
 * See README.md for the method and its sources.
 */
import type { SitedBatch } from '../model/flow-batch.ts';
import { ApiError } from '../model/api-error.ts';
import { counted } from '../model/text.ts';
import type { ConnectionName, TraceExplanation } from '../model/trace-explanation.ts';
import { explainPair, type Pair } from './explanation.ts';
import { activityOverlap, correlationPointFunction, durations } from './cpf.ts';
import type { Connection, Endpoint } from './connection-table.ts';
import { findEdges } from './edges.ts';
import { describeLimits } from './notes.ts';
import { assemblePaths, INFERRED_COST, type Edge, type Path } from './path.ts';
import type { Question } from '../model/trace-question.ts';
import { connectionsFor, findMeant, partyText, refuseSeveralSites } from './question.ts';
import { viewsOf } from './logins.ts';
import { gatherRecords, type Gathered } from './records.ts';
import type { Candidate, TraceResult, Verdict } from '../model/trace-result.ts';
import { Suspects, type Suspect } from './suspects.ts';
import { estimateTimeouts } from './timeouts.ts';
import { groupTwins } from './twins.ts';
import { compareVolumes } from './volume-evidence.ts';
import { showClock, showConnection, showPath } from './views.ts';
import { Comparison, expectChance, isRelated, refusalOf } from './witness.ts';

/** Unrelated candidates that a result carries, the best of them. */
const STRANGERS_KEPT = 500;
const isStranger = (verdict: Verdict): boolean => verdict === 'unrelated' || verdict === 'insufficient';
/** Paths that a result carries: the best and those beside it. */
const PATHS_SHOWN = 5;

/** What to explain: every hop of the best path, or one connection. */
export type Explain = 'path' | ConnectionName;

/** Told what is done next, in a few words. */
export type StepListener = (phase: string) => void;

/** An answer, and the data behind it for as long as somebody may ask why. */
export interface OpenTrace {
  readonly result: TraceResult;
  /**
   * Why a connection was taken or not: towards the next hop where it lies on the best path, else against the target. For
   * `path` every hop in turn. Throws ApiError `no-such-flow` where no such connection was compared.
   */
  readonly explain: (what: Explain) => TraceExplanation[];
}

/** Traces a connection back, and explains where that is asked. Throws as `openTrace` does. */
export function traceBack(
  batches: readonly SitedBatch[],
  question: Question,
  explain?: Explain,
): TraceResult {
  const trace = openTrace(batches, question);
  return explain === undefined ? trace.result : { ...trace.result, explanations: trace.explain(explain) };
}

/**
 * Traces a connection back. `batches` are the flows around the time, of all exporters; the larger the span, the longer
 * the logins that can be seen whole. Throws ApiError where the question names no single connection.
 */
export function openTrace(
  batches: readonly SitedBatch[],
  question: Question,
  onStep: StepListener = () => undefined,
): OpenTrace {
  onStep('putting connections together');
  const gathered = gatherRecords(batches);
  const connections = connectionsFor(gathered, question);
  const meant = findMeant(gathered, connections, question);
  onStep(`finding the silences of ${connections.count.toLocaleString('en')} connections`);
  estimateTimeouts(gathered.records, connections, gathered.observers);
  const suspects = new Suspects(gathered.records, gathered.observers, groupTwins(gathered, connections));
  const { target, view, others } = chooseTarget(gathered, suspects, meant, question);
  const compare = new Comparison(suspects);
  const { edges, cuts } = findEdges(target, suspects, gathered.hosts, compare, (hops) =>
    onStep(`searching ${suspects.count.toLocaleString('en')} logins, ${counted(hops, 'hop')} back`),
  );
  onStep('assembling paths');
  const paths = assemblePaths(target, edges, compare);
  const refusal = refusalOf(compare, target, target, compare.comparable(target));
  if (refusal !== null) onStep('comparing volumes');
  const volume = refusal === null ? undefined : compareVolumes(gathered, target, suspects);
  const result = {
    target: showConnection(gathered, view),
    refusal,
    candidates: rankCandidates(gathered, target, view, edges, paths, compare),
    paths: paths.slice(0, PATHS_SHOWN).map((path) => showPath(gathered, target, path)),
    notes: describeLimits({ gathered, target, others, suspects, paths, refusal, cuts }),
    clocks: gathered.observers.map(showClock),
    ...(volume ? { volume } : {}),
  };
  const hops = paths[0]?.edges ?? [];
  const explain = (what: Explain): TraceExplanation[] => {
    const pairs =
      what === 'path'
        ? hops.map(pairOfEdge)
        : [pairOfName(gathered, { suspects, target, hops, name: what, compare })];
    return pairs.flatMap((pair) => explainPair(gathered, compare, pair) ?? []);
  };
  return { result, explain };
}

const pairOfEdge = ({ upstream, downstream, kind, alternatives }: Edge): Pair => ({
  about: 'hop',
  upstream,
  downstream,
  costNats: kind === 'inferred' ? INFERRED_COST : 0,
  alternatives,
});

interface Named {
  readonly suspects: Suspects;
  readonly target: Suspect;
  readonly hops: readonly Edge[];
  readonly name: ConnectionName;
  readonly compare: Comparison;
}

function pairOfName(gathered: Gathered, { suspects, target, hops, name, compare }: Named): Pair {
  const isNamed = ({ login }: Suspect): boolean => login.views.some((view) => isCalled(gathered, view, name));
  const hop = hops.find(({ upstream }) => isNamed(upstream));
  if (hop) return pairOfEdge(hop);
  const suspect = findNamed(gathered, suspects, target, name);
  if (!suspect) {
    const text = `${partyText({ address: name.source, port: name.sourcePort })} to ${partyText({ address: name.destination, port: name.destinationPort })}`;
    throw new ApiError(
      'no-such-flow',
      `No connection from ${text} was compared with the target; name one of the candidates, or ask for the path.`,
    );
  }
  return {
    about: 'candidate',
    upstream: suspect,
    downstream: target,
    costNats: 0,
    alternatives: compare.comparable(target),
  };
}

/** The first login but the target that has a view of these endpoints. */
function findNamed(
  gathered: Gathered,
  suspects: Suspects,
  target: Suspect,
  name: ConnectionName,
): Suspect | undefined {
  const { connections: c, of } = suspects.logins;
  const ports = [name.sourcePort, name.destinationPort];
  let first: number | undefined;
  for (let id = 0; id < c.count; id++) {
    if (!ports.includes(c.clientPort[id] ?? 0) || !ports.includes(c.serverPort[id] ?? 0)) continue;
    const login = of[id] ?? 0;
    if (login === target.login.id || login > (first ?? login)) continue;
    if (isCalled(gathered, c.at(id), name)) first = login;
  }
  return first === undefined ? undefined : suspects.at(first);
}

/** True where a connection has these endpoints, in either order. */
function isCalled({ hosts }: Gathered, { client, server }: Connection, name: ConnectionName): boolean {
  const is = ({ host, port }: Endpoint, address: string, at: number): boolean =>
    port === at && hosts[host]?.address === address;
  const { source, sourcePort, destination, destinationPort } = name;
  return (
    (is(client, source, sourcePort) && is(server, destination, destinationPort)) ||
    (is(server, source, sourcePort) && is(client, destination, destinationPort))
  );
}

interface Chosen {
  readonly target: Suspect;
  /** The view of the target that the question named. */
  readonly view: Connection;
  /** Numbers of other logins' views that the question could have meant. */
  readonly others: readonly number[];
}

/** The login that the question means; the one with most silences where it could be several at one site. */
function chooseTarget(
  gathered: Gathered,
  suspects: Suspects,
  meant: readonly number[],
  question: Question,
): Chosen {
  const { logins } = suspects;
  const ids = new Set(meant);
  const ranked = [...new Set(meant.map((id) => logins.of[id] ?? 0))]
    .sort((a, b) => a - b)
    .sort((a, b) => suspects.silences(b) - suspects.silences(a));
  const named = ranked.map((login) => viewsOf(logins, login).find((view) => ids.has(view)) ?? 0);
  refuseSeveralSites(gathered.hosts, logins.connections, named, question.victim);
  const [target, view] = [ranked[0], named[0]];
  if (target === undefined || view === undefined) throw new Error('every connection belongs to a login');
  return { target: suspects.at(target), view: logins.connections.at(view), others: named.slice(1) };
}

/** Candidates by score, each view a line; a path's logins and their twins carry their verdicts. */
function rankCandidates(
  gathered: Gathered,
  target: Suspect,
  named: Connection,
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
  const searched = compare.comparable(target);
  const compared = [...new Set([...compare.worthScoring(target), ...related])]
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
