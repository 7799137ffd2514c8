/**
 * From records to connections: records of a 5-tuple stitched together, its two directions paired, and its observations by
 * several exporters kept side by side.
 */
import { ConnectionTable, type Endpoint } from './connection-table.ts';
import { numberConversations, type Conversations } from './conversation.ts';
import type { Gathered, Records } from './records.ts';

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
): ConnectionTable {
  const conversations = numberConversations(records);
  const { order, offsets } = sortRecords(records, conversations);
  const table = new ConnectionTable(records, order);
  let dataStart = Number.POSITIVE_INFINITY;
  let dataEnd = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < records.count; i++) {
    dataStart = Math.min(dataStart, records.start[i] ?? dataStart);
    dataEnd = Math.max(dataEnd, records.end[i] ?? dataEnd);
  }
  const surroundings = { conversations, isService, dataStart, dataEnd };
  for (let tuple = 0; tuple < conversations.count; tuple++) {
    let first = offsets[tuple] ?? 0;
    const end = offsets[tuple + 1] ?? 0;
    while (first < end) {
      const next = findLifeEnd(records, order, first, end);
      addConnection(table, records, { from: first, to: next }, surroundings);
      first = next;
    }
  }
  return table;
}

/** Record indexes of conversation c are `order[offsets[c]]` to `order[offsets[c + 1]]`, ascending by start. */
function sortRecords(
  { count, start }: Records,
  conversations: Conversations,
): { order: Uint32Array; offsets: Uint32Array } {
  const offsets = new Uint32Array(conversations.count + 2);
  const { of } = conversations;
  for (let i = 0; i < count; i++) {
    const at = (of[i] ?? 0) + 2;
    offsets[at] = (offsets[at] ?? 0) + 1;
  }
  for (let c = 2; c < offsets.length; c++) offsets[c] = (offsets[c] ?? 0) + (offsets[c - 1] ?? 0);
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const slot = (of[i] ?? 0) + 1;
    order[offsets[slot] ?? 0] = i;
    offsets[slot] = (offsets[slot] ?? 0) + 1;
  }
  for (let c = 0; c < conversations.count; c++) {
    const [first, last] = [offsets[c] ?? 0, offsets[c + 1] ?? 0];
    let ascends = true;
    for (let k = first + 1; k < last && ascends; k++)
      ascends = (start[order[k] ?? 0] ?? 0) >= (start[order[k - 1] ?? 0] ?? 0);
    if (!ascends) order.subarray(first, last).sort((a, b) => (start[a] ?? 0) - (start[b] ?? 0));
  }
  return { order, offsets };
}

/**
 * Where the life that begins at `order[from]` ends: where the tuple is used again (a new SYN after FIN or RST), after hours
 * of silence, or with the tuple's records.
 */
function findLifeEnd(records: Records, order: Uint32Array, from: number, to: number): number {
  let end = Number.NEGATIVE_INFINITY;
  let closed = false;
  for (let k = from; k < to; k++) {
    const i = order[k] ?? 0;
    const start = records.start[i] ?? 0;
    const flags = records.flags[i] ?? 0;
    const reopened = closed && (flags & SYN) !== 0 && start > end;
    if (k > from && (reopened || start - end > REUSE_MS)) return k;
    end = Math.max(end, records.end[i] ?? end);
    if (records.protocol[i] === TCP && (flags & FIN_OR_RST) !== 0) closed = true;
  }
  return to;
}

interface Surroundings {
  readonly conversations: Conversations;
  readonly isService: (endpoint: Endpoint) => boolean;
  /** The first and last moment of the data. */
  readonly dataStart: number;
  readonly dataEnd: number;
}

/** Places in the order of records. */
interface Life {
  readonly from: number;
  readonly to: number;
}

