/** What a running collector says of itself, once a second: plain values that pass between threads and into JSON. */
import type { DecodeIssueCode } from '../model/chunk.ts';
import type { EpochMs } from '../model/time.ts';
import type { BacklogStatus } from './backlog.ts';

/** The account of one exporting process. */
export interface ExporterStatus {
  readonly address: string;
  readonly port: number | null;
  readonly observationDomainId: number;
  readonly version: number;
  readonly datagrams: number;
  /** Payload bytes, without UDP and IP headers. */
  readonly bytes: number;
  readonly flows: number;
  readonly options: number;
  /** Units that the sequence numbers miss: flows (v5, v7, v8), datagrams (v9), data records (IPFIX). */
  readonly lost: number;
  readonly reordered: number;
  readonly duplicates: number;
  readonly restarts: number;
  readonly templateWaits: number;
  readonly issues: number;
  readonly sampling: number | null;
  /** Milliseconds that the exporter's clock is ahead of ours. */
  readonly clockOffsetMs: number | null;
  readonly clockDriftPpm: number | null;
  readonly firstReceived: EpochMs;
  readonly lastReceived: EpochMs;
}

export interface ListenerStatus {
  /** `udp://127.0.0.1:2055`, with the port that the system chose where 0 was asked for. */
  readonly url: string;
  readonly datagrams: number;
  /** Bytes of receive buffer that the kernel gave; null for TCP and TLS. */
  readonly receiveBuffer: number | null;
  /** Datagrams that the kernel dropped because the buffer was full; null where it does not tell. */
  readonly kernelDrops: number | null;
  /** Open connections; null for UDP. */
  readonly connections: number | null;
}

/** A fault in the input, with the bytes that had it. */
export interface KeptIssue {
  readonly code: DecodeIssueCode;
  readonly message: string;
  readonly address: string;
  readonly port: number;
  readonly received: EpochMs;
  /** The datagram, or its first bytes where it is long. */
  readonly octets: Uint8Array;
}

/** An address whose datagrams were refused. */
export interface Refusal {
  readonly address: string;
  readonly datagrams: number;
}

export interface ReceiverStatus {
  readonly time: EpochMs;
  readonly listeners: readonly ListenerStatus[];
  readonly datagrams: number;
  readonly bytes: number;
  readonly flows: number;
  readonly options: number;
  readonly issues: Readonly<Partial<Record<DecodeIssueCode, number>>>;
  /** Datagrams that no allowed address sent, and the addresses with the most of them. */
  readonly refused: number;
  readonly refusedBy: readonly Refusal[];
  /** Datagrams of new exporters beyond those that are kept. */
  readonly refusedExporters: number;
  /** What was received and waits to be decoded. */
  readonly backlog: BacklogStatus;
  /** Datagrams left because neither memory nor disk had room for them. */
  readonly overrun: number;
  /** Exporters in the account, those pushed out of it, and the busiest in full. */
  readonly exporterCount: number;
  readonly exportersEvicted: number;
  readonly exporters: readonly ExporterStatus[];
}
