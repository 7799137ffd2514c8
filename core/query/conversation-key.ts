/**
 * The key of a conversation: both endpoints, the smaller first, protocol and site, as words of 32 bits.
 *
 * | words | what                                                                        |
 * |-------|-----------------------------------------------------------------------------|
 * | 0-4   | family and address of the smaller endpoint                                  |
 * | 5-9   | of the larger one                                                           |
 * | 10    | both ports, the smaller endpoint's in the upper half; 0 without ports        |
 * | 11    | protocol                                                                    |
 * | 12    | hash of the site's name where an address is local to one, 0 where none is   |
 */
import { addressScopeOf, type AddressTable } from '../model/address.ts';
import type { CoreColumns, SitedBatch } from '../model/flow-batch.ts';
import { ADDRESS_WORDS, addressText, hasPorts } from './endpoints.ts';
import { hashWords } from './word-table.ts';

export const KEY_WORDS = 2 * ADDRESS_WORDS + 3;
const PORTS = 2 * ADDRESS_WORDS;
const PROTOCOL = PORTS + 1;
const SITE = PROTOCOL + 1;

const ported = Uint8Array.from({ length: 256 }, (_, protocol) => (hasPorts(protocol) ? 1 : 0));

type KeyColumn =
  | 'sourceAddress'
  | 'destinationAddress'
  | 'sourceTransportPort'
  | 'destinationTransportPort'
  | 'protocolIdentifier';

/** Grow with the batches that were seen. */
let hashesOfAddresses = new Int32Array(0);
let hashesOfRows = new Uint32Array(0);

/** Hashes the keys of a batch's rows, and writes those that are wanted into `words`. */
export class ConversationKeys {
  readonly words = new Uint32Array(KEY_WORDS);
  readonly #columns: Pick<CoreColumns, KeyColumn>;
  readonly #addresses: AddressTable;
  readonly #sites: Uint32Array;
  /** By row; undefined where all are of one site. */
  readonly #exporters: Uint16Array | undefined;
  readonly #other = new Uint32Array(ADDRESS_WORDS);

  /** Reads all it needs of the batch at once. */
  constructor(batch: SitedBatch) {
    const { sourceAddress, destinationAddress, protocolIdentifier } = batch.columns;
    const { sourceTransportPort, destinationTransportPort } = batch.columns;
    const endpoints = { sourceAddress, destinationAddress, sourceTransportPort, destinationTransportPort };
    this.#columns = { ...endpoints, protocolIdentifier };
    this.#addresses = batch.addresses;
    this.#sites = Uint32Array.from(batch.sites, siteHash);
    this.#exporters = new Set(batch.sites).size > 1 ? batch.columns.exporter : undefined;
  }

