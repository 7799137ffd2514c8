/**
 * A captured packet -> the UDP datagram in it.
 *
 * Link types (https://www.tcpdump.org/linktypes.html): Ethernet with any number of VLAN tags (802.1Q, 802.1ad), raw IP,
 * BSD loopback and null, Linux cooked capture v1 and v2. IPv4 and IPv6 with extension headers, also behind MPLS labels
 * (RFC 3032) and in PPPoE sessions (RFC 2516).
 */
import { formatHex } from '../model/text.ts';
import { be16, be32 } from './big-endian.ts';
import type { IpFragment, WholeDatagram } from './fragments.ts';

/** Where a UDP payload lies in the packet's bytes. */
export interface FoundUdp {
  readonly found: true;
  readonly source: Uint8Array;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: number;
  /** Bytes of payload by the UDP header; the capture may hold fewer. */
  readonly length: number;
}

/** A UDP datagram, a part of one, or why there is none. */
export type UdpResult =
  FoundUdp | { readonly found: false; readonly reason: SkipReason; readonly part?: IpFragment };

/** Why a packet was passed over. Counted, shown on the Health screen. */
export type SkipReason =
  | 'not IP'
  | 'not UDP'
  | 'incomplete IP fragments'
  | 'faulty IP fragments'
  | 'cut short by the capture'
  | 'broken header'
  | 'unknown link type'
  | 'not flow export';

const LINK = { null: 0, ethernet: 1, raw: [12, 14, 101, 228, 229], loop: 108, sll: 113, sll2: 276 } as const;

const ETHER_IPV4 = 0x0800;
const ETHER_IPV6 = 0x86dd;
/** 802.1Q, 802.1ad, and the older double tag 0x9100. */
const VLAN_TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);

/** MPLS, downstream- and upstream-assigned (RFC 5332). */
const MPLS: ReadonlySet<number> = new Set([0x8847, 0x8848]);
const PPPOE_SESSION = 0x8864;
const PPP_IPV4 = 0x0021;
const PPP_IPV6 = 0x0057;

const UDP = 17;

const skip = (reason: SkipReason): UdpResult => ({ found: false, reason });

/** True for a link type whose packets can be read. */
export function isKnownLink(link: number): boolean {
  return (
    link === LINK.null ||
    link === LINK.ethernet ||
    link === LINK.loop ||
    link === LINK.sll ||
    link === LINK.sll2 ||
    (LINK.raw as readonly number[]).includes(link)
  );
}

/** Finds the UDP datagram in `bytes` from `at` to `end`. */
export function findUdp(link: number, bytes: Uint8Array, at: number, end: number): UdpResult {
  switch (link) {
    case LINK.ethernet:
      return fromEther(bytes, at + 12, end);
    case LINK.sll:
      return fromEther(bytes, at + 14, end);
    case LINK.sll2:
      return at + 20 > end
        ? skip('cut short by the capture')
        : fromEtherType(bytes, at + 20, end, be16(bytes, at));
    case LINK.null:
    case LINK.loop:
      // Four bytes of address family, whose value and byte order differ between systems: the IP version tells.
      return fromIp(bytes, at + 4, end);
    default:
      return isKnownLink(link) ? fromIp(bytes, at, end) : skip('unknown link type');
  }
}

/** `at` is where the EtherType stands. */
function fromEther(bytes: Uint8Array, at: number, end: number): UdpResult {
  if (at + 2 > end) return skip('cut short by the capture');
  return fromEtherType(bytes, at + 2, end, be16(bytes, at));
}

function fromEtherType(bytes: Uint8Array, from: number, end: number, firstType: number): UdpResult {
  let at = from;
  let type = firstType;
  while (VLAN_TAGS.has(type)) {
    if (at + 4 > end) return skip('cut short by the capture');
    type = be16(bytes, at + 2);
    at += 4;
  }
  if (MPLS.has(type)) return fromLabels(bytes, at, end);
  if (type === PPPOE_SESSION) {
    if (at + 8 > end) return skip('cut short by the capture');
    const inner = be16(bytes, at + 6);
    return inner === PPP_IPV4 || inner === PPP_IPV6 ? fromIp(bytes, at + 8, end) : skip('not IP');
  }
  return type === ETHER_IPV4 || type === ETHER_IPV6 ? fromIp(bytes, at, end) : skip('not IP');
}

/** Nothing but the first half octet tells what follows the label at the bottom of the stack. */
function fromLabels(bytes: Uint8Array, from: number, end: number): UdpResult {
  for (let at = from; at + 4 <= end; at += 4) {
    if (((bytes[at + 2] ?? 0) & 1) === 1) return fromIp(bytes, at + 4, end);
  }
  return skip('cut short by the capture');
}

