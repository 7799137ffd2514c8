/**
 * Flow records of every witness in one set of columns, with corrected times and hosts that mean one machine each.
 *
 * A host is an address text, and for an address that repeats from site to site the site too: 192.168.0.11 at one site is
 * not 192.168.0.11 at another. A public address is one host everywhere, or a NAT's face.
 */
import { isSiteLocal } from '../model/address.ts';
import { NO_DATAGRAM, rowsOfKind, type CoreColumnName, type SitedBatch } from '../model/flow-batch.ts';
import { alignClocks } from './align.ts';
import { hasPorts } from './conversation.ts';
import { correctTime, findWitnesses, SAMPLING_ELEMENTS, type Observer } from './observers.ts';

export interface Host {
  readonly address: string;
  /** The site an address needs to mean something; undefined for a public one. */
  readonly site: string | undefined;
}

/** Column i of each array belongs to record i. Times are corrected, in epoch ms, start <= end. */
export interface Records {
  readonly count: number;
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly packets: Float64Array;
  readonly octets: Float64Array;
  readonly source: Uint32Array;
  readonly destination: Uint32Array;
  readonly sourcePort: Uint16Array;
  readonly destinationPort: Uint16Array;
  readonly protocol: Uint8Array;
  readonly flags: Uint16Array;
  readonly observer: Uint32Array;
}

/** What an exporter itself said of a record's addresses behind its NAT (IPFIX 225 to 228, 281 and 282), as address:port. */
export interface Translation {
  readonly record: number;
  readonly source: string;
  readonly destination: string;
}

export interface Gathered {
  readonly records: Records;
  readonly hosts: readonly Host[];
  readonly observers: Observer[];
  readonly translations: readonly Translation[];
  /** Rows left out: protocols without ports, rows without a time, and aggregates, which are sums over flows. */
  readonly left: number;
}

/** The columns that records are made of: who reads batches for them need not read others. */
export const recordColumns = [
  'flowStartMilliseconds',
  'flowEndMilliseconds',
  'sourceAddress',
  'destinationAddress',
  'sourceTransportPort',
  'destinationTransportPort',
  'protocolIdentifier',
  'tcpControlBits',
  'packetDeltaCount',
  'octetDeltaCount',
  'exporter',
  'datagram',
] as const satisfies readonly CoreColumnName[];

const REVERSE = {
  reversePacketTotalCount: 'packets',
  reverseOctetTotalCount: 'octets',
  reversePacketDeltaCount: 'packets',
  reverseOctetDeltaCount: 'octets',
  reverseTcpControlBits: 'flags',
} as const;
const AFTER_NAT = {
  source: ['postNATSourceIPv4Address', 'postNATSourceIPv6Address'],
  destination: ['postNATDestinationIPv4Address', 'postNATDestinationIPv6Address'],
  sourcePort: ['postNAPTSourceTransportPort'],
  destinationPort: ['postNAPTDestinationTransportPort'],
} as const;

/** The further elements that records are made of. */
export const recordElements: readonly string[] = [
  '_kind',
  ...Object.keys(REVERSE),
  ...Object.values(AFTER_NAT).flat(),
  ...SAMPLING_ELEMENTS,
];

