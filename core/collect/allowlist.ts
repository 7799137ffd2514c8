/** Who may export: everybody, or the addresses that a person named. */
import { formatAddress, parseAddress } from '../model/address.ts';
import { ApiError } from '../model/api-error.ts';
import type { Refusal } from './collect-status.ts';

/** Refused addresses that are counted one by one; forged ones beyond are counted together. */
const MAX_REFUSED = 1024;

export class Allowlist {
  readonly #allowed: ReadonlySet<string> | undefined;
  readonly #refusals = new Map<string, number>();
  /** Datagrams refused so far. */
  refused = 0;

  /** An empty list allows everybody. Throws ApiError `usage` for what is no address. */
  constructor(addresses: readonly string[]) {
    this.#allowed = addresses.length === 0 ? undefined : new Set(addresses.map(canonical));
  }

  /** `address` as `senderAddress` gives it. A refused datagram is counted. */
  admits(address: string): boolean {
    if (!this.#allowed || this.#allowed.has(address)) return true;
    this.refused++;
    const known = this.#refusals.get(address);
    if (known !== undefined || this.#refusals.size < MAX_REFUSED)
      this.#refusals.set(address, (known ?? 0) + 1);
    return false;
  }

  /** The addresses refused most often. */
  refusals(limit: number): Refusal[] {
    return [...this.#refusals]
      .map(([address, datagrams]) => ({ address, datagrams }))
      .toSorted((a, b) => b.datagrams - a.datagrams)
      .slice(0, limit);
  }
}

function canonical(text: string): string {
  const bytes = parseAddress(text.trim());
  if (!bytes) {
    const sentence = `"${text}" is no address: name the exporters that are allowed by their IPv4 or IPv6 addresses.`;
    throw new ApiError('usage', sentence);
  }
  return formatAddress(bytes);
}

/** A sender's address without zone, an IPv4 address in IPv6 clothes (::ffff:192.0.2.1) as IPv4. */
export function senderAddress(address: string): string {
  if (!address.includes(':')) return address;
  const bare = address.replace(/%.*$/, '');
  return bare.startsWith('::ffff:') && bare.includes('.') ? bare.slice('::ffff:'.length) : bare;
}
