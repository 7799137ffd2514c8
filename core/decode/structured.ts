/**
 * Structured data (RFC 6313): lists within a field.
 *
 *   basicList             semantic u8, element id u16 (E bit), element length u16, [enterprise u32], values
 *   subTemplateList       semantic u8, template id u16, records
 *   subTemplateMultiList  semantic u8, then (template id u16, length u16 with these 4 bytes, records) until the end
 *
 * Values come out as objects; what cannot be taken apart (an unknown template, a list that overruns its field) stays hex.
 */
import type { AbstractDataType, ElementRegistry } from '../model/element.ts';
import type { ElementValue } from '../model/flow-batch.ts';
import { formatHex } from '../model/text.ts';
import { VARIABLE_LENGTH, fieldOf10, minimumLength, type FieldSpecifier } from './template.ts';
import { readU16, readU32, readValue } from './values.ts';

/** Where nested records find their templates. */
export interface NestedTemplates {
  readonly elements: ElementRegistry;
  fieldsOf(templateId: number): readonly FieldSpecifier[] | undefined;
}

/** Lists within lists deeper than this stay hex; exporters nest two or three. */
const MAX_DEPTH = 8;

/** The value of a structured field of `length` bytes at `at`. */
function readStructured(
  type: AbstractDataType,
  bytes: Uint8Array,
  at: number,
  length: number,
  templates: NestedTemplates,
  depth = 0,
): ElementValue {
  const end = at + length;
  let list: ElementValue | undefined;
  if (depth < MAX_DEPTH && length > 0) {
    if (type === 'basicList') list = readBasicList(bytes, at, end, templates, depth);
    else if (type === 'subTemplateList') list = readSubTemplateList(bytes, at, end, templates, depth);
    else list = readSubTemplateMultiList(bytes, at, end, templates, depth);
  }
  return list === undefined ? formatHex(bytes, at, length) : { [type]: list };
}

function readBasicList(
  bytes: Uint8Array,
  at: number,
  end: number,
  templates: NestedTemplates,
  depth: number,
): ElementValue | undefined {
  if (end - at < 5) return undefined;
  const id = readU16(bytes, at + 1);
  const length = readU16(bytes, at + 3);
  const enterprise = (id & 0x8000) !== 0;
  let position = at + (enterprise ? 9 : 5);
  if (position > end || length === 0) return undefined;
  const pen = enterprise ? readU32(bytes, at + 5) : 0;
  const field = fieldOf10(templates.elements, pen, id & 0x7fff, length);
  const values: ElementValue[] = [];
  while (position < end) {
    const value = locate(field.length, bytes, position, end);
    if (!value) return undefined;
    values.push(readNested(field, bytes, value.at, value.length, templates, depth));
    position = value.at + value.length;
  }
  return { semantic: bytes[at] ?? 0, element: field.name, values };
}

function readSubTemplateList(
  bytes: Uint8Array,
  at: number,
  end: number,
  templates: NestedTemplates,
  depth: number,
): ElementValue | undefined {
  if (end - at < 3) return undefined;
  const list = readRecords(readU16(bytes, at + 1), bytes, at + 3, end, templates, depth);
  return { semantic: bytes[at] ?? 0, ...list };
}

function readSubTemplateMultiList(
  bytes: Uint8Array,
  at: number,
  end: number,
  templates: NestedTemplates,
  depth: number,
): ElementValue | undefined {
  const lists: ElementValue[] = [];
  let position = at + 1;
  while (position < end) {
    if (end - position < 4) return undefined;
    const length = readU16(bytes, position + 2);
    if (length < 4 || position + length > end) return undefined;
    lists.push(
      readRecords(readU16(bytes, position), bytes, position + 4, position + length, templates, depth),
    );
    position += length;
  }
  return { semantic: bytes[at] ?? 0, lists };
}

/** The records of one nested template; as hex where the template is unknown or does not fit. */
function readRecords(
  templateId: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  templates: NestedTemplates,
  depth: number,
): { templateId: number; records: ElementValue } {
  const fields = templates.fieldsOf(templateId);
  const records = fields && readFields(fields, bytes, at, end, templates, depth);
  return { templateId, records: records ?? formatHex(bytes, at, end - at) };
}

function readFields(
  fields: readonly FieldSpecifier[],
  bytes: Uint8Array,
  at: number,
  end: number,
  templates: NestedTemplates,
  depth: number,
): ElementValue[] | undefined {
  const minimum = minimumLength(fields);
  const records: ElementValue[] = [];
  let position = at;
  while (end - position >= minimum) {
    const values: [string, ElementValue][] = [];
    for (const field of fields) {
      const value = locate(field.length, bytes, position, end);
      if (!value) return undefined;
      if (field.name !== 'paddingOctets') {
        values.push([field.name, readNested(field, bytes, value.at, value.length, templates, depth)]);
      }
      position = value.at + value.length;
    }
    records.push(Object.fromEntries(gatherRepeated(values)));
  }
  return records;
}

function readNested(
  field: FieldSpecifier,
  bytes: Uint8Array,
  at: number,
  length: number,
  templates: NestedTemplates,
  depth: number,
): ElementValue {
  return readField(field, bytes, at, length, templates, depth + 1);
}

/** A field's value, structured or not; a fixed field of no length is null. */
export function readField(
  field: FieldSpecifier,
  bytes: Uint8Array,
  at: number,
  length: number,
  templates: NestedTemplates,
  depth = 0,
): ElementValue {
  if (field.length === 0) return null;
  switch (field.type) {
    case 'basicList':
    case 'subTemplateList':
    case 'subTemplateMultiList':
      return readStructured(field.type, bytes, at, length, templates, depth);
    default:
      return readValue(field.type, bytes, at, length);
  }
}

/** Where a field's value lies, its length prefix read; undefined where it overruns `end` (RFC 7011 section 7). */
export function locate(
  fieldLength: number,
  bytes: Uint8Array,
  position: number,
  end: number,
): { readonly at: number; readonly length: number } | undefined {
  let at = position;
  let length = fieldLength;
  if (fieldLength === VARIABLE_LENGTH) {
    if (at >= end) return undefined;
    length = bytes[at++] ?? 0;
    if (length === 255) {
      if (end - at < 2) return undefined;
      length = readU16(bytes, at);
      at += 2;
    }
  }
  return at + length <= end ? { at, length } : undefined;
}

/** An element that occurs several times becomes one list, at the place of the first. */
export function gatherRepeated(
  values: readonly (readonly [string, ElementValue])[],
): (readonly [string, ElementValue])[] {
  const gathered = new Map<string, ElementValue[]>();
  for (const [name, value] of values) {
    const known = gathered.get(name);
    if (known) known.push(value);
    else gathered.set(name, [value]);
  }
  return [...gathered].map(([name, list]) => [name, list.length > 1 ? list : (list[0] ?? null)]);
}
