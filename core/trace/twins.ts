/**
 * One login, seen before and after address translation.
 *
 * Two connections are twins where the same packets made both: equal lives, counts within 1 % in every direction that both
 * show, or record upon record with the same counts at the same moment. The kind follows from what they share: source NAT
 * keeps the server's endpoint, destination NAT the client's, double NAT neither. Where an exporter gives the translated
 * addresses itself (IPFIX elements 225 to 228), they settle it.
 */
import { NumberIndex } from '../math/number-index.ts';
import { nearestDistance } from '../math/search.ts';
import type { ConnectionTable } from './connection-table.ts';
import { Groups } from './groups.ts';
import type { Logins } from './logins.ts';
import type { Gathered, Host, Translation } from './records.ts';

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
/** A flood opens thousands of connections at one moment; comparing each with all of them would take hours. */
const MOST_NEIGHBOURS = 1000;
/** A crowd larger than this is compared with fewer neighbours each, so that its pairs stay this many. */
const CROWD = 12_000;
const CROWD_PAIRS = 1_000_000;
const LEAST_NEIGHBOURS = 10;

/** What the comparison of two views looks at. */
interface Views extends Pick<Gathered, 'records' | 'hosts'> {
  readonly c: ConnectionTable;
}

/** Groups connections into logins. */
export function groupTwins({ records, hosts, translations }: Gathered, c: ConnectionTable): Logins {
  const told = new Groups(c.count);
  for (const [a, b] of translatedPairs(translations, hosts, c)) told.unite(a, b);
  const groups = new Groups(c.count, told);
  const large = listLarge(c);
  const views = { records, hosts, c };
  const addresses = new Map<string, number>();
  const addressOf = hosts.map(({ address }) => {
    const known = addresses.get(address) ?? addresses.size;
    addresses.set(address, known);
    return known;
  });
  for (const [host, port] of [
    [c.serverHost, c.serverPort],
    [c.clientHost, c.clientPort],
  ] as const) {
    const key = (id: number): number =>
      ((addressOf[host[id] ?? 0] ?? 0) * 65_536 + (port[id] ?? 0)) * 256 + (c.protocol[id] ?? 0);
    for (const bucket of groupRepeated(large, key)) {
      eachPair(c, bucket, SHARED_ENDPOINT_MS, (a, b) => {
        if (groups.mayUnite(a, b) && areViewsOfOne(views, a, b)) groups.unite(a, b);
      });
    }
  }
  const isTranslated = (host: number | undefined): boolean => hosts[host ?? 0]?.site !== undefined;
  const behindNats = large.filter((id) => isTranslated(c.clientHost[id]) || isTranslated(c.serverHost[id]));
  eachPair(c, behindNats, LIFE_TOLERANCE_MS, (a, b) => {
    if (groups.mayUnite(a, b) && areDoublyTranslated(views, a, b)) groups.unite(a, b);
  });
  return listLogins(views, told, groups);
}

/** Connections with packets enough to be compared, by the moment of opening. */
function listLarge(c: ConnectionTable): Uint32Array {
  const ids = new Uint32Array(c.count);
  let n = 0;
  for (let id = 0; id < c.count; id++) if (c.packetsOf(id) >= LEAST_PACKETS) ids[n++] = id;
  return ids.subarray(0, n).sort((a, b) => (c.start[a] ?? 0) - (c.start[b] ?? 0));
}

/** Logins in the order of their first connection. */
function listLogins({ c, hosts }: Views, told: Groups, groups: Groups): Logins {
  const of = new Uint32Array(c.count);
  const numbers = new NumberIndex();
  for (let id = 0; id < c.count; id++) {
    const [group, offset] = groups.isCrowded(id) ? [told, c.count] : [groups, 0];
    of[id] = numbers.number(offset + group.find(id));
  }
  const offsets = new Uint32Array(numbers.size + 1);
  for (const login of of) offsets[login + 1] = (offsets[login + 1] ?? 0) + 1;
  for (let login = 1; login <= numbers.size; login++)
    offsets[login] = (offsets[login] ?? 0) + (offsets[login - 1] ?? 0);
  const next = offsets.slice();
  const views = new Uint32Array(c.count);
  for (const [id, login] of of.entries()) {
    views[next[login] ?? 0] = id;
    next[login] = (next[login] ?? 0) + 1;
  }
  for (let login = 0; login < numbers.size; login++) {
    const [from = 0, to = 0] = [offsets[login], offsets[login + 1]];
    if (to - from > 1)
      views.subarray(from, to).sort((a, b) => viewOrder(hosts, c, a) - viewOrder(hosts, c, b));
  }
  return { connections: c, count: numbers.size, offsets, views, of };
}

