/** Small pieces that export packets are put together from. */
import { parseAddress } from '../../core/model/address.ts';

export type Octets = Uint8Array;

export function concat(...parts: readonly Octets[]): Octets {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Big-endian unsigned integer of `length` bytes. */
export function uint(length: number, value: number | bigint): Octets {
  let rest = BigInt(value);
  const bytes = new Uint8Array(length);
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

export const u8 = (value: number): Octets => uint(1, value);
export const u16 = (value: number): Octets => uint(2, value);
export const u32 = (value: number): Octets => uint(4, value);
export const u64 = (value: number | bigint): Octets => uint(8, value);

/** 4 or 16 bytes. */
export function ip(text: string): Octets {
  const bytes = parseAddress(text);
  if (!bytes) throw new Error(`${text} is no address`);
  return bytes;
}

export function hex(text: string): Octets {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Text in ASCII, filled with NULs to `length`. */
export function ascii(text: string, length = text.length): Octets {
  return Uint8Array.from({ length }, (_, i) => (i < text.length ? text.charCodeAt(i) : 0));
}

/** A variable-length value (RFC 7011 section 7) with a length of one byte, or of three. */
export function variable(value: Octets, form: 'short' | 'long' = 'short'): Octets {
  return form === 'short' ? concat(u8(value.length), value) : concat(u8(255), u16(value.length), value);
}

/** An NTP timestamp (RFC 5905) of whole seconds since 1970 and a 32-bit fraction. */
export function ntp(seconds: number, fraction: number): Octets {
  return concat(u32(seconds + 2_208_988_800), u32(fraction));
}

/** A set: its number, its length, its content, and zeros behind. */
export function set(id: number, content: readonly Octets[], padding = 0): Octets {
  const body = concat(...content, new Uint8Array(padding));
  return concat(u16(id), u16(body.length + 4), body);
}
