/**
 * A flood traced to where it entered: which exporter, by which input interface, from which neighbour and which networks,
 * above what each of them carried before.
 *
 * One pass over the batches in any order, in bounded memory: windows of equal length back from the flood's, one series an
 * input interface; samples of bounded size for the sources and the flows. Source addresses may be forged; input
 * interfaces are the exporter's own word, so they are what a flood is traced to.
 */
import { parseAddress } from '../model/address.ts';
import {
  exporterKey,
  NO_DATAGRAM,
  rowsOfKind,
  type Exporter,
  type ExtraColumn,
  type SitedBatch,
} from '../model/flow-batch.ts';
import type { FloodQuestion, FloodTrace } from '../model/flood-trace.ts';
import { answerFlood } from './flood-answer.ts';
import { FloodSeries, type Windows } from './flood-series.ts';
import { DistinctSample, HeavySums, SourceTally, finish, hashBytes } from './flood-sources.ts';
import type { DatagramSequence } from './loss.ts';

/** What came in by one input interface. */
export interface Inlet {
  readonly witness: Witness;
  /** null where the exporter does not say. */
  readonly ingressInterface: number | null;
  readonly series: FloodSeries;
  readonly sources: SourceTally;
  /** Neighbour AS numbers and source networks, in the flood's window and in all windows before. */
  readonly neighbours: Compared;
  readonly prefixes: Compared;
}

export interface Compared {
  readonly during: HeavySums;
  readonly before: HeavySums;
}

/** One exporter, as far as the flood goes. */
export interface Witness {
  readonly exporter: Exporter;
  readonly site: string;
  /** 1 for windows in which it reported anything at all. */
  readonly covered: Uint8Array;
  /** A sample of the flows in the flood's window: two exporters on one path share theirs. */
  readonly flows: DistinctSample<true>;
  /** Datagrams around the flood. */
  readonly datagrams: DatagramRow[];
  samplingInterval: number;
}

type DatagramRow = { readonly [K in keyof DatagramSequence]: number };

/** More inlets than this are taken together, an exporter each. */
const MOST_INLETS = 512;
/** Most flows of the flood are exported within this. */
const EXPORT_MS = 60_000;
const MOST_DATAGRAMS = 100_000;
/** Source networks are told apart to this length. */
const PREFIX_BITS = { 4: 24, 6: 48 } as const;

/** Measures a flood over batches; `finish` gives the answer. */
export class FloodMeter {
  readonly #question: FloodQuestion;
  readonly #windows: Windows;
  readonly #network: Uint8Array;
  readonly #witnesses = new Map<string, Witness>();
  readonly #inlets = new Map<string, Inlet>();

