/**
 * Points in time and spans of it, told apart by the compiler.
 *
 * Everything is a plain number of milliseconds (a float: sub-millisecond parts survive), so a brand costs nothing.
 */

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number & { readonly __unit: 'epoch-ms' };

/** A span in milliseconds. */
export type DurationMs = number & { readonly __unit: 'duration-ms' };

/** Milliseconds since an exporter booted: the unsigned 32-bit clock of NetFlow headers (RFC 3954, 5.1). */
export type UptimeMs = number & { readonly __unit: 'uptime-ms' };

export const epochMs = (value: number): EpochMs => value as EpochMs;
export const durationMs = (value: number): DurationMs => value as DurationMs;
export const uptimeMs = (value: number): UptimeMs => value as UptimeMs;

/** The latest time that JavaScript's Date can print; beyond it a time is shown as unknown. */
const DATE_LIMIT = 8.64e15;

/** ISO 8601 in UTC with milliseconds, or `unknown` for NaN and for times no calendar can hold. */
export function formatTime(time: EpochMs): string {
  return Math.abs(time) <= DATE_LIMIT ? new Date(time).toISOString() : 'unknown';
}

/**
 * A time as people type it: epoch milliseconds, or ISO 8601 (UTC unless an offset is given; a date alone is its
 * midnight). Returns undefined for anything else.
 */
export function parseTime(text: string): EpochMs | undefined {
  const trimmed = text.trim();
  if (/^\d{9,16}(\.\d+)?$/.test(trimmed)) return epochMs(Number(trimmed));
  const iso = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(
    trimmed,
  );
  if (!iso) return undefined;
  const [, date, clock = '00:00', zone = 'Z'] = iso;
  const value = Date.parse(`${date}T${clock}${zone.toUpperCase()}`);
  return Number.isNaN(value) ? undefined : epochMs(value);
}
