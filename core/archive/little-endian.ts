/** Little-endian numbers out of a byte window. Callers have checked the bounds; a byte outside reads as 0. */

export const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);

export const u32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)) >>>
  0;

/** The nearest float: exact up to 2^53. */
export const u64 = (bytes: Uint8Array, at: number): number =>
  u32(bytes, at) + u32(bytes, at + 4) * 0x1_0000_0000;

/** The exact value in the neutral form: a number up to 2^53-1, above it a decimal string. */
export function exactU64(bytes: Uint8Array, at: number): number | string {
  const value = u64(bytes, at);
  if (value <= Number.MAX_SAFE_INTEGER) return value;
  return ((BigInt(u32(bytes, at + 4)) << 32n) | BigInt(u32(bytes, at))).toString();
}
