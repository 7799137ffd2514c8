/** Exporters that watch made-up packets and report them as flow records, with the faults that real exporters have. */
import { parseAddress } from '../../core/model/address.ts';
import {
  FlowBatchBuilder,
  NO_DATAGRAM,
  type Exporter,
  type SitedBatch,
} from '../../core/model/flow-batch.ts';
import { epochMs, uptimeMs } from '../../core/model/time.ts';
import type { Packet, Random } from './sessions.ts';

export interface ExporterOptions {
  readonly address: string;
  /** Its own address where none is given. */
  readonly site?: string;
  readonly version?: 5 | 9 | 10;
  readonly inactiveMs?: number;
  readonly activeMs?: number;
  /** How far its clock runs ahead. */
  readonly aheadMs?: number;
  /** How fast its clock gains, in parts per million, from `driftFrom` on. */
  readonly driftPpm?: number;
  readonly driftFrom?: number;
  /** NetFlow v9 as it is: the header drops the part of a second, and all record times are early by it. */
  readonly wholeSeconds?: boolean;
  /** The part of its datagrams that never arrive. */
  readonly loss?: number;
  /** It looks at one packet in so many, chosen at random. */
  readonly sampling?: number;
  /** False for archives that keep no headers and no time of arrival. */
  readonly headers?: boolean;
  /** False where nobody noted when the datagrams arrived. */
  readonly received?: boolean;
}

/** `address:port`. */
export type EndpointText = string;

export interface Watched {
  readonly exporter: string;
  readonly client: EndpointText;
  readonly server: EndpointText;
  readonly packets: readonly Packet[];
  /** What the exporter says of the client's and the server's endpoint behind its NAT. */
  readonly postNat?: { readonly client?: EndpointText; readonly server?: EndpointText };
  /** The directions it sees; both where none is given. */
  readonly directions?: readonly (0 | 1)[];
}

interface FlowRecord {
  readonly watched: Watched;
  readonly direction: 0 | 1;
  readonly start: number;
  end: number;
  packets: number;
  octets: number;
  flags: number;
  exportAt: number;
}

const RECORDS_A_DATAGRAM = 20;
const FIN = 0x01;
const BOOT_MS = 86_400_000;

export class FlowWorld {
  readonly #random: Random;
  readonly #exporters = new Map<string, ExporterOptions>();
  readonly #watched: Watched[] = [];

  constructor(random: Random, exporters: readonly ExporterOptions[]) {
    this.#random = random;
    for (const exporter of exporters) this.#exporters.set(exporter.address, exporter);
  }

  /** Lets an exporter see a connection's packets as going from `client` to `server`. */
  watch(...watched: readonly Watched[]): this {
    this.#watched.push(...watched);
    return this;
  }

