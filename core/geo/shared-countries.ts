/**
 * Countries of IPv4 addresses that threads found, for each other: a table in shared memory without a lock. Who claims a
 * slot for an address writes its country there and nobody else does; until that is done the slot says nothing.
 */

const SLOTS = 1 << 20;
/** Slots that are tried. Where they are taken, nothing is kept. */
const TRIED = 16;
/** Of a country that was looked for and is not known. */
const NONE = 1;

const packed = (country: string): number =>
  country.length === 2 ? country.charCodeAt(0) * 256 + country.charCodeAt(1) : NONE;
const unpacked = (code: number): string => (code === NONE ? '' : String.fromCharCode(code >> 8, code & 0xff));

export class SharedCountries {
  /** What one thread makes and all are given. */
  static room(): SharedArrayBuffer {
    return new SharedArrayBuffer(SLOTS * 6);
  }

  readonly #addresses: Int32Array;
  readonly #codes: Uint16Array;

  constructor(room: SharedArrayBuffer) {
    this.#addresses = new Int32Array(room, 0, SLOTS);
    this.#codes = new Uint16Array(room, SLOTS * 4, SLOTS);
  }

  /** ISO 3166-1 alpha-2, empty for none; undefined where nobody has looked. */
  get(address: Uint8Array): string | undefined {
    const word = wordOf(address);
    const first = slotOf(word);
    for (let tried = 0; tried < TRIED; tried++) {
      const slot = (first + tried) % SLOTS;
      const taken = this.#addresses[slot] as number;
      if (taken === 0) return undefined;
      if (taken !== word) continue;
      const code = this.#codes[slot] as number;
      return code === 0 ? undefined : unpacked(code);
    }
    return undefined;
  }

  set(address: Uint8Array, country: string): void {
    const word = wordOf(address);
    // 0 is an empty slot.
    if (word === 0) return;
    const first = slotOf(word);
    for (let tried = 0; tried < TRIED; tried++) {
      const slot = (first + tried) % SLOTS;
      const taken = Atomics.compareExchange(this.#addresses, slot, 0, word);
      if (taken === 0) this.#codes[slot] = packed(country);
      if (taken === 0 || taken === word) return;
    }
  }
}

const wordOf = (address: Uint8Array): number =>
  ((address[0] as number) << 24) |
  ((address[1] as number) << 16) |
  ((address[2] as number) << 8) |
  (address[3] as number);

/** MurmurHash3's finisher. */
function slotOf(word: number): number {
  let h = Math.imul(word ^ (word >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return ((h ^ (h >>> 16)) >>> 0) % SLOTS;
}
