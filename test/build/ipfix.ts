/** IPFIX messages, written as the wire has them. */
import { concat, set, u16, u32, type Octets } from './octets.ts';

export interface Header10 {
  /** The length in the header, where it is not the message's. */
  length?: number;
  seconds?: number;
  sequence?: number;
  domain?: number;
}

export function ipfix(header: Header10, ...sets: readonly Octets[]): Octets {
  const body = concat(...sets);
  return concat(
    u16(10),
    u16(header.length ?? body.length + 16),
    u32(header.seconds ?? 0),
    u32(header.sequence ?? 0),
    u32(header.domain ?? 0),
    body,
  );
}

/** In a field: the length comes with each value. */
export const VARIABLE = 65_535;

/** Element, length, and the enterprise number where it is not IANA's. */
export type Field10 = readonly [element: number, length: number, enterprise?: number];

export function template10(id: number, ...fields: readonly Field10[]): Octets {
  return concat(u16(id), u16(fields.length), ...fields.map(specifier));
}

export function optionsTemplate10(
  id: number,
  scopes: readonly Field10[],
  fields: readonly Field10[],
): Octets {
  const all = [...scopes, ...fields];
  return concat(u16(id), u16(all.length), u16(scopes.length), ...all.map(specifier));
}

/** What withdraws a template (RFC 7011 8.1): its number and no fields. */
export const withdrawal10 = (id: number): Octets => concat(u16(id), u16(0));

export const templates10 = (...templates: readonly Octets[]): Octets => set(2, templates);
export const optionsTemplates10 = (...templates: readonly Octets[]): Octets => set(3, templates);

export function specifier([element, length, enterprise]: Field10): Octets {
  return enterprise === undefined
    ? concat(u16(element), u16(length))
    : concat(u16(element | 0x8000), u16(length), u32(enterprise));
}
