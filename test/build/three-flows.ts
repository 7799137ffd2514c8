/** The smallest store that has a conversation: a login answered, and a visit that was not. */
import { temporaryFolder } from '../support.ts';
import { buildBatch, type FlowRow } from './flow-chunks.ts';
import { makeStore } from './made-store.ts';

const T0 = Date.UTC(2026, 10, 20, 12);

const flow = (source: string, from: number, destination: string, to: number, bytes: number): FlowRow => ({
  source,
  destination,
  sourceTransportPort: from,
  destinationTransportPort: to,
  protocolIdentifier: 6,
  flowStartMilliseconds: T0,
  flowEndMilliseconds: T0 + 1500,
  packetDeltaCount: 10,
  octetDeltaCount: bytes,
});

/** A new store with three TCP flows of 2026-11-20 12:00 UTC, 1.5 s and ten packets each. */
export function threeFlowStore(): string {
  return makeStore(temporaryFolder(), [
    buildBatch([
      flow('198.51.100.7', 40_000, '203.0.113.9', 22, 1000),
      flow('203.0.113.9', 22, '198.51.100.7', 40_000, 9000),
      flow('198.51.100.8', 40_001, '203.0.113.9', 443, 500),
    ]),
  ]);
}
