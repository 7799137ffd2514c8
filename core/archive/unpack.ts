/** What a decompressor of single blocks gives back. */
export interface Unpacked {
  /** Bytes written to the output. */
  readonly length: number;
  /** What is wrong after them, worded to follow "the block is damaged: "; undefined where the block is whole. */
  readonly fault: string | undefined;
}

/** Copies `length` bytes from `distance` back; the two ranges may overlap, then the copy repeats what it wrote. */
export function copyMatch(out: Uint8Array, to: number, distance: number, length: number): void {
  const from = to - distance;
  if (distance >= length && length > 32) out.copyWithin(to, from, from + length);
  else for (let i = 0; i < length; i++) out[to + i] = out[from + i] ?? 0;
}
