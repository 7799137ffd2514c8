/**
 * The addresses of a segment as columns, in their own order: IPv4 ascending, then IPv6 ascending. What lies side by side
 * in the address space then lies side by side in the column, and little is left to say.
 *
 * | columns                      | values                                                                               |
 * |------------------------------|--------------------------------------------------------------------------------------|
 * | `addresses.ipv4`             | the IPv4 addresses as integers, which have the codes from 1 on                       |
 * | `addresses.ipv6`             | the IPv6 addresses, which have the codes after those: all first octets, all second ... |
 * | `addresses.bgpAsNumber`      | which AS number flows told of each code first; absent where they told none           |
 *
 * In segments of layout 2 and before: `addresses.families` and `addresses.bytes`, 4 or 16 bytes each, in any order.
 */
import { AddressTable } from '../model/address.ts';
import type { CoreColumns, FlowBatch } from '../model/flow-batch.ts';
import { PackedAddresses } from './packed-addresses.ts';
import { DamagedColumn } from './varint.ts';

const IPV6_BYTES = 16;
/** Room for an address' place beside its value in a float. */
const PLACES = 2 ** 21;

/** The batch with its addresses in their own order. */
export function orderAddresses(batch: FlowBatch): FlowBatch {
  const { addresses, columns } = batch;
  const order = orderOf(addresses);
  const codes = new Uint32Array(addresses.count);
  const bytes = new Uint8Array(addresses.count * 16);
  const families = new Uint8Array(addresses.count);
  for (let code = 1; code < addresses.count; code++) {
    const old = order[code - 1] ?? 0;
    codes[old] = code;
    families[code] = addresses.family(old);
    for (let from = old * 16, to = code * 16; from < old * 16 + 16; from++, to++) {
      bytes[to] = addresses.bytes[from] ?? 0;
    }
  }
  const recode = (column: Uint32Array): Uint32Array => {
    const recoded = new Uint32Array(column.length);
    for (let row = 0; row < column.length; row++) recoded[row] = codes[column[row] ?? 0] ?? 0;
    return recoded;
  };
  const ordered: CoreColumns = {
    ...columns,
    sourceAddress: recode(columns.sourceAddress),
    destinationAddress: recode(columns.destinationAddress),
  };
  return { ...batch, addresses: new AddressTable(addresses.count, bytes, families), columns: ordered };
}

/** The indexes of the table's addresses, IPv4 ascending, then IPv6 ascending. */
function orderOf(table: AddressTable): Uint32Array {
  if (table.count > PLACES) throw new RangeError(`a segment has ${table.count} addresses`);
  const keys = new Float64Array(table.count);
  const six: number[] = [];
  let four = 0;
  for (let index = 1; index < table.count; index++) {
    if (table.family(index) === 4) keys[four++] = ipv4At(table.bytes, index) * PLACES + index;
    else six.push(index);
  }
  const order = new Uint32Array(Math.max(table.count - 1, 0));
  const sorted = keys.subarray(0, four).sort();
  for (let i = 0; i < four; i++) {
    const key = sorted[i] ?? 0;
    order[i] = key - Math.floor(key / PLACES) * PLACES;
  }
  const { bytes } = table;
  six.sort((a, b) => {
    let at = 0;
    while (at < 15 && bytes[a * 16 + at] === bytes[b * 16 + at]) at++;
    return (bytes[a * 16 + at] ?? 0) - (bytes[b * 16 + at] ?? 0);
  });
  order.set(six, four);
  return order;
}

function ipv4At(bytes: Uint8Array, index: number): number {
  const at = index * 16;
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  );
}

/** An ordered table as the values of `addresses.ipv4` and the bytes of `addresses.ipv6`. */
export function splitAddresses(table: AddressTable): {
  readonly ipv4: Uint32Array;
  readonly ipv6: Uint8Array;
} {
  let four = 0;
  while (four + 1 < table.count && table.family(four + 1) === 4) four++;
  const ipv4 = new Uint32Array(four);
  for (let i = 0; i < four; i++) ipv4[i] = ipv4At(table.bytes, i + 1);
  const six = Math.max(table.count - 1 - four, 0);
  const ipv6 = new Uint8Array(six * IPV6_BYTES);
  for (let i = 0; i < six; i++) {
    for (let octet = 0; octet < IPV6_BYTES; octet++) {
      ipv6[octet * six + i] = table.bytes[(1 + four + i) * 16 + octet] ?? 0;
    }
  }
  return { ipv4, ipv6 };
}

/** Both together again. Throws DamagedColumn. */
export function joinAddresses(ipv4: Uint32Array, ipv6: Uint8Array): PackedAddresses {
  const six = ipv6.length / IPV6_BYTES;
  if (!Number.isInteger(six)) throw new DamagedColumn('its IPv6 addresses are not whole');
  const four = ipv4.length;
  const families = new Uint8Array(1 + four + six).fill(4, 1, 1 + four).fill(6, 1 + four);
  const packed = new Uint8Array(4 * four + ipv6.length);
  new Uint32Array(packed.buffer, 0, four).set(ipv4);
  // Octets as they are on the wire.
  Buffer.from(packed.buffer, 0, 4 * four).swap32();
  for (let octet = 0; octet < IPV6_BYTES; octet++) {
    for (let i = 0, at = 4 * four + octet; i < six; i++, at += IPV6_BYTES)
      packed[at] = ipv6[octet * six + i] ?? 0;
  }
  return new PackedAddresses(families, packed);
}

/** The AS number that flows told of each address first; undefined where they told none. */
export function asNumbersOf({ columns, addresses }: FlowBatch): Uint32Array | undefined {
  const numbers = new Uint32Array(addresses.count);
  const seen = new Uint8Array(addresses.count);
  let told = false;
  for (const [codes, values] of [
    [columns.sourceAddress, columns.bgpSourceAsNumber],
    [columns.destinationAddress, columns.bgpDestinationAsNumber],
  ] as const) {
    for (let row = 0; row < codes.length; row++) {
      const code = codes[row] ?? 0;
      if (seen[code] === 1) continue;
      seen[code] = 1;
      const value = values[row] ?? 0;
      numbers[code] = value;
      told ||= value !== 0;
    }
  }
  return told ? numbers : undefined;
}

/** The entry of each row's code. */
export function lookUp(codes: Uint32Array, entries: Uint32Array): Uint32Array {
  const values = new Uint32Array(codes.length);
  for (let row = 0; row < codes.length; row++) values[row] = entries[codes[row] ?? 0] ?? 0;
  return values;
}
