/**
 * Decoded parts of segments for the next question: who traces something asks many questions of the same flows.
 *
 * Room is bounded. A part that finds no room is not kept, unless parts are there that neither this question nor the one
 * before has read: so a scan of more than there is room for does not drive out what its repetition would find. Floats are
 * kept as 32 bits above their least value where that is exact (times, most counters), and given back in buffers that the
 * next segment's columns reuse.
 */
import { AddressTable } from '../model/address.ts';
import type { ExtraColumn } from '../model/flow-batch.ts';
import type { NumberColumn } from './column-codec.ts';
import { infoChecksum } from './segment-info.ts';
import type { StoredSegment } from './segment-reader.ts';

/** What a segment is made of, and what is known of it before it is read. */
export type KeptPart = NumberColumn | AddressTable | ExtraColumn | readonly string[] | null;

/** Gives the parts of one segment. */
export interface PartKeeper {
  /** The part as it was made before, or made now. `make` may throw: then nothing is kept. */
  keep<T extends KeptPart>(name: string, make: () => T): T;
  /** A column of floats, good until the same column of another segment is asked for. `make` may fill the buffer. */
  floats(name: string, length: number, make: (buffer: Float64Array) => Float64Array): Float64Array;
}

interface KeptSegment {
  readonly parts: Map<string, { readonly part: KeptPart | CompactFloats; readonly bytes: number }>;
  readBy: number;
}

export class SegmentCache {
  readonly #limit: number;
  /** The one that was read longest ago is the first. */
  readonly #segments = new Map<string, KeptSegment>();
  readonly #buffers = new Map<string, Float64Array>();
  #bytes = 0;
  #question = 0;

  /** `limit` in bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** From here on it is another question that reads. */
  beginQuestion(): void {
    this.#question++;
  }

  segment(segment: StoredSegment): PartKeeper {
    // An id is given again after segments were put together: counts, bounds and sums tell them apart.
    const key = `${segment.day} ${segment.id} ${infoChecksum(segment)}`;
    const kept: KeptSegment = this.#segments.get(key) ?? { parts: new Map(), readBy: 0 };
    kept.readBy = this.#question;
    this.#segments.delete(key);
    this.#segments.set(key, kept);
    return {
      keep: (name, make) => {
        const known = kept.parts.get(name);
        if (known) return known.part as ReturnType<typeof make>;
        const part = make();
        this.#admit(kept, name, part, bytesOf(part));
        return part;
      },
      floats: (name, length, make) => {
        const known = kept.parts.get(name)?.part;
        if (known instanceof Float64Array) return known;
        const buffer = this.#buffer(name, length);
        if (known instanceof CompactFloats) return known.fill(buffer);
        const values = make(buffer);
        if (this.#makeRoom(4 * length)) {
          const compact = CompactFloats.of(values);
          const part = compact ?? values.slice();
          this.#admit(kept, name, part, part.byteLength);
        }
        return values;
      },
    };
  }

  #buffer(name: string, length: number): Float64Array {
    let buffer = this.#buffers.get(name);
    if (!buffer || buffer.length < length) this.#buffers.set(name, (buffer = new Float64Array(length)));
    return buffer.length === length ? buffer : buffer.subarray(0, length);
  }

  #admit(kept: KeptSegment, name: string, part: KeptPart | CompactFloats, bytes: number): void {
    if (!this.#makeRoom(bytes)) return;
    kept.parts.set(name, { part, bytes });
    this.#bytes += bytes;
  }

  #makeRoom(bytes: number): boolean {
    while (this.#bytes + bytes > this.#limit) {
      const [oldest] = this.#segments;
      if (!oldest || oldest[1].readBy >= this.#question - 1) return false;
      this.#segments.delete(oldest[0]);
      for (const part of oldest[1].parts.values()) this.#bytes -= part.bytes;
    }
    return true;
  }
}

function bytesOf(part: KeptPart): number {
  if (part === null) return 0;
  if (ArrayBuffer.isView(part)) return part.byteLength;
  if (part instanceof AddressTable) return part.bytes.byteLength + part.families.byteLength;
  if ('values' in part && 'rows' in part) {
    // Text and lists are not counted but bounded: a value in a list takes some tens of bytes.
    return part.rows.length * 4 + part.values.length * (part.values instanceof Float64Array ? 8 : 200);
  }
  return part.length * 64;
}

const ABSENT = 0xffff_ffff;

/** Whole numbers, and NaN, within 2^32 of each other. */
class CompactFloats {
  readonly #base: number;
  readonly #codes: Uint32Array;
  readonly #whole: boolean;

  private constructor(base: number, codes: Uint32Array, whole: boolean) {
    this.#base = base;
    this.#codes = codes;
    this.#whole = whole;
  }

  /** Undefined where they are others. */
  static of(values: Float64Array): CompactFloats | undefined {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    let absent = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? 0;
      if (value < least) least = value;
      if (value > most) most = value;
      if (Number.isNaN(value)) absent++;
    }
    if (least > most) least = most = 0;
    if (!(most - least < ABSENT && Math.abs(least) < 2 ** 52 && Math.abs(most) < 2 ** 52)) return undefined;
    const codes = new Uint32Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? 0;
      const code = (value - least) >>> 0;
      codes[i] = code;
      if (code + least === value && (value !== 0 || !Object.is(value, -0))) continue;
      if (!Number.isNaN(value)) return undefined;
      codes[i] = ABSENT;
    }
    return new CompactFloats(least, codes, absent === 0);
  }

  get byteLength(): number {
    return this.#codes.byteLength;
  }

  fill(values: Float64Array): Float64Array {
    const base = this.#base;
    const codes = this.#codes;
    for (let i = 0; i < codes.length; i++) values[i] = base + (codes[i] ?? 0);
    if (this.#whole) return values;
    for (let i = 0; i < codes.length; i++) if (codes[i] === ABSENT) values[i] = Number.NaN;
    return values;
  }
}