  /** Everything that arrived. */
  batch(): SitedBatch {
    const builder = new FlowBatchBuilder();
    const sites: string[] = [];
    for (const options of this.#exporters.values()) {
      const exporter: Exporter = {
        address: options.address,
        port: options.headers === false ? null : 2055,
        observationDomainId: 1,
      };
      sites[builder.internExporter(exporter)] = options.site ?? options.address;
      const seen = this.#watched.filter((watched) => watched.exporter === options.address);
      const records = seen.flatMap((watched) => meter(this.#sample(watched, options), options));
      this.#export(builder, builder.internExporter(exporter), options, records);
    }
    return { ...builder.finish(), sites };
  }

  #sample(watched: Watched, { sampling = 1 }: ExporterOptions): Watched {
    if (sampling === 1) return watched;
    return { ...watched, packets: watched.packets.filter(() => this.#random() * sampling < 1) };
  }

  #export(
    builder: FlowBatchBuilder,
    exporter: number,
    options: ExporterOptions,
    records: FlowRecord[],
  ): void {
    const {
      version = 5,
      aheadMs = 0,
      driftPpm = 0,
      driftFrom = 0,
      wholeSeconds = false,
      loss = 0,
      headers = true,
      received = true,
    } = options;
    let sequence = 0;
    records.sort((a, b) => a.exportAt - b.exportAt);
    for (let from = 0; from < records.length;) {
      const at = records[from]?.exportAt ?? 0;
      let to = from + 1;
      while (
        to < records.length &&
        to - from < RECORDS_A_DATAGRAM &&
        (records[to]?.exportAt ?? 0) - at < 1000
      )
        to++;
      const sent = at + 1000 + this.#random() * 50;
      const told = sent + aheadMs + (driftPpm / 1e6) * (sent - driftFrom);
      const exportTime = told - (wholeSeconds ? told % 1000 : 0);
      const arrives = this.#random() >= loss;
      if (arrives) {
        const datagram = headers
          ? builder.addDatagram({
              exporter,
              version,
              sequenceNumber: sequence,
              exportTime: epochMs(exportTime),
              sysUpTime: version === 10 ? null : uptimeMs(sent - BOOT_MS),
              received: received ? epochMs(sent + 5 + this.#random() * 10) : null,
              records: to - from,
              ordinal: builder.datagramCount,
              sourceOffset: 0,
            })
          : NO_DATAGRAM;
        const shift = exportTime - sent;
        for (const record of records.slice(from, to)) addRow(builder, exporter, datagram, record, shift);
      }
      sequence += version === 9 ? 1 : to - from;
      from = to;
    }
  }
}

/** The records of a flow cache with an inactive and an active timeout. */
function meter(watched: Watched, { inactiveMs = 5000, activeMs = 60_000 }: ExporterOptions): FlowRecord[] {
  return (watched.directions ?? [0, 1]).flatMap((direction) => {
    const records: FlowRecord[] = [];
    let current: FlowRecord | undefined;
    for (const packet of watched.packets) {
      if (packet.direction !== direction) continue;
      if (current && packet.atMs - current.end > inactiveMs) current = undefined;
      else if (current && packet.atMs - current.start > activeMs) {
        current.exportAt = packet.atMs;
        current = undefined;
      }
      if (!current) {
        const start = packet.atMs;
        current = { watched, direction, start, end: start, packets: 0, octets: 0, flags: 0, exportAt: 0 };
        records.push(current);
      }
      current.end = packet.atMs;
      current.packets++;
      current.octets += packet.octets;
      current.flags |= packet.flags;
      current.exportAt = packet.atMs + ((packet.flags & FIN) !== 0 ? 0 : inactiveMs);
    }
    return records;
  });
}

function addRow(
  builder: FlowBatchBuilder,
  exporter: number,
  datagram: number,
  record: FlowRecord,
  shift: number,
): void {
  const { watched, direction } = record;
  const [source, destination] =
    direction === 0 ? [watched.client, watched.server] : [watched.server, watched.client];
  const row = builder.beginRow();
  const { columns } = builder;
  columns.exporter[row] = exporter;
  columns.datagram[row] = datagram;
  columns.layout[row] = builder.internLayout({ templateId: 0, fields: [] });
  columns.flowStartMilliseconds[row] = record.start + shift;
  columns.flowEndMilliseconds[row] = record.end + shift;
  columns.packetDeltaCount[row] = record.packets;
  columns.octetDeltaCount[row] = record.octets;
  columns.protocolIdentifier[row] = 6;
  columns.tcpControlBits[row] = record.flags;
  const [from, to] = [splitEndpoint(source), splitEndpoint(destination)];
  columns.sourceAddress[row] = builder.addresses.intern(from.bytes);
  columns.sourceTransportPort[row] = from.port;
  columns.destinationAddress[row] = builder.addresses.intern(to.bytes);
  columns.destinationTransportPort[row] = to.port;
  const { client, server } = watched.postNat ?? {};
  const [behindSource, behindDestination] = direction === 0 ? [client, server] : [server, client];
  if (behindSource !== undefined) {
    const { text, port } = splitEndpoint(behindSource);
    builder.setExtra('postNATSourceIPv4Address', row, text);
    builder.setExtra('postNAPTSourceTransportPort', row, port);
  }
  if (behindDestination !== undefined) {
    const { text, port } = splitEndpoint(behindDestination);
    builder.setExtra('postNATDestinationIPv4Address', row, text);
    builder.setExtra('postNAPTDestinationTransportPort', row, port);
  }
}

function splitEndpoint(endpoint: EndpointText): { text: string; bytes: Uint8Array; port: number } {
  const at = endpoint.lastIndexOf(':');
  const text = endpoint.slice(0, at);
  const bytes = parseAddress(text);
  if (!bytes) throw new Error(`not an endpoint: ${endpoint}`);
  return { text, bytes, port: Number(endpoint.slice(at + 1)) };
}
