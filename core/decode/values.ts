/**
 * One field's bytes as a value of the neutral form, by abstract data type (RFC 7011 section 6).
 *
 * Integers may be shorter than their type (reduced-size encoding, RFC 7011 6.2). A value whose length does not fit its
 * type is shown as the hex of its bytes, so that nothing an exporter sent is lost; a field of no length is null.
 */
import { formatAddress } from '../model/address.ts';
import type { AbstractDataType } from '../model/element.ts';
import type { ElementValue } from '../model/flow-batch.ts';
import { decodeUtf8, formatHex } from '../model/text.ts';

/** Seconds from the NTP epoch (1900) to 1970. */
const NTP_TO_UNIX = 2_208_988_800;
/** High word of the first 64-bit integer that a double cannot hold exactly. */
export const UNSAFE_HIGH = 0x20_0000;

export function readU16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function readU32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  );
}

/** Unsigned big-endian integer of 1 to 8 bytes as a double: rounded above 2^53-1. */
export function readUnsigned(bytes: Uint8Array, at: number, length: number): number {
  switch (length) {
    case 1:
      return bytes[at] ?? 0;
    case 2:
      return readU16(bytes, at);
    case 4:
      return readU32(bytes, at);
    case 8:
      return readU32(bytes, at) * 4_294_967_296 + readU32(bytes, at + 4);
    default: {
      let value = 0;
      for (let i = 0; i < length; i++) value = value * 256 + (bytes[at + i] ?? 0);
      return value;
    }
  }
}

/** An unsigned integer of 1 to 8 bytes exactly: a number, or a decimal string above 2^53-1. */
export function exactUnsigned(bytes: Uint8Array, at: number, length: number): number | string {
  const value = readUnsigned(bytes, at, length);
  return value <= Number.MAX_SAFE_INTEGER ? value : readBigUnsigned(bytes, at, length).toString();
}

function readBigUnsigned(bytes: Uint8Array, at: number, length: number): bigint {
  let value = 0n;
  for (let i = 0; i < length; i++) value = (value << 8n) | BigInt(bytes[at + i] ?? 0);
  return value;
}

function exactSigned(bytes: Uint8Array, at: number, length: number): number | string {
  const value = BigInt.asIntN(length * 8, readBigUnsigned(bytes, at, length));
  const rounded = Number(value);
  return Number.isSafeInteger(rounded) ? rounded : value.toString();
}

/** An NTP timestamp (RFC 5905) as milliseconds since 1970, with its fraction as far as a double holds it. */
export function ntpMilliseconds(bytes: Uint8Array, at: number): number {
  return (readU32(bytes, at) - NTP_TO_UNIX) * 1000 + (readU32(bytes, at + 4) * 1000) / 4_294_967_296;
}

/** An NTP timestamp as whole units since 1970, `unitsPerSecond` of them a second, rounded down. */
function ntpUnits(bytes: Uint8Array, at: number, unitsPerSecond: bigint): number | string {
  const seconds = BigInt(readU32(bytes, at) - NTP_TO_UNIX);
  const units = seconds * unitsPerSecond + ((BigInt(readU32(bytes, at + 4)) * unitsPerSecond) >> 32n);
  const rounded = Number(units);
  return Number.isSafeInteger(rounded) ? rounded : units.toString();
}

const integerSizes: Partial<Record<AbstractDataType, number>> = {
  unsigned8: 1,
  unsigned16: 2,
  unsigned32: 4,
  unsigned64: 8,
  signed8: 1,
  signed16: 2,
  signed32: 4,
  signed64: 8,
};

const fixedSizes: Partial<Record<AbstractDataType, number>> = {
  boolean: 1,
  macAddress: 6,
  dateTimeSeconds: 4,
  dateTimeMilliseconds: 8,
  dateTimeMicroseconds: 8,
  dateTimeNanoseconds: 8,
  ipv4Address: 4,
  ipv6Address: 16,
};

/** Whether a value of this length can be read as this type. Integers wider than their type occur and can. */
export function fitsType(type: AbstractDataType, length: number): boolean {
  if (integerSizes[type] !== undefined) return length >= 1 && length <= 8;
  const fixed = fixedSizes[type];
  if (fixed !== undefined) return length === fixed;
  if (type === 'float32') return length === 4;
  if (type === 'float64') return length === 4 || length === 8;
  return length > 0;
}

/** Whether a number of this length stays within its type, so that a column of the type holds it. */
export function withinType(type: AbstractDataType, length: number): boolean {
  return length <= (integerSizes[type] ?? length);
}

/** IPv4 texts repeat within an export; the map is emptied when it has grown to this. */
const MAX_TEXTS = 65_536;
const ipv4Texts = new Map<number, string>();

function ipv4Text(bytes: Uint8Array, at: number): string {
  const key = readU32(bytes, at);
  const known = ipv4Texts.get(key);
  if (known !== undefined) return known;
  if (ipv4Texts.size >= MAX_TEXTS) ipv4Texts.clear();
  const text = formatAddress(bytes, at, 4);
  ipv4Texts.set(key, text);
  return text;
}

/**
 * The neutral-form value of `length` bytes at `at`, which the caller has checked to be there. Structured data types
 * (RFC 6313) come out as hex here: they need templates, see structured.ts.
 */
export function readValue(
  type: AbstractDataType,
  bytes: Uint8Array,
  at: number,
  length: number,
): ElementValue {
  if (!fitsType(type, length)) return formatHex(bytes, at, length);
  switch (type) {
    case 'unsigned8':
    case 'unsigned16':
    case 'unsigned32':
    case 'unsigned64':
    case 'dateTimeSeconds':
    case 'dateTimeMilliseconds':
      return exactUnsigned(bytes, at, length);
    case 'signed8':
    case 'signed16':
    case 'signed32':
    case 'signed64':
      return exactSigned(bytes, at, length);
    case 'dateTimeMicroseconds':
      return ntpUnits(bytes, at, 1_000_000n);
    case 'dateTimeNanoseconds':
      return ntpUnits(bytes, at, 1_000_000_000n);
    case 'float32':
    case 'float64':
      return readFloat(bytes, at, length);
    case 'boolean':
      // RFC 7011 6.1.5: 1 is true, 2 is false, nothing else is defined.
      return bytes[at] === 1 ? true : bytes[at] === 2 ? false : formatHex(bytes, at, 1);
    case 'macAddress':
      return formatHex(bytes, at, 6, ':');
    case 'ipv4Address':
      return ipv4Text(bytes, at);
    case 'ipv6Address':
      return formatAddress(bytes, at, 16);
    case 'string':
      return readString(bytes, at, length);
    default:
      return formatHex(bytes, at, length);
  }
}

function readFloat(bytes: Uint8Array, at: number, length: number): ElementValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, length);
  const value = length === 4 ? view.getFloat32(0) : view.getFloat64(0);
  return Number.isFinite(value) ? value : formatHex(bytes, at, length);
}

function readString(bytes: Uint8Array, at: number, length: number): string {
  let end = at + length;
  while (end > at && bytes[end - 1] === 0) end--;
  return decodeUtf8(bytes, at, end - at);
}