function fromIp(bytes: Uint8Array, at: number, end: number): UdpResult {
  if (at >= end) return skip('cut short by the capture');
  const version = (bytes[at] ?? 0) >> 4;
  if (version === 4) return fromIpv4(bytes, at, end);
  return version === 6 ? fromIpv6(bytes, at, end) : skip('not IP');
}

function fromIpv4(bytes: Uint8Array, at: number, end: number): UdpResult {
  if (at + 20 > end) return skip('cut short by the capture');
  const headerLength = ((bytes[at] ?? 0) & 0xf) * 4;
  if (headerLength < 20) return skip('broken header');
  if (bytes[at + 9] !== UDP) return skip('not UDP');
  const source = bytes.slice(at + 12, at + 16);
  const fragment = be16(bytes, at + 6);
  // More fragments to come, or an offset: the datagram is in pieces.
  if ((fragment & 0x3fff) === 0) return fromUdp(bytes, at + headerLength, end, source);
  return fromFragment(end, {
    key: `${hexOf(bytes, at + 12, at + 20)}:${be16(bytes, at + 4)}`,
    next: UDP,
    at: (fragment & 0x1fff) * 8,
    more: (fragment & 0x2000) !== 0,
    source,
    from: at + headerLength,
    to: at + be16(bytes, at + 2),
  });
}

/** A part of a datagram, or why it is none. */
function fromFragment(end: number, part: IpFragment): UdpResult {
  if (part.to <= part.from) return skip('broken header');
  if (part.to > end) return skip('cut short by the capture');
  return { found: false, reason: 'incomplete IP fragments', part };
}

/** Finds the UDP datagram in what was put together. */
export function findUdpInWhole({ bytes, next, source }: WholeDatagram): UdpResult {
  return fromHeaders(bytes, 0, bytes.length, next, source);
}

const hexOf = (bytes: Uint8Array, from: number, to: number): string => formatHex(bytes, from, to - from);

/** Extension headers whose length is counted in 8 bytes beyond the first 8: hop-by-hop, routing, destination, mobility. */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60, 135]);
const FRAGMENT = 44;
const AUTHENTICATION = 51;

function fromIpv6(bytes: Uint8Array, from: number, end: number): UdpResult {
  if (from + 40 > end) return skip('cut short by the capture');
  const source = bytes.slice(from + 8, from + 24);
  const key = hexOf(bytes, from + 8, from + 40);
  const to = from + 40 + be16(bytes, from + 4);
  return fromHeaders(bytes, from + 40, end, bytes[from + 6] ?? 0, source, { key, to });
}

/** Headers of IPv6 up to UDP; `whole` says of a packet what its parts share, and where it ends. */
function fromHeaders(
  bytes: Uint8Array,
  from: number,
  end: number,
  first: number,
  source: Uint8Array,
  whole?: { readonly key: string; readonly to: number },
): UdpResult {
  let next = first;
  let at = from;
  while (next !== UDP) {
    if (!EXTENSIONS.has(next) && next !== FRAGMENT && next !== AUTHENTICATION) return skip('not UDP');
    if (at + 8 > end) return skip('cut short by the capture');
    const field = be16(bytes, at + 2);
    if (next === FRAGMENT && (field & 0xfff9) !== 0) {
      const inner = bytes[at] ?? 0;
      if (!whole) return skip('broken header');
      if (inner !== UDP && !EXTENSIONS.has(inner) && inner !== AUTHENTICATION) return skip('not UDP');
      const key = `${whole.key}:${be32(bytes, at + 4)}`;
      const more = (field & 1) === 1;
      return fromFragment(end, {
        key,
        next: inner,
        at: field & 0xfff8,
        more,
        source,
        from: at + 8,
        to: whole.to,
      });
    }
    const units = bytes[at + 1] ?? 0;
    const length = next === FRAGMENT ? 8 : next === AUTHENTICATION ? (units + 2) * 4 : (units + 1) * 8;
    next = bytes[at] ?? 0;
    at += length;
  }
  return fromUdp(bytes, at, end, source);
}

function fromUdp(bytes: Uint8Array, at: number, end: number, source: Uint8Array): UdpResult {
  if (at + 8 > end) return skip('cut short by the capture');
  const length = be16(bytes, at + 4) - 8;
  if (length < 0) return skip('broken header');
  if (at + 8 + length > end) return skip('cut short by the capture');
  return {
    found: true,
    source,
    sourcePort: be16(bytes, at),
    destinationPort: be16(bytes, at + 2),
    payload: at + 8,
    length,
  };
}
