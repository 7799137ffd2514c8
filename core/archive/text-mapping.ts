/**
 * What the columns of a table mean: for the kinds known by name in this language too, and for any other table as a JSON file
 * that a person writes, or corrects after `backtrail import --propose-mapping`.
 */
import { ApiError } from '../model/api-error.ts';
import type { ElementRegistry } from '../model/element.ts';
import { parseZone, timeUnits, type TimeUnit } from './text-values.ts';

/** What one column means. */
export interface ColumnRule {
  /**
   * An information element; `sourceAddress` and `destinationAddress` for addresses of either family; a name that begins with
   * `_` for what has no element: kept as it is. Understood of those are `_exporter`, `_totalPackets` and `_totalOctets` (of
   * both directions: less the source's own they are the reverse counters), `_argusState` and `_zeekHistory`.
   */
  readonly element: string;
  /** Of times and durations; where not given, times are `calendar` and durations `milliseconds`. */
  readonly unit?: TimeUnit;
}

export interface TableMapping {
  /** `delimited`: lines of fields. `json`: lines of objects, whose keys are the columns. */
  readonly format: 'delimited' | 'json';
  /** Between fields: one character. */
  readonly delimiter: string;
  /** Whether quotes around a field hold delimiters and line breaks (RFC 4180); otherwise they are part of it. */
  readonly quotes: boolean;
  /** Whether the first line names the columns; otherwise they are called 1, 2, 3, ... */
  readonly header: boolean;
  /** Lines that begin with this are no records; '' where there are none such. */
  readonly comment: string;
  /** Fields that say nothing, beside empty ones. */
  readonly absent: readonly string[];
  /** Of times that name no zone: `UTC` or `+02:00`. */
  readonly zone: string;
  readonly columns: Readonly<Record<string, ColumnRule>>;
}

export const timeNames: ReadonlySet<string> = new Set([
  'flowStartMilliseconds',
  'flowEndMilliseconds',
  'collectionTimeMilliseconds',
]);

export const addressNames: ReadonlySet<string> = new Set([
  'sourceAddress',
  'sourceIPv4Address',
  'sourceIPv6Address',
  'destinationAddress',
  'destinationIPv4Address',
  'destinationIPv6Address',
]);

/** More columns than any flow table maps; which of them a row has is kept in the bits of one number. */
const MAX_COLUMNS = 48;

/** The largest mapping file: a table's columns fit many times. */
export const MAX_MAPPING_BYTES = 1 << 20;

/** Reads a mapping from JSON. Throws ApiError `usage` with a sentence that names the place to mend. */
export function parseMapping(text: string, elements: ElementRegistry): TableMapping {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw refused(`is not JSON (${error instanceof Error ? error.message : ''})`, error);
  }
  if (!isObject(given)) throw refused('is not a JSON object');
  const known = new Set(['format', 'delimiter', 'quotes', 'header', 'comment', 'absent', 'zone', 'columns']);
  const stray = Object.keys(given).find((key) => !known.has(key));
  if (stray !== undefined) throw refused(`has "${stray}", which means nothing: ${[...known].join(', ')} do`);
  const {
    format = 'delimited',
    delimiter = ',',
    quotes = true,
    header = true,
    comment = '',
    absent = [],
    zone = 'UTC',
  } = given;
  if (format !== 'delimited' && format !== 'json')
    throw refused('has a format that is neither delimited nor json');
  if (typeof delimiter !== 'string' || delimiter.length !== 1 || delimiter === '"')
    throw refused('needs a delimiter of one character, not a quote');
  if (typeof header !== 'boolean') throw refused('needs true or false for header');
  if (typeof quotes !== 'boolean') throw refused('needs true or false for quotes');
  if (typeof comment !== 'string') throw refused('needs a text for comment');
  if (!Array.isArray(absent) || !absent.every((one) => typeof one === 'string'))
    throw refused('needs a list of texts for absent');
  if (typeof zone !== 'string' || parseZone(zone) === undefined)
    throw refused('needs a zone such as UTC or +02:00');
  const columns = readColumns(given['columns'], elements);
  return { format, delimiter, quotes, header, comment, absent, zone, columns };
}

function readColumns(given: unknown, elements: ElementRegistry): Record<string, ColumnRule> {
  if (!isObject(given)) throw refused('needs columns: an object of column names and elements');
  const columns: Record<string, ColumnRule> = {};
  for (const [name, rule] of Object.entries(given)) {
    const parts = typeof rule === 'string' ? { element: rule } : rule;
    if (!isObject(parts)) throw refused(`needs an element for the column "${name}"`);
    const { element, unit } = parts;
    if (typeof element !== 'string' || !isKnown(element, elements))
      throw refused(
        `gives the column "${name}" the element ${JSON.stringify(element)}, which is none: take a name of resources/elements, sourceAddress, destinationAddress, or one of your own that begins with _`,
      );
    const known = timeUnits.find((one) => one === unit);
    if (unit !== undefined && (!known || (known === 'calendar' && !timeNames.has(element))))
      throw refused(
        `gives the column "${name}" the unit ${JSON.stringify(unit)}: ${timeUnits.join(', ')} are there`,
      );
    columns[name] = known ? { element, unit: known } : { element };
  }
  const names = Object.values(columns).map(({ element }) => element);
  if (
    !names.some((one) => one.startsWith('source') && addressNames.has(one)) ||
    !names.some((one) => one.startsWith('destination') && addressNames.has(one))
  )
    throw refused('needs a column for sourceAddress and one for destinationAddress');
  if (names.length > MAX_COLUMNS) throw refused(`has ${names.length} columns; ${MAX_COLUMNS} can be kept`);
  const twice = names.find((one, i) => names.indexOf(one) < i);
  if (twice !== undefined) throw refused(`gives ${twice} to two columns`);
  return columns;
}

function isKnown(element: string, elements: ElementRegistry): boolean {
  const forward = element.replace(/^reverse([A-Z])/, (_, first: string) => first.toLowerCase());
  return (
    /^_\w+$/.test(element) ||
    addressNames.has(element) ||
    elements.byName(element) !== undefined ||
    elements.byName(forward) !== undefined
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const refused = (what: string, cause?: unknown): ApiError =>
  new ApiError('usage', `The mapping ${what}.`, cause === undefined ? undefined : { cause });
