/**
 * One flow that several exporters saw, recognised and counted once.
 *
 * How to use it: where the selection has one exporter (`mayHoldDuplicates` says no) there is nothing to do. Otherwise cut the
 * selection into windows of time, one `DuplicateFinder` a window, the windows in any order and on any worker. Give it
 * every selected row that was there between `from - DUPLICATE_MARGIN_MS` and `to + DUPLICATE_MARGIN_MS`, batch by batch
 * in any order; `finish` names the rows that begin in [from, to) and are to be left out.
 *
 * Observations of one flow have the same source, destination, ports and protocol, and overlap in time by half of the
 * shorter one, give or take TOLERANCE_MS for clocks that differ. Each direction is a flow of its own, and so is what a NAT
 * has rewritten. Where an address is local to a site, only exporters of that site saw the same flow. Counts do not decide
 * whether it is the same flow (sampling and loss make them smaller) but whose observation is kept: that of the exporter
 * with most packets over the connected stretch of time; among those near the most (NEAR), of the one that lost least;
 * then the one with most packets; then the first by address, port and domain. Records of another exporter are kept where
 * the better ones have a hole. A stretch that goes on over a window's border is judged on each side for itself.
 */
import type { AddressTable } from '../model/address.ts';
import { exporterKey, type Exporter, type SitedBatch } from '../model/flow-batch.ts';
import { AddressNumbers } from './address-numbers.ts';
import { localAddresses } from './conversation-key.ts';
import { keptObservations, type ExporterRanks } from './duplicate-choice.ts';

/** How much of the time around its window a finder wants to see. */
export const DUPLICATE_MARGIN_MS = 300_000;

/** The most observations of one window: beyond, the window is to be halved. Some 80 bytes each. */
export const MAX_WINDOW_ROWS = 4_000_000;

export interface DuplicateWindow {
  readonly from: number;
  readonly to: number;
  /** The part of its datagrams that an exporter lost, 0 to 1; 0 where nobody knows. */
  readonly lossOf?: ((exporter: Exporter) => number) | undefined;
  /** How many rows are expected, to make room at once. */
  readonly rows?: number | undefined;
}

/** Which rows of a batch to leave out, ascending, by the ordinal that the batch was added with. */
export type DuplicateRows = ReadonlyMap<number, Uint32Array>;

/** False where one exporter saw everything. */
export function mayHoldDuplicates(exporters: Iterable<Exporter>): boolean {
  const keys = new Set<string>();
  for (const exporter of exporters) keys.add(exporterKey(exporter));
  return keys.size > 1;
}

const NONE = 0xffff_ffff;
const FEW_ROWS = 1024;
const MARKS_A_ROW = 2;
const SEVERAL = 0xffff;
const ANYWHERE = '';

export class DuplicateFinder {
  readonly #window: DuplicateWindow;
  readonly #addresses = new AddressNumbers(Number.POSITIVE_INFINITY);
  readonly #spaces = new Map<string, number>([[ANYWHERE, 0]]);
  readonly #exporters = new Map<string, { readonly index: number; readonly exporter: Exporter }>();
  #observations: StoredObservations;
  #count = 0;
  /** By the hash of a key: 1 + the exporter that saw it, SEVERAL where more than one did, of it or of another key. */
  readonly #marks: Uint16Array;
  /** Open addressing: group numbers, by the hash of their key. */
  #slots = new Uint32Array(2048).fill(NONE);
  #groups = makeGroups(1024);
  #groupCount = 0;

  constructor(window: DuplicateWindow) {
    this.#window = window;
    const rows = Math.min(Math.max(window.rows ?? FEW_ROWS, FEW_ROWS), MAX_WINDOW_ROWS);
    this.#observations = makeObservations(rows);
    this.#marks = new Uint16Array(2 ** Math.ceil(Math.log2(rows * MARKS_A_ROW)));
  }

  /** Observations held. Past MAX_WINDOW_ROWS the window should be halved. */
  get count(): number {
    return this.#count;
  }

