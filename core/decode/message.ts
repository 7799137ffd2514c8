/** One export datagram or message while it is decoded, and as long as parts of it wait. */
import type { Exporter } from '../model/flow-batch.ts';
import type { EpochMs, UptimeMs } from '../model/time.ts';

/** Where a datagram came from, as its reader knows it. */
export interface DatagramContext {
  /** The exporter's address as text. */
  readonly address: string;
  /** Its UDP port, null where the archive does not keep it. */
  readonly port: number | null;
  /** When it was captured or received; null where nobody noted it. */
  readonly received: EpochMs | null;
  /** Byte offset in the source where the payload begins. */
  readonly sourceOffset: number;
  /** Its number among the source's datagrams, where several decoders share a source; counted on where absent. */
  readonly ordinal?: number;
}

/** A header understood; `Message` adds where its records go. */
export interface MessageHeader {
  readonly version: number;
  readonly exporter: Exporter;
  readonly sequenceNumber: number;
  readonly exportTime: EpochMs;
  readonly sysUpTime: UptimeMs | null;
}

export interface Message extends MessageHeader {
  readonly received: EpochMs | null;
  readonly sourceOffset: number;
  readonly ordinal: number;
  /** Index of its header in the batch numbered `batch`; all three change when a part of it is decoded into a later batch. */
  datagram: number;
  /** Index of its exporter in that batch. */
  exporterIndex: number;
  batch: number;
  /** Records decoded into that batch. */
  records: number;
}