/** Collects the records of conversations from all batches. */
export function gatherRecords(batches: readonly SitedBatch[]): Gathered {
  const { observers, observerOf, corrections } = findWitnesses(batches);
  const directions = batches.map(readDirections);
  const rows = batches.reduce((sum, batch) => sum + batch.count, 0);
  const total = rows + directions.reduce((sum, { reverse }) => sum + reverse.size, 0);
  const records = {
    count: 0,
    start: new Float64Array(total),
    end: new Float64Array(total),
    packets: new Float64Array(total),
    octets: new Float64Array(total),
    source: new Uint32Array(total),
    destination: new Uint32Array(total),
    sourcePort: new Uint16Array(total),
    destinationPort: new Uint16Array(total),
    protocol: new Uint8Array(total),
    flags: new Uint16Array(total),
    observer: new Uint32Array(total),
  };
  const translations: Translation[] = [];
  const known = new KnownHosts();
  let n = 0;
  let left = 0;
  for (const [b, batch] of batches.entries()) {
    const { columns } = batch;
    const host = known.within(batch);
    const translate = makeTranslator(batch);
    const { aggregates, reverse } = directions[b] ?? noDirections;
    for (let row = 0; row < batch.count; row++) {
      const protocol = columns.protocolIdentifier[row] ?? 0;
      const one = columns.flowStartMilliseconds[row] ?? Number.NaN;
      const other = columns.flowEndMilliseconds[row] ?? Number.NaN;
      if (
        withPorts[protocol] === 0 ||
        !Number.isFinite(one) ||
        !Number.isFinite(other) ||
        aggregates.has(row)
      ) {
        left++;
        continue;
      }
      const exporter = columns.exporter[row] ?? 0;
      const observer = observerOf[b]?.[exporter] ?? 0;
      const datagram = columns.datagram[row] ?? NO_DATAGRAM;
      const shift = datagram === NO_DATAGRAM ? 0 : (corrections[b]?.[datagram] ?? 0);
      const clock = observers[observer]?.clock;
      const corrected = (time: number): number => (clock ? correctTime(clock, time + shift) : time);
      // nfdump 1.7.1 swaps first and last of softflowd's IPFIX (elements 22 and 21).
      records.start[n] = corrected(Math.min(one, other));
      records.end[n] = corrected(Math.max(one, other));
      records.packets[n] = columns.packetDeltaCount[row] ?? 0;
      records.octets[n] = columns.octetDeltaCount[row] ?? 0;
      records.source[n] = host(columns.sourceAddress[row] ?? 0, exporter);
      records.destination[n] = host(columns.destinationAddress[row] ?? 0, exporter);
      records.sourcePort[n] = columns.sourceTransportPort[row] ?? 0;
      records.destinationPort[n] = columns.destinationTransportPort[row] ?? 0;
      records.protocol[n] = protocol;
      records.flags[n] = columns.tcpControlBits[row] ?? 0;
      records.observer[n] = observer;
      const translated = translate?.(row);
      if (translated) translations.push({ record: n, ...translated });
      n++;
      const back = reverse.size > 0 ? reverse.get(row) : undefined;
      if (back) addReverse(records, n++, back);
    }
  }
  records.count = n;
  alignClocks(records, observers);
  return { records, hosts: known.hosts, observers, translations, left };
}

/** 1 for the protocols whose conversations have ports. */
const withPorts = Uint8Array.from({ length: 256 }, (_, protocol) => (hasPorts(protocol) ? 1 : 0));

/** Numbers the hosts of all batches as they first appear. */
class KnownHosts {
  readonly hosts: Host[] = [];
  readonly #public = new Map<string, number>();
  readonly #local = new Map<string, Map<string, number>>();

  /** A batch's own numbering: the host of an address code that an exporter reported. */
  within({ addresses, sites, exporters }: SitedBatch): (address: number, exporter: number) => number {
    if (exporters.length * addresses.count > MOST_KEPT)
      return (address, exporter) => this.#number(addresses.text(address), sites[exporter] ?? '');
    const byExporter: Int32Array[] = [];
    return (address, exporter) => {
      const numbers = (byExporter[exporter] ??= new Int32Array(addresses.count).fill(UNKNOWN));
      let number = numbers[address] ?? UNKNOWN;
      if (number === UNKNOWN)
        numbers[address] = number = this.#number(addresses.text(address), sites[exporter] ?? '');
      return number;
    };
  }

  #number(address: string, site: string): number {
    const known = this.#public.get(address) ?? this.#local.get(address)?.get(site);
    if (known !== undefined) return known;
    const isLocal = this.#local.has(address) || isSiteLocal(address);
    const number = this.hosts.push({ address, site: isLocal ? site : undefined }) - 1;
    if (!isLocal) this.#public.set(address, number);
    else this.#local.set(address, (this.#local.get(address) ?? new Map<string, number>()).set(site, number));
    return number;
  }
}

