/**
 * One connection, one object: records of a 5-tuple stitched together, its two directions paired, and its observations by
 * several exporters kept side by side.
 */
import { conversationKey } from './conversation.ts';
import type { Gathered, Records } from './records.ts';

export interface Endpoint {
  /** Index into the hosts. */
  readonly host: number;
  readonly port: number;
}

/** What one exporter saw of a connection. Record indexes ascend by start time. */
export interface Observation {
  readonly observer: number;
  readonly records: Uint32Array;
  /** Packets and octets from client to server, and back. */
  readonly packets: readonly [number, number];
  readonly octets: readonly [number, number];
}

export interface Connection {
  readonly id: number;
  /** Who opened it, as far as the records tell. */
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly protocol: number;
  readonly start: number;
  readonly end: number;
  /** No opening was seen: it may have begun earlier. */
  readonly openCensored: boolean;
  /** No closing was seen: it may have gone on. */
  readonly endCensored: boolean;
  readonly observations: readonly Observation[];
}

const TCP = 6;
const FIN_OR_RST = 0x05;
const SYN = 0x02;
/** A 5-tuple that is silent for longer is taken for another connection when it speaks again. */
const REUSE_MS = 2 * 3600_000;
/** How far apart two processes on one router see the same packet. */
const REPEAT_MS = 100;
/** Without TCP flags, a life that touches the edge of the data this closely may go on beyond it. */
const EDGE_MS = 60_000;

/**
 * Builds connections from gathered records. Endpoints for which `isService` holds are servers, whatever the records
 * suggest: what an investigator says of the victim's port is known, not guessed.
 */
export function buildConnections(
  { records }: Gathered,
  isService: (endpoint: Endpoint) => boolean = () => false,
): Connection[] {
  const groups = groupByTuple(records);
  const popularity = countPeers(records);
  const connections: Connection[] = [];
  let dataStart = Number.POSITIVE_INFINITY;
  let dataEnd = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < records.count; i++) {
    dataStart = Math.min(dataStart, records.start[i] ?? dataStart);
    dataEnd = Math.max(dataEnd, records.end[i] ?? dataEnd);
  }
  for (const group of groups) {
    for (const life of splitLives(records, group)) {
      connections.push(
        makeConnection(connections.length, records, life, { popularity, isService, dataStart, dataEnd }),
      );
    }
  }
  return connections;
}

/** Record indexes of each unordered 5-tuple, each list ascending by start. */
function groupByTuple(records: Records): number[][] {
  const index = new Map<string, number[]>();
  for (let i = 0; i < records.count; i++) {
    const key = conversationKey(records, i);
    const group = index.get(key);
    if (group) group.push(i);
    else index.set(key, [i]);
  }
  const groups = [...index.values()];
  for (const group of groups) group.sort((a, b) => (records.start[a] ?? 0) - (records.start[b] ?? 0));
  return groups;
}

/** How many different endpoints each endpoint spoke with: a service has many, an ephemeral port one. */
function countPeers(records: Records): Map<number, number> {
  const peers = new Map<number, Set<number>>();
  const note = (host: number, port: number, peerHost: number, peerPort: number): void => {
    const key = endpointKey(host, port);
    let set = peers.get(key);
    if (!set) {
      set = new Set();
      peers.set(key, set);
    }
    if (set.size < 64) set.add(endpointKey(peerHost, peerPort));
  };
  for (let i = 0; i < records.count; i++) {
    const [source, destination] = [records.source[i] ?? 0, records.destination[i] ?? 0];
    const [sourcePort, destinationPort] = [records.sourcePort[i] ?? 0, records.destinationPort[i] ?? 0];
    note(source, sourcePort, destination, destinationPort);
    note(destination, destinationPort, source, sourcePort);
  }
  return new Map([...peers].map(([key, set]) => [key, set.size]));
}

const endpointKey = (host: number, port: number): number => host * 65_536 + port;

/** Cuts a tuple's records where the tuple was used again: a new SYN after FIN or RST, or hours of silence. */
function splitLives(records: Records, group: readonly number[]): number[][] {
  const lives: number[][] = [];
  let life: number[] = [];
  let end = Number.NEGATIVE_INFINITY;
  let closed = false;
  for (const i of group) {
    const start = records.start[i] ?? 0;
    const flags = records.flags[i] ?? 0;
    const reopened = closed && (flags & SYN) !== 0 && start > end;
    if (life.length > 0 && (reopened || start - end > REUSE_MS)) {
      lives.push(life);
      life = [];
      closed = false;
    }
    life.push(i);
    end = Math.max(end, records.end[i] ?? end);
    if (records.protocol[i] === TCP && (flags & FIN_OR_RST) !== 0) closed = true;
  }
  lives.push(life);
  return lives;
}

