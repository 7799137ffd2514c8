/**
 * One flow that several exporters saw, recognised and counted once.
 *
 * How to use it: where the selection has one exporter (`mayHoldDuplicates` says no) there is nothing to do. Otherwise cut the
 * selection into windows of time, one `DuplicateFinder` a window, the windows in any order and on any worker. Give it
 * every selected row that was there between `from - DUPLICATE_MARGIN_MS` and `to + DUPLICATE_MARGIN_MS`, batch by batch
 * in any order; `finish` names the rows that begin in [from, to) and are to be left out. Where most rows are seen once, only
 * the suspects of duplicate-marks.ts need be added.
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
import { keptObservations, worseOfTwo, type ExporterRanks } from './duplicate-choice.ts';
import { makeRowBits, setRow } from './row-bits.ts';
import { mixWords } from './word-mix.ts';

/** How much of the time around its window a finder wants to see. */
export const DUPLICATE_MARGIN_MS = 300_000;

/** The most observations of one window: beyond, the window is to be halved. Some 64 bytes each. */
export const MAX_WINDOW_ROWS = 4_000_000;

export interface DuplicateWindow {
  readonly from: number;
  readonly to: number;
  /** The part of its datagrams that an exporter lost, 0 to 1; 0 where nobody knows. */
  readonly lossOf?: ((exporter: Exporter) => number) | undefined;
  /** How many rows are expected, to make room at once. */
  readonly rows?: number | undefined;
}

/** Sets of rows (row-bits.ts) by the ordinal that their batch was added with. */
export type DuplicateRows = ReadonlyMap<number, Uint8Array>;

export interface FoundDuplicates {
  /** Rows to leave out. */
  readonly dropped: DuplicateRows;
  /** Rows whose 5-tuple several exporters saw in the window: of any selection, no others can be left out. */
  readonly doubled: DuplicateRows;
}

/** False where one exporter saw everything. */
export function mayHoldDuplicates(exporters: Iterable<Exporter>): boolean {
  const keys = new Set<string>();
  for (const exporter of exporters) keys.add(exporterKey(exporter));
  return keys.size > 1;
}

const NONE = 0xffff_ffff;
const FEW_ROWS = 1024;
const ANYWHERE = '';

export class DuplicateFinder {
  readonly #window: DuplicateWindow;
  readonly #addresses = new AddressNumbers(Number.POSITIVE_INFINITY);
  readonly #spaces = new Map<string, number>([[ANYWHERE, 0]]);
  readonly #exporters = new Map<string, { readonly index: number; readonly exporter: Exporter }>();
  #observations: StoredObservations;
  #count = 0;
  readonly #counts = new Map<number, number>();
  /** Open addressing: group numbers, by the hash of their key; there is room for a group an observation. */
  #slots = new Uint32Array(0);
  #groups = makeGroups(0);
  #groupCount = 0;

  constructor(window: DuplicateWindow) {
    this.#window = window;
    this.#observations = makeObservations(Math.min(window.rows ?? FEW_ROWS, MAX_WINDOW_ROWS));
  }

  /** Observations held. Past MAX_WINDOW_ROWS the window should be halved. */
  get count(): number {
    return this.#count;
  }

