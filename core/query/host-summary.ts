/**
 * What is known of one host: since when, how much it sent and received, with whom, which services it offers and uses.
 *
 * A service is the one of two ports that looks like a server's (endpoints.ts): below 1024, or a known one. Flows in which
 * neither does, or both equally, belong to none. A service is offered where the host was seen to send from its port: that
 * somebody knocked is not enough. Its counts are of both directions. A record of both directions (RFC 5103) counts as two.
 */
import { parseAddress, addressScopeOf } from '../model/address.ts';
import { ApiError } from '../model/api-error.ts';
import type { Counts, FlowSelection, HostSummary, TopRow } from '../model/query.ts';
import { ADDRESS_WORDS, addressText, addressWords, hasPorts, serviceRank } from './endpoints.ts';
import type { Accumulator, Bare, Conclusion, Kernel, SelectedRows } from './kernel.ts';
import { settle, tableFor, type LargestKey, type LargestOptions, type LargestSoFar } from './largest-keys.ts';
import { reverseCounters } from './reverse-counters.ts';
import { hashWords, type WordTable, type WordTableData } from './word-table.ts';

export interface HostQuestion extends FlowSelection {
  readonly address: string;
  /** The site where an address that is local to one is meant; absent: wherever it was seen. */
  readonly site?: string | undefined;
}

const SHOWN = 10;
/** Services are looked at beyond those shown, for some were only knocked at. */
const CANDIDATES = 2_000;

/** Sums of a key: flows, packets, bytes, the first moment, the last negated (both 0 while unknown), packets that the host sent. */
const BYTES = 2;
const FIRST = 3;
const LAST = 4;
const SENT = 5;
const STRIDE = 6;

const tables = ['peers', 'offered', 'used'] as const;
type TableName = (typeof tables)[number];

const options: Readonly<Record<TableName, LargestOptions>> = {
  peers: { width: ADDRESS_WORDS, stride: STRIDE, maxKeys: 1 << 19, limit: SHOWN, place: BYTES },
  offered: { width: 2, stride: STRIDE, maxKeys: 1 << 18, limit: CANDIDATES, place: BYTES },
  used: { width: 2, stride: STRIDE, maxKeys: 1 << 18, limit: SHOWN, place: BYTES },
};

/** What a first pass is enough for. */
interface HostTotals {
  readonly sent: Counts;
  readonly received: Counts;
  /** Infinity and minus infinity where no time is known. */
  readonly first: number;
  readonly last: number;
  readonly sites: readonly string[];
}

export interface HostPartial {
  readonly totals: HostTotals;
  readonly tables: Readonly<Partial<Record<TableName, WordTableData>>>;
}

export interface HostCarry {
  readonly totals: HostTotals;
  readonly largest: Readonly<Record<TableName, LargestSoFar>>;
}

export const hostKernel: Kernel<HostQuestion, HostPartial, Bare<HostSummary>, HostCarry> = {
  kinds: ['flow'],
  begin: (question, _help, carry) => new HostAccumulator(question, carry),
  conclude,
};

function addressOf(question: HostQuestion): Uint8Array {
  const address = parseAddress(question.address);
  if (address) return address;
  throw new ApiError('usage', `"${question.address}" is no address: write 192.0.2.1 or 2001:db8::1.`);
}

class HostAccumulator implements Accumulator<HostPartial> {
  readonly #address: Uint8Array;
  readonly #site: string | undefined;
  /** Those that still have something to sum. */
  readonly #tables: ReadonlyMap<TableName, WordTable>;
  readonly #sent = { flows: 0, packets: 0, bytes: 0 };
  readonly #received = { flows: 0, packets: 0, bytes: 0 };
  readonly #sites = new Set<string>();
  readonly #service = new Uint32Array(2);
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  constructor(question: HostQuestion, carry: HostCarry | undefined) {
    this.#address = addressOf(question);
    this.#site = question.site;
    const open = tables.filter((name) => !carry || carry.largest[name].parts.length > 0);
    this.#tables = new Map(open.map((name) => [name, tableFor(options[name], carry?.largest[name])]));
  }