interface Surroundings {
  readonly popularity: ReadonlyMap<number, number>;
  readonly isService: (endpoint: Endpoint) => boolean;
  /** The first and last moment of the data. */
  readonly dataStart: number;
  readonly dataEnd: number;
}

function makeConnection(
  id: number,
  records: Records,
  life: readonly number[],
  { popularity, isService, dataStart, dataEnd }: Surroundings,
): Connection {
  const first = life[0] ?? 0;
  const a: Endpoint = { host: records.source[first] ?? 0, port: records.sourcePort[first] ?? 0 };
  const b: Endpoint = { host: records.destination[first] ?? 0, port: records.destinationPort[first] ?? 0 };
  const told = isService(a) !== isService(b);
  const aOpens = told ? isService(b) : opensFrom(records, life, a, b, popularity);
  const [client, server] = aOpens ? [a, b] : [b, a];
  const byObserver = Map.groupBy(life, (i) => records.observer[i] ?? 0);
  const observations = [...byObserver].map(([observer, list]) => {
    const packets: [number, number] = [0, 0];
    const octets: [number, number] = [0, 0];
    const counted: (number | undefined)[] = [];
    for (const i of list) {
      const back = records.source[i] === client.host && records.sourcePort[i] === client.port ? 0 : 1;
      if (isRepeated(records, i, counted[back])) continue;
      counted[back] = i;
      packets[back] += records.packets[i] ?? 0;
      octets[back] += records.octets[i] ?? 0;
    }
    return { observer, records: Uint32Array.from(list), packets, octets };
  });
  const start = records.start[first] ?? 0;
  const end = life.reduce(
    (latest, i) => Math.max(latest, records.end[i] ?? latest),
    Number.NEGATIVE_INFINITY,
  );
  const flags = life.map((i) => records.flags[i] ?? 0);
  const flagged = records.protocol[first] === TCP && flags.some((f) => f !== 0);
  return {
    id,
    client,
    server,
    protocol: records.protocol[first] ?? 0,
    start,
    end,
    openCensored: flagged ? !flags.some((f) => (f & SYN) !== 0) : start - dataStart < EDGE_MS,
    endCensored: flagged ? !flags.some((f) => (f & FIN_OR_RST) !== 0) : dataEnd - end < EDGE_MS,
    observations,
  };
}

/**
 * True where both records say the same of the same moment. Archives without source ports make one exporter of two
 * processes on a router, and each of them counted the packets.
 */
function isRepeated(records: Records, i: number, before: number | undefined): boolean {
  if (before === undefined) return false;
  const near = (times: Float64Array): boolean =>
    Math.abs((times[i] ?? 0) - (times[before] ?? 0)) <= REPEAT_MS;
  return (
    records.packets[i] === records.packets[before] &&
    records.octets[i] === records.octets[before] &&
    near(records.start) &&
    near(records.end)
  );
}

/**
 * True where endpoint `a` (the source of the first record) opened the connection. Told by the first packets, where the
 * opening was seen and the directions start apart (softflowd gives both the same start); otherwise the endpoint that looks
 * more like a service was connected to.
 */
function opensFrom(
  records: Records,
  life: readonly number[],
  a: Endpoint,
  b: Endpoint,
  popularity: ReadonlyMap<number, number>,
): boolean {
  const first = life[0] ?? 0;
  const reply = life.find((i) => records.source[i] === b.host && records.sourcePort[i] === b.port);
  if (reply !== undefined && (records.start[reply] ?? 0) > (records.start[first] ?? 0)) {
    // Both SYNs: where the client's own was lost or not sampled, the server's answer comes first.
    const opened = (records.flags[first] ?? 0) & (records.flags[reply] ?? 0) & SYN;
    if (opened && records.observer[reply] === records.observer[first]) return true;
  }
  const [looksA, looksB] = [serviceLooks(a, popularity), serviceLooks(b, popularity)];
  return looksA === looksB ? a.port >= b.port : looksA < looksB;
}

/**
 * How much an endpoint looks like a service: by its port (well-known, such as NATs forward, below the ephemeral range),
 * and by how many others spoke with it. A scanner's source port has many peers too, so they weigh less than a well-known
 * port.
 */
function serviceLooks({ host, port }: Endpoint, popularity: ReadonlyMap<number, number>): number {
  const byPort = port < 1024 ? 4 : port < 10_000 ? 2.5 : port < 32_768 ? 1 : 0;
  // Where exporters stand on both sides of a NAT, even an ephemeral port shows two peers.
  const peers = Math.max(1, (popularity.get(endpointKey(host, port)) ?? 1) - 1);
  return byPort + Math.min(3.5, Math.log2(peers));
}
