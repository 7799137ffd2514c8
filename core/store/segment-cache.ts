/**
 * Decoded parts of segments for the next question: who traces something asks many questions of the same flows.
 *
 * Room is bounded. A part that finds no room is not kept, unless parts are there that neither this question nor the one
 * before has read: so a scan of more than there is room for does not drive out what its repetition would find. Columns are
 * kept narrow (narrow-column.ts) and given back in buffers that the next segment's columns reuse.
 */
import type { AddressTable } from '../model/address.ts';
import type { ExtraColumn } from '../model/flow-batch.ts';
import type { NumberColumn, NumberColumnType } from './column-basic.ts';
import { NarrowColumn } from './narrow-column.ts';
import type { PackedAddresses } from './packed-addresses.ts';
import { segmentKey } from './segment-info.ts';
import type { StoredSegment } from './segment-reader.ts';

/** What a segment is made of, and what is known of it before it is read. */
export type KeptPart = NumberColumn | PackedAddresses | ExtraColumn | readonly string[] | null;

/** Gives the parts of one segment. */
export interface PartKeeper {
  /** The part as it was made before, or made now. `make` may throw: then nothing is kept. */
  keep<T extends KeptPart>(name: string, make: () => T): T;
  /** A column, good until the same column of another segment is asked for. `make` may fill the buffer. */
  column<T extends NumberColumn>(
    name: string,
    type: NumberColumnType<T>,
    length: number,
    make: (buffer: T) => T,
  ): T;
  /** The addresses, good until those of another segment are asked for. */
  addresses(make: () => PackedAddresses): AddressTable;
  /** Fills `picked` with a column's values at as many rows; the whole column is made where it is not kept. */
  pick<T extends NumberColumn>(name: string, rows: Uint32Array, picked: T, make: () => T): T;
}

/** What a part takes beside its values. */
const PART_BYTES = 200;
/** Where there is no room for so small a part of a column, it is not made narrow in vain. */
const WIDEST_SAVING = 8;
/** How much less than in the segment before the same column may take. */
const ALIKE = 0.75;

interface KeptSegment {
  readonly parts: Map<string, { readonly part: KeptPart | NarrowColumn; readonly bytes: number }>;
  readBy: number;
}

export class SegmentCache {
  readonly #limit: number;
  /** The one that was read longest ago is the first. */
  readonly #segments = new Map<string, KeptSegment>();
  readonly #buffers = new Map<string, NumberColumn>();
  readonly #selections: SegmentCache | undefined;
  /** Bytes a value of columns that found no room since the question began. */
  readonly #refused = new Map<string, number>();
  #bytes = 0;
  #question = 0;

  /** `limit` in bytes; `selections` keeps what filters leave of segments, in room of its own. */
  constructor(limit: number, selections?: SegmentCache) {
    this.#limit = limit;
    this.#selections = selections;
  }

  /** From here on it is another question that reads. */
  beginQuestion(): void {
    this.#question++;
    this.#refused.clear();
    this.#selections?.beginQuestion();
  }

  /** The parts of those rows of a segment that `which` names; undefined where no such parts are kept. */
  selection(segment: StoredSegment, which: string): PartKeeper | undefined {
    const selections = this.#selections;
    return selections && selections.#keeper(`${segmentKey(segment)} ${which}`);
  }

  /** Drops one part of every segment. */
  drop(name: string): void {
    for (const { parts } of this.#segments.values()) {
      this.#bytes -= parts.get(name)?.bytes ?? 0;
      parts.delete(name);
    }
  }

  segment(segment: StoredSegment): PartKeeper {
    return this.#keeper(segmentKey(segment));
  }

  #keeper(key: string): PartKeeper {
    const kept: KeptSegment = this.#segments.get(key) ?? { parts: new Map(), readBy: 0 };
    kept.readBy = this.#question;
    // What is read becomes the last; what nothing is kept of is not noted.
    if (this.#segments.delete(key)) this.#segments.set(key, kept);
    const admit = (name: string, part: KeptPart | NarrowColumn, bytes: number): boolean => {
      if (!this.#makeRoom(bytes)) return false;
      this.#segments.set(key, kept);
      kept.parts.set(name, { part, bytes });
      this.#bytes += bytes;
      return true;
    };
    const keep: PartKeeper['keep'] = (name, make) => {
      const known = kept.parts.get(name);
      if (known) return known.part as ReturnType<typeof make>;
      const part = make();
      admit(name, part, PART_BYTES + bytesOf(part));
      return part;
    };
    return {
      keep,
      column: (name, type, length, make) => {
        const known = kept.parts.get(name)?.part as ReturnType<typeof make> | NarrowColumn | undefined;
        if (known instanceof NarrowColumn) return known.fill(this.#buffer(name, type, length));
        if (known) return known;
        const buffer = this.#buffer(name, type, length);
        const values = make(buffer);
        const refused = (this.#refused.get(name) ?? 0) * length;
        if (this.#makeRoom(PART_BYTES + Math.max(values.byteLength / WIDEST_SAVING, refused * ALIKE))) {
          const part = NarrowColumn.of(values) ?? (values.buffer === buffer.buffer ? values.slice() : values);
          const bytes = part.byteLength;
          if (!admit(name, part, PART_BYTES + bytes)) this.#refused.set(name, bytes / length);
        }
        return values;
      },
      pick: (name, rows, picked, make) => {
        const known = kept.parts.get(name)?.part;
        if (known instanceof NarrowColumn) return known.pick(rows, picked);
        const whole = make();
        for (let i = 0; i < rows.length; i++) picked[i] = whole[rows[i] as number] as number;
        return picked;
      },
      addresses: (make) => {
        const packed = keep('addresses', make);
        return packed.table(this.#buffer('addresses', Uint8Array, packed.count * 16));
      },
    };
  }

  #buffer<T extends NumberColumn>(name: string, type: NumberColumnType<T>, length: number): T {
    let buffer = this.#buffers.get(name) as T | undefined;
    if (!buffer || buffer.length < length) this.#buffers.set(name, (buffer = new type(length)));
    return (buffer.length === length ? buffer : buffer.subarray(0, length)) as T;
  }

  #makeRoom(bytes: number): boolean {
    while (this.#bytes + bytes > this.#limit) {
      const [oldest] = this.#segments;
      if (!oldest || oldest[1].readBy >= this.#question - 1) return false;
      const [key, { parts }] = oldest;
      this.#segments.delete(key);
      for (const part of parts.values()) this.#bytes -= part.bytes;
      parts.clear();
    }
    return true;
  }
}

function bytesOf(part: KeptPart): number {
  if (part === null) return 0;
  if ('byteLength' in part) return part.byteLength;
  if ('values' in part && 'rows' in part) {
    // Text and lists are not counted but bounded: a value in a list takes some tens of bytes.
    return part.rows.length * 4 + part.values.length * (part.values instanceof Float64Array ? 8 : 200);
  }
  return part.length * 64;
}
