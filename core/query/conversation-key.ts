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
import { ADDRESS_WORDS, addressText, addressWords, hasPorts } from './endpoints.ts';
import { hashWords } from './word-table.ts';

export const KEY_WORDS = 2 * ADDRESS_WORDS + 3;
const PORTS = 2 * ADDRESS_WORDS;
const PROTOCOL = PORTS + 1;
const SITE = PROTOCOL + 1;

type KeyColumn =
  | 'sourceAddress'
  | 'destinationAddress'
  | 'sourceTransportPort'
  | 'destinationTransportPort'
  | 'protocolIdentifier'
  | 'exporter';

/** Writes the keys of a batch's rows into `words`. */
export class ConversationKeys {
  readonly words = new Uint32Array(KEY_WORDS);
  readonly #columns: Pick<CoreColumns, KeyColumn>;
  readonly #addresses: Uint32Array;
  readonly #local: Uint8Array;
  readonly #sites: Uint32Array;

  /** Reads all it needs of the batch at once. */
  constructor(batch: SitedBatch) {
    const { sourceAddress, destinationAddress, protocolIdentifier } = batch.columns;
    const { sourceTransportPort, destinationTransportPort, exporter } = batch.columns;
    const endpoints = { sourceAddress, destinationAddress, sourceTransportPort, destinationTransportPort };
    this.#columns = { ...endpoints, protocolIdentifier, exporter };
    this.#addresses = addressWords(batch.addresses);
    this.#local = localAddresses(batch.addresses);
    this.#sites = Uint32Array.from(batch.sites, siteHash);
  }

  /** Makes the key of a row; true where its source is the smaller endpoint. */
  write(row: number): boolean {
    const columns = this.#columns;
    const { words } = this;
    const source = columns.sourceAddress[row] ?? 0;
    const destination = columns.destinationAddress[row] ?? 0;
    const protocol = columns.protocolIdentifier[row] ?? 0;
    const ported = hasPorts(protocol);
    const from = ported ? (columns.sourceTransportPort[row] ?? 0) : 0;
    const to = ported ? (columns.destinationTransportPort[row] ?? 0) : 0;
    const sourceFirst = this.#compare(source, destination) || from - to;
    const [low, high] = sourceFirst <= 0 ? [source, destination] : [destination, source];
    for (let word = 0; word < ADDRESS_WORDS; word++) {
      words[word] = this.#addresses[low * ADDRESS_WORDS + word] ?? 0;
      words[ADDRESS_WORDS + word] = this.#addresses[high * ADDRESS_WORDS + word] ?? 0;
    }
    words[PORTS] = sourceFirst <= 0 ? (from << 16) | to : (to << 16) | from;
    words[PROTOCOL] = protocol;
    const isLocal = this.#local[source] === 1 || this.#local[destination] === 1;
    words[SITE] = isLocal ? (this.#sites[columns.exporter[row] ?? 0] ?? 0) : 0;
    return sourceFirst <= 0;
  }

  hash(): number {
    return hashWords(this.words, 0, KEY_WORDS);
  }

  #compare(a: number, b: number): number {
    if (a === b) return 0;
    for (let word = 0; word < ADDRESS_WORDS; word++) {
      const difference =
        (this.#addresses[a * ADDRESS_WORDS + word] ?? 0) - (this.#addresses[b * ADDRESS_WORDS + word] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  }
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

export function localAddresses({ count, bytes, families }: AddressTable): Uint8Array {
  const local = new Uint8Array(count).fill(1);
  for (let code = 1; code < count; code++) {
    const at = code * 16;
    const four = families[code] === 4;
    if (four && isPlainly(bytes[at] as number)) local[code] = 0;
    else if (addressScopeOf(bytes.subarray(at, at + (four ? 4 : 16))) === 'public') local[code] = 0;
  }
  return local;
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
