/** NetFlow v1, v7 and v8 datagrams, written as the wire has them (Cisco, NetFlow export datagram formats). */
import { concat, ip, u16, u32, u8, type Octets } from './octets.ts';
import { flowStart, type Flow5, type Header5 } from './netflow.ts';

type HeaderStart = Pick<Header5, 'count' | 'sysUpTime' | 'seconds' | 'nanoseconds'>;

function start(version: number, header: HeaderStart, records: number): Octets {
  return concat(
    u16(version),
    u16(header.count ?? records),
    u32(header.sysUpTime ?? 0),
    u32(header.seconds ?? 0),
    u32(header.nanoseconds ?? 0),
  );
}

export function netflow1(header: HeaderStart, flows: readonly Flow5[]): Octets {
  const records = flows.map((flow) =>
    concat(
      flowStart(flow),
      u16(0),
      u8(flow.protocol ?? 0),
      u8(flow.tos ?? 0),
      u8(flow.flags ?? 0),
      new Uint8Array(7).fill(0xee),
    ),
  );
  return concat(start(1, header, flows.length), ...records);
}

export interface Flow7 extends Flow5 {
  flags1?: number;
  flags2?: number;
  router?: string;
}

export function netflow7(header: HeaderStart & { sequence?: number }, flows: readonly Flow7[]): Octets {
  const records = flows.map((flow) =>
    concat(
      flowStart(flow),
      u8(flow.flags1 ?? 0),
      u8(flow.flags ?? 0),
      u8(flow.protocol ?? 0),
      u8(flow.tos ?? 0),
      u16(flow.sourceAs ?? 0),
      u16(flow.destinationAs ?? 0),
      u8(flow.sourceMask ?? 0),
      u8(flow.destinationMask ?? 0),
      u16(flow.flags2 ?? 0),
      ip(flow.router ?? '0.0.0.0'),
    ),
  );
  return concat(start(7, header, flows.length), u32(header.sequence ?? 0), u32(0), ...records);
}

export interface Header8 extends HeaderStart {
  aggregation: number;
  sequence?: number;
  engineType?: number;
  engineId?: number;
  samplingInterval?: number;
}

export function netflow8(header: Header8, records: readonly Octets[]): Octets {
  return concat(
    start(8, header, records.length),
    u32(header.sequence ?? 0),
    u8(header.engineType ?? 0),
    u8(header.engineId ?? 0),
    u8(header.aggregation),
    u8(2),
    u16(header.samplingInterval ?? 0),
    u16(0),
    ...records,
  );
}

/** Flows, packets, octets, first and last: what a router's aggregates begin with. */
const sums = concat(u32(11), u32(22), u32(3_300), u32(4_000), u32(5_000));
/** The same of a Catalyst, which does not count flows. */
const catalystSums = concat(u32(22), u32(3_300), u32(4_000), u32(5_000));
const prefixes = concat(ip('10.1.0.0'), ip('192.168.7.0'));
const ases = concat(u16(64_500), u16(64_501));
const interfaces = concat(u16(3), u16(4));
const ports = concat(u16(1_024), u16(443));
/** Packets beyond the contract, and the router whose work the switch does. */
const beyond = concat(u32(9), ip('10.0.0.254'));
/** The Catalyst writes destinations and output first. */
const addresses = concat(ip('192.168.7.9'), ip('10.1.2.3'));
const backwards = concat(u16(4), u16(3));

/** One record of each aggregation, by its number. */
export const aggregates: Readonly<Record<number, Octets>> = {
  1: concat(sums, ases, interfaces),
  2: concat(sums, u8(6), u8(0), u16(0), ports),
  3: concat(sums, ip('10.1.0.0'), u8(16), u8(0), u16(64_500), u16(3), u16(0)),
  4: concat(sums, ip('192.168.7.0'), u8(24), u8(0), u16(64_501), u16(4), u16(0)),
  5: concat(sums, prefixes, u8(24), u8(16), u16(0), ases, interfaces),
  6: concat(ip('192.168.7.9'), catalystSums, u16(4), u8(8), u8(32), beyond),
  7: concat(addresses, catalystSums, backwards, u8(8), u8(32), u16(0), beyond),
  8: concat(addresses, u16(443), u16(1_024), catalystSums, backwards, u8(8), u8(6), u8(32), u8(0), beyond),
  9: concat(sums, ases, interfaces, u8(8), u8(0), u16(0)),
  10: concat(sums, u8(6), u8(8), u16(0), ports, interfaces),
  11: concat(sums, ip('10.1.0.0'), u8(16), u8(8), u16(64_500), u16(3), u16(0)),
  12: concat(sums, ip('192.168.7.0'), u8(24), u8(8), u16(64_501), u16(4), u16(0)),
  13: concat(sums, prefixes, u8(24), u8(16), u8(8), u8(0), ases, interfaces),
  14: concat(sums, prefixes, u8(24), u8(16), u8(8), u8(6), ports, interfaces),
};
