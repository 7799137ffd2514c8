/** Values by ranges of addresses (CIDR, RFC 4632 and 4291); the longest prefix that covers an address counts. */
import { parseAddress } from '../model/address.ts';

export interface Prefix {
  /** 4 or 16. */
  readonly bytes: Uint8Array;
  readonly bits: number;
}

/** `10.0.0.0/8`, `2001:db8::/32`; undefined for text that is none. Bits after the prefix are not looked at. */
export function parsePrefix(text: string): Prefix | undefined {
  const [, address = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text.trim()) ?? [];
  const bytes = parseAddress(address);
  const bits = Number(length);
  return bytes && length !== '' && bits <= bytes.length * 8 ? { bytes, bits } : undefined;
}

/** Whether the prefix covers the address; never across families. */
function covers({ bytes, bits }: Prefix, address: Uint8Array): boolean {
  if (address.length !== bytes.length) return false;
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (bytes[i] !== address[i]) return false;
  const rest = bits & 7;
  return rest === 0 || ((bytes[whole] ?? 0) ^ (address[whole] ?? 0)) >> (8 - rest) === 0;
}

interface Entry<T> {
  readonly prefix: Prefix;
  readonly value: T;
}

export class PrefixTable<T> {
  /** By family and first byte of an address; longest first: what covers an address first is the most exact. */
  readonly #four: readonly (readonly Entry<T>[])[];
  readonly #six: readonly (readonly Entry<T>[])[];

  constructor(entries: readonly Entry<T>[]) {
    const sorted = entries.toSorted((a, b) => b.prefix.bits - a.prefix.bits);
    this.#four = byFirstByte(sorted.filter(({ prefix }) => prefix.bytes.length === 4));
    this.#six = byFirstByte(sorted.filter(({ prefix }) => prefix.bytes.length === 16));
  }

  /** The value of the longest prefix that covers an address of 4 or 16 bytes. */
  find(address: Uint8Array): T | undefined {
    const entries = (address.length === 4 ? this.#four : this.#six)[address[0] ?? 0];
    return entries?.find(({ prefix }) => covers(prefix, address))?.value;
  }
}

function byFirstByte<T>(entries: readonly Entry<T>[]): readonly (readonly Entry<T>[])[] {
  return Array.from({ length: 256 }, (_, byte) =>
    entries.filter(({ prefix: { bytes, bits } }) => ((bytes[0] ?? 0) ^ byte) >> Math.max(8 - bits, 0) === 0),
  );
}
