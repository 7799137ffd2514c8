/**
 * Are two connections one login, seen before and after address translation?
 *
 * They are where the same packets made both: equal lives, counts within 1 % in every direction that both show, or record
 * upon record with the same counts at the same moment. The kind follows from what they share: source NAT keeps the
 * server's endpoint, destination NAT the client's, double NAT neither.
 */
import { nearestDistance } from '../math/search.ts';
import type { ConnectionTable } from './connection-table.ts';
import type { Gathered, Host } from './records.ts';

type TwinKind = 'source-nat' | 'destination-nat' | 'double-nat' | 'same-tuple';

const TCP = 6;
/** Fewer packets than this are too easily alike. */
export const LEAST_PACKETS = 20;
const COUNT_TOLERANCE = 0.01;
/** Both ends of a life agree within this, clocks and path delay included. */
export const LIFE_TOLERANCE_MS = 2000;
/** Record by record: the part that must recur, and how many records there must be. */
const RECORD_SHARE = 0.6;
const LEAST_RECORDS = 5;
const RECORD_TOLERANCE_MS = 1500;

/** What the comparison of two views looks at. */
export interface Views extends Pick<Gathered, 'records' | 'hosts'> {
  readonly c: ConnectionTable;
  /** One number an address text, whatever the site. */
  readonly addressOf: Uint32Array;
}

/** What address translation tells two views of one login apart. */
function twinKind({ addressOf, c }: Views, a: number, b: number): TwinKind {
  const same = (column: Uint32Array): boolean => addressOf[column[a] ?? 0] === addressOf[column[b] ?? 0];
  const [client, server] = [same(c.clientHost), same(c.serverHost)];
  if (client && server) return 'same-tuple';
  if (server) return 'source-nat';
  return client ? 'destination-nat' : 'double-nat';
}

export const livedTogether = (c: ConnectionTable, a: number, b: number): boolean =>
  (c.start[a] ?? 0) <= (c.end[b] ?? 0) && (c.start[b] ?? 0) <= (c.end[a] ?? 0);

/** One endpoint shared, the other translated: counts or records must agree. */
export function areViewsOfOne(views: Views, a: number, b: number): boolean {
  const { c } = views;
  if (c.protocol[a] !== c.protocol[b] || !livedTogether(c, a, b) || showOtherLives(c, a, b)) return false;
  // Two sockets of one pair of hosts are two logins, however alike.
  if (
    twinKind(views, a, b) === 'same-tuple' &&
    (c.clientPort[a] !== c.clientPort[b] || c.serverPort[a] !== c.serverPort[b])
  ) {
    return false;
  }
  if (shareOnlyTheText(views, a, b)) return false;
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

export const isLocal = (hosts: readonly Host[], host: number | undefined): boolean =>
  hosts[host ?? 0]?.site !== undefined;

/** A private client and a public one: the two sides of a source NAT. */
const standsBehindOneNat = ({ hosts, c }: Views, a: number, b: number): boolean =>
  isLocal(hosts, c.clientHost[a]) !== isLocal(hosts, c.clientHost[b]);

/**
 * Neither endpoint shared: only record upon record convinces. Two hops of a chain carry the same keystrokes too, so one
 * view must stand behind the client's NAT and the other behind the server's, an opening or a closing must be seen to be
 * the same, and a host that one enters and the other leaves makes two logins of them.
 */
export function areDoublyTranslated(views: Views, a: number, b: number): boolean {
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