function addConnection(
  table: ConnectionTable,
  records: Records,
  { from, to }: Life,
  { conversations, isService, dataStart, dataEnd }: Surroundings,
): void {
  const life = table.order.subarray(from, to);
  const first = life[0] ?? 0;
  const a: Endpoint = { host: records.source[first] ?? 0, port: records.sourcePort[first] ?? 0 };
  const b: Endpoint = { host: records.destination[first] ?? 0, port: records.destinationPort[first] ?? 0 };
  const told = isService(a) !== isService(b);
  const aOpens = told ? isService(b) : opensFrom(records, life, a, b, conversations);
  const [client, server] = aOpens ? [a, b] : [b, a];
  const start = records.start[first] ?? 0;
  let end = Number.NEGATIVE_INFINITY;
  let flags = 0;
  for (const i of life) {
    end = Math.max(end, records.end[i] ?? end);
    flags |= records.flags[i] ?? 0;
  }
  const flagged = records.protocol[first] === TCP && flags !== 0;
  table.add({
    client,
    server,
    protocol: records.protocol[first] ?? 0,
    start,
    end,
    openCensored: flagged ? (flags & SYN) === 0 : start - dataStart < EDGE_MS,
    endCensored: flagged ? (flags & FIN_OR_RST) === 0 : dataEnd - end < EDGE_MS,
  });
  groupByObserver(records, life);
  let since = from;
  for (let k = from; k < to; k++) {
    const observer = records.observer[table.order[k] ?? 0];
    if (k + 1 < to && records.observer[table.order[k + 1] ?? 0] === observer) continue;
    countObserved(table, records, client, table.observe(observer ?? 0, since, k + 1));
    since = k + 1;
  }
}

/** Puts the records of each observer together, in the order in which observers and records come. */
function groupByObserver(records: Records, life: Uint32Array): void {
  const observer = records.observer[life[0] ?? 0];
  if (life.every((i) => records.observer[i] === observer)) return;
  const groups = Map.groupBy(life, (i) => records.observer[i] ?? 0);
  life.set([...groups.values()].flat());
}

/** Packets and octets of each direction, what two processes counted twice left out. */
function countObserved(
  table: ConnectionTable,
  records: Records,
  client: Endpoint,
  observation: number,
): void {
  const counted: [number, number] = [NONE, NONE];
  for (let k = table.first[observation] ?? 0; k < (table.first[observation + 1] ?? 0); k++) {
    const i = table.order[k] ?? 0;
    const back = records.source[i] === client.host && records.sourcePort[i] === client.port ? 0 : 1;
    if (isRepeated(records, i, counted[back])) continue;
    counted[back] = i;
    const [packets, octets] = [table.packets[back], table.octets[back]];
    packets[observation] = (packets[observation] ?? 0) + (records.packets[i] ?? 0);
    octets[observation] = (octets[observation] ?? 0) + (records.octets[i] ?? 0);
  }
}

/** No record. */
const NONE = -1;

/**
 * True where both records say the same of the same moment. Archives without source ports make one exporter of two
 * processes on a router, and each of them counted the packets.
 */
function isRepeated(records: Records, i: number, before: number): boolean {
  if (before === NONE) return false;
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
  life: Uint32Array,
  a: Endpoint,
  b: Endpoint,
  { sourcePeers, destinationPeers }: Conversations,
): boolean {
  const first = life[0] ?? 0;
  const reply = life.find((i) => records.source[i] === b.host && records.sourcePort[i] === b.port);
  if (reply !== undefined && (records.start[reply] ?? 0) > (records.start[first] ?? 0)) {
    // Both SYNs: where the client's own was lost or not sampled, the server's answer comes first.
    const opened = (records.flags[first] ?? 0) & (records.flags[reply] ?? 0) & SYN;
    if (opened && records.observer[reply] === records.observer[first]) return true;
  }
  const [looksA, looksB] = [
    serviceLooks(a.port, sourcePeers[first] ?? 1),
    serviceLooks(b.port, destinationPeers[first] ?? 1),
  ];
  return looksA === looksB ? a.port >= b.port : looksA < looksB;
}

/**
 * How much an endpoint looks like a service: by its port (well-known, such as NATs forward, below the ephemeral range),
 * and by how many others spoke with it. A scanner's source port has many peers too, so they weigh less than a well-known
 * port.
 */
function serviceLooks(port: number, peers: number): number {
  const byPort = port < 1024 ? 4 : port < 10_000 ? 2.5 : port < 32_768 ? 1 : 0;
  // Where exporters stand on both sides of a NAT, even an ephemeral port shows two peers.
  return byPort + Math.min(3.5, Math.log2(Math.max(1, peers - 1)));
}
