/** Bytes as people read them: offset, sixteen in hex, and as text. */

const WIDTH = 16;
const MOST_LINES = 256;

export function hexLines(octets: Uint8Array): { lines: string[]; left: number } {
  const shown = octets.subarray(0, WIDTH * MOST_LINES);
  const lines = Array.from({ length: Math.ceil(shown.length / WIDTH) }, (_, i) => {
    const row = [...shown.subarray(i * WIDTH, (i + 1) * WIDTH)];
    const hex = row.map((octet) => octet.toString(16).padStart(2, '0'));
    const text = row.map((octet) => (octet >= 0x20 && octet < 0x7f ? String.fromCodePoint(octet) : '.'));
    const halves = `${hex.slice(0, 8).join(' ')}  ${hex.slice(8).join(' ')}`;
    return `${(i * WIDTH).toString(16).padStart(4, '0')}  ${halves.padEnd(WIDTH * 3)}  ${text.join('')}`;
  });
  return { lines, left: octets.length - shown.length };
}
