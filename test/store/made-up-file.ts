/** The file that the kill test's processes import: 40 chunks over three days. */
import type { NewSource } from '../../core/store/sources.ts';

export const CHUNKS = 40;
export const ROWS = 150;
export const FILE: NewSource = {
  name: 'made-up.pcap',
  sha256: 'ab'.repeat(32),
  bytes: 40_000_000,
  decoder: '1',
};