  /** The hashes of the rows' keys (undefined: of all rows), in their order; good until another batch's are asked for. */
  hashes(rows: Uint32Array | undefined): Uint32Array {
    const { sourceAddress, destinationAddress, protocolIdentifier } = this.#columns;
    const { sourceTransportPort, destinationTransportPort } = this.#columns;
    const count = rows?.length ?? sourceAddress.length;
    if (hashesOfRows.length < count) hashesOfRows = new Uint32Array(count);
    const hashes = hashesOfRows;
    const ends = hashAddresses(this.#addresses);
    for (let i = 0; i < count; i++) {
      const row = rows ? (rows[i] as number) : i;
      const protocol = protocolIdentifier[row] as number;
      const mask = -(ported[protocol] as number);
      const from = (sourceTransportPort[row] as number) & mask;
      const to = (destinationTransportPort[row] as number) & mask;
      // As endHash and keyHash, written out: this loop is all that most rows see.
      let a = Math.imul((ends[sourceAddress[row] as number] as number) ^ Math.imul(from + 1, END_1), END_2);
      let b = Math.imul(
        (ends[destinationAddress[row] as number] as number) ^ Math.imul(to + 1, END_1),
        END_2,
      );
      a = Math.imul(a ^ (a >>> 15), END_3);
      b = Math.imul(b ^ (b >>> 15), END_3);
      let h = (a + b + Math.imul(protocol, KEY_1)) | 0;
      h = Math.imul(h ^ (h >>> 16), KEY_2);
      h = Math.imul(h ^ (h >>> 13), KEY_3);
      hashes[i] = h ^ (h >>> 16);
    }
    return hashes;
  }

  /** Makes the key of a row; true where its source is the smaller endpoint. */
  write(row: number): boolean {
    const { words } = this;
    const other = this.#other;
    const columns = this.#columns;
    const source = columns.sourceAddress[row] as number;
    const destination = columns.destinationAddress[row] as number;
    const protocol = columns.protocolIdentifier[row] as number;
    const mask = -(ported[protocol] as number);
    const from = (columns.sourceTransportPort[row] as number) & mask;
    const to = (columns.destinationTransportPort[row] as number) & mask;
    writeAddress(this.#addresses, source, words, 0);
    writeAddress(this.#addresses, destination, other, 0);
    const sourceFirst = compareAddresses(words, other) || from - to;
    if (sourceFirst > 0) words.copyWithin(ADDRESS_WORDS, 0, ADDRESS_WORDS);
    words.set(other, sourceFirst > 0 ? 0 : ADDRESS_WORDS);
    words[PORTS] = sourceFirst <= 0 ? (from << 16) | to : (to << 16) | from;
    words[PROTOCOL] = protocol;
    const isLocal = isLocalAddress(this.#addresses, source) || isLocalAddress(this.#addresses, destination);
    words[SITE] = isLocal ? (this.#sites[this.#exporters?.[row] ?? 0] ?? 0) : 0;
    return sourceFirst <= 0;
  }
}

/** The hash that the rows of this key have. */
export function hashKey(words: Uint32Array): number {
  const ports = words[PORTS] ?? 0;
  const low = endHash(addressHash(words, 0), ports >>> 16);
  const high = endHash(addressHash(words, ADDRESS_WORDS), ports & 0xffff);
  return keyHash(low, high, words[PROTOCOL] ?? 0);
}

/** Steps of MurmurHash3. */
const KEY_1 = 0x9e37_79b1;
const KEY_2 = 0x85eb_ca6b;
const KEY_3 = 0xc2b2_ae35;
const END_1 = 0xcc9e_2d51;
const END_2 = 0x1b87_3593;
const END_3 = 0x2c1b_3c6d;

/** The same for both orders of the ends. */
function keyHash(from: number, to: number, protocol: number): number {
  let h = (from + to + Math.imul(protocol, KEY_1)) | 0;
  h = Math.imul(h ^ (h >>> 16), KEY_2);
  h = Math.imul(h ^ (h >>> 13), KEY_3);
  return (h ^ (h >>> 16)) >>> 0;
}

function endHash(address: number, port: number): number {
  const h = Math.imul(address ^ Math.imul(port + 1, END_1), END_2);
  return Math.imul(h ^ (h >>> 15), END_3);
}

/** By code. */
function hashAddresses(table: AddressTable): Int32Array {
  const { count, bytes, families } = table;
  if (hashesOfAddresses.length < count) hashesOfAddresses = new Int32Array(count);
  const hashes = hashesOfAddresses;
  const words = new Uint32Array(ADDRESS_WORDS);
  for (let code = 0; code < count; code++) {
    if (families[code] === 4) {
      const at = code * 16;
      const word =
        ((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number);
      const h = Math.imul(4 ^ word, ADDRESS_1);
      hashes[code] = h ^ (h >>> 15);
    } else {
      writeAddress(table, code, words, 0);
      hashes[code] = addressHash(words, 0);
    }
  }
  return hashes;
}

const ADDRESS_1 = 0x85eb_ca6b;

function addressHash(words: Uint32Array, at: number): number {
  let h = words[at] as number;
  const end = at + (h === 6 ? ADDRESS_WORDS : 2);
  for (let word = at + 1; word < end; word++) {
    h = Math.imul(h ^ (words[word] as number), ADDRESS_1);
    h ^= h >>> 15;
  }
  return h;
}

/** Family and 16 bytes, big-endian: their order as numbers is that of the addresses. */
function writeAddress({ bytes, families }: AddressTable, code: number, words: Uint32Array, to: number): void {
  const family = families[code] ?? 0;
  words[to] = family;
  const used = family === 0 ? 0 : family === 4 ? 1 : 4;
  for (let word = 0; word < 4; word++) {
    const at = code * 16 + word * 4;
    words[to + 1 + word] =
      word < used
        ? ((bytes[at] as number) << 24) |
          ((bytes[at + 1] as number) << 16) |
          ((bytes[at + 2] as number) << 8) |
          (bytes[at + 3] as number)
        : 0;
  }
}

function compareAddresses(a: Uint32Array, b: Uint32Array): number {
  for (let word = 0; word < ADDRESS_WORDS; word++) {
    const difference = (a[word] as number) - (b[word] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The two endpoints of a key and its protocol. */
export function readKey(words: Uint32Array): {
  readonly low: string;
  readonly lowPort: number;
  readonly high: string;
  readonly highPort: number;
  readonly protocol: number;
} {
  const ports = words[PORTS] ?? 0;
  return {
    low: addressText(words, 0),
    lowPort: ports >>> 16,
    high: addressText(words, ADDRESS_WORDS),
    highPort: ports & 0xffff,
    protocol: words[PROTOCOL] ?? 0,
  };
}

/** A 1 for each code of an address that means the same only within a site, or of none. */
export function localAddresses(table: AddressTable): Uint8Array {
  const local = new Uint8Array(table.count);
  for (let code = 0; code < table.count; code++) local[code] = isLocalAddress(table, code) ? 1 : 0;
  return local;
}

function isLocalAddress({ bytes, families }: AddressTable, code: number): boolean {
  if (code === 0) return true;
  const at = code * 16;
  const four = families[code] === 4;
  if (four && isPlainly(bytes[at] as number)) return false;
  return addressScopeOf(bytes.subarray(at, at + (four ? 4 : 16))) !== 'public';
}

/** First octets of IPv4 addresses that are public whatever follows. */
function isPlainly(octet: number): boolean {
  if (octet <= 10 || octet >= 224) return false;
  return octet !== 100 && octet !== 127 && octet !== 169 && octet !== 172 && octet !== 192;
}

/** Never 0: that is no site. */
function siteHash(name: string): number {
  const units = Uint32Array.from(name, (character) => character.codePointAt(0) ?? 0);
  return hashWords(units, 0, units.length) || 1;
}
