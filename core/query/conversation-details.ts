/** What is shown of the conversations that were chosen: gathered by their keys in one pass over the flows. */
import { exporterKey } from '../model/flow-batch.ts';
import type { Conversation } from '../model/query.ts';
import { ConversationKeys, hashKey, readKey } from './conversation-key.ts';
import { openerOf, type Direction } from './conversation-opener.ts';
import type { ConversationPartial } from './conversations.ts';
import { compareWords } from './largest-keys.ts';
import type { Accumulator, SelectedRows } from './kernel.ts';
import { isIcmp, TCP } from './endpoints.ts';
import { reverseCounters } from './reverse-counters.ts';

/** Exporters named of one conversation; a router's line cards can be many. */
const MAX_EXPORTERS = 32;
const FLAG = { syn: 0x02, rst: 0x04, ack: 0x10 } as const;
const MARKS = 0xffff;
const ECHO_REQUESTS: readonly number[] = [8 << 8, 128 << 8];

/** What one endpoint sent, as sums that any order of adding gives. */
type DirectionSum = {
  -readonly [K in keyof Omit<Direction, 'port'>]: Direction[K];
} & { packets: number; bytes: number; lastMs: number };

export interface DetailPartial {
  /** Which of the keys. */
  readonly index: number;
  /** Sent by the smaller endpoint, and by the larger one. */
  readonly low: DirectionSum;
  readonly high: DirectionSum;
  exporters: string[];
  sites: string[];
}

const nothingSent = (): DirectionSum => ({
  flows: 0,
  packets: 0,
  bytes: 0,
  firstMs: Number.POSITIVE_INFINITY,
  lastMs: Number.NEGATIVE_INFINITY,
  firstExporter: '',
  synAlone: false,
  refused: false,
  syn: false,
  flagged: false,
  asked: false,
});

export class ConversationDetails implements Accumulator<ConversationPartial> {
  readonly #byHash = new Map<number, number[]>();
  /** The lower bits of the hashes: most rows need not be looked for. */
  readonly #marks = new Uint8Array(MARKS + 1);
  readonly #keys: readonly Uint32Array[];
  readonly #details = new Map<number, DetailPartial>();

  constructor(keys: readonly Uint32Array[]) {
    this.#keys = keys;
    for (const [index, words] of keys.entries()) {
      const hash = hashKey(words);
      this.#marks[hash & MARKS] = 1;
      this.#byHash.set(hash, [...(this.#byHash.get(hash) ?? []), index]);
    }
  }