/** The groups of two and more of one key, in the order of their first: most connections have a client of their own. */
function* groupRepeated(ids: Uint32Array, key: (id: number) => number): Generator<Uint32Array> {
  const numbers = new NumberIndex();
  const groupOf = ids.map((id) => numbers.number(key(id)));
  const offsets = new Uint32Array(numbers.size + 2);
  for (const group of groupOf) offsets[group + 2] = (offsets[group + 2] ?? 0) + 1;
  for (let group = 2; group < offsets.length; group++)
    offsets[group] = (offsets[group] ?? 0) + (offsets[group - 1] ?? 0);
  const ordered = new Uint32Array(ids.length);
  for (const [k, group] of groupOf.entries()) {
    ordered[offsets[group + 1] ?? 0] = ids[k] ?? 0;
    offsets[group + 1] = (offsets[group + 1] ?? 0) + 1;
  }
  for (let group = 0; group < numbers.size; group++) {
    const [from = 0, to = 0] = [offsets[group], offsets[group + 1]];
    if (to - from > 1) yield ordered.subarray(from, to);
  }
}

/** What address translation tells two views of one login apart. */
function twinKind({ hosts, c }: Views, a: number, b: number): TwinKind {
  const same = (column: Uint32Array): boolean =>
    column[a] === column[b] || hosts[column[a] ?? 0]?.address === hosts[column[b] ?? 0]?.address;
  const [client, server] = [same(c.clientHost), same(c.serverHost)];
  if (client && server) return 'same-tuple';
  if (server) return 'source-nat';
  return client ? 'destination-nat' : 'double-nat';
}

function* translatedPairs(
  translations: readonly Translation[],
  hosts: readonly Host[],
  c: ConnectionTable,
): Generator<[number, number]> {
  if (translations.length === 0) return;
  const wanted = new Map<string, number[]>(
    translations.map(({ source, destination }) => [tupleKey(source, destination), []]),
  );
  const connectionOf = new Map<number, number>(translations.map(({ record }) => [record, -1]));
  const text = (host: number | undefined, port: number | undefined): string =>
    `${hosts[host ?? 0]?.address}:${port}`;
  for (let id = 0; id < c.count; id++) {
    wanted
      .get(tupleKey(text(c.clientHost[id], c.clientPort[id]), text(c.serverHost[id], c.serverPort[id])))
      ?.push(id);
    const [from, to] = [c.observations[id] ?? 0, c.observations[id + 1] ?? 0];
    for (let k = c.first[from] ?? 0; k < (c.first[to] ?? 0); k++) {
      const record = c.order[k] ?? 0;
      if (connectionOf.has(record)) connectionOf.set(record, id);
    }
  }
  for (const { record, source, destination } of translations) {
    const before = connectionOf.get(record) ?? -1;
    for (const after of wanted.get(tupleKey(source, destination)) ?? []) {
      if (before !== -1 && before !== after && livedTogether(c, before, after)) yield [before, after];
    }
  }
}

const tupleKey = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

const livedTogether = (c: ConnectionTable, a: number, b: number): boolean =>
  (c.start[a] ?? 0) <= (c.end[b] ?? 0) && (c.start[b] ?? 0) <= (c.end[a] ?? 0);

