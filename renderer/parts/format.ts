/** How numbers, sizes and times are written on every screen. Times are UTC. */

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const UNITS = ['', 'k', 'M', 'G', 'T', 'P', 'E'] as const;

/** `1,284,551`. A counter that a number cannot hold comes as text and stays exact; null is an empty string. */
export function formatCount(value: number | string | null): string {
  if (value === null) return '';
  return typeof value === 'string' ? value.replace(/\B(?=(\d{3})+$)/g, ',') : whole.format(value);
}

/** `812 k`, `4.2 M`: three significant digits at most. */
export function formatShort(value: number, unit = ''): string {
  let scaled = Math.abs(value);
  let power = 0;
  while (scaled >= 999.5 && power < UNITS.length - 1) {
    scaled /= 1000;
    power++;
  }
  const digits = power === 0 ? (Number.isInteger(scaled) ? 0 : 1) : scaled < 9.95 ? 1 : 0;
  const suffix = `${UNITS[power]}${unit}`;
  return `${value < 0 ? '−' : ''}${scaled.toFixed(digits)}${suffix === '' ? '' : ` ${suffix}`}`;
}

/** `4.2 GB`, powers of 1000. */
export const formatBytes = (value: number): string => formatShort(value, 'B');

export function formatMeasure(value: number, measure: 'flows' | 'packets' | 'bytes'): string {
  return measure === 'bytes' ? formatBytes(value) : formatShort(value);
}

/** `51.235`, seconds with milliseconds. */
export const formatSeconds = (ms: number): string => (ms / 1000).toFixed(3);

/** `3 d 4 h`, `19 min 40 s`, `2.1 s`, `120 ms`. */
export function formatSpan(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(1))} s`;
  const units: readonly (readonly [number, string])[] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1000, 's'],
  ];
  const parts: string[] = [];
  let rest = Math.round(ms / 1000) * 1000;
  for (const [size, name] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.slice(0, 2).join(' ');
}

const iso = (ms: number): string => (Number.isFinite(ms) ? new Date(ms).toISOString() : '');

/** `14:10:00.098` */
export const formatClock = (ms: number): string => iso(ms).slice(11, 23);
/** `20 Nov 2026` */
export const formatDay = (ms: number): string => day.format(ms);
/** `2026-11-20 14:10:00.098` */
export const formatStamp = (ms: number): string => iso(ms).slice(0, 23).replace('T', ' ');

const day = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});
const local = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

/** The same moment on this machine's clock, for the hover of every time shown. */
export const localTime = (ms: number): string => `${local.format(ms)} on this machine’s clock`;

/** `20 Nov 2026 · 14:05 – 14:26`, with days, seconds and milliseconds only where they tell something. */
export function formatRange(from: number, to: number): string {
  const precision = (to - from) % 60_000 === 0 && from % 60_000 === 0 ? 16 : to - from >= 60_000 ? 19 : 23;
  const clock = (ms: number): string => iso(ms).slice(11, precision);
  if (formatDay(from) === formatDay(to)) return `${formatDay(from)} · ${clock(from)} – ${clock(to)}`;
  return `${formatDay(from)} ${clock(from)} – ${formatDay(to)} ${clock(to)}`;
}

const protocolNames: Readonly<Record<number, string>> = {
  1: 'ICMP',
  2: 'IGMP',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  58: 'ICMP6',
  89: 'OSPF',
  103: 'PIM',
  112: 'VRRP',
  132: 'SCTP',
};

/** IANA's keyword for the common ones, the number for the others. */
export const formatProtocol = (protocol: number): string => protocolNames[protocol] ?? String(protocol);

/** TCP flags as nfdump writes them: `...AP.SF`, a dot where one is not set. */
export function formatFlags(flags: number): string {
  return 'CEUAPRSF'
    .split('')
    .map((letter, i) => ((flags >> (7 - i)) & 1 ? letter : '.'))
    .join('');
}
