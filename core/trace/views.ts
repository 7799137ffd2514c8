/** Turns the engine's indexes into the texts and numbers of a result. */
import type { Connection, Observation } from './connection-table.ts';
import type { Edge, Path } from './path.ts';
import type { Gathered } from './records.ts';
import type { Observer } from './observers.ts';
import type { ConnectionView, ExporterClock, Hop, HopEvidence, TracedPath } from '../model/trace-result.ts';
import type { Suspect } from './suspects.ts';

/** By the observation that saw most. */
const mostOf = ({ observations }: Connection, count: (observation: Observation) => number): number =>
  observations.reduce((most, observation) => Math.max(most, count(observation)), 0);

export function showConnection({ hosts, observers }: Gathered, connection: Connection): ConnectionView {
  const client = hosts[connection.client.host];
  const server = hosts[connection.server.host];
  return {
    source: client?.address ?? '',
    sourcePort: connection.client.port,
    destination: server?.address ?? '',
    destinationPort: connection.server.port,
    protocol: connection.protocol,
    startMs: connection.start,
    endMs: connection.end,
    records: connection.observations.reduce((sum, observation) => sum + observation.records.length, 0),
    packets: mostOf(connection, ({ packets }) => packets[0] + packets[1]),
    bytes: mostOf(connection, ({ octets }) => octets[0] + octets[1]),
    exporters: [
      ...new Set(connection.observations.map((o) => observers[o.observer]?.exporter.address ?? '')),
    ].toSorted(),
    ...(client?.site === undefined ? {} : { sourceSite: client.site }),
    ...(server?.site === undefined ? {} : { destinationSite: server.site }),
  };
}

export function showPath(gathered: Gathered, target: Suspect, path: Path): TracedPath {
  const hops: Hop[] = [];
  for (const edge of path.edges) {
    const hop = showLogin(gathered, edge.upstream, showEvidence(edge));
    hops.push(hop);
    if (edge.kind === 'inferred') {
      const next = showLogin(gathered, edge.downstream, null);
      hops.push({
        kind: 'inferred',
        connections: [],
        from: hop.to,
        to: next.from,
        ...(hop.toSite === undefined ? {} : { fromSite: hop.toSite }),
        ...(next.fromSite === undefined ? {} : { toSite: next.fromSite }),
        evidence: null,
      });
    }
  }
  hops.push(showLogin(gathered, target, null));
  return { scoreNats: path.scoreNats, hops };
}

function showLogin(gathered: Gathered, { login }: Suspect, evidence: HopEvidence | null): Hop {
  const connections = login.views.map((view) => showConnection(gathered, view));
  const first = connections[0];
  const last = connections.at(-1);
  return {
    kind: 'login',
    connections,
    from: first?.source ?? '',
    to: last?.destination ?? '',
    ...(first?.sourceSite === undefined ? {} : { fromSite: first.sourceSite }),
    ...(last?.destinationSite === undefined ? {} : { toSite: last.destinationSite }),
    evidence,
  };
}

function showEvidence(edge: Edge): HopEvidence {
  const { upstream, downstream, score } = edge;
  const opens = upstream.openCensored || downstream.openCensored;
  const closes = upstream.endCensored || downstream.endCensored;
  return {
    scoreNats: score.scoreNats,
    ...edge.chance,
    alternatives: edge.alternatives,
    supportNats: edge.supportNats,
    reading: score.reading,
    tested: score.tested,
    contained: score.contained,
    cpf: edge.cpf,
    lagMs: score.lagMs,
    boundaries: score.targetBoundaries,
    matched: score.matched,
    doubtful: score.doubtful,
    wrongLagNats: score.wrongLagNats,
    activityOverlap: edge.activityOverlap,
    opensBeforeMs: opens ? null : downstream.start - (upstream.start - score.lagMs),
    closesAfterMs: closes ? null : upstream.end - score.lagMs - downstream.end,
  };
}

export function showClock({ exporter, site, clock, clockTied }: Observer): ExporterClock {
  return {
    exporter: exporter.address,
    site,
    offsetMs: clock.aheadMs,
    offsetErrorMs: clock.aheadErrorMs,
    driftPpm: clock.drift * 1e6,
    driftErrorPpm: clock.driftError === null ? null : clock.driftError * 1e6,
    observations: clock.observations,
    tiedBy: clockTied,
  };
}
