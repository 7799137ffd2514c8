/**
 * Flows as lines of text: CSV (RFC 4180, with a line of names) and JSON objects, one a line. Numbers and addresses are
 * written as bytes into one buffer that is used again; what is the same in every row of a batch is written as one piece.
 */
import type { AddressTable } from '../../model/address.ts';
import type { StoredBatch } from '../../store/segment-reader.ts';
import { hasDigits, writeDigits } from './digits.ts';
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
/** The longest number or IPv4 address, and quotes. */
const CELL_BYTES = 24;

/** A cell that differs from row to row, and what is always before it. */
interface Step {
  readonly before: Uint8Array;
  /** Undefined where the cells are no plain numbers. */
  readonly numbers: Float64Array | undefined;
  /** Undefined where the cells are no addresses. */
  readonly codes: Uint32Array | undefined;
  readonly text: (row: number) => string;
}

function lineEncoder(columns: readonly ExportColumn[], style: LineStyle): FlowEncoder {
  const lines = new LineBuffer();
  lines.writeText(style.header);
  return {
    *add(batch, rows, scale) {
      const { steps, after } = planLines(columns, style, batch, scale);
      const count = rows?.length ?? batch.count;
      for (let i = 0; i < count; i++) {
        const row = rows ? (rows[i] as number) : i;
        for (const step of steps) lines.writeCell(step, row, batch.addresses, style.quoted);
        lines.writeBytes(after);
        if (lines.length >= PIECE_BYTES) yield lines.take();
      }
      yield lines.take();
    },
    finish: () => ({ rest: [lines.take()] }),
  };
}

/** What of a batch's lines differs from row to row, and how each line ends. */
function planLines(
  columns: readonly ExportColumn[],
  style: LineStyle,
  batch: StoredBatch,
  scale: Float64Array | undefined,
): { readonly steps: readonly Step[]; readonly after: Uint8Array } {
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
    const numbers = column.numbers?.(batch, scale);
    steps.push({
      before: Buffer.from(constant),
      numbers: numbers && Float64Array.from(numbers),
      codes: column.codes?.(batch),
      text: (row) => style.cell(cell(row), column),
    });
    constant = '';
  }
  return { steps, after: Buffer.from(constant + style.after) };
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

  writeCell(step: Step, row: number, addresses: AddressTable, quoted: boolean): void {
    this.writeBytes(step.before);
    const { numbers, codes } = step;
    if (numbers) {
      const value = numbers[row] as number;
      if (hasDigits(value)) {
        this.#room(CELL_BYTES);
        this.#length = writeDigits(this.#bytes, this.#length, value);
        return;
      }
    } else if (codes) {
      const code = codes[row] as number;
      if (addresses.family(code) === 4) {
        this.#room(CELL_BYTES);
        this.#writeIPv4(addresses.bytes, code * 16, quoted);
        return;
      }
    }
    this.writeText(step.text(row));
  }

  #writeIPv4(octets: Uint8Array, from: number, quoted: boolean): void {
    const bytes = this.#bytes;
    let at = this.#length;
    if (quoted) bytes[at++] = 0x22;
    for (let i = 0; i < 4; i++) {
      if (i > 0) bytes[at++] = 0x2e;
      at = writeDigits(bytes, at, octets[from + i] as number);
    }
    if (quoted) bytes[at++] = 0x22;
    this.#length = at;
  }

  writeBytes(piece: Uint8Array): void {
    this.#room(piece.length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < piece.length; i++) bytes[at++] = piece[i] as number;
    this.#length = at;
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
