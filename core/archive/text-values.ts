/** Words of text archives as values: times, numbers, protocols, TCP flags. */

/**
 * How a time or a duration is written. `calendar`: 2026-11-21 10:00:00.25, with slashes or a T, with a zone or without. Tools
 * that can print both are read either way: a calendar time may be 9 or 10 digits of seconds, seconds may be a calendar time.
 */
export type TimeUnit = 'calendar' | 'seconds' | 'milliseconds' | 'microseconds' | 'nanoseconds';

export const timeUnits: readonly TimeUnit[] = [
  'calendar',
  'seconds',
  'milliseconds',
  'microseconds',
  'nanoseconds',
];

const perMillisecond = {
  milliseconds: 1,
  microseconds: 1000,
  nanoseconds: 1_000_000,
} as const;

/** A number with a unit in ms; NaN where it is none. */
export function parseSpan(text: string, unit: Exclude<TimeUnit, 'calendar'>): number {
  const value = parseDecimal(text);
  return unit === 'seconds' ? Math.round(value * 1e6) / 1e3 : value / perMillisecond[unit];
}

function parseDecimal(text: string): number {
  return /^[+-]?\d+(\.\d*)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/** A whole number, decimal or hexadecimal (0x..), of at most 2^53-1; NaN where it is none. */
export function parseWhole(text: string): number {
  const value = /^(0x[0-9a-f]{1,13}|\d{1,16})$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

const CALENDAR =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i;

/** A zone as minutes east of Greenwich; undefined where it is none. */
export function parseZone(text: string): number | undefined {
  if (/^(z|utc)$/i.test(text)) return 0;
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(text) ?? [];
  if (sign === undefined) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** Reads times of one file: nearly all of its lines share the day and the minute. */
export class TimeReader {
  readonly #unit: TimeUnit;
  readonly #zoneMs: number;
  #prefix = '';
  #prefixMs = Number.NaN;

  /** `zone`, in minutes, is that of times which name none. */
  constructor(unit: TimeUnit, zone: number) {
    this.#unit = unit;
    this.#zoneMs = zone * 60_000;
  }

  /** ms since 1970; NaN where the text is no such time. */
  read(text: string): number {
    if (this.#unit !== 'calendar') {
      const value = parseSpan(text, this.#unit);
      return Number.isNaN(value) && this.#unit === 'seconds' ? this.#parse(text, '') : value;
    }
    // yyyy-mm-dd hh:mm is 16 characters; what follows is :ss and a fraction where all is as usual.
    const prefix = text.slice(0, 16);
    if (prefix === this.#prefix) {
      const seconds = text.slice(17);
      if (text[16] === ':' && /^\d\d(\.\d{1,9})?$/.test(seconds)) {
        const value = Number(seconds);
        if (value < 61) return this.#prefixMs + seconds2ms(seconds);
      }
    }
    return this.#parse(text, prefix);
  }

  #parse(text: string, prefix: string): number {
    const found = CALENDAR.exec(text);
    if (!found) return /^\d{9,10}(\.\d+)?$/.test(text) ? seconds2ms(text) : Number.NaN;
    const [, year, month, day, hour, minute, second = '0', fraction = '', zone] = found;
    const whole = Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
    );
    if (Number(month) > 12 || Number(day) > 31 || Number(hour) > 24 || Number(second) > 60) return Number.NaN;
    const named = zone === undefined ? undefined : parseZone(zone);
    const ms = whole - (named === undefined ? this.#zoneMs : named * 60_000);
    if (zone === undefined && text[16] === ':') {
      this.#prefix = prefix;
      this.#prefixMs = ms - Number(second) * 1000;
    }
    return ms + (fraction === '' ? 0 : seconds2ms(`0.${fraction}`));
  }
}

/** Without the binary dust of a multiplication: microseconds stay what they are. */
const seconds2ms = (text: string): number => parseSpan(text, 'seconds');

/** Names as nfdump, Argus and Zeek print them; RTP and RTCP are what Argus found in UDP. */
const protocols: Readonly<Record<string, number>> = {
  hopopt: 0,
  icmp: 1,
  igmp: 2,
  ggp: 3,
  ipip: 4,
  ipencap: 4,
  ipv4: 4,
  ipnip: 4,
  st: 5,
  tcp: 6,
  egp: 8,
  igp: 9,
  udp: 17,
  rtp: 17,
  rtcp: 17,
  udt: 17,
  ipv6: 41,
  rsvp: 46,
  gre: 47,
  esp: 50,
  ah: 51,
  icmp6: 58,
  icmpv6: 58,
  'ipv6-icmp': 58,
  'ipv6-no': 59,
  eigrp: 88,
  ospf: 89,
  ospfigp: 89,
  etherip: 97,
  pim: 103,
  ipcomp: 108,
  vrrp: 112,
  l2tp: 115,
  sctp: 132,
  udplite: 136,
};

/** A protocol's number, from its number or its name; NaN where nobody knows it. */
export function parseProtocol(text: string): number {
  const named = protocols[text.toLowerCase()];
  const value = named ?? parseWhole(text);
  return value <= 255 ? value : Number.NaN;
}

const flagBits: Readonly<Record<string, number>> = {
  F: 1,
  S: 2,
  R: 4,
  P: 8,
  A: 16,
  U: 32,
  E: 64,
  C: 128,
};

/** TCP flags as a number, or as letters with anything that stands for "not set" between (`...AP.SF`, ` FS PA  `). */
export function parseFlags(text: string): number {
  if (/^(0x[0-9a-f]+|\d+)$/i.test(text)) return parseWhole(text);
  let flags = 0;
  for (const letter of text) {
    const bit = flagBits[letter.toUpperCase()];
    if (bit === undefined && !'. -_'.includes(letter)) return Number.NaN;
    flags |= bit ?? 0;
  }
  return flags;
}

/** An Argus state of a TCP connection, `FSPA_FSPA`: flags of the one side and of the other. */
export function parseArgusState(text: string): readonly [forward: number, reverse: number] | undefined {
  const [, forward, reverse] = /^([FSRPAUEC]*)_([FSRPAUEC]*)$/.exec(text) ?? [];
  return forward === undefined || reverse === undefined
    ? undefined
    : [parseFlags(forward), parseFlags(reverse)];
}

/** A Zeek history, `ShADadFf`: capitals are the originator's. H is SYN and ACK; D came with data, so with ACK. */
export function parseZeekHistory(text: string): readonly [forward: number, reverse: number] {
  const bits: Readonly<Record<string, number>> = { S: 2, H: 18, A: 16, D: 16, F: 1, R: 4 };
  const sides: [number, number] = [0, 0];
  for (const letter of text) {
    const capital = letter.toUpperCase();
    sides[capital === letter ? 0 : 1] |= bits[capital] ?? 0;
  }
  return sides;
}
