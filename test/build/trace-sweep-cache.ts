/**
 * Flow exporters for the sweeps: a cache that is scanned every second or two (so idle timeouts are fuzzy), an active
 * timeout, clocks that are off and drift, the times that v5, v9 and IPFIX headers really carry, datagrams of thirty.
 */
import { parseAddress } from '../../core/model/address.ts';
import { FlowBatchBuilder, type SitedBatch } from '../../core/model/flow-batch.ts';
import { epochMs, uptimeMs } from '../../core/model/time.ts';
import type { Random } from './sessions.ts';
import type { Train } from './trace-sweep-people.ts';

export interface SweepExporter {
  readonly address: string;
  readonly port: number;
  readonly site: string;
  readonly version: 5 | 9 | 10;
  readonly idleMs: number;
  readonly activeMs: number;
  /** How often the cache is searched for flows to expire. */
  readonly scanMs: number;
  /** One entry for both directions, as softflowd has it; else one each. */
  readonly biflow: boolean;
  readonly aheadMs: number;
  readonly driftPpm: number;
  /** One packet in so many is looked at. */
  readonly sampling: number;
  /** The part of records that vanish before they are counted, and of datagrams that vanish after. */
  readonly recordLoss: number;
  readonly datagramLoss: number;
  /** Whether the collector noted when datagrams came in. */
  readonly received: boolean;
}

/** A connection as it passes an exporter. Endpoints are `address:port`. */
export interface Passing {
  readonly client: string;
  readonly server: string;
  readonly train: Train;
  /** Path delay up to the exporter, ms. */
  readonly delayMs: number;
}

interface Entry {
  first: number;
  last: number;
  readonly packets: [number, number];
  readonly octets: [number, number];
  readonly flags: [number, number];
}

interface Expired extends Entry {
  readonly passing: Passing;
  readonly direction: 0 | 1;
  readonly exportAt: number;
}

const RECORDS_A_DATAGRAM = 30;
const FIN_OR_RST = 0x05;
const UPTIME_AT_EPOCH = 40 * 86_400_000;

/** What the exporters report of what passes them, in one batch. */
export function exportPassing(
  random: Random,
  exporters: readonly SweepExporter[],
  passing: ReadonlyMap<SweepExporter, readonly Passing[]>,
  epoch: number,
): SitedBatch {
  const builder = new FlowBatchBuilder(65_536);
  const sites: string[] = [];
  for (const exporter of exporters) {
    const { address, port, site } = exporter;
    const index = builder.internExporter({ address, port, observationDomainId: 0 });
    sites[index] = site;
    const scan = { every: exporter.scanMs, phase: random() * exporter.scanMs };
    const expired = (passing.get(exporter) ?? []).flatMap((one) => meter(random, exporter, one, scan));
    sendDatagrams(random, builder, index, exporter, expired, epoch);
  }
  return { ...builder.finish(), sites };
}

interface Scan {
  readonly every: number;
  readonly phase: number;
}

function meter(random: Random, exporter: SweepExporter, passing: Passing, scan: Scan): Expired[] {
  if (exporter.biflow) return runCache(random, exporter, passing, scan, [0, 1]);
  return [
    ...runCache(random, exporter, passing, scan, [0]),
    ...runCache(random, exporter, passing, scan, [1]),
  ];
}

/** One cache entry after the other, for the packets of some directions. */
function runCache(
  random: Random,
  { idleMs, activeMs, sampling }: SweepExporter,
  passing: Passing,
  { every, phase }: Scan,
  directions: readonly (0 | 1)[],
): Expired[] {
  const { train, delayMs } = passing;
  const expired: Expired[] = [];
  let entry: Entry | undefined;
  let closed = false;
  const scanAfter = (time: number): number => phase + (Math.floor((time - phase) / every) + 1) * every;
  const expire = (exportAt: number): void => {
    if (!entry) return;
    for (const direction of directions) {
      if (entry.packets[direction] > 0) expired.push({ ...entry, passing, direction, exportAt });
    }
    entry = undefined;
    closed = false;
  };
  for (let i = 0; i < train.atMs.length; i++) {
    const direction = (train.direction[i] ?? 0) as 0 | 1;
    if (!directions.includes(direction) || (sampling > 1 && random() * sampling >= 1)) continue;
    const at = (train.atMs[i] ?? 0) + delayMs;
    if (entry) {
      const due = Math.min(
        scanAfter(entry.last + (closed ? 1000 : idleMs)),
        scanAfter(entry.first + activeMs),
      );
      if (due < at) expire(due);
    }
    entry ??= { first: at, last: at, packets: [0, 0], octets: [0, 0], flags: [0, 0] };
    entry.last = at;
    entry.packets[direction]++;
    entry.octets[direction] += train.octets[i] ?? 0;
    entry.flags[direction] |= train.flags[i] ?? 0;
    closed ||= ((train.flags[i] ?? 0) & FIN_OR_RST) !== 0;
  }
  if (entry) expire(scanAfter(entry.last + (closed ? 1000 : idleMs)));
  return expired;
}

