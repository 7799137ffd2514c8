/** UTF-8 to text and back, octets as hex, without the platform's own decoders; and how many there are of a thing. */

const REPLACEMENT = 0xfffd;
const FLUSH_AT = 4096;

/**
 * Decodes `length` bytes of UTF-8 at `offset`. Ill-formed sequences become U+FFFD, one for each maximal part of a
 * sequence (Unicode 15, table 3-8); surrogates, overlong forms and code points above U+10FFFF are ill-formed.
 */
export function decodeUtf8(bytes: Uint8Array, offset = 0, length = bytes.length - offset): string {
  const end = Math.min(bytes.length, offset + length);
  let text = '';
  let units: number[] = [];
  let i = offset;
  while (i < end) {
    const lead = bytes[i++] ?? 0;
    let point = lead;
    if (lead >= 0x80) {
      const more = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
      point = more === 0 ? REPLACEMENT : lead & (0x3f >> more);
      for (let k = 0; k < more; k++) {
        const next = i < end ? (bytes[i] ?? 0) : 0;
        if (!isContinuation(lead, k, next)) {
          point = REPLACEMENT;
          break;
        }
        point = (point << 6) | (next & 0x3f);
        i++;
      }
    }
    if (point > 0xffff) units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff));
    else units.push(point);
    if (units.length >= FLUSH_AT) {
      text += String.fromCharCode(...units);
      units = [];
    }
  }
  return text + String.fromCharCode(...units);
}

/** Whether `next` may be continuation byte `k` after `lead`: the first one has a narrower range after some leads. */
function isContinuation(lead: number, k: number, next: number): boolean {
  if (k > 0) return (next & 0xc0) === 0x80;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return next >= low && next <= high;
}

/** Encodes text as UTF-8; a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const out: number[] = [];
  for (const character of text) {
    let point = character.codePointAt(0) ?? 0;
    if (point >= 0xd800 && point <= 0xdfff) point = REPLACEMENT;
    if (point < 0x80) out.push(point);
    else if (point < 0x800) out.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
    else if (point < 0x10000) {
      out.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    } else {
      out.push(
        0xf0 | (point >> 18),
        0x80 | ((point >> 12) & 0x3f),
        0x80 | ((point >> 6) & 0x3f),
        0x80 | (point & 0x3f),
      );
    }
  }
  return Uint8Array.from(out);
}

const hexPairs = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** Lower-case hex of `length` bytes at `offset`, two digits a byte, joined by `separator`. */
export function formatHex(bytes: Uint8Array, offset: number, length: number, separator = ''): string {
  let text = '';
  for (let i = 0; i < length; i++) {
    if (i > 0) text += separator;
    text += hexPairs[bytes[offset + i] ?? 0] ?? '';
  }
  return text;
}

/** `1 flow`, `2 flows`. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
