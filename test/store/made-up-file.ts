/** What the kill tests' processes work on: a file of 40 chunks over three days, and collections of fewer. */
import type { NewSource } from '../../core/store/sources.ts';

export const CHUNKS = 40;
export const ROWS = 150;
export const FILE: NewSource = {
  name: 'made-up.pcap',
  sha256: 'ab'.repeat(32),
  bytes: 40_000_000,
  decoder: '1',
};

export const LIVE_CHUNKS = 24;
export const LIVE_ROWS = 40;