function sendDatagrams(
  random: Random,
  builder: FlowBatchBuilder,
  exporter: number,
  options: SweepExporter,
  records: Expired[],
  epoch: number,
): void {
  const { version, recordLoss, datagramLoss } = options;
  const kept = recordLoss > 0 ? records.filter(() => random() >= recordLoss) : records;
  kept.sort((a, b) => a.exportAt - b.exportAt);
  const clock = (time: number): number => time + options.aheadMs + ((time - epoch) * options.driftPpm) / 1e6;
  const interned = new Map<string, { code: number; port: number }>();
  const endpoint = (text: string): { code: number; port: number } => {
    let known = interned.get(text);
    if (!known) {
      const colon = text.lastIndexOf(':');
      const bytes = parseAddress(text.slice(0, colon));
      if (!bytes) throw new Error(`not an endpoint: ${text}`);
      known = { code: builder.addresses.intern(bytes), port: Number(text.slice(colon + 1)) };
      interned.set(text, known);
    }
    return known;
  };
  let sequence = 0;
  for (let from = 0; from < kept.length;) {
    const opened = kept[from]?.exportAt ?? 0;
    let to = from + 1;
    while (to < kept.length && to - from < RECORDS_A_DATAGRAM && (kept[to]?.exportAt ?? 0) - opened < 1000)
      to++;
    const sent = (to - from < RECORDS_A_DATAGRAM ? opened + 1000 : (kept[to - 1]?.exportAt ?? 0)) + 3;
    const stamp = Math.floor(clock(sent));
    // Uptime and calendar are one clock; v9 keeps only the calendar's whole second.
    const exportTime = version === 9 ? stamp - (stamp % 1000) : stamp;
    const shift = version === 10 ? 0 : exportTime - stamp;
    if (random() >= datagramLoss) {
      const datagram = builder.addDatagram({
        exporter,
        version,
        sequenceNumber: sequence,
        exportTime: epochMs(version === 10 ? stamp - (stamp % 1000) : exportTime),
        sysUpTime: version === 10 ? null : uptimeMs(stamp - epoch + UPTIME_AT_EPOCH),
        received: options.received ? epochMs(sent + uniformDelay(random)) : null,
        records: to - from,
        ordinal: builder.datagramCount,
        sourceOffset: 0,
      });
      for (const record of kept.slice(from, to)) {
        const row = builder.beginRow();
        const { columns } = builder;
        const { direction, passing } = record;
        const [client, server] = [endpoint(passing.client), endpoint(passing.server)];
        const [source, destination] = direction === 0 ? [client, server] : [server, client];
        columns.exporter[row] = exporter;
        columns.datagram[row] = datagram;
        columns.flowStartMilliseconds[row] = Math.floor(clock(record.first)) + shift;
        columns.flowEndMilliseconds[row] = Math.floor(clock(record.last)) + shift;
        columns.packetDeltaCount[row] = record.packets[direction];
        columns.octetDeltaCount[row] = record.octets[direction];
        columns.protocolIdentifier[row] = 6;
        columns.tcpControlBits[row] = record.flags[direction];
        columns.sourceAddress[row] = source.code;
        columns.sourceTransportPort[row] = source.port;
        columns.destinationAddress[row] = destination.code;
        columns.destinationTransportPort[row] = destination.port;
        if (options.sampling > 1) builder.setExtra('samplingInterval', row, options.sampling);
      }
    }
    sequence += version === 9 ? 1 : to - from;
    from = to;
  }
}

/** Mostly a millisecond or two on the way to the collector, now and then a queue. */
const uniformDelay = (random: Random): number => 1 + random() * 3 + (random() < 0.02 ? random() * 80 : 0);
