/**
 * One login, seen before and after address translation.
 *
 * Two connections are twins where the same packets made both: equal lives, counts within 1 % in every direction that both
 * show, or record upon record with the same counts at the same moment. The kind follows from what they share: source NAT
 * keeps the server's endpoint, destination NAT the client's, double NAT neither. Where an exporter gives the translated
 * addresses itself (IPFIX elements 225 to 228), they settle it.
 */
import { lowerBound, nearestDistance } from '../math/search.ts';
import type { Connection, Endpoint, Observation } from './connections.ts';
import type { Gathered, Host, Records, Translation } from './records.ts';

/** The views of one login, attacker's side first. A connection without twins is a login of one view. */
export interface Login {
  readonly id: number;
  readonly views: readonly Connection[];
}

type TwinKind = 'source-nat' | 'destination-nat' | 'double-nat' | 'same-tuple';

const TCP = 6;
/** Fewer packets than this are too easily alike. */
const LEAST_PACKETS = 20;
const COUNT_TOLERANCE = 0.01;
/** Both ends of a life agree within this, clocks and path delay included. */
const LIFE_TOLERANCE_MS = 2000;
/** Record by record: the part that must recur, and how many records there must be. */
const RECORD_SHARE = 0.6;
const LEAST_RECORDS = 5;
const RECORD_TOLERANCE_MS = 1500;
/** Views that share an endpoint are compared when they open this close: a lost first record moves the opening. */
const SHARED_ENDPOINT_MS = 120_000;
/** Both NATs, both LANs and a few exporters between make no more views of one login. */
const MOST_VIEWS = 12;
/** A flood opens thousands of connections at one moment; comparing each with all of them would take hours. */
const MOST_NEIGHBOURS = 1000;
/** A crowd larger than this is compared with fewer neighbours each, so that its pairs stay this many. */
const CROWD = 12_000;
const CROWD_PAIRS = 1_000_000;
const LEAST_NEIGHBOURS = 10;

/** Groups connections into logins. */
export function groupTwins(
  { records, hosts, translations }: Gathered,
  connections: readonly Connection[],
): Login[] {
  const text = ({ host, port }: Endpoint): string => `${hosts[host]?.address}:${port}`;
  const told = new Groups(connections.length);
  for (const [a, b] of translatedPairs(translations, connections, text)) told.unite(a.id, b.id);
  const groups = new Groups(connections.length, told);
  const large = connections
    .filter((connection) => countPackets(connection) >= LEAST_PACKETS)
    .sort((a, b) => a.start - b.start);
  const addresses = new Map<string, number>();
  const addressOf = hosts.map(({ address }) => {
    const known = addresses.get(address) ?? addresses.size;
    addresses.set(address, known);
    return known;
  });
  const key = (protocol: number, { host, port }: Endpoint): number =>
    ((addressOf[host] ?? 0) * 65_536 + port) * 256 + protocol;
  for (const side of ['server', 'client'] as const) {
    for (const bucket of groupRepeated(large, (c) => key(c.protocol, c[side]))) {
      eachPair(bucket, SHARED_ENDPOINT_MS, (a, b) => {
        if (groups.mayUnite(a.id, b.id) && areViewsOfOne(records, hosts, a, b)) groups.unite(a.id, b.id);
      });
    }
  }
  const isTranslated = (endpoint: Endpoint): boolean => hosts[endpoint.host]?.site !== undefined;
  const behindNats = large.filter(({ client, server }) => isTranslated(client) || isTranslated(server));
  eachPair(behindNats, LIFE_TOLERANCE_MS, (a, b) => {
    if (groups.mayUnite(a.id, b.id) && areDoublyTranslated(records, hosts, a, b)) groups.unite(a.id, b.id);
  });
  const logins: { id: number; views: Connection[] }[] = [];
  const many = new Map<number, Connection[]>();
  for (const connection of connections) {
    const [group, offset] = groups.isCrowded(connection.id) ? [told, connections.length] : [groups, 0];
    const key = offset + group.find(connection.id);
    const known = many.get(key);
    if (known) {
      known.push(connection);
      continue;
    }
    const views = [connection];
    logins.push({ id: logins.length, views });
    if (!group.isAlone(connection.id)) many.set(key, views);
  }
  for (const { views } of logins)
    if (views.length > 1) views.sort((a, b) => viewOrder(hosts, a) - viewOrder(hosts, b));
  return logins;
}

/**
 * Connections united into logins. Where more than `MOST_VIEWS` are alike, as a crowd's are, nothing tells which of them
 * are views of which: none is united but what exporters told themselves.
 */
class Groups {
  readonly #parent: Uint32Array;
  readonly #size: Uint32Array;

  constructor(count: number, start?: Groups) {
    this.#parent = start ? start.#parent.slice() : Uint32Array.from({ length: count }, (_, i) => i);
    this.#size = start ? start.#size.slice() : new Uint32Array(count).fill(1);
  }

