/**
 * Elements of vendors under their names, for people: `e<enterprise>id<number>` and `v9f<number>` of the neutral form
 * become what the element table calls them, and their octets values of its type. What tells an event is of kind `event`.
 */
import { V9_PRIVATE, type ElementRegistry, type InformationElement } from '../model/element.ts';
import type { ElementValue } from '../model/flow-batch.ts';
import { tellsEvents } from './field-plan.ts';
import type { NeutralRecord } from './neutral.ts';
import { fitsType, readValue } from './values.ts';

/** The records with their vendor elements named; those of no known vendor stay as they are. */
export function* nameRecords(
  records: Iterable<NeutralRecord>,
  elements: ElementRegistry,
): Generator<NeutralRecord> {
  for (const record of records) yield nameRecord(record, elements);
}

function nameRecord(record: NeutralRecord, elements: ElementRegistry): NeutralRecord {
  const named: NeutralRecord = {};
  for (const [key, value] of Object.entries(record)) {
    const element = elementOf(key, elements);
    if (element && !(element.name in record)) named[element.name] = typedValue(element, value);
    else named[key] = value;
  }
  if (named['_kind'] === 'flow' && tellsEvents(Object.keys(record))) named['_kind'] = 'event';
  return named;
}

/** The element that a name made of numbers stands for. */
function elementOf(key: string, elements: ElementRegistry): InformationElement | undefined {
  const parts = /^(?:e(\d+)id|v9f)(\d+)$/.exec(key);
  if (!parts) return undefined;
  const [, enterprise, id] = parts;
  return elements.byNumber(enterprise === undefined ? V9_PRIVATE : Number(enterprise), Number(id));
}

function typedValue(element: InformationElement, value: ElementValue): ElementValue {
  if (Array.isArray(value)) return (value as ElementValue[]).map((inner) => typedValue(element, inner));
  if (typeof value !== 'string' || !/^(?:[0-9a-f]{2})*$/.test(value)) return value;
  if (value === '') return element.type === 'string' ? '' : value;
  const octets = Uint8Array.from(value.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return fitsType(element.type, octets.length) ? readValue(element.type, octets, 0, octets.length) : value;
}