  /** Takes the selected rows of a batch (all, where none are named). `ordinal` names the batch in the result. */
  add(batch: SitedBatch, ordinal: number, rows?: Uint32Array): void {
    const { columns } = batch;
    const { sourceAddress, destinationAddress, sourceTransportPort, destinationTransportPort } = columns;
    const { flowStartMilliseconds, flowEndMilliseconds, packetDeltaCount, protocolIdentifier } = columns;
    const exporterColumn = columns.exporter;
    const special = new Set(batch.extras.get('_kind')?.rows);
    const { ids, local } = this.#internAddresses(batch.addresses);
    const exporters = Uint32Array.from(batch.exporters, (exporter) => this.#internExporter(exporter));
    const spaces = Uint32Array.from(batch.exporters, (_, i) => this.#internSpace(batch.sites[i] ?? ANYWHERE));
    const count = rows?.length ?? batch.count;
    this.#counts.set(ordinal, batch.count);
    this.#reserve(count);
    const seen = this.#observations;
    for (let i = 0; i < count; i++) {
      const row = rows ? (rows[i] as number) : i;
      if (special.size > 0 && special.has(row)) continue;
      const first = flowStartMilliseconds[row] as number;
      const last = flowEndMilliseconds[row] as number;
      // Of one time alone both are made; an exporter that swaps them is mended.
      const start = first <= last || Number.isNaN(last) ? first : last;
      const end = first > last || Number.isNaN(last) ? first : last;
      if (Number.isNaN(start)) continue;
      const source = sourceAddress[row] as number;
      const destination = destinationAddress[row] as number;
      const exporter = exporterColumn[row] as number;
      const space = local[source] === 1 || local[destination] === 1 ? (spaces[exporter] as number) : 0;
      const at = this.#count++;
      seen.start[at] = start;
      seen.end[at] = end;
      seen.packets[at] = packetDeltaCount[row] as number;
      seen.exporter[at] = exporters[exporter] as number;
      seen.ordinal[at] = ordinal;
      seen.row[at] = row;
      seen.source[at] = ids[source] as number;
      seen.destination[at] = ids[destination] as number;
      seen.ports[at] =
        ((sourceTransportPort[row] as number) << 16) | (destinationTransportPort[row] as number);
      seen.rest[at] = (space << 8) | (protocolIdentifier[row] as number);
    }
  }

  /** What is left out, and what might be. The finder must not be used afterwards. */
  finish(): FoundDuplicates {
    const seen = this.#observations;
    const ranks = this.#ranks();
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * this.#count + 2))).fill(NONE);
    this.#groups = makeGroups(this.#count);
    for (let at = 0; at < this.#count; at++) this.#file(at);
    const dropped = new Map<number, Uint8Array>();
    const doubled = new Map<number, Uint8Array>();
    const put = (rows: Map<number, Uint8Array>, at: number): void => {
      const start = seen.start[at] as number;
      if (start < this.#window.from || start >= this.#window.to) return;
      const ordinal = seen.ordinal[at] as number;
      let bits = rows.get(ordinal);
      if (!bits) rows.set(ordinal, (bits = makeRowBits(this.#counts.get(ordinal) ?? 0)));
      setRow(bits, seen.row[at] as number);
    };
    for (let group = 0; group < this.#groupCount; group++) {
      if (this.#groups.several[group] === 0) continue;
      const members: number[] = [];
      for (let at = this.#groups.last[group] as number; at !== NONE; at = seen.previous[at] as number) {
        members.push(at);
        put(doubled, at);
      }
      const [one, other] = members;
      if (members.length === 2 && one !== undefined && other !== undefined) {
        const worse = worseOfTwo(seen, one, other, ranks);
        if (worse !== undefined) put(dropped, worse);
        continue;
      }
      const kept = keptObservations(seen, members, ranks);
      for (const at of members) if (!kept.has(at)) put(dropped, at);
    }
    return { dropped, doubled };
  }

  /** Puts an observation into the group of its key. */
  #file(at: number): void {
    const groups = this.#groups;
    const seen = this.#observations;
    const source = seen.source[at] ?? 0;
    const destination = seen.destination[at] ?? 0;
    const ports = seen.ports[at] ?? 0;
    const rest = seen.rest[at] ?? 0;
    const mask = this.#slots.length - 1;
    for (let slot = mixWords(source, destination, ports, rest) & mask; ; slot = (slot + 1) & mask) {
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

function grown(from: StoredObservations, to: StoredObservations): StoredObservations {
  for (const [name, column] of Object.entries(from)) {
    (to as unknown as Record<string, Uint32Array>)[name]?.set(column as Uint32Array);
  }
  return to;
}
