/** Stepping stones that nobody reported: from the flows of a time to ranked pairs of logins. */
import type { Discovery, SteppingStone } from '../model/trace-discovery.ts';
import type { SitedBatch } from '../model/flow-batch.ts';
import { ApiError } from '../model/api-error.ts';
import { activityOverlap, correlationPointFunction, durations } from './cpf.ts';
import { buildConnections } from './connections.ts';
import { activityOf, makeLoginTable, type LoginTable } from './login-table.ts';
import { describeExporters } from './notes.ts';
import { gatherRecords, type Gathered } from './records.ts';
import { findStones, type Stone, type StoneSearch } from './stepping-stones.ts';
import { estimateTimeouts } from './timeouts.ts';
import { groupTwins } from './twins.ts';
import { showConnection } from './views.ts';
import { Suspects, type Suspect } from './suspects.ts';
import { isCoarseSampling } from './witness.ts';

export interface DiscoverOptions {
  /** Only stepping stones one of whose logins an exporter of this site saw. */
  readonly site?: string | undefined;
  /** How many to list, the best first. */
  readonly limit: number;
}

/** Finds logins that carry other logins. Throws ApiError `unknown-site`. */
export function discoverStones(batches: readonly SitedBatch[], { site, limit }: DiscoverOptions): Discovery {
  const gathered = gatherRecords(batches);
  checkSite(gathered, site);
  const connections = buildConnections(gathered);
  estimateTimeouts(gathered.records, connections, gathered.observers);
  const suspects = new Suspects(gathered.records, gathered.observers, groupTwins(gathered, connections));
  const isCoarse = suspects.samplingInterval.map((interval) => (isCoarseSampling(interval) ? 1 : 0));
  const usable = new Uint32Array(suspects.count)
    .map((_, id) => id)
    .filter((id) => suspects.silences(id) > 0 && isCoarse[id] === 0);
  const logins = makeLoginTable(suspects, usable);
  const search = findStones(logins);
  const suspectOf = (id: number): Suspect => suspects.at(usable[id] ?? 0);
  const wanted = search.stones.filter(
    ({ upstream, downstream }) =>
      isSeenAt(gathered, suspectOf(upstream), site) || isSeenAt(gathered, suspectOf(downstream), site),
  );
  const listed = wanted.slice(0, limit);
  const coarse = isCoarse.reduce((sum, flag) => sum + flag, 0);
  return {
    found: listed.map((stone) =>
      showStone(gathered, logins, stone, suspectOf(stone.upstream), suspectOf(stone.downstream)),
    ),
    total: wanted.length,
    expectedFalse: expectedFalse(listed, search),
    connections: connections.count,
    comparable: usable.length,
    pairsScored: search.pairsScored,
    notes: [
      ...describeSearch({ logins: suspects.count, usable: usable.length, coarse }, search),
      ...describeExporters(gathered),
    ],
  };
}

function checkSite({ observers }: Gathered, site: string | undefined): void {
  const sites = [...new Set(observers.map((observer) => observer.site))].toSorted();
  if (site === undefined || sites.includes(site)) return;
  throw new ApiError('unknown-site', `No site is called "${site}"; the sites are ${sites.join(', ')}.`);
}

const isSeenAt = ({ observers }: Gathered, { login }: Suspect, site: string | undefined): boolean =>
  site === undefined ||
  login.views.some(({ observations }) =>
    observations.some(({ observer }) => observers[observer]?.site === site),
  );

/** Of either kind, those that all pairs searched let expect at the lowest score that is listed. */
function expectedFalse(listed: readonly Stone[], { linkedPairs, allPairs }: StoneSearch): number {
  const beyond = (kind: Stone['kind'], pairs: number): number => {
    const scores = listed.filter((stone) => stone.kind === kind).map(({ nats }) => nats);
    const least = scores.reduce((lowest, nats) => Math.min(lowest, nats), Number.POSITIVE_INFINITY);
    return pairs * Math.exp(-least);
  };
  return beyond('login', linkedPairs) + beyond('inferred', allPairs);
}

function showStone(
  gathered: Gathered,
  logins: LoginTable,
  stone: Stone,
  upstream: Suspect,
  downstream: Suspect,
): SteppingStone {
  const { score, kind, nats, eValue } = stone;
  const left = new Set(logins.left[stone.downstream]);
  const view = upstream.login.views.find(({ server }) => left.has(server.host));
  const host = view && gathered.hosts[view.server.host];
  const exit = downstream.login.views.find(({ client }) => client.host === view?.server.host);
  const [outer, inner] = [activityOf(logins, stone.upstream), activityOf(logins, stone.downstream)];
  return {
    upstream: showConnection(gathered, view ?? upstream.principal),
    downstream: showConnection(gathered, exit ?? downstream.principal),
    kind,
    ...(host ? { host: host.address } : {}),
    ...(host?.site === undefined ? {} : { hostSite: host.site }),
    scoreNats: nats,
    eValue,
    reading: score.reading,
    lagMs: score.lagMs,
    matched: score.matched,
    boundaries: score.targetBoundaries,
    cpf: correlationPointFunction(durations(downstream.fingerprint), durations(upstream.fingerprint)),
    activityOverlap: activityOverlap(downstream.fingerprint, upstream.fingerprint, score.lagMs),
    opensBeforeMs:
      outer.openCensored || inner.openCensored ? null : inner.start - (outer.start - score.lagMs),
    closesAfterMs: outer.endCensored || inner.endCensored ? null : outer.end - score.lagMs - inner.end,
  };
}

interface Counted {
  readonly logins: number;
  readonly usable: number;
  readonly coarse: number;
}

function describeSearch({ logins, usable, coarse }: Counted, search: StoneSearch): string[] {
  const silent = logins - usable - coarse;
  return [
    'E-values come from the model; a trace of a single login checks them on shifted copies of the data.',
    ...(silent > 0
      ? [
          `${silent.toLocaleString('en')} of ${logins.toLocaleString('en')} logins show no silence longer than their exporter's idle timeout, and could not be compared.`,
        ]
      : []),
    ...(coarse > 0
      ? [
          `${coarse.toLocaleString('en')} logins were seen by sampling of 1 packet in 50 or coarser, and could not be compared.`,
        ]
      : []),
    ...(search.pairsNotScored > 0
      ? [
          `${search.pairsNotScored.toLocaleString('en')} pairs with less in common were not scored; a shorter time would look at them too.`,
        ]
      : []),
  ];
}
