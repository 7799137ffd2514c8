/** MurmurHash3 over four words, for open addressing. */
export function mixWords(a: number, b: number, c: number, d: number): number {
  const h = mix(mix(mix(mix(0, a), b), c), d);
  const last = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  return last ^ (last >>> 13);
}

function mix(state: number, word: number): number {
  let k = Math.imul(word, 0xcc9e_2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b87_3593);
  const h = state ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe654_6b64) | 0;
}
