/** Tables of flows: what is recognised, by their header, and read line by line. */
import type { FlowChunk } from '../model/chunk.ts';
import type { ElementRegistry } from '../model/element.ts';
import type { ArchiveSummary } from './archive.ts';
import { ByteCursor } from './byte-cursor.ts';
import type { ChunkBuilder } from './chunk-builder.ts';
import { knownTables, zeekJson, type TextKind } from './text-kinds.ts';
import { splitFields, TextLines, type TextRecord } from './text-lines.ts';
import type { TableMapping } from './text-mapping.ts';
import { TextRow } from './text-row.ts';

/** A table, and how its lines are read. */
export interface TextTable {
  readonly kind: TextKind;
  readonly mapping: TableMapping;
  /** The columns, in order. */
  readonly titles: readonly string[];
  /** The line that names them begins here; undefined where none does. */
  readonly headerAt: number | undefined;
  readonly summary: string | undefined;
}

/** A header comes among the first lines: before it stand what a tool had to say, and Zeek's own comments. */
const HEADER_LINES = 20;

const ZEEK_FIELDS = '#fields\t';
const delimiters = [',', '\t', '|', ';'];

/** True where the bytes can be text: no control characters but tabs and line ends. */
export function isText(head: Uint8Array): boolean {
  return head.length > 0 && head.subarray(0, 4096).every((byte) => byte >= 32 || (byte >= 9 && byte <= 13));
}

/**
 * The table that a text file holds; undefined where it is none that we know. A mapping that somebody gave comes first,
 * for tables that have its address columns.
 */
export function recogniseTable(head: Uint8Array, given: TableMapping | undefined): TextTable | undefined {
  const records = headRecords(head);
  return (given && matchMapping(records, given)) ?? matchKnown(records);
}

/** The first lines of a file, blank ones left out. */
export function headRecords(head: Uint8Array): TextRecord[] {
  const lines = new TextLines(ByteCursor.over(head), false);
  const records: TextRecord[] = [];
  while (records.length < HEADER_LINES) {
    const record = lines.next();
    if (!record) break;
    if (record.text.trim() !== '') records.push(record);
  }
  return records;
}

function matchMapping(records: readonly TextRecord[], mapping: TableMapping): TextTable | undefined {
  const { format, delimiter, comment, header, columns } = mapping;
  const first = records.find(({ text }) => comment === '' || !text.startsWith(comment));
  if (!first) return undefined;
  const table = { kind: 'csv', mapping, summary: undefined } as const;
  if (format === 'json') {
    return parseObject(first.text) && { ...table, titles: Object.keys(columns), headerAt: undefined };
  }
  const fields = splitTitles(first.text, delimiter);
  const titles = header ? fields : fields.map((_, i) => String(i + 1));
  const needed = Object.entries(columns).filter(([, { element }]) => element.endsWith('Address'));
  const addressed = needed.filter(([title]) => titles.includes(title)).map(([, { element }]) => element);
  const whole = ['source', 'destination'].every((side) => addressed.some((name) => name.startsWith(side)));
  return whole ? { ...table, titles, headerAt: header ? first.offset : undefined } : undefined;
}

function matchKnown(records: readonly TextRecord[]): TextTable | undefined {
  const [first] = records;
  const keys = first && parseObject(first.text);
  if (keys && zeekJson.header.every((key) => key in keys)) {
    const titles = Object.keys(zeekJson.mapping.columns);
    return { ...zeekJson, titles, headerAt: undefined, summary: undefined };
  }
  for (const { text, offset } of records) {
    const zeek = text.startsWith(ZEEK_FIELDS);
    for (const { kind, header, mapping, summary } of knownTables) {
      if (zeek !== (mapping.comment === '#')) continue;
      const delimiter = [mapping.delimiter, ...delimiters].find((one) => {
        const titles = splitTitles(text, one);
        return header.every((title) => titles.includes(title));
      });
      if (delimiter === undefined) continue;
      const titles = splitTitles(text, delimiter);
      return { kind, mapping: { ...mapping, delimiter }, titles, headerAt: offset, summary };
    }
  }
  return undefined;
}

/** The names in a header line; a last delimiter ends the last name, and begins none. */
export function splitTitles(line: string, delimiter: string): string[] {
  const text = line.startsWith(ZEEK_FIELDS) ? line.slice(ZEEK_FIELDS.length) : line;
  const titles = splitFields(text, delimiter).map((title) => title.trim());
  if (titles.at(-1) === '') titles.pop();
  return titles;
}

