/**
 * IPv4 and IPv6 addresses: text, bytes, what kind of address it is, and the dictionary that codes them as small
 * integers in a batch of flows.
 */

/**
 * Parses an IPv4 (dotted quad) or IPv6 (RFC 4291, also with an embedded IPv4 tail) address.
 * Returns 4 or 16 bytes, or undefined.
 */
export function parseAddress(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIPv6(text) : parseIPv4(text);
}

function parseIPv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (const [i, part] of parts.entries()) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    bytes[i] = Number(part);
  }
  return bytes;
}

function parseIPv6(text: string): Uint8Array | undefined {
  let source = text.replace(/%.*$/, '');
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(source);
  if (tail) {
    const [a, b, c, d] = parseIPv4(tail[2] ?? '') ?? [];
    if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
    source = `${tail[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const halves = source.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const head = groups[0] ?? [];
  const rest = groups[1] ?? [];
  const missing = 8 - head.length - rest.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...Array<string>(halves.length === 1 ? 0 : missing).fill('0'), ...rest];
  const bytes = new Uint8Array(16);
  for (const [i, group] of all.entries()) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    const value = Number.parseInt(group, 16);
    bytes[2 * i] = value >> 8;
    bytes[2 * i + 1] = value & 0xff;
  }
  return bytes;
}

/** Dotted quad for 4 bytes, RFC 5952 text for 16; `offset` and `length` choose the bytes within a larger array. */
export function formatAddress(bytes: Uint8Array, offset = 0, length = bytes.length - offset): string {
  if (length === 4) {
    return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
  }
  if (length !== 16) throw new RangeError(`an address has 4 or 16 bytes, not ${length}`);
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[offset + i] ?? 0) << 8) | (bytes[offset + i + 1] ?? 0));
  const run = longestZeroRun(groups);
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return run ? `${hex(0, run.start)}::${hex(run.start + run.length, 8)}` : hex(0, 8);
}

/** The first longest run of two or more zero groups, which RFC 5952 writes as `::`. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } | undefined {
  let best: { start: number; length: number } | undefined;
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length >= 2 && length > (best?.length ?? 0)) best = { start, length };
    start += length;
  }
  return best;
}

/** `192.0.2.1:22`, `[2001:db8::1]:22` (RFC 3986, section 3.2.2); the address alone where no port is given. */
export function formatEndpoint(address: string, port?: number): string {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * What an address can mean. `public` means one host everywhere (or a NAT's face); the local kinds mean something only
 * within one site.
 */
export type AddressScope =
  'public' | 'private' | 'shared' | 'link-local' | 'unique-local' | 'loopback' | 'multicast' | 'unspecified';

/** The scope of an address in text form (RFC 1918, 6598, 3927, 4193, 4291). Unparsable text is `unspecified`. */
export function addressScope(text: string): AddressScope {
  const bytes = parseAddress(text);
  return bytes ? addressScopeOf(bytes) : 'unspecified';
}

/** The scope of an address of 4 or 16 bytes. */
export function addressScopeOf(bytes: Uint8Array): AddressScope {
  const mapped =
    bytes.length === 16 &&
    bytes.subarray(0, 10).every((b) => b === 0) &&
    bytes[10] === 0xff &&
    bytes[11] === 0xff;
  return bytes.length === 4 || mapped ? scopeIPv4(mapped ? bytes.subarray(12) : bytes) : scopeIPv6(bytes);
}

function scopeIPv4(bytes: Uint8Array): AddressScope {
  const [a = 0, b = 0] = bytes;
  if (a === 0 || (a === 255 && bytes.every((byte) => byte === 255))) return 'unspecified';
  if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)) return 'private';
  if (a === 100 && b >= 64 && b < 128) return 'shared';
  if (a === 169 && b === 254) return 'link-local';
  if (a === 127) return 'loopback';
  return a >= 224 && a < 240 ? 'multicast' : 'public';
}

function scopeIPv6(bytes: Uint8Array): AddressScope {
  const [a = 0, b = 0] = bytes;
  if (bytes.subarray(0, 15).every((byte) => byte === 0)) return bytes[15] === 1 ? 'loopback' : 'unspecified';
  if (a === 0xfe && (b & 0xc0) === 0x80) return 'link-local';
  if ((a & 0xfe) === 0xfc) return 'unique-local';
  return a === 0xff ? 'multicast' : 'public';
}

/** True where the same text may be another host at another site. */
export function isSiteLocal(text: string): boolean {
  return addressScope(text) !== 'public';
}

/**
 * The address dictionary of a batch: index 0 is "no address"; every other index is one IPv4 or IPv6 address.
 * `bytes` holds 16 bytes an entry (IPv4 in the first four), `families` 0, 4 or 6.
 */
export class AddressTable {
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly families: Uint8Array;
  readonly #texts: (string | undefined)[] = [];

  constructor(count: number, bytes: Uint8Array, families: Uint8Array) {
    this.count = count;
    this.bytes = bytes;
    this.families = families;
  }

  /** 4, 6, or 0 for "no address". */
  family(index: number): number {
    return this.families[index] ?? 0;
  }

  /** The address as text; empty for "no address". Texts are made once. */
  text(index: number): string {
    const family = this.family(index);
    if (family === 0) return '';
    return (this.#texts[index] ??= formatAddress(this.bytes, index * 16, family === 4 ? 4 : 16));
  }

  /** The index of an address, or undefined where the batch does not hold it. */
  find(address: Uint8Array): number | undefined {
    if (address.length === 4) return this.#find4(address);
    for (let index = 1; index < this.count; index++) {
      if (this.families[index] !== 6) continue;
      let i = 0;
      while (i < address.length && this.bytes[index * 16 + i] === address[i]) i++;
      if (i === address.length) return index;
    }
    return undefined;
  }

  /** The last octet first, in which neighbours differ most. */
  #find4([a, b, c, d]: Uint8Array): number | undefined {
    const { bytes, families } = this;
    for (let index = 1, at = 16; index < this.count; index++, at += 16) {
      if (bytes[at + 3] !== d || bytes[at + 2] !== c || bytes[at + 1] !== b || bytes[at] !== a) continue;
      if (families[index] === 4) return index;
    }
    return undefined;
  }
}

/** Collects addresses and codes them; grows by doubling. */
export class AddressTableBuilder {
  #count = 1;
  #bytes = new Uint8Array(16 * 64);
  #families = new Uint8Array(64);
  readonly #index4 = new Map<number, number>();
  readonly #index6 = new Map<string, number>();

  /** The code of the IPv4 address at `offset`. */
  internIPv4(source: Uint8Array, offset: number): number {
    const key =
      (((source[offset] ?? 0) << 24) |
        ((source[offset + 1] ?? 0) << 16) |
        ((source[offset + 2] ?? 0) << 8) |
        (source[offset + 3] ?? 0)) >>>
      0;
    const known = this.#index4.get(key);
    if (known !== undefined) return known;
    const index = this.#append(source, offset, 4);
    this.#index4.set(key, index);
    return index;
  }

  /** The code of the IPv6 address at `offset`. */
  internIPv6(source: Uint8Array, offset: number): number {
    const key = String.fromCharCode(...source.subarray(offset, offset + 16));
    const known = this.#index6.get(key);
    if (known !== undefined) return known;
    const index = this.#append(source, offset, 6);
    this.#index6.set(key, index);
    return index;
  }

  /** The code of an address given as 4 or 16 bytes. */
  intern(address: Uint8Array): number {
    return address.length === 4 ? this.internIPv4(address, 0) : this.internIPv6(address, 0);
  }

  finish(): AddressTable {
    return new AddressTable(
      this.#count,
      this.#bytes.slice(0, this.#count * 16),
      this.#families.slice(0, this.#count),
    );
  }

  #append(source: Uint8Array, offset: number, family: 4 | 6): number {
    const index = this.#count++;
    if (index >= this.#families.length) {
      const families = new Uint8Array(this.#families.length * 2);
      families.set(this.#families);
      this.#families = families;
      const bytes = new Uint8Array(this.#bytes.length * 2);
      bytes.set(this.#bytes);
      this.#bytes = bytes;
    }
    this.#bytes.set(source.subarray(offset, offset + (family === 4 ? 4 : 16)), index * 16);
    this.#families[index] = family;
    return index;
  }
}