  /** Takes the selected rows of a batch (all, where none are named). `ordinal` names the batch in the result. */
  add(batch: SitedBatch, ordinal: number, rows?: Uint32Array): void {
    const { columns } = batch;
    const kinds = batch.extras.get('_kind');
    const special = new Set(kinds?.rows);
    const { ids, local } = this.#internAddresses(batch.addresses);
    const exporters = Uint32Array.from(batch.exporters, (exporter) => this.#internExporter(exporter));
    const spaces = Uint32Array.from(batch.exporters, (_, i) => this.#internSpace(batch.sites[i] ?? ANYWHERE));
    const count = rows?.length ?? batch.count;
    this.#reserve(count);
    for (let i = 0; i < count; i++) {
      const row = rows ? (rows[i] ?? 0) : i;
      if (special.size > 0 && special.has(row)) continue;
      const first = columns.flowStartMilliseconds[row] ?? Number.NaN;
      const last = columns.flowEndMilliseconds[row] ?? Number.NaN;
      // Of one time alone both are made; an exporter that swaps them is mended.
      const start = first <= last || Number.isNaN(last) ? first : last;
      const end = first > last || Number.isNaN(last) ? first : last;
      if (Number.isNaN(start)) continue;
      const source = columns.sourceAddress[row] ?? 0;
      const destination = columns.destinationAddress[row] ?? 0;
      const exporter = columns.exporter[row] ?? 0;
      const space = local[source] === 1 || local[destination] === 1 ? (spaces[exporter] ?? 0) : 0;
      const at = this.#count++;
      const seen = this.#observations;
      seen.start[at] = start;
      seen.end[at] = end;
      seen.packets[at] = columns.packetDeltaCount[row] ?? 0;
      seen.exporter[at] = exporters[exporter] ?? 0;
      seen.ordinal[at] = ordinal;
      seen.row[at] = row;
      const ports =
        (((columns.sourceTransportPort[row] ?? 0) << 16) | (columns.destinationTransportPort[row] ?? 0)) >>>
        0;
      const rest = (space << 8) | (columns.protocolIdentifier[row] ?? 0);
      seen.source[at] = ids[source] ?? 0;
      seen.destination[at] = ids[destination] ?? 0;
      seen.ports[at] = ports;
      seen.rest[at] = rest;
      const hashed = hash(ids[source] ?? 0, ids[destination] ?? 0, ports, rest);
      seen.hash[at] = hashed;
      const mark = hashed & (this.#marks.length - 1);
      const mine = Math.min((exporters[exporter] ?? 0) + 1, SEVERAL);
      const other = this.#marks[mark] ?? 0;
      if (other !== mine) this.#marks[mark] = other === 0 ? mine : SEVERAL;
    }
  }

  /** The rows to leave out. The finder must not be used afterwards. */
  finish(): DuplicateRows {
    const seen = this.#observations;
    const ranks = this.#ranks();
    // What one exporter alone saw, most often nearly everything, is no duplicate of anything.
    for (let at = 0; at < this.#count; at++) {
      if (this.#marks[(seen.hash[at] ?? 0) & (this.#marks.length - 1)] === SEVERAL) this.#file(at);
    }
    const dropped = new Map<number, number[]>();
    for (let group = 0; group < this.#groupCount; group++) {
      if (this.#groups.several[group] === 0) continue;
      const members: number[] = [];
      for (let at = this.#groups.last[group] ?? NONE; at !== NONE; at = seen.previous[at] ?? NONE) {
        members.push(at);
      }
      const kept = keptObservations(seen, members, ranks);
      for (const at of members) {
        const start = seen.start[at] ?? 0;
        if (kept.has(at) || start < this.#window.from || start >= this.#window.to) continue;
        const ordinal = seen.ordinal[at] ?? 0;
        let rows = dropped.get(ordinal);
        if (!rows) dropped.set(ordinal, (rows = []));
        rows.push(seen.row[at] ?? 0);
      }
    }
    return new Map([...dropped].map(([ordinal, rows]) => [ordinal, Uint32Array.from(rows).sort()]));
  }

  /** Puts an observation into the group of its key. */
  #file(at: number): void {
    if (2 * this.#groupCount >= this.#slots.length) this.#growGroups();
    const groups = this.#groups;
    const seen = this.#observations;
    const source = seen.source[at] ?? 0;
    const destination = seen.destination[at] ?? 0;
    const ports = seen.ports[at] ?? 0;
    const rest = seen.rest[at] ?? 0;
    const mask = this.#slots.length - 1;
    for (let slot = (seen.hash[at] ?? 0) & mask; ; slot = (slot + 1) & mask) {
      const group = this.#slots[slot] ?? NONE;
      if (group === NONE) {
        const made = this.#groupCount++;
        this.#slots[slot] = made;
        groups.last[made] = at;
        seen.previous[at] = NONE;
        return;
      }
      const last = groups.last[group] ?? NONE;
      if (
        seen.source[last] === source &&
        seen.destination[last] === destination &&
        seen.ports[last] === ports &&
        seen.rest[last] === rest
      ) {
        if (seen.exporter[last] !== seen.exporter[at]) groups.several[group] = 1;
        seen.previous[at] = last;
        groups.last[group] = at;
        return;
      }
    }
  }

  #internAddresses(table: AddressTable): { ids: Uint32Array; local: Uint8Array } {
    const ids = this.#addresses.numberAll(table);
    if (!ids) throw new RangeError(`a segment has ${table.count} addresses`);
    return { ids, local: localAddresses(table) };
  }

  #internExporter(exporter: Exporter): number {
    const key = exporterKey(exporter);
    let known = this.#exporters.get(key);
    if (!known) this.#exporters.set(key, (known = { index: this.#exporters.size, exporter }));
    return known.index;
  }

  #internSpace(site: string): number {
    let space = this.#spaces.get(site);
    if (space === undefined) this.#spaces.set(site, (space = this.#spaces.size));
    return space;
  }

  #ranks(): ExporterRanks {
    const lossOf = this.#window.lossOf ?? (() => 0);
    const ordered = [...this.#exporters]
      .map(([key, { index, exporter }]) => ({ key, index, loss: lossOf(exporter) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const losses = [...new Set(ordered.map(({ loss }) => loss))].sort((a, b) => a - b);
    const ranks = { loss: new Uint32Array(ordered.length), name: new Uint32Array(ordered.length) };
    for (const [place, { index, loss }] of ordered.entries()) {
      ranks.name[index] = place;
      ranks.loss[index] = losses.indexOf(loss);
    }
    return ranks;
  }

  #reserve(more: number): void {
    const needed = this.#count + more;
    if (needed <= this.#observations.start.length) return;
    const capacity = Math.max(needed, this.#observations.start.length * 2);
    this.#observations = grown(this.#observations, makeObservations(capacity));
  }

  #growGroups(): void {
    const size = 2 * this.#slots.length;
    this.#groups = grown(this.#groups, makeGroups(size / 2));
    const slots = new Uint32Array(size).fill(NONE);
    for (let group = 0; group < this.#groupCount; group++) {
      let slot = (this.#observations.hash[this.#groups.last[group] ?? 0] ?? 0) & (size - 1);
      while (slots[slot] !== NONE) slot = (slot + 1) & (size - 1);
      slots[slot] = group;
    }
    this.#slots = slots;
  }
}

interface StoredObservations {
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly packets: Float64Array;
  readonly exporter: Uint32Array;
  readonly ordinal: Uint32Array;
  readonly row: Uint32Array;
  readonly source: Uint32Array;
  readonly destination: Uint32Array;
  readonly ports: Uint32Array;
  /** Address space and protocol. */
  readonly rest: Uint32Array;
  readonly hash: Uint32Array;
  /** The observation before it in its group. */
  readonly previous: Uint32Array;
}

const makeObservations = (capacity: number): StoredObservations => ({
  start: new Float64Array(capacity),
  end: new Float64Array(capacity),
  packets: new Float64Array(capacity),
  exporter: new Uint32Array(capacity),
  ordinal: new Uint32Array(capacity),
  row: new Uint32Array(capacity),
  source: new Uint32Array(capacity),
  destination: new Uint32Array(capacity),
  ports: new Uint32Array(capacity),
  rest: new Uint32Array(capacity),
  hash: new Uint32Array(capacity),
  previous: new Uint32Array(capacity),
});

/** One group a 5-tuple and address space. */
interface Groups {
  readonly last: Uint32Array;
  /** 1 where more than one exporter saw it. */
  readonly several: Uint8Array;
}

const makeGroups = (capacity: number): Groups => ({
  last: new Uint32Array(capacity),
  several: new Uint8Array(capacity),
});

function grown<T extends StoredObservations | Groups>(from: T, to: T): T {
  for (const [name, column] of Object.entries(from)) {
    (to as unknown as Record<string, Uint32Array>)[name]?.set(column as Uint32Array);
  }
  return to;
}

/** MurmurHash3 over four words. */
function hash(a: number, b: number, c: number, d: number): number {
  const h = mix(mix(mix(mix(0, a), b), c), d);
  const last = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  return last ^ (last >>> 13);
}

function mix(state: number, word: number): number {
  let k = Math.imul(word, 0xcc9e_2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b87_3593);
  const h = state ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe654_6b64) | 0;
}
