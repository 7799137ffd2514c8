/** Which connection an investigator's question means. */
import { ApiError } from '../model/api-error.ts';
import { formatTime, type EpochMs } from '../model/time.ts';
import type { Party, Question } from '../model/trace-question.ts';
import type { Connection, ConnectionTable, Endpoint } from './connection-table.ts';
import { buildConnections } from './connections.ts';
import type { Gathered, Host } from './records.ts';
import { formatEndpoint } from '../model/address.ts';

/** Builds connections with the victim's port taken for the service that the question says it is. */
export function connectionsFor(gathered: Gathered, { victim }: Question): ConnectionTable {
  return buildConnections(
    gathered,
    ({ host, port }) => victim.port === port && gathered.hosts[host]?.address === victim.address,
  );
}

/**
 * The numbers of the connections that the question may mean: to the victim, open at the time, from the named peer. Throws
 * ApiError `no-such-flow`, `unknown-site`, `ambiguous-address` or `outside-archive` with what there is instead.
 */
export function findMeant(gathered: Gathered, connections: ConnectionTable, question: Question): number[] {
  const { hosts, observers } = gathered;
  const { victim, at, from, site } = question;
  const sites = [...new Set(observers.map((observer) => observer.site))].toSorted();
  if (site !== undefined && !sites.includes(site)) {
    throw new ApiError('unknown-site', `No site is called "${site}"; the sites are ${sites.join(', ')}.`);
  }
  checkTime(connections, at);
  const all = connectionsTo(gathered, connections, question);
  if (all.length === 0) {
    const where = site === undefined ? '' : ` at site ${site}`;
    throw new ApiError(
      'no-such-flow',
      `No flow goes to ${partyText(victim)}${where}; check the address and the port, or import the exporter that saw it.`,
    );
  }
  // Without a peer, the time alone does not say which of the machines with this address was meant.
  if (!from) refuseSeveralSites(hosts, connections, all, victim);
  const { start, end, clientHost, clientPort } = connections;
  const isPeer = partyTest(hosts, from);
  const fromPeer = all.filter((id) => isPeer(clientHost[id], clientPort[id]));
  const open = fromPeer.filter((id) => (start[id] ?? 0) <= at && at <= (end[id] ?? 0));
  if (open.length > 0) return open;
  const peer = from ? ` from ${partyText(from)}` : '';
  const [nearest] = nearestTo(connections, fromPeer.length > 0 ? fromPeer : all, at);
  throw new ApiError(
    'no-such-flow',
    `No connection to ${partyText(victim)}${peer} was open at ${formatTime(at)}` +
      (nearest === undefined ? '.' : `; the nearest is ${describe(hosts, connections.at(nearest))}.`),
  );
}

/** The numbers of the connections to the question's victim, at its site where it names one. */
export function connectionsTo(
  { hosts, observers }: Gathered,
  c: ConnectionTable,
  { victim, site }: Pick<Question, 'victim' | 'site'>,
): number[] {
  const isVictim = partyTest(hosts, victim);
  const seenAt = (id: number): boolean => {
    if (site === undefined) return true;
    if ((hosts[c.serverHost[id] ?? 0]?.site ?? site) !== site) return false;
    return c.at(id).observations.some(({ observer }) => observers[observer]?.site === site);
  };
  const found: number[] = [];
  for (let id = 0; id < c.count; id++)
    if (isVictim(c.serverHost[id], c.serverPort[id]) && seenAt(id)) found.push(id);
  return found;
}

/** Connections by how far they are from having been open at a time; those that were open stay in order. */
export function nearestTo({ start, end }: ConnectionTable, ids: readonly number[], at: EpochMs): number[] {
  const distance = (id: number): number => Math.max((start[id] ?? 0) - at, at - (end[id] ?? 0), 0);
  return ids.toSorted((a, b) => distance(a) - distance(b));
}

/** True of the endpoints that a party may be; of all where none is named. */
export function partyTest(
  hosts: readonly Host[],
  party: Party | undefined,
): (host: number | undefined, port: number | undefined) => boolean {
  if (!party) return () => true;
  const numbers = new Set(hosts.keys().filter((host) => hosts[host]?.address === party.address));
  return (host = -1, port) => numbers.has(host) && (party.port === undefined || party.port === port);
}

/** Throws ApiError `ambiguous-address` where the connections' servers are machines of several sites. */
export function refuseSeveralSites(
  hosts: readonly Host[],
  { serverHost }: ConnectionTable,
  ids: readonly number[],
  victim: Party,
): void {
  const servers = new Set(ids.map((id) => serverHost[id] ?? 0));
  const sites = [...new Set(servers.values().map((host) => hosts[host]?.site))];
  if (sites.length < 2) return;
  const names = sites.map((site) => site ?? 'the public network').toSorted((a, b) => (a < b ? -1 : 1));
  throw new ApiError(
    'ambiguous-address',
    `${partyText(victim)} is another machine at each of the sites ${names.join(', ')}; name the one that is meant.`,
  );
}

function checkTime(connections: ConnectionTable, at: EpochMs): void {
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < connections.count; id++) {
    start = Math.min(start, connections.start[id] ?? start);
    end = Math.max(end, connections.end[id] ?? end);
  }
  if (at >= start && at <= end) return;
  throw new ApiError(
    'outside-archive',
    connections.count === 0
      ? `No flow lies near ${formatTime(at)}; give a time that the archive covers, or have more read around it.`
      : `${formatTime(at)} lies outside the flows near it, which run from ${formatTime(start as EpochMs)} to ${formatTime(end as EpochMs)}.`,
  );
}

export function partyText({ address, port }: Party): string {
  return formatEndpoint(address, port);
}

function describe(hosts: readonly Host[], connection: Connection): string {
  const endpoint = ({ host, port }: Endpoint): string =>
    partyText({ address: hosts[host]?.address ?? '?', port });
  const span = `${formatTime(connection.start as EpochMs)} to ${formatTime(connection.end as EpochMs)}`;
  return `${endpoint(connection.client)} to ${endpoint(connection.server)}, open from ${span}`;
}
