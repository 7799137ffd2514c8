/** Predicates over source and destination: asked once of the batch's dictionary, then of the rows' codes. */
import type { AddressTable } from '../model/address.ts';
import type { AddressValue } from './ast.ts';
import { selectCode, selectCodes } from './columns.ts';
import { holds } from './extras.ts';
import { noRows, type Predicate } from './predicate.ts';

type End = 'sourceAddress' | 'destinationAddress';

const COST_OF_ADDRESS = 10;
const COST_OF_NETWORK = 30;

/** Rows of which one of the `ends` is one of the addresses or in one of the networks. */
export function addressPredicate(ends: readonly End[], wanted: readonly AddressValue[]): Predicate {
  const single = wanted.every(isSingle);
  const lookup = new AddressLookup(wanted);
  return {
    cost: single && wanted.length === 1 ? COST_OF_ADDRESS : COST_OF_NETWORK,
    mayPass: (segment) =>
      segment.rows > 0 && (!single || wanted.some(({ bytes }) => segment.mayHoldAddress(bytes))),
    mayFail: () => true,
    select(batch, rows) {
      if (rows?.length === 0) return noRows;
      const [only] = wanted;
      if (only && single && wanted.length === 1) {
        const code = batch.addresses.find(only.bytes);
        if (code === undefined) return noRows;
        return selectCode(
          ends.map((end) => batch.columns[end]),
          code,
          rows,
        );
      }
      const passing = lookup.mark(batch.addresses);
      if (!passing) return noRows;
      return selectCodes(
        ends.map((end) => batch.columns[end]),
        passing,
        rows,
      );
    },
  };
}

/** True for one address, false for a network. */
function isSingle({ mask }: AddressValue): boolean {
  return mask.every((byte) => byte === 0xff);
}

/** Single addresses by their text of bytes, networks one by one. */
class AddressLookup {
  readonly #single4 = new Set<number>();
  readonly #single6 = new Set<string>();
  readonly #networks: readonly AddressValue[];

  constructor(wanted: readonly AddressValue[]) {
    this.#networks = wanted.filter((one) => !isSingle(one));
    for (const one of wanted) {
      if (!isSingle(one)) continue;
      if (one.bytes.length === 4) this.#single4.add(number4(one.bytes, 0));
      else this.#single6.add(String.fromCharCode(...one.bytes));
    }
  }

  /** A 1 for each code of the dictionary that passes; undefined where none does. */
  mark(addresses: AddressTable): Uint8Array | undefined {
    const passing = new Uint8Array(addresses.count);
    let found = false;
    for (let code = 1; code < addresses.count; code++) {
      if (!this.#passes(addresses, code)) continue;
      passing[code] = 1;
      found = true;
    }
    return found ? passing : undefined;
  }

  #passes({ bytes, families }: AddressTable, code: number): boolean {
    const at = code * 16;
    const length = families[code] === 4 ? 4 : families[code] === 6 ? 16 : 0;
    if (length === 4 && this.#single4.has(number4(bytes, at))) return true;
    if (length === 16 && this.#single6.size > 0) {
      if (this.#single6.has(String.fromCharCode(...bytes.subarray(at, at + 16)))) return true;
    }
    return this.#networks.some((network) => holds(network, bytes, at, length));
  }
}

function number4(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  );
}

/** Rows whose addresses are of a family; a row without a source goes by its destination. */
export function familyPredicate(family: 4 | 6): Predicate {
  return {
    cost: 60,
    mayPass: (segment) => segment.rows > 0,
    mayFail: () => true,
    select(batch, rows) {
      const { families } = batch.addresses;
      const passing = new Uint8Array(Math.max(1, families.length));
      for (let code = 1; code < families.length; code++) passing[code] = families[code] === family ? 1 : 0;
      if (!passing.includes(1)) return noRows;
      return selectCodes([batch.columns.sourceAddress, batch.columns.destinationAddress], passing, rows);
    },
  };
}
