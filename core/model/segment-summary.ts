/** What lets a scan pass over flows that it need not read. */

/**
 * What is known of a segment before it is read; a filter asks it whether a flow of it may match. A bound is null where no
 * row has the value.
 */
export interface SegmentSummary {
  readonly rows: number;
  readonly minStart: number | null;
  readonly maxStart: number | null;
  readonly minEnd: number | null;
  readonly maxEnd: number | null;
  readonly minOctets: number | null;
  readonly maxOctets: number | null;
  readonly minPackets: number | null;
  readonly maxPackets: number | null;
  /** IP protocols that occur; null where nobody noted them. */
  readonly protocols: readonly number[] | null;
  /** False where the segment certainly holds no flow from or to a port from `first` to `last`. */
  mayHoldPort(first: number, last?: number): boolean;
  /** False where the segment certainly holds no flow from or to the address (4 or 16 bytes). */
  mayHoldAddress(address: Uint8Array): boolean;
}
