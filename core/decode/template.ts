/**
 * Template records: the layout of data records to come.
 *
 *   NetFlow v9 (RFC 3954)                          IPFIX (RFC 7011)
 *   set 0: id u16, count u16, (type u16, len u16)  set 2: id u16, count u16, fields
 *   set 1: id u16, scope bytes u16, option bytes   set 3: id u16, count u16, scope count u16, fields
 *          u16, (type u16, len u16) scopes first
 *                                                  field: E bit + id u16, length u16, enterprise u32 where E is set
 *
 * Length 65535 means variable length (RFC 7011 section 7); v9 exporters that use it mean the same.
 */
import type { AbstractDataType, ElementRegistry } from '../model/element.ts';
import { readU16, readU32 } from './values.ts';

/** In a field specifier: the length comes with each value. */
export const VARIABLE_LENGTH = 65_535;
/** Reverse Information Element Private Enterprise Number (RFC 5103). */
const REVERSE_PEN = 29_305;
/**
 * Fields of length 0 that one template may have. They cost an exporter four bytes once and us a value in every record:
 * without a limit, one-byte records with thousands of empty fields would fill the memory.
 */
const MAX_EMPTY_FIELDS = 16;

export interface FieldSpecifier {
  readonly name: string;
  readonly type: AbstractDataType;
  readonly length: number;
}

/** What a template record said. Scope fields come first in an options template. */
export interface TemplateRecord {
  readonly id: number;
  readonly options: boolean;
  readonly fields: readonly FieldSpecifier[];
}

/** Outcome of reading one template record: what it is, and where the next one begins. */
export type ParsedTemplate =
  | { readonly kind: 'template'; readonly record: TemplateRecord; readonly next: number }
  | { readonly kind: 'withdrawal'; readonly id: number; readonly next: number }
  | { readonly kind: 'faulty'; readonly id: number; readonly reason: string; readonly next: number }
  | { readonly kind: 'broken'; readonly reason: string };

const scopeNames: readonly (string | undefined)[] = [
  undefined,
  'scopeSystem',
  'scopeInterface',
  'scopeLineCard',
  'scopeCache',
  'scopeTemplate',
];

/** Reads the template record at `at` of a v9 template FlowSet (id 0) or options template FlowSet (id 1). */
export function parseTemplate9(
  elements: ElementRegistry,
  bytes: Uint8Array,
  at: number,
  end: number,
  options: boolean,
): ParsedTemplate {
  const header = options ? 6 : 4;
  if (end - at < header) return { kind: 'broken', reason: 'its header is cut short' };
  const id = readU16(bytes, at);
  const scopes = options ? readU16(bytes, at + 2) >> 2 : 0;
  const count = options ? scopes + (readU16(bytes, at + 4) >> 2) : readU16(bytes, at + 2);
  const next = at + header + count * 4;
  if (next > end) return { kind: 'broken', reason: `it announces ${count} fields, which do not fit its set` };
  const fields: FieldSpecifier[] = [];
  for (let i = 0; i < count; i++) {
    const field = at + header + i * 4;
    fields.push(fieldOf9(elements, readU16(bytes, field), readU16(bytes, field + 2), i < scopes));
  }
  return checkTemplate(id, options, fields, next);
}

function fieldOf9(elements: ElementRegistry, id: number, length: number, scope: boolean): FieldSpecifier {
  if (scope) return { name: scopeNames[id] ?? `v9scope${id}`, type: 'unsigned64', length };
  const element = elements.byNumber(0, id);
  return element
    ? { name: element.name, type: element.type, length }
    : { name: `v9f${id}`, type: 'octetArray', length };
}

/** Reads the template record at `at` of an IPFIX template set (id 2) or options template set (id 3). */
export function parseTemplate10(
  elements: ElementRegistry,
  bytes: Uint8Array,
  at: number,
  end: number,
  options: boolean,
): ParsedTemplate {
  if (end - at < 4) return { kind: 'broken', reason: 'its header is cut short' };
  const id = readU16(bytes, at);
  const count = readU16(bytes, at + 2);
  // RFC 7011 8.1: no fields, and then no scope count either, withdraws the template.
  if (count === 0) return { kind: 'withdrawal', id, next: at + 4 };
  let next = at + (options ? 6 : 4);
  const fields: FieldSpecifier[] = [];
  for (let i = 0; i < count; i++) {
    const enterprise = next + 4 <= end && (readU16(bytes, next) & 0x8000) !== 0;
    if (next + (enterprise ? 8 : 4) > end) {
      return { kind: 'broken', reason: `it announces ${count} fields, which do not fit its set` };
    }
    const number = readU16(bytes, next) & 0x7fff;
    const length = readU16(bytes, next + 2);
    fields.push(fieldOf10(elements, enterprise ? readU32(bytes, next + 4) : 0, number, length));
    next += enterprise ? 8 : 4;
  }
  return checkTemplate(id, options, fields, next);
}

/**
 * Name and type of an IPFIX element. Unknown ones, and those of enterprises, are octets under a name made from their
 * numbers: what is stored does not change with the tables of vendors. See vendor-names.ts.
 */
export function fieldOf10(
  elements: ElementRegistry,
  enterprise: number,
  id: number,
  length: number,
): FieldSpecifier {
  const element = enterprise === 0 ? elements.byNumber(0, id) : undefined;
  if (element) return { name: element.name, type: element.type, length };
  const forward = enterprise === REVERSE_PEN ? elements.byNumber(0, id) : undefined;
  if (forward) {
    const name = `reverse${forward.name.charAt(0).toUpperCase()}${forward.name.slice(1)}`;
    return { name, type: forward.type, length };
  }
  return { name: enterprise === 0 ? `ie${id}` : `e${enterprise}id${id}`, type: 'octetArray', length };
}

function checkTemplate(
  id: number,
  options: boolean,
  fields: readonly FieldSpecifier[],
  next: number,
): ParsedTemplate {
  if (fields.length === 0) return { kind: 'withdrawal', id, next };
  if (id < 256) return { kind: 'faulty', id, reason: 'template numbers begin at 256', next };
  if (minimumLength(fields) === 0) {
    return { kind: 'faulty', id, reason: 'its records would have no bytes', next };
  }
  const empty = fields.filter((field) => field.length === 0).length;
  if (empty > MAX_EMPTY_FIELDS) {
    return { kind: 'faulty', id, reason: `${empty} of its fields have no bytes`, next };
  }
  return { kind: 'template', record: { id, options, fields }, next };
}

/** The fewest bytes that a record of these fields takes. */
export function minimumLength(fields: readonly FieldSpecifier[]): number {
  let sum = 0;
  for (const field of fields) sum += field.length === VARIABLE_LENGTH ? 1 : field.length;
  return sum;
}
