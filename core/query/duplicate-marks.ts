/**
 * Which rows several exporters may have seen, before anything is known of their times: a first look at all rows, so that
 * only few are looked at closely (duplicates.ts). It never passes over a row that several did see.
 */
import type { AddressTable } from '../model/address.ts';
import { exporterKey, type SitedBatch } from '../model/flow-batch.ts';
import { mixWords } from './word-mix.ts';

/** Bytes of marks for each row that is expected: so seldom do two keys share one. */
const MARKS_A_ROW = 4;
const SEVERAL = 0xff;

export class DuplicateMarks {
  /** By the hash of a 5-tuple: 1 + the exporter that saw it, SEVERAL where more than one did, of it or of another. */
  readonly #marks: Uint8Array;
  readonly #exporters = new Map<string, number>();
  readonly #batches = new Map<
    number,
    { readonly hashes: Uint32Array; readonly rows: Uint32Array | undefined }
  >();

  /** `rows`: about how many will be added. */
  constructor(rows: number) {
    this.#marks = new Uint8Array(2 ** Math.ceil(Math.log2(Math.max(rows, 256) * MARKS_A_ROW)));
  }

  /** Takes the rows of a batch (all, where none are named); four bytes of each are kept. */
  add(batch: SitedBatch, ordinal: number, rows?: Uint32Array): void {
    const { sourceAddress, destinationAddress, protocolIdentifier, exporter } = batch.columns;
    const { sourceTransportPort, destinationTransportPort } = batch.columns;
    const ofAddress = addressHashes(batch.addresses);
    const own = Uint8Array.from(batch.exporters, (one) => Math.min(this.#number(exporterKey(one)), SEVERAL));
    const count = rows?.length ?? batch.count;
    const hashes = new Uint32Array(count);
    const marks = this.#marks;
    const mask = marks.length - 1;
    for (let i = 0; i < count; i++) {
      const row = rows ? (rows[i] as number) : i;
      const hashed = mixWords(
        ofAddress[sourceAddress[row] as number] as number,
        ofAddress[destinationAddress[row] as number] as number,
        ((sourceTransportPort[row] as number) << 16) | (destinationTransportPort[row] as number),
        protocolIdentifier[row] as number,
      );
      hashes[i] = hashed;
      const mark = hashed & mask;
      const mine = own[exporter[row] as number] as number;
      const other = marks[mark] as number;
      if (other !== mine) marks[mark] = other === 0 ? mine : SEVERAL;
    }
    this.#batches.set(ordinal, { hashes, rows });
  }

  /** Of the rows of a batch those that several exporters may have seen, once all batches were added; ascending. */
  suspects(ordinal: number): Uint32Array {
    const batch = this.#batches.get(ordinal);
    if (!batch) return new Uint32Array(0);
    const { hashes, rows } = batch;
    const marks = this.#marks;
    const mask = marks.length - 1;
    const found = new Uint32Array(hashes.length);
    let count = 0;
    for (let i = 0; i < hashes.length; i++) {
      if (marks[(hashes[i] as number) & mask] !== SEVERAL) continue;
      found[count++] = rows ? (rows[i] as number) : i;
    }
    return found.slice(0, count);
  }

  /** From 1 on, in the order in which they come. */
  #number(key: string): number {
    let number = this.#exporters.get(key);
    if (number === undefined) this.#exporters.set(key, (number = this.#exporters.size + 1));
    return number;
  }
}

/** A word for each address of a table, the same in every batch. */
function addressHashes({ count, bytes, families }: AddressTable): Uint32Array {
  const hashes = new Uint32Array(count);
  for (let code = 1; code < count; code++) {
    const until = code * 16 + (families[code] === 4 ? 4 : 16);
    let word = 0;
    for (let at = code * 16; at < until; at += 4) {
      const next =
        ((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number);
      word = Math.imul(word, 0x9e37_79b1) ^ next;
    }
    hashes[code] = word;
  }
  return hashes;
}
