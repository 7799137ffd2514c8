/**
 * Addresses that are at no single place: the ranges of the IANA special-purpose registries (RFC 6890, RFC 8190), multicast
 * and well-known anycast, from the tables in resources/geo.
 */
import { formatAddress } from '../model/address.ts';
import type { SpecialRange } from '../model/place.ts';
import { parsePrefix, PrefixTable, type Prefix } from './prefix-table.ts';

/** `local`: means something within one site. `embedding`: holds an IPv4 address. */
export type Nature = 'local' | 'special' | 'anycast' | 'embedding';

export interface SpecialEntry {
  readonly nature: Nature;
  readonly range: SpecialRange;
  /** Finds the IPv4 address in 16 bytes. */
  readonly embedded?: (address: Uint8Array) => Uint8Array;
}

/** Where an IPv4 address lies in an IPv6 address, by the nature that the table names. */
const embeddings: Readonly<Record<string, (address: Uint8Array) => Uint8Array>> = {
  // RFC 3056, section 2: after the 16 bits of the prefix.
  '6to4': (address) => address.slice(2, 6),
  // RFC 4380, section 4: the client's address, each bit inverted.
  teredo: (address) => address.slice(12).map((byte) => byte ^ 0xff),
  // RFC 6052, section 2.2, for a prefix of 96 bits.
  nat64: (address) => address.slice(12),
  // RFC 4291, section 2.5.5.2.
  mapped: (address) => address.slice(12),
};

/** Reads the table of special ranges: range, nature, name and RFC by tabs, `#` before comments. Throws on bad lines. */
export function parseSpecialRanges(text: string): PrefixTable<SpecialEntry> {
  return new PrefixTable(
    readLines(text).map(([range = '', nature = '', name = '', rfc = '']) => {
      const embedded = embeddings[nature];
      const known = nature === 'local' || nature === 'special' || nature === 'anycast';
      if (!embedded && !known) throw new Error(`"${nature}" is no nature of a special range`);
      const value: SpecialEntry = embedded
        ? { nature: 'embedding', range: { name, range, rfc }, embedded }
        : { nature: nature as Nature, range: { name, range, rfc } };
      return { prefix: prefixOf(range), value };
    }),
  );
}

/** Reads the table of anycast addresses: range and operator by tabs. Throws on bad lines. */
export function parseAnycast(text: string): PrefixTable<string> {
  return new PrefixTable(
    readLines(text).map(([range = '', operator = '']) => ({ prefix: prefixOf(range), value: operator })),
  );
}

/** The IPv4 address within a 6to4, Teredo, NAT64 or IPv4-mapped address. */
export function embeddedIPv4(
  { embedded }: SpecialEntry,
  address: Uint8Array,
): { readonly bytes: Uint8Array; readonly text: string } | undefined {
  const bytes = embedded?.(address);
  return bytes && { bytes, text: formatAddress(bytes) };
}

/** The fields of each line that is no comment. */
export function readLines(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'));
}

function prefixOf(range: string): Prefix {
  const prefix = parsePrefix(range);
  if (!prefix) throw new Error(`"${range}" is no range of addresses`);
  return prefix;
}
