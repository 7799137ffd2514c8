/**
 * Groups connections into logins: those that are views of one login, before and after address translation
 * (views-of-one.ts). Where an exporter gives the translated addresses itself (IPFIX elements 225 to 228), they settle it.
 */
import { NumberIndex } from '../math/number-index.ts';
import type { ConnectionTable } from './connection-table.ts';
import { Groups } from './groups.ts';
import type { Logins } from './logins.ts';
import type { Gathered, Host, Translation } from './records.ts';
import {
  areDoublyTranslated,
  areViewsOfOne,
  isLocal,
  LEAST_PACKETS,
  LIFE_TOLERANCE_MS,
  livedTogether,
  type Views,
} from './views-of-one.ts';

/** Views that share an endpoint are compared when they open this close: a lost first record moves the opening. */
const SHARED_ENDPOINT_MS = 120_000;
/** A flood opens thousands of connections at one moment; comparing each with all of them would take hours. */
const MOST_NEIGHBOURS = 1000;
/** A crowd larger than this is compared with fewer neighbours each, so that its pairs stay this many. */
const CROWD = 12_000;
const CROWD_PAIRS = 1_000_000;
const LEAST_NEIGHBOURS = 10;

/** Groups connections into logins. */
export function groupTwins({ records, hosts, translations }: Gathered, c: ConnectionTable): Logins {
  const told = new Groups(c.count);
  for (const [a, b] of translatedPairs(translations, hosts, c)) told.unite(a, b);
  const groups = new Groups(c.count, told);
  const large = listLarge(c);
  const addresses = new Map<string, number>();
  const addressOf = Uint32Array.from(hosts, ({ address }) => {
    const known = addresses.get(address) ?? addresses.size;
    addresses.set(address, known);
    return known;
  });
  const views = { records, hosts, c, addressOf };
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
  for (let i = 0; i < list.length; i++) {
    const a = list[i] ?? 0;
    const last = Math.min(list.length, i + neighbours);
    for (let j = i + 1; j < last; j++) {
      const b = list[j] ?? 0;
      if ((start[b] ?? 0) - (start[a] ?? 0) > reach) break;
      visit(a, b);
    }
  }
}

/** The attacker's LAN first, then the public view, then the victim's LAN. */
const viewOrder = (hosts: readonly Host[], c: ConnectionTable, id: number): number =>
  (isLocal(hosts, c.clientHost[id]) ? 0 : 2) + (isLocal(hosts, c.serverHost[id]) ? 1 : 0);
