/**
 * When a flow began and ended, from whichever element the record has.
 *
 * Exporters state times in six ways. Where a record has several, the first of this order counts:
 * Milliseconds, Microseconds, Nanoseconds (both NTP timestamps, RFC 7011 6.1.9 and 6.1.10), Seconds, SysUpTime (ms since
 * the exporter booted) and DeltaMicroseconds (before the export time).
 */
import { ntpMilliseconds, readUnsigned } from './values.ts';

export type TimeKind = 'milliseconds' | 'ntp' | 'seconds' | 'uptime' | 'delta';

const kinds: readonly (readonly [suffix: string, kind: TimeKind])[] = [
  ['Milliseconds', 'milliseconds'],
  ['Microseconds', 'ntp'],
  ['Nanoseconds', 'ntp'],
  ['Seconds', 'seconds'],
  ['SysUpTime', 'uptime'],
  ['DeltaMicroseconds', 'delta'],
];

/** Elements that say when a flow began, the best first. */
export const startSources: ReadonlyMap<string, TimeKind> = new Map(
  kinds.map(([suffix, kind]) => [`flowStart${suffix}`, kind]),
);

/** Elements that say when a flow ended, the best first. */
export const endSources: ReadonlyMap<string, TimeKind> = new Map(
  kinds.map(([suffix, kind]) => [`flowEnd${suffix}`, kind]),
);

/** The clocks of the message that carried a record. */
export interface Clocks {
  /** Header time in ms since 1970. */
  readonly exportTime: number;
  /** Router uptime in ms at export; null in IPFIX. */
  readonly sysUpTime: number | null;
}

/** A time element of any kind but `uptime` as ms since 1970, sub-millisecond part included. */
export function resolveTime(
  kind: TimeKind | undefined,
  bytes: Uint8Array,
  at: number,
  length: number,
  clocks: Clocks,
): number {
  switch (kind) {
    case 'milliseconds':
      return readUnsigned(bytes, at, length);
    case 'seconds':
      return readUnsigned(bytes, at, length) * 1000;
    case 'ntp':
      return ntpMilliseconds(bytes, at);
    case 'delta':
      return clocks.exportTime - readUnsigned(bytes, at, length) / 1000;
    default:
      return Number.NaN;
  }
}

/**
 * A SysUpTime element as ms since 1970. In NetFlow the header relates uptime to the calendar; the 32-bit difference is
 * taken as signed, so that a wrap of the counter (every 49.7 days) between flow and export comes out right, and so does
 * a flow dated just before the boot. IPFIX has no uptime in its header: the boot time `systemInit` must have been
 * exported, otherwise the time is unknown (NaN).
 */
export function resolveUptime(uptime: number, clocks: Clocks, systemInit: number): number {
  if (clocks.sysUpTime === null) return systemInit + uptime;
  return clocks.exportTime + ((uptime - clocks.sysUpTime) | 0);
}
