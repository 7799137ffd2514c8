/**
 * Information elements: what a field number in a template means.
 *
 * The table is text, one element a line, tab separated: enterprise number, element id, abstract data type, name. Lines
 * that begin with # are comments. It is handed in, so that this room needs no file system.
 */

/** RFC 7011 and RFC 6313 abstract data types. */
export type AbstractDataType =
  | 'octetArray'
  | 'unsigned8'
  | 'unsigned16'
  | 'unsigned32'
  | 'unsigned64'
  | 'signed8'
  | 'signed16'
  | 'signed32'
  | 'signed64'
  | 'float32'
  | 'float64'
  | 'boolean'
  | 'macAddress'
  | 'string'
  | 'dateTimeSeconds'
  | 'dateTimeMilliseconds'
  | 'dateTimeMicroseconds'
  | 'dateTimeNanoseconds'
  | 'ipv4Address'
  | 'ipv6Address'
  | 'basicList'
  | 'subTemplateList'
  | 'subTemplateMultiList';

/** In place of an enterprise number: field types of NetFlow v9 that IANA does not have. */
export const V9_PRIVATE = -9;

export interface InformationElement {
  /** 0 for IANA's own elements, V9_PRIVATE for NetFlow v9's. */
  readonly enterprise: number;
  readonly id: number;
  readonly type: AbstractDataType;
  readonly name: string;
}

/** Elements by number and by name. */
export class ElementRegistry {
  readonly #byNumber = new Map<number, InformationElement>();
  readonly #byName = new Map<string, InformationElement>();

  #names: ReadonlySet<string> | undefined;

  constructor(elements: Iterable<InformationElement>) {
    for (const element of elements) {
      this.#byNumber.set(element.enterprise * 65_536 + element.id, element);
      this.#byName.set(element.name, element);
    }
  }

  byNumber(enterprise: number, id: number): InformationElement | undefined {
    return this.#byNumber.get(enterprise * 65_536 + id);
  }

  get names(): ReadonlySet<string> {
    return (this.#names ??= new Set(this.#byName.keys()));
  }

  byName(name: string): InformationElement | undefined {
    return this.#byName.get(name);
  }
}

/** Reads the table. Throws on a malformed line: the table ships with the program. */
export function parseElementTable(text: string): ElementRegistry {
  const elements: InformationElement[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const [enterprise, id, type, name] = line.split('\t');
    if (name === undefined || !Number.isInteger(Number(enterprise)) || !Number.isInteger(Number(id))) {
      throw new Error(`element table, line ${index + 1}: expected enterprise, id, type and name`);
    }
    elements.push({ enterprise: Number(enterprise), id: Number(id), type: type as AbstractDataType, name });
  }
  return new ElementRegistry(elements);
}