export function parseObject(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** A sentence for a text file that looks like a table and is none we know; undefined for any other. */
export function describeTable(head: Uint8Array): string | undefined {
  const [first, second] = headRecords(head);
  if (!first || !second) return undefined;
  const object = parseObject(first.text);
  const split = delimiters.find((one) => {
    const count = splitTitles(first.text, one).length;
    return count >= 3 && count === splitTitles(second.text, one).length;
  });
  const titles = object
    ? parseObject(second.text) && Object.keys(object)
    : split && splitTitles(first.text, split);
  if (!titles || titles.length < 3) return undefined;
  const shown = titles.slice(0, 4).join(', ').slice(0, 80);
  return `The file is a table (${shown}, ...) whose columns we do not know. Let \`backtrail import --propose-mapping FILE\` write down what they seem to mean, correct that, and give it with --csv-mapping`;
}

/** Words of a chunk that are kept as such cost memory, one by one: this many at most. */
const MAX_WORDS = 500_000;

/** Rows of a chunk at most: the fewer the more columns there are. */
export const tableRows = ({ titles, mapping }: TextTable): number =>
  Math.ceil(MAX_WORDS / (1 + titles.filter((title) => Object.hasOwn(mapping.columns, title)).length));

/** Reads a table that was recognised. */
export function* readTable(
  cursor: ByteCursor,
  table: TextTable,
  elements: ElementRegistry,
  chunk: ChunkBuilder,
): Generator<FlowChunk, ArchiveSummary> {
  const reader = new TableReader(cursor, table, elements, chunk);
  while (reader.step()) {
    if (chunk.full) yield chunk.cut(cursor.offset);
  }
  if (!chunk.empty) yield chunk.cut(cursor.offset);
  const { brokeAt, skipped } = reader;
  return { kind: table.kind, bytesRead: cursor.offset, brokeAt, skipped };
}

class TableReader {
  brokeAt: number | null = null;
  readonly skipped = new Map<string, number>();
  readonly #lines: TextLines;
  readonly #table: TextTable;
  readonly #elements: ElementRegistry;
  readonly #chunk: ChunkBuilder;
  #titles: readonly string[];
  #header = '';
  #row: TextRow;
  #inSummary = false;

  constructor(cursor: ByteCursor, table: TextTable, elements: ElementRegistry, chunk: ChunkBuilder) {
    this.#lines = new TextLines(cursor, table.mapping.format === 'delimited' && table.mapping.quotes);
    this.#table = table;
    this.#elements = elements;
    this.#chunk = chunk;
    this.#titles = table.titles;
    this.#row = new TextRow(chunk, table.titles, table.mapping, elements);
  }

  /** Reads one record; false at the end. */
  step(): boolean {
    const record = this.#lines.next();
    if (record) this.#read(record);
    return record !== undefined;
  }

  #read(record: TextRecord): void {
    const { text, offset, fault } = record;
    const { headerAt, mapping, summary } = this.#table;
    const isComment = mapping.comment !== '' && text.startsWith(mapping.comment);
    if (fault !== undefined) this.#bad(record, fault);
    else if (text.trim() === '') this.#skip('blank line');
    else if (headerAt !== undefined && offset < headerAt && !isComment) this.#skip('line before the header');
    else if (offset === headerAt) this.#header = text;
    else if (isComment) this.#readComment(text);
    else if (text === this.#header) {
      this.#inSummary = false;
      this.#skip('repeated header');
    } else if (this.#inSummary) this.#skip('summary line');
    else if (text === summary) {
      this.#inSummary = true;
      this.#skip('summary line');
    } else this.#readFields(record);
  }

  /** A comment; where Zeek names its columns anew (logs one behind the other), they are those from here on. */
  #readComment(text: string): void {
    if (text.startsWith(ZEEK_FIELDS)) {
      this.#titles = splitTitles(text, this.#table.mapping.delimiter);
      this.#row = new TextRow(this.#chunk, this.#titles, this.#table.mapping, this.#elements);
    }
    this.#skip('comment line');
  }

  #readFields(record: TextRecord): void {
    const { format, delimiter, quotes } = this.#table.mapping;
    let fields: (string | undefined)[];
    if (format === 'json') {
      const object = parseObject(record.text);
      if (!object) {
        this.#bad(record, 'is no JSON object');
        return;
      }
      fields = this.#titles.map((title) => wordOf(object[title]));
    } else {
      fields = quotes ? splitFields(record.text, delimiter) : record.text.split(delimiter);
      if (fields.length < Math.max(this.#row.width, this.#titles.length)) {
        this.#bad(record, `has ${fields.length} fields where the table has ${this.#titles.length}`);
        return;
      }
    }
    const failure = this.#row.write(fields, record.offset);
    if (!failure) return;
    if ('notIp' in failure) this.#skip('not IP');
    else this.#bad(record, failure.fault);
  }

  /** A line that gives no row. The last one of a file, if nothing ends it, is where the file was cut. */
  #bad({ offset, ended }: TextRecord, fault: string): void {
    if (ended) {
      this.#chunk.report('bad-record', offset, `the line at byte ${offset} ${fault}: it was passed over`);
      return;
    }
    this.brokeAt = offset;
    this.#chunk.report(
      'truncated',
      offset,
      `the file ends within the line at byte ${offset}, which ${fault}`,
    );
  }

  #skip(reason: string): void {
    this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + 1);
  }
}

/** A value of a JSON object as a table would have it; undefined for none. */
function wordOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value === null || value === undefined ? undefined : JSON.stringify(value);
}