  add({ batch, rows, scale }: SelectedRows): void {
    const keys = new ConversationKeys(batch);
    const { columns } = batch;
    const { packetDeltaCount, octetDeltaCount, flowStartMilliseconds, flowEndMilliseconds } = columns;
    const { tcpControlBits, destinationTransportPort, protocolIdentifier, exporter } = columns;
    const reverse = reverseCounters(batch);
    const exporterKeys = batch.exporters.map(exporterKey);
    const count = rows?.length ?? batch.count;
    const hashes = keys.hashes(rows);
    for (let i = 0; i < count; i++) {
      const hash = hashes[i] as number;
      if (this.#marks[hash & MARKS] === 0) continue;
      const candidates = this.#byHash.get(hash);
      if (!candidates) continue;
      const row = rows ? (rows[i] ?? 0) : i;
      const sourceFirst = keys.write(row);
      const index = candidates.find((at) => compareWords(this.#keys[at] ?? keys.words, keys.words) === 0);
      if (index === undefined) continue;
      const detail = this.#detail(index);
      const factor = scale ? (scale[row] ?? 1) : 1;
      const protocol = protocolIdentifier[row] ?? 0;
      const at = exporter[row] ?? 0;
      const record = {
        packets: (packetDeltaCount[row] ?? 0) * factor,
        bytes: (octetDeltaCount[row] ?? 0) * factor,
        start: flowStartMilliseconds[row] ?? Number.NaN,
        end: flowEndMilliseconds[row] ?? Number.NaN,
        exporter: exporterKeys[at] ?? '',
        flags: protocol === TCP ? (tcpControlBits[row] ?? 0) : 0,
        asked: isIcmp(protocol) && ECHO_REQUESTS.includes(destinationTransportPort[row] ?? 0),
      };
      const [own, other] = sourceFirst ? [detail.low, detail.high] : [detail.high, detail.low];
      addRecord(own, record);
      const back = reverse?.(row);
      if (back && back.packets > 0) {
        const counts = { packets: back.packets * factor, bytes: back.bytes * factor };
        addRecord(other, { ...record, ...counts, flags: back.flags, asked: false });
      }
      detail.exporters = withName(detail.exporters, batch.exporters[at]?.address ?? '');
      detail.sites = withName(detail.sites, batch.sites[at] ?? '');
    }
  }

  finish(): ConversationPartial {
    return { details: [...this.#details.values()] };
  }

  #detail(index: number): DetailPartial {
    let detail = this.#details.get(index);
    if (!detail) {
      detail = { index, low: nothingSent(), high: nothingSent(), exporters: [], sites: [] };
      this.#details.set(index, detail);
    }
    return detail;
  }
}

/** The names in order, without doubles, the first of them where there are too many. */
function withName(names: string[], name: string): string[] {
  if (names.includes(name)) return names;
  return [...names, name].sort().slice(0, MAX_EXPORTERS);
}

interface OneRecord {
  readonly packets: number;
  readonly bytes: number;
  readonly start: number;
  readonly end: number;
  readonly exporter: string;
  readonly flags: number;
  readonly asked: boolean;
}

function addRecord(sum: DirectionSum, record: OneRecord): void {
  const { flags, start, end } = record;
  const hasSyn = (flags & FLAG.syn) !== 0;
  const hasAck = (flags & FLAG.ack) !== 0;
  mergeDirection(sum, {
    flows: 1,
    packets: record.packets,
    bytes: record.bytes,
    firstMs: Number.isNaN(start)
      ? Number.POSITIVE_INFINITY
      : Number.isNaN(end)
        ? start
        : Math.min(start, end),
    lastMs: Number.isNaN(end) ? Number.NEGATIVE_INFINITY : Math.max(start, end),
    firstExporter: record.exporter,
    synAlone: hasSyn && !hasAck,
    refused: hasAck && !hasSyn && (flags & FLAG.rst) !== 0,
    syn: hasSyn,
    flagged: flags !== 0,
    asked: record.asked,
  });
}

function mergeDirection(to: DirectionSum, from: DirectionSum): void {
  if (from.flows === 0) return;
  const isFirst =
    from.firstMs < to.firstMs ||
    (from.firstMs === to.firstMs && (to.flows === 0 || from.firstExporter < to.firstExporter));
  to.flows += from.flows;
  to.packets += from.packets;
  to.bytes += from.bytes;
  if (isFirst) {
    to.firstMs = from.firstMs;
    to.firstExporter = from.firstExporter;
  }
  to.lastMs = Math.max(to.lastMs, from.lastMs);
  to.synAlone ||= from.synAlone;
  to.refused ||= from.refused;
  to.syn ||= from.syn;
  to.flagged ||= from.flagged;
  to.asked ||= from.asked;
}

/** The conversations of the keys, in their order. */
export function describeConversations(
  keys: readonly Uint32Array[],
  partials: readonly (readonly DetailPartial[])[],
): Conversation[] {
  const merged = new Map<number, DetailPartial>();
  for (const detail of partials.flat()) {
    const { index } = detail;
    const known = merged.get(index) ?? {
      index,
      low: nothingSent(),
      high: nothingSent(),
      exporters: [],
      sites: [],
    };
    mergeDirection(known.low, detail.low);
    mergeDirection(known.high, detail.high);
    for (const name of detail.exporters) known.exporters = withName(known.exporters, name);
    for (const name of detail.sites) known.sites = withName(known.sites, name);
    merged.set(index, known);
  }
  return keys.flatMap((words, index) => {
    const detail = merged.get(index);
    return detail ? [describe(words, detail)] : [];
  });
}

function describe(words: Uint32Array, { low, high, exporters, sites }: DetailPartial): Conversation {
  const key = readKey(words);
  const opener = openerOf(key.protocol, { ...low, port: key.lowPort }, { ...high, port: key.highPort });
  const lowEnd = { address: key.low, port: key.lowPort, sent: low };
  const highEnd = { address: key.high, port: key.highPort, sent: high };
  const [client, server] = opener.first ? [lowEnd, highEnd] : [highEnd, lowEnd];
  const startMs = knownTime(Math.min(low.firstMs, high.firstMs));
  const endMs = knownTime(Math.max(low.lastMs, high.lastMs));
  return {
    client: client.address,
    clientPort: client.port,
    server: server.address,
    serverPort: server.port,
    protocol: key.protocol,
    startMs,
    endMs: Number.isNaN(endMs) ? startMs : endMs,
    toServer: countsOf(client.sent),
    toClient: countsOf(server.sent),
    exporters,
    site: sites.join(', '),
    openedBy: opener.reasons,
    certainty: opener.certainty,
  };
}

const knownTime = (time: number): number => (Number.isFinite(time) ? time : Number.NaN);

const countsOf = ({ flows, packets, bytes }: DirectionSum): Conversation['toServer'] => ({
  flows,
  packets,
  bytes,
});
