/**
 * The first bytes of a packet, as samplers send them: Ethernet with VLAN tags and MPLS labels, IPv4, IPv6 with extension
 * headers, TCP, UDP, ICMP, and one packet within: GRE (RFC 2784, 2890), IP in IP (protocols 4 and 41), VXLAN (RFC 7348).
 *
 * Everything is of the outermost IP header. A packet within gives `_tunnel` and `_inner...` extras. A header that is cut
 * short gives what is whole of it.
 */
import { formatAddress } from '../model/address.ts';
import { formatHex } from '../model/text.ts';
import { SampleFields } from './sample-fields.ts';
import { readU16, readU32 } from './values.ts';

/** header_protocol of sFlow v5. */
const HEADER_PROTOCOL = { ethernet: 1, ipv4: 11, ipv6: 12, mpls: 13 } as const;

const ETHER = { ipv4: 0x0800, ipv6: 0x86dd, mpls: 0x8847, mplsMulticast: 0x8848, bridged: 0x6558 } as const;
/** 802.1Q, 802.1ad, and the older double tag 0x9100. */
const VLAN_TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
const IP = { icmp: 1, ipv4: 4, tcp: 6, udp: 17, ipv6: 41, gre: 47, icmp6: 58, sctp: 132 } as const;
/** IPv6 extension headers counted in 8 bytes beyond the first 8: hop-by-hop, routing, destination options, mobility. */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60, 135]);
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const VXLAN_PORT = 4789;

/** Reads the packet between `at` and `end` into `fields`. Unknown header protocols leave them alone. */
export function readSampledHeader(
  protocol: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  fields: SampleFields,
): void {
  new HeaderReader(bytes, end, fields, false).read(protocol, at);
}

class HeaderReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #fields: SampleFields;
  /** Within a tunnel: what is within that again is not looked at. */
  readonly #inner: boolean;

  constructor(bytes: Uint8Array, end: number, fields: SampleFields, inner: boolean) {
    this.#bytes = bytes;
    this.#end = end;
    this.#fields = fields;
    this.#inner = inner;
  }

  read(protocol: number, at: number): void {
    if (protocol === HEADER_PROTOCOL.ethernet) this.#ethernet(at);
    else if (protocol === HEADER_PROTOCOL.ipv4) this.#ipv4(at);
    else if (protocol === HEADER_PROTOCOL.ipv6) this.#ipv6(at);
    else if (protocol === HEADER_PROTOCOL.mpls) this.#mpls(at);
  }

  #has(at: number, length: number): boolean {
    return at + length <= this.#end;
  }

  #ethernet(at: number): void {
    if (!this.#has(at, 14)) return;
    const bytes = this.#bytes;
    this.#fields.add('destinationMacAddress', formatHex(bytes, at, 6, ':'));
    this.#fields.add('sourceMacAddress', formatHex(bytes, at + 6, 6, ':'));
    const tags: number[] = [];
    let next = at + 14;
    let type = readU16(bytes, at + 12);
    while (VLAN_TAGS.has(type) && this.#has(next, 4)) {
      tags.push(readU16(bytes, next));
      type = readU16(bytes, next + 2);
      next += 4;
    }
    this.#fields.add('ethernetType', type);
    const [outer, inner] = tags;
    if (outer !== undefined) {
      this.#fields.add('vlanId', outer & 0xfff);
      this.#fields.add('dot1qPriority', outer >> 13);
    }
    if (inner !== undefined) this.#fields.extras.set('dot1qCustomerVlanId', inner & 0xfff);
    this.#etherType(type, next);
  }

  #etherType(type: number, at: number): void {
    if (type === ETHER.ipv4) this.#ipv4(at);
    else if (type === ETHER.ipv6) this.#ipv6(at);
    else if (type === ETHER.mpls || type === ETHER.mplsMulticast) this.#mpls(at);
    else if (type === ETHER.bridged) this.#ethernet(at);
  }

  #mpls(from: number): void {
    const labels: number[] = [];
    let at = from;
    let bottom = false;
    while (!bottom && this.#has(at, 4)) {
      const entry = readU32(this.#bytes, at);
      labels.push(entry >>> 12);
      bottom = (entry & 0x100) !== 0;
      at += 4;
    }
    if (labels.length > 0) this.#fields.add('mplsLabels', labels);
    if (bottom) this.#ip(at);
  }

  /** Where only the version tells which. */
  #ip(at: number): void {
    const version = this.#has(at, 1) ? (this.#bytes[at] ?? 0) >> 4 : 0;
    if (version === 4) this.#ipv4(at);
    else if (version === 6) this.#ipv6(at);
  }

  #ipv4(at: number): void {
    const bytes = this.#bytes;
    const length = ((bytes[at] ?? 0) & 0xf) * 4;
    if (!this.#has(at, 20) || length < 20 || (bytes[at] ?? 0) >> 4 !== 4) return;
    const protocol = bytes[at + 9] ?? 0;
    const fields = this.#fields;
    fields.add('ipVersion', 4);
    fields.add('ipClassOfService', bytes[at + 1] ?? 0);
    fields.add('ipTotalLength', readU16(bytes, at + 2));
    fields.add('ipTTL', bytes[at + 8] ?? 0);
    fields.add('protocolIdentifier', protocol);
    fields.addAddresses(bytes.subarray(at + 12, at + 16), bytes.subarray(at + 16, at + 20));
    fields.derive('octetDeltaCount', readU16(bytes, at + 2));
    const fragment = readU16(bytes, at + 6) & 0x1fff;
    if (fragment === 0) this.#transport(protocol, at + length);
    else fields.extras.set('fragmentOffset', fragment);
  }

  #ipv6(at: number): void {
    const bytes = this.#bytes;
    if (!this.#has(at, 40) || (bytes[at] ?? 0) >> 4 !== 6) return;
    const first = readU32(bytes, at);
    const fields = this.#fields;
    fields.add('ipVersion', 6);
    fields.add('ipClassOfService', (first >>> 20) & 0xff);
    fields.add('flowLabelIPv6', first & 0xf_ffff);
    fields.add('ipPayloadLength', readU16(bytes, at + 4));
    fields.add('ipTTL', bytes[at + 7] ?? 0);
    fields.addAddresses(bytes.subarray(at + 8, at + 24), bytes.subarray(at + 24, at + 40));
    fields.derive('octetDeltaCount', 40 + readU16(bytes, at + 4));
    const { protocol, next, fragment } = this.#extensions(bytes[at + 6] ?? 0, at + 40);
    fields.add('protocolIdentifier', protocol);
    if (fragment === 0) this.#transport(protocol, next);
    else fields.extras.set('fragmentOffset', fragment);
  }

  /** Walks the extension headers: what comes after them, where, and the offset of a fragment. */
  #extensions(first: number, from: number): { protocol: number; next: number; fragment: number } {
    const bytes = this.#bytes;
    let protocol = first;
    let at = from;
    while (this.#has(at, 8)) {
      const units = bytes[at + 1] ?? 0;
      let length: number;
      if (EXTENSIONS.has(protocol)) length = (units + 1) * 8;
      else if (protocol === AUTHENTICATION) length = (units + 2) * 4;
      else if (protocol === FRAGMENT) length = 8;
      else break;
      const fragment = protocol === FRAGMENT ? readU16(bytes, at + 2) >> 3 : 0;
      protocol = bytes[at] ?? 0;
      at += length;
      if (fragment !== 0) return { protocol, next: at, fragment };
    }
    return { protocol, next: at, fragment: 0 };
  }

  #transport(protocol: number, at: number): void {
    const bytes = this.#bytes;
    const fields = this.#fields;
    switch (protocol) {
      case IP.tcp:
      case IP.udp:
      case IP.sctp:
        if (!this.#has(at, 4)) return;
        fields.add('sourceTransportPort', readU16(bytes, at));
        fields.add('destinationTransportPort', readU16(bytes, at + 2));
        if (protocol === IP.tcp && this.#has(at, 14)) fields.add('tcpControlBits', bytes[at + 13] ?? 0);
        if (protocol === IP.udp && readU16(bytes, at + 2) === VXLAN_PORT) this.#vxlan(at + 8);
        break;
      case IP.icmp:
      case IP.icmp6: {
        const family = protocol === IP.icmp ? 'IPv4' : 'IPv6';
        if (!this.#has(at, 2)) return;
        fields.add(`icmpType${family}`, bytes[at] ?? 0);
        fields.add(`icmpCode${family}`, bytes[at + 1] ?? 0);
        break;
      }
      case IP.ipv4:
      case IP.ipv6:
        this.#within('ip', (reader) => reader.#ip(at));
        break;
      case IP.gre:
        this.#gre(at);
        break;
    }
  }

  #gre(at: number): void {
    if (!this.#has(at, 4)) return;
    const flags = readU16(this.#bytes, at);
    // Version 1 carries PPP (RFC 2637), and its fields lie elsewhere.
    if ((flags & 7) !== 0) return;
    const optional = [0x8000, 0x2000, 0x1000].filter((flag) => (flags & flag) !== 0).length;
    const type = readU16(this.#bytes, at + 2);
    this.#within('gre', (reader) => reader.#etherType(type, at + 4 + 4 * optional));
  }

  #vxlan(at: number): void {
    // The I flag says that the network identifier is valid.
    if (!this.#has(at, 8) || ((this.#bytes[at] ?? 0) & 0x08) === 0) return;
    this.#within('vxlan', (reader) => reader.#ethernet(at + 8));
  }

  #within(tunnel: string, read: (reader: HeaderReader) => void): void {
    if (this.#inner) return;
    const inner = new SampleFields();
    read(new HeaderReader(this.#bytes, this.#end, inner, true));
    const { source, destination, columns } = inner;
    if (!source || !destination) return;
    const { extras } = this.#fields;
    extras.set('_tunnel', tunnel);
    extras.set('_innerSourceAddress', formatAddress(source));
    extras.set('_innerDestinationAddress', formatAddress(destination));
    for (const [name, as] of innerNames) {
      const value = columns.get(name);
      if (value !== undefined) extras.set(as, value);
    }
  }
}

const innerNames = [
  ['protocolIdentifier', '_innerProtocolIdentifier'],
  ['sourceTransportPort', '_innerSourceTransportPort'],
  ['destinationTransportPort', '_innerDestinationTransportPort'],
] as const;
