/** pcap files and the packets in them, written as a capture has them. */
import { concat, ip, u16, u32, u8, uint, type Octets } from './octets.ts';

export const LINK = { null: 0, ethernet: 1, raw: 101, loop: 108, sll: 113, sll2: 276 } as const;

export interface PcapOptions {
  endian?: 'little' | 'big';
  precision?: 'micro' | 'nano';
  link?: number;
}

export interface Captured {
  packet: Octets;
  /** Seconds since 1970, and parts of a second in the file's precision. */
  seconds?: number;
  fraction?: number;
  /** Bytes kept, where the capture cut the packet. */
  keep?: number;
}

export function pcap(options: PcapOptions, ...packets: readonly (Captured | Octets)[]): Octets {
  const little = options.endian !== 'big';
  const number = (length: number, value: number): Octets =>
    little ? uint(length, value).reverse() : uint(length, value);
  const magic = options.precision === 'nano' ? 0xa1b23c4d : 0xa1b2c3d4;
  const header = [
    number(4, magic),
    number(2, 2),
    number(2, 4),
    new Uint8Array(8),
    number(4, 65_535),
    number(4, options.link ?? LINK.ethernet),
  ];
  const records = packets.map((captured) => {
    const {
      packet,
      seconds = 0,
      fraction = 0,
      keep,
    } = captured instanceof Uint8Array ? { packet: captured } : captured;
    const kept = packet.subarray(0, keep ?? packet.length);
    const lengths = [number(4, kept.length), number(4, packet.length)];
    return concat(number(4, seconds), number(4, fraction), ...lengths, kept);
  });
  return concat(...header, ...records);
}

/** An Ethernet frame; each VLAN tag is `[tag type, VLAN id]`, outermost first. */
export function ethernet(payload: Octets, vlans: readonly (readonly [number, number])[] = []): Octets {
  const tags = vlans.map(([type, id]) => concat(u16(type), u16(id)));
  return concat(new Uint8Array(12), ...tags, u16(etherType(payload)), payload);
}

const etherType = (payload: Octets): number => ((payload[0] ?? 0) >> 4 === 6 ? 0x86dd : 0x0800);

export interface UdpOptions {
  source?: string;
  destination?: string;
  sourcePort?: number;
  destinationPort?: number;
  /** The flags and offset field of IPv4. */
  fragment?: number;
  /** 17 unless the packet is something else. */
  protocol?: number;
}

/** An IPv4 packet with a UDP datagram. */
export function ipv4(payload: Octets, options: UdpOptions = {}): Octets {
  const udp = udpDatagram(payload, options);
  return concat(
    u8(0x45),
    u8(0),
    u16(20 + udp.length),
    u16(1),
    u16(options.fragment ?? 0),
    u8(64),
    u8(options.protocol ?? 17),
    u16(0),
    ip(options.source ?? '192.0.2.7'),
    ip(options.destination ?? '192.0.2.99'),
    udp,
  );
}

/** An IPv6 packet with a UDP datagram; `extensions` are whole extension headers, each with its own number. */
export function ipv6(
  payload: Octets,
  options: UdpOptions = {},
  extensions: readonly { number: number; body: Octets }[] = [],
): Octets {
  const numbers = [...extensions.map(({ number }) => number), options.protocol ?? 17];
  const chain = extensions.map(({ body }, i) => concat(u8(numbers[i + 1] ?? 17), body));
  const content = concat(...chain, udpDatagram(payload, options));
  return concat(
    u32(0x6000_0000),
    u16(content.length),
    u8(numbers[0] ?? 17),
    u8(64),
    ip(options.source ?? '2001:db8::7'),
    ip(options.destination ?? '2001:db8::99'),
    content,
  );
}

function udpDatagram(payload: Octets, options: UdpOptions): Octets {
  return concat(
    u16(options.sourcePort ?? 4000),
    u16(options.destinationPort ?? 2055),
    u16(payload.length + 8),
    u16(0),
    payload,
  );
}

/**
 * An IPv4 packet in parts, each of `size` bytes of payload (a multiple of 8) but the last; `id` tells apart the datagrams of one
 * sender.
 */
export function fragments4(packet: Octets, size: number, id: number): Octets[] {
  const content = packet.subarray(20);
  return Array.from({ length: Math.ceil(content.length / size) }, (_, i) => {
    const part = content.subarray(i * size, (i + 1) * size);
    const more = (i + 1) * size < content.length;
    return concat(
      packet.subarray(0, 2),
      u16(20 + part.length),
      u16(id),
      u16((more ? 0x2000 : 0) + (i * size) / 8),
      packet.subarray(8, 20),
      part,
    );
  });
}

/** The same of an IPv6 packet without extension headers. */
export function fragments6(packet: Octets, size: number, id: number): Octets[] {
  const content = packet.subarray(40);
  return Array.from({ length: Math.ceil(content.length / size) }, (_, i) => {
    const part = content.subarray(i * size, (i + 1) * size);
    const more = (i + 1) * size < content.length;
    return concat(
      packet.subarray(0, 4),
      u16(8 + part.length),
      u8(44),
      packet.subarray(7, 40),
      packet.subarray(6, 7),
      u8(0),
      u16(i * size + (more ? 1 : 0)),
      u32(id),
      part,
    );
  });
}

/** Linux cooked capture, version 1 (16 bytes) and 2 (20 bytes). */
export const sll = (packet: Octets): Octets => concat(new Uint8Array(14), u16(etherType(packet)), packet);
export const sll2 = (packet: Octets): Octets => concat(u16(etherType(packet)), new Uint8Array(18), packet);

/** BSD loopback: an address family, whose value differs between systems. */
export const loopback = (packet: Octets): Octets => concat(u32(2), packet);

export interface PcapngOptions {
  endian?: 'little' | 'big';
  link?: number;
  /** The if_tsresol option: 6 is microseconds, 9 nanoseconds; none where not given. */
  resolution?: number;
}

/** One section, one interface, one enhanced packet block each; `time` in the interface's units. */
export function pcapng(
  options: PcapngOptions,
  ...packets: readonly { packet: Octets; time: bigint }[]
): Octets {
  const number = (length: number, value: number): Octets =>
    options.endian === 'big' ? uint(length, value) : uint(length, value).reverse();
  const padded = (bytes: Octets): Octets => concat(bytes, new Uint8Array((4 - (bytes.length % 4)) % 4));
  const block = (type: number, ...parts: readonly Octets[]): Octets => {
    const body = padded(concat(...parts));
    const length = number(4, body.length + 12);
    return concat(number(4, type), length, body, length);
  };
  const { resolution } = options;
  const optionBytes =
    resolution === undefined
      ? []
      : [number(2, 9), number(2, 1), padded(u8(resolution)), number(2, 0), number(2, 0)];
  return concat(
    block(0x0a0d0d0a, number(4, 0x1a2b3c4d), number(2, 1), number(2, 0), new Uint8Array(8).fill(255)),
    block(1, number(2, options.link ?? LINK.ethernet), number(2, 0), number(4, 0), ...optionBytes),
    ...packets.map(({ packet, time }) =>
      block(
        6,
        number(4, 0),
        number(4, Number(time >> 32n)),
        number(4, Number(time & 0xffff_ffffn)),
        number(4, packet.length),
        number(4, packet.length),
        packet,
      ),
    ),
  );
}