  find(i: number): number {
    let root = i;
    while (this.#parent[root] !== root) root = this.#parent[root] ?? root;
    this.#parent[i] = root;
    return root;
  }

  unite(a: number, b: number): void {
    const [one, other] = [this.find(a), this.find(b)];
    if (one === other) return;
    this.#parent[other] = one;
    this.#size[one] = (this.#size[one] ?? 0) + (this.#size[other] ?? 0);
  }

  /** False where it would change nothing: both are in one group, or in crowds. */
  mayUnite(a: number, b: number): boolean {
    const [one, other] = [this.find(a), this.find(b)];
    return one !== other && !(this.isCrowded(one) && this.isCrowded(other));
  }

  isAlone(i: number): boolean {
    return this.#size[this.find(i)] === 1;
  }

  isCrowded(i: number): boolean {
    return (this.#size[this.find(i)] ?? 0) > MOST_VIEWS;
  }
}

/** The groups of two and more of one key, in the order of their first: most connections have a client of their own. */
function groupRepeated(
  connections: readonly Connection[],
  key: (connection: Connection) => number,
): Iterable<Connection[]> {
  const sorted = Float64Array.from(connections, key).sort();
  const repeated = connections.filter((connection) => {
    const own = key(connection);
    return sorted[lowerBound(sorted, own) + 1] === own;
  });
  return Map.groupBy(repeated, key).values();
}

/** What address translation tells two views of one login apart. */
function twinKind(hosts: readonly Host[], a: Connection, b: Connection): TwinKind {
  const client = hosts[a.client.host]?.address === hosts[b.client.host]?.address;
  const server = hosts[a.server.host]?.address === hosts[b.server.host]?.address;
  if (client && server) return 'same-tuple';
  if (server) return 'source-nat';
  return client ? 'destination-nat' : 'double-nat';
}

function* translatedPairs(
  translations: readonly Translation[],
  connections: readonly Connection[],
  text: (endpoint: Endpoint) => string,
): Generator<[Connection, Connection]> {
  if (translations.length === 0) return;
  const byTuple = Map.groupBy(connections, (c) => tupleKey(text(c.client), text(c.server)));
  const byRecord = new Map<number, Connection>();
  for (const connection of connections) {
    for (const { records } of connection.observations) for (const i of records) byRecord.set(i, connection);
  }
  for (const { record, source, destination } of translations) {
    const before = byRecord.get(record);
    for (const after of byTuple.get(tupleKey(source, destination)) ?? []) {
      if (before && before !== after && before.start <= after.end && after.start <= before.end)
        yield [before, after];
    }
  }
}

const tupleKey = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

/** Pairs of a list that ascends by start whose starts lie within `reach`; in a crowd, of the nearest starts only. */
function eachPair(
  list: readonly Connection[],
  reach: number,
  visit: (a: Connection, b: Connection) => void,
): void {
  const neighbours =
    list.length <= CROWD
      ? MOST_NEIGHBOURS
      : Math.max(LEAST_NEIGHBOURS, Math.floor(CROWD_PAIRS / list.length));
  for (const [i, a] of list.entries()) {
    for (let j = i + 1; j < Math.min(list.length, i + neighbours); j++) {
      const b = list[j];
      if (!b || b.start - a.start > reach) break;
      visit(a, b);
    }
  }
}

/** One endpoint shared, the other translated: counts or records must agree. */
function areViewsOfOne(records: Records, hosts: readonly Host[], a: Connection, b: Connection): boolean {
  if (a.protocol !== b.protocol || a.start > b.end || b.start > a.end) return false;
  // Two sockets of one pair of hosts are two logins, however alike.
  if (
    twinKind(hosts, a, b) === 'same-tuple' &&
    (a.client.port !== b.client.port || a.server.port !== b.server.port)
  ) {
    return false;
  }
  if (shareOnlyTheText(hosts, a, b) || showOtherLives(a, b)) return false;
  return (showSameEnd(a, b) && sameCounts(a, b)) || sameRecords(records, a, b) || keepsItsSocket(hosts, a, b);
}

/**
 * True where the one endpoint that two views share is a private address at two sites: two machines, numbered alike. Hops of
 * one chain carry the same packets, and would pass for views of one login.
 */
function shareOnlyTheText(hosts: readonly Host[], a: Connection, b: Connection): boolean {
  const kind = twinKind(hosts, a, b);
  if (kind !== 'source-nat' && kind !== 'destination-nat') return false;
  const kept = kind === 'source-nat' ? 'server' : 'client';
  return a[kept].host !== b[kept].host;
}

/**
 * Where exporters miss records, counts differ; but one client socket (address and port) speaks to one server at a time, so
 * two views that share it and open and close together are one login behind a destination NAT. The same where a source NAT
 * kept the client's port, as most do while it is free.
 */
function keepsItsSocket(hosts: readonly Host[], a: Connection, b: Connection): boolean {
  if (a.protocol !== TCP || a.client.port !== b.client.port) return false;
  const kind = twinKind(hosts, a, b);
  if (kind === 'double-nat' || (kind === 'source-nat' && !standsBehindOneNat(hosts, a, b))) return false;
  return sameLife(a, b) && !(a.openCensored && b.openCensored && a.endCensored && b.endCensored);
}

/** A private client and a public one: the two sides of a source NAT. */
function standsBehindOneNat(hosts: readonly Host[], a: Connection, b: Connection): boolean {
  return (hosts[a.client.host]?.site === undefined) !== (hosts[b.client.host]?.site === undefined);
}

/**
 * Neither endpoint shared: only record upon record convinces. Two hops of a chain carry the same keystrokes too, so one
 * view must stand behind the client's NAT and the other behind the server's, an opening or a closing must be seen to be
 * the same, and a host that one enters and the other leaves makes two logins of them.
 */
function areDoublyTranslated(
  records: Records,
  hosts: readonly Host[],
  a: Connection,
  b: Connection,
): boolean {
  return (
    a.protocol === b.protocol &&
    twinKind(hosts, a, b) === 'double-nat' &&
    (standsBehindNats(hosts, a, b) || standsBehindNats(hosts, b, a)) &&
    !isRelayed(a, b) &&
    !isRelayed(b, a) &&
    sameEnds(a, b) &&
    sameCounts(a, b) &&
    sameRecords(records, a, b)
  );
}

const standsBehindNats = (hosts: readonly Host[], a: Connection, b: Connection): boolean =>
  hosts[a.client.host]?.site !== undefined && hosts[b.server.host]?.site !== undefined;

const isRelayed = (a: Connection, b: Connection): boolean => a.server.host === b.client.host;

/** Like `sameLife`, but an end that only one of them shows is no agreement, and one end at least must be shown. */
function sameEnds(a: Connection, b: Connection): boolean {
  const agree = a.openCensored === b.openCensored && a.endCensored === b.endCensored;
  return agree && !(a.openCensored && a.endCensored) && sameLife(a, b);
}

/** Equal lives of which both show the opening, or both the closing: the middles of two logins have no length to compare. */
function showSameEnd(a: Connection, b: Connection): boolean {
  const shown = !(a.openCensored || b.openCensored) || !(a.endCensored || b.endCensored);
  return shown && sameLife(a, b);
}

/** Both show an opening and a closing, and neither agrees: transfers at one rate make records of equal counts all the same. */
function showOtherLives(a: Connection, b: Connection): boolean {
  const shown = !a.openCensored && !b.openCensored && !a.endCensored && !b.endCensored;
  const apart = (one: number, other: number): boolean => Math.abs(one - other) > LIFE_TOLERANCE_MS;
  return shown && apart(a.start, b.start) && apart(a.end, b.end);
}

function sameLife(a: Connection, b: Connection): boolean {
  const opens = a.openCensored || b.openCensored || Math.abs(a.start - b.start) <= LIFE_TOLERANCE_MS;
  const closes = a.endCensored || b.endCensored || Math.abs(a.end - b.end) <= LIFE_TOLERANCE_MS;
  return opens && closes;
}

/** Packets agree within 1 % in each direction that both show, and one direction at least is shown by both. */
function sameCounts(a: Connection, b: Connection): boolean {
  let shown = 0;
  for (const direction of [0, 1] as const) {
    const [one, other] = [mostPackets(a, direction), mostPackets(b, direction)];
    if (one === 0 || other === 0) continue;
    if (Math.abs(one - other) > Math.max(one, other) * COUNT_TOLERANCE) return false;
    shown += Math.min(one, other);
  }
  return shown >= LEAST_PACKETS;
}

function sameRecords(records: Records, a: Connection, b: Connection): boolean {
  return a.observations.some((one) => b.observations.some((other) => recordsAgree(records, one, other)));
}

/** Most records of the shorter observation recur in the other at the same moment with the same packet count. */
function recordsAgree(records: Records, a: Observation, b: Observation): boolean {
  const [few, many] = a.records.length <= b.records.length ? [a, b] : [b, a];
  if (few.records.length < LEAST_RECORDS) return false;
  const starts = new Map<number, number[]>();
  for (const i of many.records) {
    const packets = records.packets[i] ?? 0;
    const list = starts.get(packets);
    if (list) list.push(records.start[i] ?? 0);
    else starts.set(packets, [records.start[i] ?? 0]);
  }
  let agreeing = 0;
  for (const i of few.records) {
    const list = starts.get(records.packets[i] ?? 0);
    if (list && nearestDistance(list, records.start[i] ?? 0) <= RECORD_TOLERANCE_MS) agreeing++;
  }
  return agreeing >= few.records.length * RECORD_SHARE;
}

function mostPackets(connection: Connection, direction: 0 | 1): number {
  return Math.max(...connection.observations.map((observation) => observation.packets[direction]));
}

/** Packets of both directions, by the observation that saw most. */
export function countPackets(connection: Connection): number {
  return Math.max(...connection.observations.map(({ packets }) => packets[0] + packets[1]));
}

/** The attacker's LAN first, then the public view, then the victim's LAN. */
function viewOrder(hosts: readonly Host[], connection: Connection): number {
  const local = (endpoint: Endpoint): boolean => hosts[endpoint.host]?.site !== undefined;
  return (local(connection.client) ? 0 : 2) + (local(connection.server) ? 1 : 0);
}
