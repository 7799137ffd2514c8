/** nfcapd files of both layouts, written as nfdump writes them on a little-endian machine. */
import { ascii, concat, ip, uint, type Octets } from './octets.ts';

const le = (length: number, value: number | bigint): Octets => uint(length, value).reverse();

export const n8 = (value: number): Octets => le(1, value);
export const n16 = (value: number): Octets => le(2, value);
export const n32 = (value: number): Octets => le(4, value);
export const n64 = (value: number | bigint): Octets => le(8, value);

/** An address as nfdump keeps it: IPv4 one 32-bit number, IPv6 two 64-bit numbers. */
export function nip(text: string): Octets {
  const bytes = ip(text);
  return bytes.length === 4
    ? bytes.toReversed()
    : concat(bytes.slice(0, 8).reverse(), bytes.slice(8).reverse());
}

/** A MAC address as a 64-bit number. */
export const nmac = (text: string): Octets => n64(BigInt(`0x${text.replaceAll(':', '')}`));

export interface BlockOptions {
  /** What the header says, where it is not what follows. */
  records?: number;
  size?: number;
  type?: number;
}

export function block(options: BlockOptions, ...records: readonly Octets[]): Octets {
  const body = concat(...records);
  return concat(
    n32(options.records ?? records.length),
    n32(options.size ?? body.length),
    n16(options.type ?? 3),
    n16(0),
    body,
  );
}

export interface File2Options {
  /** Data blocks by the header. */
  blocks?: number;
  compression?: number;
  encryption?: number;
  layout?: number;
}

/** A file of layout 2 without an appendix. */
export function nfcapd2(options: File2Options, ...blocks: readonly Octets[]): Octets {
  return concat(
    n16(0xa50c),
    n16(options.layout ?? 2),
    n32(0x0107_0101),
    n64(1_700_000_000),
    n8(options.compression ?? 0),
    n8(options.encryption ?? 0),
    n16(0),
    n32(1),
    n64(0),
    n32(0),
    n32(options.blocks ?? blocks.length),
    ...blocks,
  );
}

/** A file of layout 1 with an empty stat record. */
export function nfcapd1(options: { blocks?: number; flags?: number }, ...blocks: readonly Octets[]): Octets {
  return concat(
    n16(0xa50c),
    n16(1),
    n32(options.flags ?? 0),
    n32(options.blocks ?? blocks.length),
    ascii('none', 128),
    new Uint8Array(136),
    ...blocks,
  );
}

export function record(type: number, ...body: readonly Octets[]): Octets {
  const content = concat(...body);
  return concat(n16(type), n16(content.length + 4), content);
}

/** Record type 7, in both layouts. */
export function exporterRecord(sysId: number, address: string, domain: number, version = 9): Octets {
  const bytes = nip(address);
  const union = bytes.length === 4 ? concat(new Uint8Array(8), bytes, new Uint8Array(4)) : bytes;
  return record(7, n32(version), union, n16(bytes.length === 4 ? 2 : 10), n16(sysId), n32(domain));
}

export interface V3Options {
  exporter?: number;
  engineType?: number;
  engineId?: number;
  flags?: number;
  /** Elements by the header. */
  elements?: number;
}

/** A flow record of layout 2. */
export function v3(options: V3Options, ...elements: readonly Octets[]): Octets {
  return record(
    11,
    n16(options.elements ?? elements.length),
    n8(options.engineType ?? 0),
    n8(options.engineId ?? 0),
    n16(options.exporter ?? 1),
    n8(options.flags ?? 0),
    n8(9),
    ...elements,
  );
}

/** An element of a V3 record. */
export const element = (id: number, ...body: readonly Octets[]): Octets => record(id, ...body);

export interface Generic {
  first?: number;
  last?: number;
  received?: number;
  packets?: number | bigint;
  octets?: number | bigint;
  sourcePort?: number;
  destinationPort?: number;
  protocol?: number;
  flags?: number;
  forwarding?: number;
  tos?: number;
}

export function genericFlow(flow: Generic): Octets {
  return element(
    1,
    n64(flow.first ?? 0),
    n64(flow.last ?? 0),
    n64(flow.received ?? 0),
    n64(flow.packets ?? 0),
    n64(flow.octets ?? 0),
    n16(flow.sourcePort ?? 0),
    n16(flow.destinationPort ?? 0),
    n8(flow.protocol ?? 6),
    n8(flow.flags ?? 0),
    n8(flow.forwarding ?? 0),
    n8(flow.tos ?? 0),
  );
}

export const ipv4Flow = (source: string, destination: string): Octets =>
  element(2, nip(source), nip(destination));
export const ipv6Flow = (source: string, destination: string): Octets =>
  element(3, nip(source), nip(destination));

/** Record type 2 of layout 1. */
export function extensionMap(id: number, ...extensions: readonly number[]): Octets {
  const ids = [...extensions, 0];
  if (ids.length % 2 === 1) ids.push(0);
  return record(2, n16(id), n16(0), ...ids.map(n16));
}

export interface Common extends Generic {
  source: string;
  destination: string;
  map?: number;
  exporter?: number;
  event?: boolean;
  sampled?: boolean;
  /** Counters as 64-bit numbers. */
  wide?: boolean;
  /** Record type 1 instead of 10: no room for more than 255 exporters. */
  old?: boolean;
}

/** A flow record of layout 1; `first` and `last` in ms. */
export function common(flow: Common, ...extensions: readonly Octets[]): Octets {
  const source = nip(flow.source);
  const flags =
    (source.length === 16 ? 1 : 0) | (flow.wide ? 6 : 0) | (flow.event ? 64 : 0) | (flow.sampled ? 128 : 0);
  const first = flow.first ?? 0;
  const last = flow.last ?? 0;
  const exporter = flow.exporter ?? 1;
  const counter = flow.wide ? n64 : (value: number | bigint): Octets => n32(Number(value));
  return record(
    flow.old ? 1 : 10,
    flow.old ? concat(n8(flags), n8(exporter)) : n16(flags),
    n16(flow.map ?? 1),
    n16(first % 1000),
    n16(last % 1000),
    n32(Math.floor(first / 1000)),
    n32(Math.floor(last / 1000)),
    n8(flow.forwarding ?? 0),
    n8(flow.flags ?? 0),
    n8(flow.protocol ?? 6),
    n8(flow.tos ?? 0),
    n16(flow.sourcePort ?? 0),
    n16(flow.destinationPort ?? 0),
    flow.old ? new Uint8Array(0) : concat(n16(exporter), n16(0)),
    source,
    nip(flow.destination),
    counter(flow.packets ?? 0),
    counter(flow.octets ?? 0),
    ...extensions,
  );
}