const UNKNOWN = -1;
/** Numbers that a batch's addresses are looked up by, for each of its exporters: 16 MB. */
const MOST_KEPT = 4_000_000;

/** What the other direction of a biflow counted. */
interface Reverse {
  packets: number;
  octets: number;
  flags: number;
}

/** Rows of a batch that are not one direction of one conversation. */
interface Directions {
  readonly aggregates: ReadonlySet<number>;
  /** Biflows (RFC 5103) with packets both ways. */
  readonly reverse: ReadonlyMap<number, Reverse>;
}

const noDirections: Directions = { aggregates: new Set(), reverse: new Map() };

function readDirections({ extras }: SitedBatch): Directions {
  const aggregates = rowsOfKind({ extras }, 'aggregate');
  const reverse = new Map<number, Reverse>();
  for (const [name, key] of Object.entries(REVERSE)) {
    const extra = extras.get(name);
    for (const [k, row] of (extra?.rows ?? []).entries()) {
      const value = Number(extra?.values[k]);
      const known = reverse.get(row) ?? { packets: 0, octets: 0, flags: 0 };
      if (value > 0) reverse.set(row, { ...known, [key]: value });
    }
  }
  for (const [row, { packets }] of reverse) if (packets === 0) reverse.delete(row);
  return { aggregates, reverse };
}

/** The record before, seen from the other end: a biflow says when it began and ended once for both directions. */
function addReverse(records: Records, n: number, { packets, octets, flags }: Reverse): void {
  const from = n - 1;
  records.start[n] = records.start[from] ?? 0;
  records.end[n] = records.end[from] ?? 0;
  records.packets[n] = packets;
  records.octets[n] = octets;
  records.source[n] = records.destination[from] ?? 0;
  records.destination[n] = records.source[from] ?? 0;
  records.sourcePort[n] = records.destinationPort[from] ?? 0;
  records.destinationPort[n] = records.sourcePort[from] ?? 0;
  records.protocol[n] = records.protocol[from] ?? 0;
  records.flags[n] = flags;
  records.observer[n] = records.observer[from] ?? 0;
}

/** Reads the post-NAT elements of a row; undefined where the batch has none, or where the row was not translated. */
function makeTranslator(
  batch: SitedBatch,
): ((row: number) => { source: string; destination: string } | undefined) | undefined {
  const column = (names: readonly string[]): Map<number, string> => {
    const values = new Map<number, string>();
    for (const name of names) {
      const extra = batch.extras.get(name);
      for (const [k, row] of (extra?.rows ?? []).entries()) {
        const value = extra?.values[k];
        if (typeof value === 'string' || typeof value === 'number') values.set(row, `${value}`);
      }
    }
    return values;
  };
  const sources = column(AFTER_NAT.source);
  const destinations = column(AFTER_NAT.destination);
  if (sources.size === 0 && destinations.size === 0) return undefined;
  const sourcePorts = column(AFTER_NAT.sourcePort);
  const destinationPorts = column(AFTER_NAT.destinationPort);
  const { columns, addresses } = batch;
  return (row) => {
    const before = {
      source: `${addresses.text(columns.sourceAddress[row] ?? 0)}:${columns.sourceTransportPort[row]}`,
      destination: `${addresses.text(columns.destinationAddress[row] ?? 0)}:${columns.destinationTransportPort[row]}`,
    };
    const after = {
      source: `${sources.get(row) ?? addresses.text(columns.sourceAddress[row] ?? 0)}:${sourcePorts.get(row) ?? columns.sourceTransportPort[row]}`,
      destination: `${destinations.get(row) ?? addresses.text(columns.destinationAddress[row] ?? 0)}:${destinationPorts.get(row) ?? columns.destinationTransportPort[row]}`,
    };
    return after.source === before.source && after.destination === before.destination ? undefined : after;
  };
}
