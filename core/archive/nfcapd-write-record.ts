/** One flow -> one record of an nfcapd block, and the record that names its exporter before the first one of it. */
import { parseAddress } from '../model/address.ts';
import { exporterKey, NO_DATAGRAM, type ElementValue, type FlowBatch } from '../model/flow-batch.ts';
import { encodeUtf8 } from '../model/text.ts';
import { EX, isIcmp } from './nfcapd-layout.ts';
import {
  bytesOf,
  miscNames,
  writtenElements,
  type SlotKind,
  type WrittenElement,
} from './nfcapd-write-elements.ts';
import { ExtraReader } from './neutral-values.ts';

/** The most bytes that `write` adds at once: an exporter record and a flow with every element. */
export const MAX_RECORD = 4096;

const V3_RECORD = 11;
const EXPORTER_RECORD = 7;
const EXPORTER_BYTES = 32;
const AF_INET = 2;
const AF_INET6 = 10;
const FLAG_EVENT = 1;
const FLAG_SAMPLED = 2;
/** nfdump's field for a user name, the 0 at its end included. */
const USER_NAME_BYTES = 68;
const MAX_SYSIDS = 65_535;
const U64_END = 2n ** 64n;
const SAFE_END = 2 ** 53;

/** What the records of one layout have. */
interface LayoutPlan {
  readonly misc: boolean;
  readonly userName: boolean;
  readonly elements: readonly WrittenElement[];
}

interface KnownExporter {
  readonly sysId: number;
  readonly address: Uint8Array | undefined;
  readonly domain: number;
}

export class NfcapdRecordWriter {
  /** Where in the block the next record goes. */
  end: number;
  readonly #block: Uint8Array;
  readonly #view: DataView;
  readonly #exporters = new Map<string, KnownExporter>();
  #batch: FlowBatch | undefined;
  #extras: ExtraReader | undefined;
  #plans: (LayoutPlan | undefined)[] = [];
  #batchExporters: (KnownExporter | undefined)[] = [];
  /** Whether records of this batch may have addresses of both families. */
  #hasIPv6 = false;
  #row = 0;
  #elements = 0;

  constructor(block: Uint8Array, end: number) {
    this.#block = block;
    this.#view = new DataView(block.buffer, block.byteOffset, block.byteLength);
    this.end = end;
  }

  /** Rows come from this batch now. */
  begin(batch: FlowBatch): void {
    this.#batch = batch;
    this.#extras = new ExtraReader(batch);
    this.#plans = [];
    this.#batchExporters = [];
    this.#hasIPv6 = ['sourceIPv6Address', 'destinationIPv6Address'].some((name) => batch.extras.has(name));
  }

