/**
 * Flows as lines of text: CSV (RFC 4180, with a line of names) and JSON objects, one a line. Numbers and addresses are
 * written as bytes into one buffer that is used again; what is the same in every row of a batch is written as one piece.
 */
import type { AddressTable } from '../../model/address.ts';
import type { StoredBatch } from '../../store/segment-reader.ts';
import { hasDigits, writeDigits, writeDotted, writeShort } from './digits.ts';
import type { FlowEncoder } from './encoder.ts';
import type { CellValue, ExportColumn } from './rows.ts';

/** How lines are put together: what stands before each cell, and how a cell is written. */
interface LineStyle {
  readonly header: string;
  readonly before: (column: ExportColumn, index: number) => string;
  readonly cell: (value: CellValue, column: ExportColumn) => string;
  readonly after: string;
  /** Whether text always stands in quotes. */
  readonly quoted: boolean;
}

export const csvEncoder = (columns: readonly ExportColumn[]): FlowEncoder =>
  lineEncoder(columns, {
    header: `${columns.map(({ name }) => name).join(',')}\r\n`,
    before: (_, index) => (index === 0 ? '' : ','),
    cell: (value) => (value === null ? '' : typeof value === 'number' ? String(value) : csvText(value)),
    after: '\r\n',
    quoted: false,
  });

export const jsonLinesEncoder = (columns: readonly ExportColumn[]): FlowEncoder =>
  lineEncoder(columns, {
    header: '',
    before: ({ name }, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`,
    cell: (value, { kind }) => {
      if (value === null) return 'null';
      return typeof value === 'number' || kind === 'json' ? String(value) : JSON.stringify(value);
    },
    after: '}\n',
    quoted: true,
  });

function csvText(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Bytes that are given on at once. */
const PIECE_BYTES = 256 * 1024;
/** The longest number or IPv4 address, quotes, and what is written behind it. */
const CELL_BYTES = 24;
const QUOTE = 0x22;

/** A cell that differs from row to row, and what is always before it. */
interface Step {
  readonly before: Uint8Array;
  /** Its first byte. */
  readonly first: number;
  /** Where all cells are numbers of at most 16 bits. */
  readonly shorts: Uint16Array | undefined;
  /** Undefined where the cells are no plain numbers. */
  readonly numbers: Float64Array | undefined;
  /** Whether all of them have digits. */
  readonly whole: boolean;
  /** Undefined where the cells are no addresses. */
  readonly codes: Uint32Array | undefined;
  readonly text: (row: number) => string;
}

function lineEncoder(columns: readonly ExportColumn[], style: LineStyle): FlowEncoder {
  const lines = new LineBuffer();
  lines.writeText(style.header);
  return {
    *add(batch, rows, scale) {
      const plan = planLines(columns, style, batch, scale);
      const count = rows?.length ?? batch.count;
      for (let i = 0; i < count;) {
        i = lines.writeLines(plan, rows, i, count);
        if (i < count) yield lines.take();
      }
      yield lines.take();
    },
    finish: () => ({ rest: [lines.take()] }),
  };
}

/** What of a batch's lines differs from row to row, and how each line ends. */
interface LinePlan {
  readonly steps: readonly Step[];
  readonly after: Uint8Array;
  readonly addresses: AddressTable;
  readonly quoted: boolean;
  /** Room that a line takes but for its text. */
  readonly bytes: number;
}

function planLines(
  columns: readonly ExportColumn[],
  style: LineStyle,
  batch: StoredBatch,
  scale: Float64Array | undefined,
): LinePlan {
  const steps: Step[] = [];
  let constant = '';
  for (const [index, column] of columns.entries()) {
    constant += style.before(column, index);
    const every = column.every?.(batch, scale);
    if (every !== undefined) {
      constant += style.cell(every, column);
      continue;
    }
    const cell = column.bind(batch, scale);
    const values = column.numbers?.(batch, scale);
    const shorts = values && shortsOf(values);
    const numbers = shorts ? undefined : values && new Float64Array(values);
    const before = new Uint8Array(Buffer.from(constant));
    steps.push({
      before,
      first: before[0] ?? 0,
      shorts,
      numbers,
      whole: numbers?.every(hasDigits) === true,
      codes: column.codes?.(batch),
      text: (row) => style.cell(cell(row), column),
    });
    constant = '';
  }
  const after = new Uint8Array(Buffer.from(constant + style.after));
  const bytes = steps.reduce((sum, { before }) => sum + before.length + CELL_BYTES, after.length);
  return { steps, after, addresses: batch.addresses, quoted: style.quoted, bytes };
}

function shortsOf(values: ArrayLike<number>): Uint16Array | undefined {
  const shorts = new Uint16Array(values.length);
  for (let row = 0; row < shorts.length; row++) {
    const value = values[row] as number;
    shorts[row] = value;
    if (shorts[row] !== value) return undefined;
  }
  return shorts;
}

function writeBytes(bytes: Uint8Array, at: number, piece: Uint8Array): number {
  for (let i = 0; i < piece.length; i++) bytes[at + i] = piece[i] as number;
  return at + piece.length;
}

/** Lines that are being written, in a buffer that grows where one line is longer than it. */
class LineBuffer {
  #bytes = Buffer.allocUnsafe(PIECE_BYTES + 65_536);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was written so far; the bytes are good until more is written. */
  take(): Uint8Array {
    // No Buffer, whose slice would be no copy.
    const taken = new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#length);
    this.#length = 0;
    return taken;
  }

  /** Writes the lines from `first` on until a piece is full; returns which is next. */
  writeLines(plan: LinePlan, rows: Uint32Array | undefined, first: number, count: number): number {
    const { steps, after, addresses, quoted } = plan;
    const { bytes: octets, families } = addresses;
    let i = first;
    for (; i < count && this.#length < PIECE_BYTES; i++) {
      const row = rows ? (rows[i] as number) : i;
      this.#room(plan.bytes);
      // What this loop uses most is of its own, not the object's.
      let bytes = this.#bytes;
      let at = this.#length;
      for (let s = 0; s < steps.length; s++) {
        const step = steps[s] as Step;
        const { before, shorts, numbers, codes } = step;
        if (before.length === 1) bytes[at++] = step.first;
        else at = writeBytes(bytes, at, before);
        if (shorts) {
          at = writeShort(bytes, at, shorts[row] as number);
          continue;
        }
        if (numbers) {
          const value = numbers[row] as number;
          if (step.whole || hasDigits(value)) {
            at = writeDigits(bytes, at, value);
            continue;
          }
        } else if (codes) {
          const code = codes[row] as number;
          if (families[code] === 4) {
            if (quoted) bytes[at++] = QUOTE;
            at = writeDotted(bytes, at, octets, code * 16);
            if (quoted) bytes[at++] = QUOTE;
            continue;
          }
        }
        this.#length = at;
        this.writeText(step.text(row));
        this.#room(plan.bytes);
        bytes = this.#bytes;
        at = this.#length;
      }
      this.#length = writeBytes(bytes, at, after);
    }
    return i;
  }

  writeText(text: string): void {
    // A unit of UTF-16 takes up to three bytes.
    this.#room(3 * text.length);
    const bytes = this.#bytes;
    const start = this.#length;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 128) {
        this.#length = start + bytes.write(text, start);
        return;
      }
      bytes[start + i] = unit;
    }
    this.#length = start + text.length;
  }

  #room(needed: number): void {
    if (this.#length + needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#length + needed));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
