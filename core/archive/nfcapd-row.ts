/** Writes one nfcapd record into the batch: what both file layouts have in common. */
import { formatAddress } from '../model/address.ts';
import type { ElementValue, FlowBatchBuilder } from '../model/flow-batch.ts';
import type { ChunkBuilder } from './chunk-builder.ts';
import { exactU64, u16, u32, u64 } from './little-endian.ts';
import { EX, isIcmp, NfcapdLayouts } from './nfcapd-layout.ts';

/** What an exporter record says. */
export interface NfcapdExporter {
  readonly address: string;
  readonly observationDomainId: number;
}

/** For rows whose exporter the file does not name. */
const UNKNOWN_ADDRESS = '';

export class NfcapdRow {
  row = 0;
  batch: FlowBatchBuilder;
  protocol = 0;
  readonly #chunk: ChunkBuilder;
  readonly #layouts = new NfcapdLayouts();
  readonly #exporterRecords = new Map<number, NfcapdExporter>();
  readonly #exporterIndex = new Map<string | number, number>();
  readonly #scratch = new Uint8Array(16);
  #low = 0;
  #high = 0;
  #extended = false;
  #addressed: 'no' | 'empty' | 'yes' = 'no';
  #sysId = 0;
  #engine = 0;
  #received: Uint8Array | undefined;
  #lastReceived: Uint8Array | undefined;
  #lastNumber = 0;
  #lastExporter: {
    batch: FlowBatchBuilder | undefined;
    readonly received: Uint8Array | undefined;
    readonly sysId: number;
    readonly engine: number;
    readonly index: number;
  } = { batch: undefined, received: undefined, sysId: 0, engine: 0, index: 0 };
  #sourceMask = 0;
  #destinationMask = 0;

  constructor(chunk: ChunkBuilder) {
    this.#chunk = chunk;
    this.batch = chunk.batch;
  }

  /** Remembers an exporter record: rows that refer to `sysId` are its from here on. */
  setExporter(sysId: number, exporter: NfcapdExporter): void {
    this.#exporterRecords.set(sysId, exporter);
    this.#exporterIndex.clear();
    this.#lastExporter.batch = undefined;
  }

  begin(offset: number, sysId: number, engine: number): void {
    if (this.batch !== this.#chunk.batch) {
      this.batch = this.#chunk.batch;
      this.#exporterIndex.clear();
    }
    this.row = this.batch.beginRow();
    this.batch.columns.sourceOffset[this.row] = offset;
    this.#low = 0;
    this.#high = 0;
    this.#extended = false;
    this.#addressed = 'no';
    this.#received = undefined;
    this.#sysId = sysId;
    this.#engine = engine;
    this.protocol = 0;
  }

  /** Marks an element as carried; false where the record had it already (then it must not be written again). */
  mark(id: number): boolean {
    const bit = 1 << (id & 31);
    const known = id < 32 ? this.#low & bit : this.#high & bit;
    if (id < 32) this.#low |= bit;
    else this.#high |= bit;
    return known === 0;
  }

  /** True where the element has been marked. */
  has(id: number): boolean {
    return ((id < 32 ? this.#low : this.#high) & (1 << (id & 31))) !== 0;
  }

  set(name: string, value: ElementValue): void {
    this.batch.setExtra(name, this.row, value);
  }

  /** For v5, where the engine stands in the record. */
  setEngine(engine: number): void {
    this.#engine = engine;
  }

  flags(event: boolean, sampled: boolean): void {
    if (event) this.set('_kind', 'event');
    if (sampled) this.set('_sampled', 1);
  }

  /** Times in ms since 1970. nfcapd writes 0 for a time it does not know. */
  times(first: number, last: number, received: number): void {
    const { columns } = this.batch;
    columns.flowStartMilliseconds[this.row] = first === 0 ? Number.NaN : first;
    columns.flowEndMilliseconds[this.row] = last === 0 ? Number.NaN : last;
    if (received !== 0) columns.collectionTimeMilliseconds[this.row] = received;
  }

  counter(name: 'packetDeltaCount' | 'octetDeltaCount', bytes: Uint8Array, at: number, width: 4 | 8): void {
    const value = width === 4 ? u32(bytes, at) : u64(bytes, at);
    this.batch.columns[name][this.row] = value;
    if (value > Number.MAX_SAFE_INTEGER) this.set(name, exactU64(bytes, at));
  }

  /** Protocol, flags, type of service, forwarding status and ports; an ICMP type and code lie in the ports. */
  transport(
    protocol: number,
    tcpFlags: number,
    tos: number,
    forwardingStatus: number,
    source: number,
    destination: number,
  ): void {
    const { columns } = this.batch;
    const row = this.row;
    this.protocol = protocol;
    columns.protocolIdentifier[row] = protocol;
    columns.tcpControlBits[row] = tcpFlags;
    columns.ipClassOfService[row] = tos;
    columns.sourceTransportPort[row] = source;
    columns.destinationTransportPort[row] = destination;
    this.set('forwardingStatus', forwardingStatus);
    if (isIcmp(protocol)) {
      this.set('icmpTypeIPv4', destination >>> 8);
      this.set('icmpCodeIPv4', destination & 0xff);
    }
  }

  /** nfcapd keeps an IPv4 address as a number, an IPv6 address as two: on disk their bytes are reversed. */
  #reversed(bytes: Uint8Array, at: number, length: 4 | 16): Uint8Array {
    const scratch = this.#scratch;
    if (length === 4) for (let i = 0; i < 4; i++) scratch[i] = bytes[at + 3 - i] ?? 0;
    else {
      for (let i = 0; i < 8; i++) {
        scratch[i] = bytes[at + 7 - i] ?? 0;
        scratch[8 + i] = bytes[at + 15 - i] ?? 0;
      }
    }
    return scratch;
  }

  addressText(bytes: Uint8Array, at: number, length: 4 | 16): string {
    return formatAddress(this.#reversed(bytes, at, length), 0, length);
  }

  /**
   * Source and destination. A record with both families (an exporter's template that has all four elements) keeps in
   * the columns the one that says something, and the other as extras.
   */
  addresses(bytes: Uint8Array, at: number, length: 4 | 16): void {
    const empty = isZero(bytes, at, 2 * length);
    if (this.#addressed !== 'no' && (empty || this.#addressed === 'yes')) {
      const family = length === 4 ? 'IPv4' : 'IPv6';
      this.set(`source${family}Address`, this.addressText(bytes, at, length));
      this.set(`destination${family}Address`, this.addressText(bytes, at + length, length));
      return;
    }
    if (this.#addressed === 'empty') {
      const family = length === 4 ? 'IPv6' : 'IPv4';
      const unspecified = length === 4 ? '::' : '0.0.0.0';
      this.set(`source${family}Address`, unspecified);
      this.set(`destination${family}Address`, unspecified);
    }
    this.#addressed = empty ? 'empty' : 'yes';
    const { columns, addresses } = this.batch;
    const intern = (from: number): number => {
      const address = this.#reversed(bytes, from, length);
      return length === 4 ? addresses.internIPv4(address, 0) : addresses.internIPv6(address, 0);
    };
    columns.sourceAddress[this.row] = intern(at);
    columns.destinationAddress[this.row] = intern(at + length);
  }

  interfaces(input: number, output: number): void {
    this.batch.columns.ingressInterface[this.row] = input;
    this.batch.columns.egressInterface[this.row] = output;
  }

  autonomousSystems(source: number, destination: number): void {
    this.batch.columns.bgpSourceAsNumber[this.row] = source;
    this.batch.columns.bgpDestinationAsNumber[this.row] = destination;
  }

  misc(direction: number, postTos: number, sourceMask: number, destinationMask: number): void {
    this.set('flowDirection', direction);
    this.set('postIpClassOfService', postTos);
    this.#sourceMask = sourceMask;
    this.#destinationMask = destinationMask;
  }

  endReason(biflowDirection: number, flowEndReason: number): void {
    if (biflowDirection === 0 && flowEndReason === 0) return;
    this.#extended = true;
    this.set('biflowDirection', biflowDirection);
    this.set('flowEndReason', flowEndReason);
  }

  /** Ten labels of label (20 bits), experimental (3), bottom of stack (1); unused ones are 0. */
  mplsLabels(bytes: Uint8Array, at: number): void {
    const labels: string[] = [];
    for (let i = 0; i < 10; i++) {
      const label = u32(bytes, at + 4 * i);
      if (label !== 0) labels.push(`${label >>> 4}-${(label & 0xf) >> 1}-${label & 1}`);
    }
    this.set('_mplsLabels', labels);
  }

  mac(name: string, bytes: Uint8Array, at: number): void {
    let text = '';
    for (let i = 5; i >= 0; i--) {
      text += `${(bytes[at + i] ?? 0).toString(16).padStart(2, '0')}${i > 0 ? ':' : ''}`;
    }
    this.set(name, text);
  }

  /** A Cisco ASA access list entry: list, entry and extended entry, each a hash of 32 bits. */
  acl(name: string, ids: readonly [number, number, number]): void {
    this.set(name, ids.map((id) => `0x${id.toString(16)}`).join('/'));
  }

  natPorts(bytes: Uint8Array, at: number): void {
    this.set('postNAPTSourceTransportPort', u16(bytes, at));
    this.set('postNAPTDestinationTransportPort', u16(bytes, at + 2));
  }

  /** The address from which the collector received the record. */
  receivedFrom(bytes: Uint8Array, at: number, length: 4 | 16): void {
    // Row after row has the same one.
    if (length === 4) {
      const number = u32(bytes, at);
      if (this.#lastReceived?.length === 4 && number === this.#lastNumber) {
        this.#received = this.#lastReceived;
        return;
      }
      this.#lastNumber = number;
    }
    this.#received = this.#reversed(bytes, at, length).slice(0, length);
    this.#lastReceived = this.#received;
  }

  finish(): void {
    const { columns } = this.batch;
    if (this.has(EX.flowMisc)) {
      // The addresses may follow the masks.
      const six = this.has(EX.ipv6Flow);
      this.set(six ? 'sourceIPv6PrefixLength' : 'sourceIPv4PrefixLength', this.#sourceMask);
      this.set(six ? 'destinationIPv6PrefixLength' : 'destinationIPv4PrefixLength', this.#destinationMask);
    }
    columns.exporter[this.row] = this.#exporter();
    columns.layout[this.row] = this.batch.internLayout(
      this.#layouts.layout(this.#low, this.#high, isIcmp(this.protocol), this.#extended),
    );
  }

  #exporter(): number {
    const received = this.#received;
    const last = this.#lastExporter;
    if (
      last.batch === this.batch &&
      last.received === received &&
      last.sysId === this.#sysId &&
      last.engine === this.#engine
    ) {
      return last.index;
    }
    const key =
      received === undefined
        ? -1 - (this.#sysId * 0x1_0000 + this.#engine)
        : received.length === 4
          ? `${u32(received, 0)}:${this.#sysId}:${this.#engine}`
          : `${formatAddress(received)}:${this.#sysId}:${this.#engine}`;
    let index = this.#exporterIndex.get(key);
    if (index === undefined) {
      const record = this.#exporterRecords.get(this.#sysId);
      index = this.batch.internExporter({
        address: received ? formatAddress(received) : (record?.address ?? UNKNOWN_ADDRESS),
        port: null,
        observationDomainId: record?.observationDomainId ?? this.#engine,
      });
      this.#exporterIndex.set(key, index);
    }
    this.#lastExporter = { batch: this.batch, received, sysId: this.#sysId, engine: this.#engine, index };
    return index;
  }
}

function isZero(bytes: Uint8Array, at: number, length: number): boolean {
  for (let i = at; i < at + length; i++) if (bytes[i] !== 0) return false;
  return true;
}
