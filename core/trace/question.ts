/** Which connection an investigator's question means. */
import { ApiError } from '../model/api-error.ts';
import { formatTime, type EpochMs } from '../model/time.ts';
import type { Party, Question } from '../model/trace-question.ts';
import { buildConnections, type Connection, type Endpoint } from './connections.ts';
import type { Gathered, Host } from './records.ts';

/** Builds connections with the victim's port taken for the service that the question says it is. */
export function connectionsFor(gathered: Gathered, { victim }: Question): Connection[] {
  return buildConnections(
    gathered,
    ({ host, port }) => victim.port === port && gathered.hosts[host]?.address === victim.address,
  );
}

/**
 * The connections that the question may mean: to the victim, open at the time, from the named peer. Throws ApiError
 * `no-such-flow`, `unknown-site`, `ambiguous-address` or `outside-archive` with what there is instead.
 */
export function findMeant(
  gathered: Gathered,
  connections: readonly Connection[],
  question: Question,
): Connection[] {
  const { hosts, observers } = gathered;
  const { victim, at, from, site } = question;
  const sites = [...new Set(observers.map((observer) => observer.site))].toSorted();
  if (site !== undefined && !sites.includes(site)) {
    throw new ApiError('unknown-site', `No site is called "${site}"; the sites are ${sites.join(', ')}.`);
  }
  checkTime(connections, at);
  const seenAt = (connection: Connection): boolean =>
    site === undefined ||
    ((hosts[connection.server.host]?.site ?? site) === site &&
      connection.observations.some(({ observer }) => observers[observer]?.site === site));
  const all = connections.filter(
    (connection) => isParty(hosts, connection.server, victim) && seenAt(connection),
  );
  if (all.length === 0) {
    const where = site === undefined ? '' : ` at site ${site}`;
    throw new ApiError(
      'no-such-flow',
      `No flow goes to ${partyText(victim)}${where}; check the address and the port, or import the exporter that saw it.`,
    );
  }
  // Without a peer, the time alone does not say which of the machines with this address was meant.
  if (!from) refuseSeveralSites(hosts, all, victim);
  const fromPeer = from ? all.filter((connection) => isParty(hosts, connection.client, from)) : all;
  const open = fromPeer.filter((connection) => connection.start <= at && at <= connection.end);
  if (open.length > 0) return open;
  const nearest = (fromPeer.length > 0 ? fromPeer : all).toSorted(
    (a, b) => distance(a, at) - distance(b, at),
  )[0];
  const peer = from ? ` from ${partyText(from)}` : '';
  throw new ApiError(
    'no-such-flow',
    `No connection to ${partyText(victim)}${peer} was open at ${formatTime(at)}` +
      (nearest ? `; the nearest is ${describe(hosts, nearest)}.` : '.'),
  );
}

/** Throws ApiError `ambiguous-address` where the connections' servers are machines of several sites. */
export function refuseSeveralSites(
  hosts: readonly Host[],
  connections: readonly Connection[],
  victim: Party,
): void {
  const sites = [...new Set(connections.map(({ server }) => hosts[server.host]?.site))];
  if (sites.length < 2) return;
  const names = sites.map((site) => site ?? 'the public network').toSorted((a, b) => (a < b ? -1 : 1));
  throw new ApiError(
    'ambiguous-address',
    `${partyText(victim)} is another machine at each of the sites ${names.join(', ')}; name the one that is meant.`,
  );
}

function checkTime(connections: readonly Connection[], at: EpochMs): void {
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const connection of connections) {
    start = Math.min(start, connection.start);
    end = Math.max(end, connection.end);
  }
  if (at >= start && at <= end) return;
  throw new ApiError(
    'outside-archive',
    connections.length === 0
      ? `No flow lies near ${formatTime(at)}; give a time that the archive covers, or have more read around it.`
      : `${formatTime(at)} lies outside the flows near it, which run from ${formatTime(start as EpochMs)} to ${formatTime(end as EpochMs)}.`,
  );
}

const distance = (connection: Connection, at: number): number =>
  Math.max(connection.start - at, at - connection.end, 0);

function isParty(hosts: readonly Host[], endpoint: Endpoint, party: Party): boolean {
  return (
    hosts[endpoint.host]?.address === party.address &&
    (party.port === undefined || party.port === endpoint.port)
  );
}

export function partyText({ address, port }: Party): string {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function describe(hosts: readonly Host[], connection: Connection): string {
  const endpoint = ({ host, port }: Endpoint): string =>
    partyText({ address: hosts[host]?.address ?? '?', port });
  const span = `${formatTime(connection.start as EpochMs)} to ${formatTime(connection.end as EpochMs)}`;
  return `${endpoint(connection.client)} to ${endpoint(connection.server)}, open from ${span}`;
}