/** Pairs of a list that ascends by start whose starts lie within `reach`; in a crowd, of the nearest starts only. */
function eachPair(
  { start }: ConnectionTable,
  list: Uint32Array,
  reach: number,
  visit: (a: number, b: number) => void,
): void {
  const neighbours =
    list.length <= CROWD
      ? MOST_NEIGHBOURS
      : Math.max(LEAST_NEIGHBOURS, Math.floor(CROWD_PAIRS / list.length));
  for (const [i, a] of list.entries()) {
    for (let j = i + 1; j < Math.min(list.length, i + neighbours); j++) {
      const b = list[j] ?? 0;
      if ((start[b] ?? 0) - (start[a] ?? 0) > reach) break;
      visit(a, b);
    }
  }
}

/** One endpoint shared, the other translated: counts or records must agree. */
function areViewsOfOne(views: Views, a: number, b: number): boolean {
  const { c } = views;
  if (c.protocol[a] !== c.protocol[b] || !livedTogether(c, a, b)) return false;
  // Two sockets of one pair of hosts are two logins, however alike.
  if (
    twinKind(views, a, b) === 'same-tuple' &&
    (c.clientPort[a] !== c.clientPort[b] || c.serverPort[a] !== c.serverPort[b])
  ) {
    return false;
  }
  if (shareOnlyTheText(views, a, b) || showOtherLives(c, a, b)) return false;
  return (
    (showSameEnd(c, a, b) && sameCounts(c, a, b)) || sameRecords(views, a, b) || keepsItsSocket(views, a, b)
  );
}

/**
 * True where the one endpoint that two views share is a private address at two sites: two machines, numbered alike. Hops of
 * one chain carry the same packets, and would pass for views of one login.
 */
function shareOnlyTheText(views: Views, a: number, b: number): boolean {
  const kind = twinKind(views, a, b);
  if (kind !== 'source-nat' && kind !== 'destination-nat') return false;
  const kept = kind === 'source-nat' ? views.c.serverHost : views.c.clientHost;
  return kept[a] !== kept[b];
}

/**
 * Where exporters miss records, counts differ; but one client socket (address and port) speaks to one server at a time, so
 * two views that share it and open and close together are one login behind a destination NAT. The same where a source NAT
 * kept the client's port, as most do while it is free.
 */
function keepsItsSocket(views: Views, a: number, b: number): boolean {
  const { c } = views;
  if (c.protocol[a] !== TCP || c.clientPort[a] !== c.clientPort[b]) return false;
  const kind = twinKind(views, a, b);
  if (kind === 'double-nat' || (kind === 'source-nat' && !standsBehindOneNat(views, a, b))) return false;
  const shown =
    c.openCensored[a] === 0 || c.openCensored[b] === 0 || c.endCensored[a] === 0 || c.endCensored[b] === 0;
  return sameLife(c, a, b) && shown;
}

const isLocal = (hosts: readonly Host[], host: number | undefined): boolean =>
  hosts[host ?? 0]?.site !== undefined;

/** A private client and a public one: the two sides of a source NAT. */
const standsBehindOneNat = ({ hosts, c }: Views, a: number, b: number): boolean =>
  isLocal(hosts, c.clientHost[a]) !== isLocal(hosts, c.clientHost[b]);

/**
 * Neither endpoint shared: only record upon record convinces. Two hops of a chain carry the same keystrokes too, so one
 * view must stand behind the client's NAT and the other behind the server's, an opening or a closing must be seen to be
 * the same, and a host that one enters and the other leaves makes two logins of them.
 */
function areDoublyTranslated(views: Views, a: number, b: number): boolean {
  const { c } = views;
  return (
    c.protocol[a] === c.protocol[b] &&
    twinKind(views, a, b) === 'double-nat' &&
    (standsBehindNats(views, a, b) || standsBehindNats(views, b, a)) &&
    c.serverHost[a] !== c.clientHost[b] &&
    c.serverHost[b] !== c.clientHost[a] &&
    sameEnds(c, a, b) &&
    sameCounts(c, a, b) &&
    sameRecords(views, a, b)
  );
}

const standsBehindNats = ({ hosts, c }: Views, a: number, b: number): boolean =>
  isLocal(hosts, c.clientHost[a]) && isLocal(hosts, c.serverHost[b]);

