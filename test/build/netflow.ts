/** NetFlow v5 and v9 datagrams, written as the wire has them. */
import { concat, ip, set, u16, u32, u8, type Octets } from './octets.ts';

export interface Flow5 {
  source?: string;
  destination?: string;
  nextHop?: string;
  input?: number;
  output?: number;
  packets?: number;
  octets?: number;
  first?: number;
  last?: number;
  sourcePort?: number;
  destinationPort?: number;
  flags?: number;
  protocol?: number;
  tos?: number;
  sourceAs?: number;
  destinationAs?: number;
  sourceMask?: number;
  destinationMask?: number;
}

export interface Header5 {
  /** The count in the header, where it is not the number of records. */
  count?: number;
  sysUpTime?: number;
  seconds?: number;
  nanoseconds?: number;
  sequence?: number;
  engineType?: number;
  engineId?: number;
  samplingMode?: number;
  samplingInterval?: number;
}

export function netflow5(header: Header5, flows: readonly Flow5[]): Octets {
  return concat(
    u16(5),
    u16(header.count ?? flows.length),
    u32(header.sysUpTime ?? 0),
    u32(header.seconds ?? 0),
    u32(header.nanoseconds ?? 0),
    u32(header.sequence ?? 0),
    u8(header.engineType ?? 0),
    u8(header.engineId ?? 0),
    u16(((header.samplingMode ?? 0) << 14) | (header.samplingInterval ?? 0)),
    ...flows.map(flow5),
  );
}

/** What records of versions 1, 5 and 7 begin with: 36 bytes. */
export function flowStart(flow: Flow5): Octets {
  return concat(
    ip(flow.source ?? '0.0.0.0'),
    ip(flow.destination ?? '0.0.0.0'),
    ip(flow.nextHop ?? '0.0.0.0'),
    u16(flow.input ?? 0),
    u16(flow.output ?? 0),
    u32(flow.packets ?? 0),
    u32(flow.octets ?? 0),
    u32(flow.first ?? 0),
    u32(flow.last ?? 0),
    u16(flow.sourcePort ?? 0),
    u16(flow.destinationPort ?? 0),
  );
}

function flow5(flow: Flow5): Octets {
  return concat(
    flowStart(flow),
    u8(0),
    u8(flow.flags ?? 0),
    u8(flow.protocol ?? 0),
    u8(flow.tos ?? 0),
    u16(flow.sourceAs ?? 0),
    u16(flow.destinationAs ?? 0),
    u8(flow.sourceMask ?? 0),
    u8(flow.destinationMask ?? 0),
    u16(0),
  );
}

export interface Header9 {
  /** Exporters disagree what it counts; decoders do not look. */
  count?: number;
  sysUpTime?: number;
  seconds?: number;
  sequence?: number;
  sourceId?: number;
}

export function netflow9(header: Header9, ...sets: readonly Octets[]): Octets {
  return concat(
    u16(9),
    u16(header.count ?? sets.length),
    u32(header.sysUpTime ?? 0),
    u32(header.seconds ?? 0),
    u32(header.sequence ?? 0),
    u32(header.sourceId ?? 0),
    ...sets,
  );
}

/** Field type and length. */
export type Field9 = readonly [type: number, length: number];

/** A template record; `templates9` puts several into a set. */
export function template9(id: number, ...fields: readonly Field9[]): Octets {
  return concat(
    u16(id),
    u16(fields.length),
    ...fields.map(([type, length]) => concat(u16(type), u16(length))),
  );
}

export const templates9 = (...templates: readonly Octets[]): Octets => set(0, templates);

export function optionsTemplate9(id: number, scopes: readonly Field9[], fields: readonly Field9[]): Octets {
  const specifiers = [...scopes, ...fields].map(([type, length]) => concat(u16(type), u16(length)));
  return concat(u16(id), u16(scopes.length * 4), u16(fields.length * 4), ...specifiers);
}

export const optionsTemplates9 = (padding: number, ...templates: readonly Octets[]): Octets =>
  set(1, templates, padding);

/** A data set: each record as the concatenation of its fields. */
export const data = (templateId: number, ...records: readonly (readonly Octets[])[]): Octets =>
  set(templateId, records.flat());

/** The same with `padding` zero bytes behind. */
export const paddedData = (
  templateId: number,
  padding: number,
  ...records: readonly (readonly Octets[])[]
): Octets => set(templateId, records.flat(), padding);