  /** The target's address must parse, and the baseline hold at least one window. */
  constructor(question: FloodQuestion) {
    const { windowMs, baselineMs, at, target } = question;
    const network = parseAddress(target.address);
    if (!network) throw new RangeError(`not an address: ${target.address}`);
    this.#network = network;
    this.#question = question;
    this.#windows = {
      count: 1 + Math.floor(baselineMs / windowMs),
      lengthMs: windowMs,
      end: at + windowMs / 2,
    };
  }

  /** The span of time to hand in, epoch ms: flows after the flood tell whether datagrams with flows of it were lost. */
  get span(): { readonly from: number; readonly to: number } {
    return { from: this.#opens, to: this.#windows.end + 2 * EXPORT_MS };
  }

  /** When the first window opens. */
  get #opens(): number {
    const { count, lengthMs, end } = this.#windows;
    return end - count * lengthMs;
  }

  /** Adds flows. `factors` says, by row, for how many packets each counted one stands; 1 where it is absent. */
  add(batch: SitedBatch, factors?: Float64Array): void {
    const { columns, addresses, extras } = batch;
    const left = rowsOfKind(batch, 'aggregate').union(rowsOfKind(batch, 'event'));
    const witnesses = batch.exporters.map((exporter, e) => this.#witness(exporter, batch.sites[e] ?? ''));
    this.#noteDatagrams(batch, witnesses);
    const previous = lookUp(extras.get('bgpPrevAdjacentAsNumber'));
    const ttl = lookUp(extras.get('minimumTTL') ?? extras.get('ipTTL'));
    const inTarget = new Map<number, boolean>();
    for (let row = 0; row < batch.count; row++) {
      const one = columns.flowStartMilliseconds[row] ?? Number.NaN;
      const other = columns.flowEndMilliseconds[row] ?? Number.NaN;
      const witness = witnesses[columns.exporter[row] ?? 0];
      if (!witness || Number.isNaN(one) || Number.isNaN(other) || left.has(row)) continue;
      const [from, to] = [Math.min(one, other), Math.max(one, other)];
      this.#cover(witness, from, to);
      const destination = columns.destinationAddress[row] ?? 0;
      let hit = inTarget.get(destination);
      if (hit === undefined) inTarget.set(destination, (hit = this.#holds(batch, destination)));
      if (!hit) continue;
      const factor = factors?.[row] ?? 1;
      witness.samplingInterval = Math.max(witness.samplingInterval, factor);
      const counted = columns.packetDeltaCount[row] ?? 0;
      const [packets, octets] = [counted * factor, (columns.octetDeltaCount[row] ?? 0) * factor];
      const inlet = this.#inlet(witness, columns.ingressInterface[row] ?? 0);
      inlet.series.add(this.#windows, from, to, packets, octets);
      const opens = this.#windows.end - this.#windows.lengthMs;
      const during = to >= opens && from < this.#windows.end;
      if (!during && (to < this.#opens || from >= opens)) continue;
      const sums = during ? 'during' : 'before';
      const source = columns.sourceAddress[row] ?? 0;
      const family = addresses.family(source) === 4 ? 4 : 6;
      inlet.prefixes[sums].add(prefixOf(addresses.bytes, source * 16, family), packets, octets);
      const as = previous?.get(row) ?? columns.bgpSourceAsNumber[row] ?? 0;
      if (as > 0) inlet.neighbours[sums].add(`AS${as}`, packets, octets);
      if (!during) continue;
      inlet.sources.sampled ||= factor > 1;
      inlet.sources.add(
        addresses.bytes,
        source * 16,
        source * 16 + family + (family === 6 ? 10 : 0),
        counted,
        ttl?.get(row),
      );
      const hash = this.#hashFlow(batch, row);
      if (witness.flows.wants(hash)) witness.flows.keep(hash, true);
    }
  }

  finish(): FloodTrace {
    return answerFlood(
      this.#question,
      this.#windows,
      [...this.#inlets.values()],
      [...this.#witnesses.values()],
    );
  }

  #holds({ addresses }: SitedBatch, index: number): boolean {
    const network = this.#network;
    if (addresses.family(index) !== (network.length === 4 ? 4 : 6)) return false;
    for (let bit = 0; bit < this.#question.target.length; bit += 8) {
      const mask = 0xff00 >> Math.min(8, this.#question.target.length - bit);
      if ((((addresses.bytes[index * 16 + bit / 8] ?? 0) ^ (network[bit / 8] ?? 0)) & mask & 0xff) !== 0)
        return false;
    }
    return true;
  }

  #hashFlow({ columns, addresses }: SitedBatch, row: number): number {
    const at = (index: number, seed: number): number =>
      hashBytes(addresses.bytes, index * 16, index * 16 + 16, seed);
    const hash = at(columns.destinationAddress[row] ?? 0, at(columns.sourceAddress[row] ?? 0, 0x811c9dc5));
    const ports =
      ((columns.sourceTransportPort[row] ?? 0) << 16) | (columns.destinationTransportPort[row] ?? 0);
    return finish(Math.imul(hash ^ ports, 0x01000193) ^ (columns.protocolIdentifier[row] ?? 0));
  }

  #cover({ covered }: Witness, from: number, to: number): void {
    const { count, lengthMs, end } = this.#windows;
    const first = Math.floor((from - end) / lengthMs) + count;
    const last = Math.floor((to - end) / lengthMs) + count;
    for (let k = Math.max(0, first); k <= Math.min(count - 1, last); k++) covered[k] = 1;
  }

  #witness(exporter: Exporter, site: string): Witness {
    const key = `${exporterKey(exporter)}@${site}`;
    let witness = this.#witnesses.get(key);
    if (!witness) {
      witness = {
        exporter,
        site,
        covered: new Uint8Array(this.#windows.count),
        flows: new DistinctSample<true>(),
        datagrams: [],
        samplingInterval: 1,
      };
      this.#witnesses.set(key, witness);
    }
    return witness;
  }

  #inlet(witness: Witness, ingress: number): Inlet {
    const { exporter, site } = witness;
    const known = `${exporterKey(exporter)}@${site}|`;
    const key = this.#inlets.size < MOST_INLETS ? `${known}${ingress}` : known;
    let inlet = this.#inlets.get(`${known}${ingress}`) ?? this.#inlets.get(key);
    if (!inlet) {
      inlet = {
        witness,
        ingressInterface: ingress === 0 || key === known ? null : ingress,
        series: new FloodSeries(this.#windows.count),
        sources: new SourceTally(),
        neighbours: { during: new HeavySums(), before: new HeavySums() },
        prefixes: { during: new HeavySums(), before: new HeavySums() },
      };
      this.#inlets.set(key, inlet);
    }
    return inlet;
  }

  /** Datagrams that were sent while the flood was measured, or a minute later, when its flows had expired. */
  #noteDatagrams({ datagrams, columns, count }: SitedBatch, witnesses: readonly Witness[]): void {
    const flows = new Float64Array(datagrams.length);
    for (let row = 0; row < count; row++) {
      const datagram = columns.datagram[row] ?? NO_DATAGRAM;
      if (datagram < flows.length) flows[datagram] = (flows[datagram] ?? 0) + 1;
    }
    const { end, lengthMs } = this.#windows;
    for (const [d, header] of datagrams.entries()) {
      const witness = witnesses[header.exporter];
      const near = header.exportTime >= end - lengthMs && header.exportTime <= end + EXPORT_MS;
      if (!witness || !near || witness.datagrams.length >= MOST_DATAGRAMS) continue;
      witness.datagrams.push({
        version: header.version,
        sequence: header.sequenceNumber,
        records: header.records,
        flows: flows[d] ?? 0,
        exportMs: header.exportTime,
      });
    }
  }
}

function lookUp(extra: ExtraColumn | undefined): ReadonlyMap<number, number> | undefined {
  if (!extra) return undefined;
  const values = new Map<number, number>();
  for (const [k, row] of extra.rows.entries()) {
    const value = Number(extra.values[k]);
    if (Number.isFinite(value)) values.set(row, value);
  }
  return values;
}

/** The source's network as text, to 24 bits of IPv4 and 48 of IPv6. */
function prefixOf(bytes: Uint8Array, at: number, family: 4 | 6): string {
  if (family === 4) return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.0/${PREFIX_BITS[4]}`;
  const groups = [0, 2, 4].map((i) => (((bytes[at + i] ?? 0) << 8) | (bytes[at + i + 1] ?? 0)).toString(16));
  return `${groups.join(':')}::/${PREFIX_BITS[6]}`;
}