/** Like `sameLife`, but an end that only one of them shows is no agreement, and one end at least must be shown. */
function sameEnds(c: ConnectionTable, a: number, b: number): boolean {
  const agree = c.openCensored[a] === c.openCensored[b] && c.endCensored[a] === c.endCensored[b];
  return agree && !(c.openCensored[a] === 1 && c.endCensored[a] === 1) && sameLife(c, a, b);
}

const bothShown = (censored: Uint8Array, a: number, b: number): boolean =>
  censored[a] === 0 && censored[b] === 0;

const areApart = (times: Float64Array, a: number, b: number): boolean =>
  Math.abs((times[a] ?? 0) - (times[b] ?? 0)) > LIFE_TOLERANCE_MS;

/** Equal lives of which both show the opening, or both the closing: the middles of two logins have no length to compare. */
function showSameEnd(c: ConnectionTable, a: number, b: number): boolean {
  return (bothShown(c.openCensored, a, b) || bothShown(c.endCensored, a, b)) && sameLife(c, a, b);
}

/** Both show an opening and a closing, and neither agrees: transfers at one rate make records of equal counts all the same. */
function showOtherLives(c: ConnectionTable, a: number, b: number): boolean {
  const shown = bothShown(c.openCensored, a, b) && bothShown(c.endCensored, a, b);
  return shown && areApart(c.start, a, b) && areApart(c.end, a, b);
}

function sameLife(c: ConnectionTable, a: number, b: number): boolean {
  const opens = !bothShown(c.openCensored, a, b) || !areApart(c.start, a, b);
  const closes = !bothShown(c.endCensored, a, b) || !areApart(c.end, a, b);
  return opens && closes;
}

/** Packets agree within 1 % in each direction that both show, and one direction at least is shown by both. */
function sameCounts(c: ConnectionTable, a: number, b: number): boolean {
  let shown = 0;
  for (const direction of [0, 1] as const) {
    const [one, other] = [mostPackets(c, a, direction), mostPackets(c, b, direction)];
    if (one === 0 || other === 0) continue;
    if (Math.abs(one - other) > Math.max(one, other) * COUNT_TOLERANCE) return false;
    shown += Math.min(one, other);
  }
  return shown >= LEAST_PACKETS;
}

function mostPackets(c: ConnectionTable, id: number, direction: 0 | 1): number {
  let most = 0;
  for (let o = c.observations[id] ?? 0; o < (c.observations[id + 1] ?? 0); o++)
    most = Math.max(most, c.packets[direction][o] ?? 0);
  return most;
}

function sameRecords(views: Views, a: number, b: number): boolean {
  const { observations } = views.c;
  for (let one = observations[a] ?? 0; one < (observations[a + 1] ?? 0); one++)
    for (let other = observations[b] ?? 0; other < (observations[b + 1] ?? 0); other++)
      if (recordsAgree(views, one, other)) return true;
  return false;
}

/** Most records of the shorter observation recur in the other at the same moment with the same packet count. */
function recordsAgree({ records, c }: Views, a: number, b: number): boolean {
  const length = (o: number): number => (c.first[o + 1] ?? 0) - (c.first[o] ?? 0);
  const [few, many] = length(a) <= length(b) ? [a, b] : [b, a];
  if (length(few) < LEAST_RECORDS) return false;
  const starts = new Map<number, number[]>();
  for (const i of c.recordsOf(many)) {
    const packets = records.packets[i] ?? 0;
    const list = starts.get(packets);
    if (list) list.push(records.start[i] ?? 0);
    else starts.set(packets, [records.start[i] ?? 0]);
  }
  let agreeing = 0;
  for (const i of c.recordsOf(few)) {
    const list = starts.get(records.packets[i] ?? 0);
    if (list && nearestDistance(list, records.start[i] ?? 0) <= RECORD_TOLERANCE_MS) agreeing++;
  }
  return agreeing >= length(few) * RECORD_SHARE;
}

/** The attacker's LAN first, then the public view, then the victim's LAN. */
const viewOrder = (hosts: readonly Host[], c: ConnectionTable, id: number): number =>
  (isLocal(hosts, c.clientHost[id]) ? 0 : 2) + (isLocal(hosts, c.serverHost[id]) ? 1 : 0);
