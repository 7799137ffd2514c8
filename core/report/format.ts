/** Values as a reader of the document wants them. Exact where they are counted: the files beside it hold the same. */
import type { ReportColumnKind, ReportValue } from '../model/report.ts';
import { epochMs, formatTime } from '../model/time.ts';

const NOTHING = '–';

export function formatValue(value: ReportValue, kind: ReportColumnKind): string {
  if (value === null) return NOTHING;
  if (typeof value === 'string') return value;
  if (!Number.isFinite(value)) return NOTHING;
  switch (kind) {
    case 'share':
      return formatShare(value);
    case 'time':
      return formatMoment(value);
    case 'change':
      return `${value > 0 ? '+' : value < 0 ? '−' : ''}${formatCount(Math.abs(value))}`;
    case 'milliseconds':
      return formatDuration(value);
    case 'number':
      return formatNumber(value);
    default:
      return formatCount(value);
  }
}

export const formatCount = (value: number): string => Math.round(value).toLocaleString('en-GB');

function formatNumber(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  const sign = value < 0 ? '−' : '';
  if (size < 0.001) return `${sign}${size.toExponential(0).replace('-', '−')}`;
  const digits = size < 9.995 ? 2 : 1;
  const text = size.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${sign}${text}`;
}

function formatShare(value: number): string {
  if (value > 0 && value < 0.0005) return '<\u00A00.1\u00A0%';
  return `${(value * 100).toFixed(1)}\u00A0%`;
}

/** `2026-11-21 00:37:05` UTC. */
export const formatMoment = (ms: number): string =>
  formatTime(epochMs(Math.round(ms)))
    .slice(0, 19)
    .replace('T', ' ');

export function formatDuration(ms: number): string {
  const seconds = Math.abs(ms) / 1000;
  const sign = ms < 0 ? '−' : '';
  if (seconds < 10) return `${sign}${seconds.toFixed(2)}\u00a0s`;
  if (seconds < 120) return `${sign}${seconds.toFixed(0)}\u00a0s`;
  const whole = Math.round(seconds);
  if (seconds < 7200) return `${sign}${Math.floor(whole / 60)}\u00a0min ${whole % 60}\u00a0s`;
  return `${sign}${(seconds / 3600).toFixed(1)}\u00a0h`;
}

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** With three digits and a decimal unit, `1.23 GB`: for figures and axes, never for tables. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unit] ?? ''}`;
}

/** `1.2 M`: for axes. */
export function formatBrief(count: number): string {
  if (count < 1000) return formatCount(count);
  const [divisor, unit] = count < 1e6 ? [1e3, 'k'] : count < 1e9 ? [1e6, 'M'] : [1e9, 'G'];
  const value = count / divisor;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${unit}`;
}

/** How wide figures are beside the size of their face: digits are as wide as each other, stops and blanks half of that. */
export const widthInEms = (text: string): number =>
  Array.from(text).reduce((sum, sign) => sum + (/[,.\s]/.test(sign) ? 0.3 : 0.64), 0);