  add({ batch, rows, scale }: SelectedRows): void {
    const host = batch.addresses.find(this.#address);
    if (host === undefined) return;
    const words = addressWords(batch.addresses);
    const { sourceAddress, destinationAddress, sourceTransportPort, destinationTransportPort } =
      batch.columns;
    const { packetDeltaCount, octetDeltaCount, flowStartMilliseconds, flowEndMilliseconds } = batch.columns;
    const { protocolIdentifier, exporter } = batch.columns;
    const { sites } = batch;
    const reverse = reverseCounters(batch);
    const count = rows?.length ?? batch.count;
    for (let i = 0; i < count; i++) {
      const row = rows ? (rows[i] ?? 0) : i;
      const sends = sourceAddress[row] === host;
      if (!sends && destinationAddress[row] !== host) continue;
      const site = sites[exporter[row] ?? 0] ?? '';
      if (this.#site !== undefined && site !== this.#site) continue;
      this.#sites.add(site);
      const factor = scale ? (scale[row] ?? 1) : 1;
      const start = flowStartMilliseconds[row] ?? Number.NaN;
      const end = flowEndMilliseconds[row] ?? Number.NaN;
      const record: HostRecord = {
        sends,
        packets: (packetDeltaCount[row] ?? 0) * factor,
        bytes: (octetDeltaCount[row] ?? 0) * factor,
        first: Number.isNaN(start) ? end : Number.isNaN(end) ? start : Math.min(start, end),
        last: Number.isNaN(end) ? start : Number.isNaN(start) ? end : Math.max(start, end),
      };
      const peer = (sends ? destinationAddress[row] : sourceAddress[row]) ?? 0;
      const [own = 0, other = 0] = sends
        ? [sourceTransportPort[row], destinationTransportPort[row]]
        : [destinationTransportPort[row], sourceTransportPort[row]];
      const take = (told: HostRecord): void => {
        this.#count(told, peer === host);
        this.#sum('peers', words, peer * ADDRESS_WORDS, told);
        this.#addService(protocolIdentifier[row] ?? 0, own, other, told);
      };
      take(record);
      const back = reverse?.(row);
      if (back && back.packets > 0) {
        take({ ...record, sends: !sends, packets: back.packets * factor, bytes: back.bytes * factor });
      }
    }
  }

  finish(): HostPartial {
    const totals = {
      sent: this.#sent,
      received: this.#received,
      first: this.#first,
      last: this.#last,
      sites: [...this.#sites],
    };
    return {
      totals,
      tables: Object.fromEntries([...this.#tables].map(([name, table]) => [name, table.finish()])),
    };
  }

  #count(record: HostRecord, toItself: boolean): void {
    addCounts(record.sends ? this.#sent : this.#received, { ...record, flows: 1 });
    if (toItself) addCounts(this.#received, { ...record, flows: 1 });
    if (record.first < this.#first) this.#first = record.first;
    if (record.last > this.#last) this.#last = record.last;
  }

  #addService(protocol: number, own: number, other: number, record: HostRecord): void {
    if (!hasPorts(protocol)) return;
    const [ofHost, ofPeer] = [serviceRank(own), serviceRank(other)];
    if (ofHost === ofPeer) return;
    this.#service[0] = protocol;
    this.#service[1] = ofHost > ofPeer ? own : other;
    this.#sum(ofHost > ofPeer ? 'offered' : 'used', this.#service, 0, record);
  }

  #sum(name: TableName, words: Uint32Array, at: number, record: HostRecord): void {
    const table = this.#tables.get(name);
    if (!table) return;
    const entry = table.entry(words, at, hashWords(words, at, table.width));
    if (entry < 0) return;
    const last = Number.isNaN(record.last) ? 0 : -record.last;
    const sums = Float64Array.of(
      1,
      record.packets,
      record.bytes,
      record.first || 0,
      last,
      record.sends ? record.packets : 0,
    );
    combine(table.sums, entry * STRIDE, sums, 0);
  }
}

interface HostRecord {
  readonly sends: boolean;
  readonly packets: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

function addCounts(to: { flows: number; packets: number; bytes: number }, more: Counts): void {
  to.flows += more.flows;
  to.packets += more.packets;
  to.bytes += more.bytes;
}

function combine(to: Float64Array, at: number, from: Float64Array, fromAt: number): void {
  for (const i of [0, 1, BYTES, SENT]) to[at + i] = (to[at + i] ?? 0) + (from[fromAt + i] ?? 0);
  const known = to[at + FIRST] ?? 0;
  const first = from[fromAt + FIRST] ?? 0;
  if (first !== 0 && (known === 0 || first < known)) to[at + FIRST] = first;
  to[at + LAST] = Math.min(to[at + LAST] ?? 0, from[fromAt + LAST] ?? 0);
}

function conclude(
  question: HostQuestion,
  partials: readonly HostPartial[],
  _help: unknown,
  carry: HostCarry | undefined,
): Conclusion<Bare<HostSummary>, HostCarry> {
  const totals = carry?.totals ?? sumTotals(partials);
  const settled = (name: TableName): LargestSoFar => {
    const before = carry?.largest[name];
    if (before?.parts.length === 0) return before;
    const filled = partials.flatMap((partial) => partial.tables[name] ?? []);
    return settle(options[name], before, filled, combine);
  };
  const largest = { peers: settled('peers'), offered: settled('offered'), used: settled('used') };
  if (tables.some((name) => largest[name].parts.length > 0)) return { carry: { totals, largest } };
  const local = addressScopeOf(addressOf(question)) !== 'public';
  const { sites, sent, received } = totals;
  const answer = {
    address: question.address,
    site: question.site ?? (local && sites.length === 1 ? (sites[0] ?? null) : null),
    firstMs: Number.isFinite(totals.first) ? totals.first : null,
    lastMs: Number.isFinite(totals.last) ? totals.last : null,
    sent,
    received,
    peers: largest.peers.distinct,
    topPeers: largest.peers.rows.map((row) => topRow(addressText(row.words, 0), row)),
    servicesOffered: largest.offered.rows
      .filter(({ sums }) => (sums[SENT] ?? 0) > 0)
      .slice(0, SHOWN)
      .map((row) => topRow(serviceText(row.words), row)),
    servicesUsed: largest.used.rows.map((row) => topRow(serviceText(row.words), row)),
  };
  if (!local || sites.length < 2 || question.site !== undefined) return { answer };
  const named = sites.toSorted().join(', ');
  const note = `${question.address} is an address at ${sites.length} sites (${named}), perhaps of as many hosts: name one of them.`;
  return { answer, notes: [note] };
}

function sumTotals(partials: readonly HostPartial[]): HostTotals {
  const sent = { flows: 0, packets: 0, bytes: 0 };
  const received = { flows: 0, packets: 0, bytes: 0 };
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  const sites = new Set<string>();
  for (const { totals } of partials) {
    addCounts(sent, totals.sent);
    addCounts(received, totals.received);
    first = Math.min(first, totals.first);
    last = Math.max(last, totals.last);
    for (const site of totals.sites) sites.add(site);
  }
  return { sent, received, first, last, sites: [...sites].toSorted() };
}

function topRow(key: string, { sums }: LargestKey): TopRow {
  const [flows = 0, packets = 0, bytes = 0, first = 0, last = 0] = sums;
  return { key: [key], flows, packets, bytes, firstMs: first || null, lastMs: -last || null };
}

const portProtocols: Readonly<Record<number, string>> = {
  6: 'TCP',
  17: 'UDP',
  33: 'DCCP',
  132: 'SCTP',
  136: 'UDPLite',
};

const serviceText = ([protocol = 0, port = 0]: Uint32Array): string =>
  `${portProtocols[protocol] ?? protocol}/${port}`;
