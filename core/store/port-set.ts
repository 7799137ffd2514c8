/**
 * The ports of a segment, one bit each: "certainly not here" for a port that few flows have, without reading two columns.
 * A segment of 65,536 flows has the ports of all clients in it, and its 8 KiB are a bit a flow.
 */
import type { CoreColumns } from '../model/flow-batch.ts';

const BYTES = 8192;

/** Bit p % 8 of byte p / 8 is set where a flow comes from or goes to port p. */
export function buildPortSet(columns: CoreColumns): Uint8Array {
  const bits = new Uint8Array(BYTES);
  for (const ports of [columns.sourceTransportPort, columns.destinationTransportPort]) {
    for (const port of ports) bits[port >>> 3] = (bits[port >>> 3] ?? 0) | (1 << (port & 7));
  }
  return bits;
}

/** Whether a flow has one of the ports from `first` to `last`. */
export function holdsPort(bits: Uint8Array, first: number, last = first): boolean {
  for (let port = first; port <= last; port++) {
    if ((port & 7) === 0 && port + 7 <= last) {
      if ((bits[port >>> 3] ?? 0) !== 0) return true;
      port += 7;
    } else if ((((bits[port >>> 3] ?? 0) >> (port & 7)) & 1) !== 0) return true;
  }
  return false;
}