  /** Writes a row; they must come in ascending order. Returns how many records that made: one, or two. */
  write(row: number): number {
    const batch = this.#batch;
    if (!batch) throw new Error('a row was written before its batch was begun');
    this.#row = row;
    const { columns } = batch;
    let records = 1;
    const exporterIndex = columns.exporter[row] ?? 0;
    let exporter = this.#batchExporters[exporterIndex];
    if (!exporter) {
      const { known, isNew } = this.#internExporter(batch, exporterIndex);
      if (isNew) records++;
      exporter = this.#batchExporters[exporterIndex] = known;
    }
    const plan = (this.#plans[columns.layout[row] ?? 0] ??= planOf(
      batch.layouts[columns.layout[row] ?? 0]?.fields ?? [],
    ));
    const at = this.end;
    this.end += 12;
    this.#elements = 0;
    this.#generic(batch);
    const six = this.#addresses(batch);
    const input = columns.ingressInterface[row] ?? 0;
    const output = columns.egressInterface[row] ?? 0;
    if (plan.misc || input !== 0 || output !== 0) this.#misc(input, output, six);
    const hasAs =
      (columns.bgpSourceAsNumber[row] ?? 0) !== 0 || (columns.bgpDestinationAsNumber[row] ?? 0) !== 0;
    for (const element of plan.elements) this.#element(element, false);
    if (hasAs && !plan.elements.includes(AS_ELEMENT)) this.#element(AS_ELEMENT, true);
    if (plan.userName) this.#userName();
    if (exporter.address) this.#received(exporter.address);
    this.#header(at, exporter, batch);
    return records;
  }

  #header(at: number, exporter: KnownExporter, batch: FlowBatch): void {
    const view = this.#view;
    const header = batch.datagrams[batch.columns.datagram[this.#row] ?? NO_DATAGRAM];
    const version = header?.version ?? 0;
    view.setUint16(at, V3_RECORD, true);
    view.setUint16(at + 2, this.end - at, true);
    view.setUint16(at + 4, this.#elements, true);
    // The domain of NetFlow v5 is its engine; without an exporter's record it is the only place for any domain.
    const isEngine = version === 5 || exporter.sysId === 0;
    const engine = isEngine && exporter.domain <= 0xffff ? exporter.domain : 0;
    this.#block[at + 6] = engine >> 8;
    this.#block[at + 7] = engine & 0xff;
    view.setUint16(at + 8, exporter.sysId, true);
    const interval = this.#value('samplingInterval') ?? this.#value('_samplingInterval');
    const sampled = this.#value('_sampled') !== undefined || Number(interval) > 1;
    this.#block[at + 10] = (this.#value('_kind') === 'event' ? FLAG_EVENT : 0) | (sampled ? FLAG_SAMPLED : 0);
    this.#block[at + 11] = version <= 10 ? version : 0;
  }

  /** Opens an element and returns where its body begins. */
  #open(id: number, size: number): number {
    const at = this.end;
    this.#view.setUint16(at, id, true);
    this.#view.setUint16(at + 2, size + 4, true);
    this.#block.fill(0, at + 4, at + 4 + size);
    this.#elements++;
    this.end += 4 + size;
    return at + 4;
  }

  #generic({ columns }: FlowBatch): void {
    const row = this.#row;
    const at = this.#open(EX.genericFlow, 48);
    const view = this.#view;
    const protocol = columns.protocolIdentifier[row] ?? 0;
    this.#u64(at, columns.flowStartMilliseconds[row]);
    this.#u64(at + 8, columns.flowEndMilliseconds[row]);
    this.#u64(at + 16, columns.collectionTimeMilliseconds[row]);
    this.#u64(at + 24, this.#value('packetDeltaCount') ?? columns.packetDeltaCount[row]);
    this.#u64(at + 32, this.#value('octetDeltaCount') ?? columns.octetDeltaCount[row]);
    let port = columns.destinationTransportPort[row] ?? 0;
    if (port === 0 && isIcmp(protocol)) port = this.#icmp();
    view.setUint16(at + 40, columns.sourceTransportPort[row] ?? 0, true);
    view.setUint16(at + 42, port, true);
    this.#block[at + 44] = protocol;
    this.#block[at + 45] = columns.tcpControlBits[row] ?? 0;
    this.#block[at + 46] = this.#number('forwardingStatus');
    this.#block[at + 47] = columns.ipClassOfService[row] ?? 0;
  }

  /** Type and code as one number, where the exporter put them into elements of their own. */
  #icmp(): number {
    for (const family of ['IPv4', 'IPv6']) {
      const both = this.#value(`icmpTypeCode${family}`);
      if (both !== undefined) return Number(both) & 0xffff;
      const type = this.#value(`icmpType${family}`);
      if (type !== undefined)
        return ((Number(type) & 0xff) << 8) | (this.#number(`icmpCode${family}`) & 0xff);
    }
    return 0;
  }

  /**
   * Returns whether the flow is of IPv6. A record with addresses of both families has an element of each, an empty one
   * first: nfdump 1.7.1 has one place for both, and what comes last stays in it.
   */
  #addresses(batch: FlowBatch): boolean {
    const { addresses, columns } = batch;
    const source = columns.sourceAddress[this.#row] ?? 0;
    const destination = columns.destinationAddress[this.#row] ?? 0;
    if (addresses.family(source) === 4 && addresses.family(destination) === 4 && !this.#hasIPv6) {
      const at = this.#open(EX.ipv4Flow, 8);
      for (let i = 0; i < 4; i++) {
        this.#block[at + i] = addresses.bytes[source * 16 + 3 - i] ?? 0;
        this.#block[at + 4 + i] = addresses.bytes[destination * 16 + 3 - i] ?? 0;
      }
      return false;
    }
    const pair = [source, destination].map((code) => {
      const from = code * 16;
      const length = addresses.family(code) === 4 ? 4 : 16;
      return addresses.family(code) === 0 ? undefined : addresses.bytes.subarray(from, from + length);
    });
    const six = pair.some((address) => address?.length === 16);
    const otherFamily = six ? 'IPv4' : 'IPv6';
    const names = [`source${otherFamily}Address`, `destination${otherFamily}Address`];
    const values = names.map((name) => this.#value(name));
    const other = values.map(addressOf);
    const hasOther = values.some((value) => value !== undefined);
    const otherIsEmpty = other.every((address) => address?.every((byte) => byte === 0) ?? true);
    if (hasOther && otherIsEmpty) this.#pair(!six, other);
    if (pair.some((address) => address)) this.#pair(six, pair);
    if (hasOther && !otherIsEmpty) this.#pair(!six, other);
    return six;
  }

  #pair(six: boolean, pair: readonly (Uint8Array | undefined)[]): void {
    const length = six ? 16 : 4;
    const at = this.#open(six ? EX.ipv6Flow : EX.ipv4Flow, 2 * length);
    for (const [i, address] of pair.entries()) this.#address(at + i * length, length, address);
  }

  #misc(input: number, output: number, six: boolean): void {
    const at = this.#open(EX.flowMisc, 16);
    this.#view.setUint32(at, input, true);
    this.#view.setUint32(at + 4, output, true);
    const family = six ? 'IPv6' : 'IPv4';
    this.#block[at + 8] = this.#number(`source${family}PrefixLength`);
    this.#block[at + 9] = this.#number(`destination${family}PrefixLength`);
    this.#block[at + 10] = this.#number('flowDirection');
    this.#block[at + 11] = this.#number('postIpClassOfService');
    this.#block[at + 12] = this.#number('biflowDirection');
    this.#block[at + 13] = this.#number('flowEndReason');
  }

  #element(element: WrittenElement, present: boolean): void {
    if (!present && !element.names.some((name) => isCore(name) || this.#value(name) !== undefined)) return;
    let at = this.#open(element.id, element.size);
    for (const [kind, name] of element.slots) {
      if (kind !== 'pad') this.#slot(kind, at, isCore(name) ? this.#core(name) : this.#value(name));
      at += bytesOf(kind);
    }
  }

  #core(name: AsColumn): number {
    return this.#batch?.columns[name][this.#row] ?? 0;
  }

  #slot(kind: SlotKind, at: number, value: ElementValue | undefined): void {
    const number = Number(value ?? 0) || 0;
    switch (kind) {
      case 'u8':
        this.#block[at] = number;
        return;
      case 'u16':
        this.#view.setUint16(at, number, true);
        return;
      case 'u32':
        this.#view.setUint32(at, number, true);
        return;
      case 'u64':
        this.#u64(at, value);
        return;
      case 'us':
        this.#u64(at, Math.round(number * 1000));
        return;
      case 'ip4':
        this.#address(at, 4, addressOf(value));
        return;
      case 'ip6':
        this.#address(at, 16, addressOf(value));
        return;
      default:
        this.#text(kind, at, value);
    }
  }

  /** Values that are text in a batch. */
  #text(kind: SlotKind, at: number, value: ElementValue | undefined): void {
    if (kind === 'mac' && typeof value === 'string') {
      const octets = value.split(':').map((octet) => Number.parseInt(octet, 16) || 0);
      for (const [i, octet] of octets.slice(0, 6).entries()) this.#block[at + 5 - i] = octet;
    } else if (kind === 'acl' && typeof value === 'string') {
      const ids = value.split('/').map((id) => Number.parseInt(id, 16) || 0);
      for (const [i, id] of ids.slice(0, 3).entries()) this.#view.setUint32(at + 4 * i, id, false);
    } else if (kind === 'labels' && Array.isArray(value)) {
      for (const [i, label] of value.slice(0, 10).entries()) {
        const [number = 0, experimental = 0, bottom = 0] = String(label).split('-').map(Number);
        this.#view.setUint32(at + 4 * i, (number << 4) | ((experimental & 7) << 1) | (bottom & 1), true);
      }
    }
  }

  #userName(): void {
    const name = this.#value('userName');
    if (typeof name !== 'string') return;
    const at = this.#open(EX.nselUser, USER_NAME_BYTES);
    if (name !== EMPTY_USER) this.#block.set(encodeUtf8(name).subarray(0, USER_NAME_BYTES - 1), at);
  }

  #received(address: Uint8Array): void {
    const four = address.length === 4;
    const at = this.#open(four ? EX.ipReceivedV4 : EX.ipReceivedV6, address.length);
    this.#address(at, address.length, address);
  }

  #internExporter(batch: FlowBatch, index: number): { known: KnownExporter; isNew: boolean } {
    const exporter = batch.exporters[index] ?? { address: '', port: null, observationDomainId: 0 };
    const key = exporterKey({ ...exporter, port: null });
    const before = this.#exporters.get(key);
    if (before) return { known: before, isNew: false };
    const address = parseAddress(exporter.address);
    const isNew = address !== undefined && this.#exporters.size < MAX_SYSIDS;
    const sysId = isNew ? this.#exporters.size + 1 : 0;
    const known = { sysId, address, domain: exporter.observationDomainId };
    this.#exporters.set(key, known);
    if (!isNew) return { known, isNew };
    const at = this.end;
    const view = this.#view;
    this.#block.fill(0, at, at + EXPORTER_BYTES);
    view.setUint16(at, EXPORTER_RECORD, true);
    view.setUint16(at + 2, EXPORTER_BYTES, true);
    view.setUint32(
      at + 4,
      batch.datagrams[batch.columns.datagram[this.#row] ?? NO_DATAGRAM]?.version ?? 0,
      true,
    );
    // An IPv4 address lies in the upper half of the second 64-bit word.
    this.#address(address.length === 4 ? at + 16 : at + 8, address.length, address);
    view.setUint16(at + 24, address.length === 4 ? AF_INET : AF_INET6, true);
    view.setUint16(at + 26, sysId, true);
    view.setUint32(at + 28, known.domain, true);
    this.end += EXPORTER_BYTES;
    return { known, isNew };
  }

  /** An IPv4 address is one little-endian number, an IPv6 address two of 64 bits. */
  #address(at: number, length: number, address: Uint8Array | undefined): void {
    if (!address) return;
    if (length === 4) {
      for (let i = 0; i < 4; i++) this.#block[at + i] = address[3 - i] ?? 0;
      return;
    }
    const mapped = address.length === 4 ? mappedIPv6(address) : address;
    for (let i = 0; i < 8; i++) {
      this.#block[at + i] = mapped[7 - i] ?? 0;
      this.#block[at + 8 + i] = mapped[15 - i] ?? 0;
    }
  }

  /** A counter or time: a number, a decimal string above 2^53, or nothing (0). */
  #u64(at: number, value: ElementValue | undefined): void {
    if (typeof value === 'string' && /^\d{1,20}$/.test(value)) {
      const big = BigInt(value);
      this.#view.setBigUint64(at, big < U64_END ? big : U64_END - 1n, true);
      return;
    }
    const number = typeof value === 'number' && value > 0 ? Math.floor(value) : 0;
    if (number >= SAFE_END) {
      const big = Number.isFinite(number) ? BigInt(number) : U64_END - 1n;
      this.#view.setBigUint64(at, big < U64_END ? big : U64_END - 1n, true);
      return;
    }
    this.#view.setUint32(at, number % 2 ** 32, true);
    this.#view.setUint32(at + 4, Math.floor(number / 2 ** 32), true);
  }

  #value(name: string): ElementValue | undefined {
    return this.#extras?.at(name, this.#row);
  }

  #number(name: string): number {
    const value = Number(this.#value(name) ?? 0);
    return Number.isFinite(value) ? value : 0;
  }
}

/** What our reader says of an empty name. */
const EMPTY_USER = '<empty>';

type AsColumn = 'bgpSourceAsNumber' | 'bgpDestinationAsNumber';

const isCore = (name: string): name is AsColumn =>
  name === 'bgpSourceAsNumber' || name === 'bgpDestinationAsNumber';

const AS_ELEMENT = writtenElements.find(({ id }) => id === EX.asRouting) as WrittenElement;

function planOf(fields: readonly string[]): LayoutPlan {
  const has = new Set(fields);
  return {
    misc: fields.some((name) => miscNames.has(name)),
    userName: has.has('userName'),
    elements: writtenElements.filter(({ names }) => names.some((name) => has.has(name))),
  };
}

const addressOf = (value: ElementValue | undefined): Uint8Array | undefined =>
  typeof value === 'string' ? parseAddress(value) : undefined;

function mappedIPv6(address: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.fill(0xff, 10, 12);
  bytes.set(address, 12);
  return bytes;
}
