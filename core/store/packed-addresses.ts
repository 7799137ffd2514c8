/** The addresses of a segment as they are stored, 4 or 16 bytes each, and the table that they make. */
import { AddressTable } from '../model/address.ts';
import { DamagedColumn } from './varint.ts';

const ENTRY_BYTES = 16;
const NONE_AND_FOUR = [0, 4];

export class PackedAddresses {
  readonly count: number;
  readonly #packed: Uint8Array;
  /** Undefined: none, then IPv4 addresses alone. */
  readonly #families: Uint8Array | undefined;

  /** Throws DamagedColumn where the bytes are not those of the families. */
  constructor(families: Uint8Array, packed: Uint8Array) {
    let length = 0;
    let plain = true;
    for (let code = 0; code < families.length; code++) {
      const family = families[code] as number;
      length += sizeOf(family);
      if (family !== NONE_AND_FOUR[Math.min(code, 1)]) plain = false;
    }
    if (length !== packed.length) throw new DamagedColumn('its addresses do not fit their families');
    this.count = families.length;
    this.#families = plain ? undefined : families;
    const aligned = packed.byteOffset % Uint32Array.BYTES_PER_ELEMENT === 0;
    this.#packed = aligned ? packed : Uint8Array.from(packed);
  }

  get byteLength(): number {
    return this.#packed.byteLength + (this.#families?.byteLength ?? 0);
  }

  /** The table, in a buffer of `count * 16` bytes that begins where words of 32 bits may. */
  table(bytes: Uint8Array): AddressTable {
    const families = this.#families;
    if (!families) {
      writeFours(this.#packed, bytes);
      const fours = new Uint8Array(this.count).fill(4);
      if (this.count > 0) fours[0] = 0;
      return new AddressTable(this.count, bytes, fours);
    }
    bytes.fill(0);
    let from = 0;
    for (let code = 0; code < families.length; code++) {
      const end = from + sizeOf(families[code] as number);
      for (let to = code * ENTRY_BYTES; from < end; from++, to++) bytes[to] = this.#packed[from] as number;
    }
    return new AddressTable(this.count, bytes, families);
  }
}

/** An address takes four words; the first entry is none. */
function writeFours(packed: Uint8Array, bytes: Uint8Array): void {
  const from = new Uint32Array(packed.buffer, packed.byteOffset, packed.length / 4);
  const to = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  to.fill(0);
  for (let i = 0; i < from.length; i++) to[4 * i + 4] = from[i] as number;
}

function sizeOf(family: number): number {
  return family === 4 ? 4 : family === 6 ? ENTRY_BYTES : 0;
}
