/** What a decoder or an archive reader hands on: flows, options records and issues, in the order of the input. */
import type { ElementValue, FlowBatch } from './flow-batch.ts';

/** Why bytes could not become a record. A closed list: each code is counted and shown on the Health screen. */
export type DecodeIssueCode =
  | 'unknown-version'
  | 'truncated'
  | 'bad-length'
  | 'bad-template'
  | 'bad-record'
  | 'missing-template'
  | 'evicted'
  | 'unsupported';

/** One fault in the input. It never ends the stream by itself. */
export interface DecodeIssue {
  readonly code: DecodeIssueCode;
  /** A sentence for the analyst: what was found, and what became of it. */
  readonly message: string;
  /** Byte offset in the file, or in the datagram where the input is one. */
  readonly offset: number;
  /** Ordinal of the datagram among the source's datagrams, where there is one. */
  readonly datagram?: number;
}

/** One options data record (RFC 3954 6.1, RFC 7011 3.4.2.2): scopes first, as the template orders them. */
export interface OptionsRecord {
  /** Index into the batch's `datagrams`. */
  readonly datagram: number;
  readonly templateId: number;
  readonly fields: readonly (readonly [name: string, value: ElementValue])[];
  /** How many flow rows of the batch came before it. */
  readonly afterRows: number;
}

export interface FlowChunk {
  readonly batch: FlowBatch;
  readonly options: readonly OptionsRecord[];
  readonly issues: readonly DecodeIssue[];
  /** Bytes of the source consumed so far. */
  readonly bytesRead: number;
}
