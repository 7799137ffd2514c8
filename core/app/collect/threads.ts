/** The threads of a collection and what passes between them and their host. */
import { Worker, type MessagePort } from 'node:worker_threads';
import type { KeptIssue, ReceiverStatus } from '../../collect/collect-status.ts';
import type { ListenAddress } from '../../collect/listen-address.ts';
import type { TlsIdentity } from '../../collect/stream-listener.ts';
import type { SavedTemplate } from '../../decode/template-cache.ts';
import type { ApiErrorCode } from '../../model/api-error.ts';
import type { Exporter } from '../../model/flow-batch.ts';
import type { StoredCollection } from '../../store/collections.ts';
import type { DroppedDay, Retention } from '../../store/day-drops.ts';
import type { PackedChunk } from './messages.ts';

/** `collector`: sockets and decoding. `writer`: encoding and SQLite, which may wait for a disk. */
export type CollectThread = 'collector' | 'writer';

/** Starts a thread. Who bundles the program hands in another: its worker files lie elsewhere. */
export type StartThread = (
  thread: CollectThread,
  workerData: unknown,
  transfer: readonly MessagePort[],
) => Worker;

/** Starts a thread from this folder's source, as plain Node does. */
export const startThread: StartThread = (thread, workerData, transfer) => {
  const file =
    thread === 'collector'
      ? new URL('./collect-worker.ts', import.meta.url)
      : new URL('./collect-writer.ts', import.meta.url);
  return new Worker(file, {
    workerData,
    transferList: [...transfer],
    // Datagrams die young: in a small nursery many are copied first.
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  });
};

/** A refusal on its way to the host. */
export interface ThreadFault {
  readonly code: ApiErrorCode;
  readonly message: string;
}

export interface CollectorData {
  /** The store's. */
  readonly folder: string;
  readonly listen: readonly ListenAddress[];
  readonly allow: readonly string[];
  readonly tls: TlsIdentity | undefined;
  readonly known: readonly Exporter[];
  readonly templates: readonly SavedTemplate[];
  readonly writer: MessagePort;
}

export type ToCollector =
  | { readonly kind: 'begin' }
  | { readonly kind: 'watch'; readonly on: boolean }
  | { readonly kind: 'issues' }
  | { readonly kind: 'flush'; readonly ask: number }
  | { readonly kind: 'stop' };

export type FromCollector =
  | {
      readonly kind: 'listening';
      readonly urls: readonly string[];
      readonly warnings: readonly string[];
      readonly reloadedTemplates: number;
    }
  | { readonly kind: 'refused'; readonly fault: ThreadFault }
  /** `datagrams` that the collection before left unread are read now. */
  | { readonly kind: 'begun'; readonly datagrams: number }
  | { readonly kind: 'status'; readonly status: ReceiverStatus; readonly problem: string | null }
  | { readonly kind: 'chunk'; readonly chunk: PackedChunk }
  | { readonly kind: 'issues'; readonly issues: readonly KeptIssue[] };

export interface WriterData {
  readonly folder: string;
  readonly sites: ReadonlyMap<string, string>;
  readonly decoder: string;
  readonly retention: Retention;
  readonly collector: MessagePort;
}

export type ToWriter = { readonly kind: 'begin'; readonly name: string };

export type FromWriter =
  | {
      readonly kind: 'opened';
      readonly known: readonly Exporter[];
      readonly templates: readonly SavedTemplate[];
    }
  | { readonly kind: 'begun'; readonly previous: StoredCollection | undefined }
  | { readonly kind: 'refused'; readonly fault: ThreadFault }
  | { readonly kind: 'dropped'; readonly days: readonly DroppedDay[] }
  | { readonly kind: 'flushed'; readonly ask: number }
  | ({ readonly kind: 'stored' } & WriterStatus)
  | ({ readonly kind: 'ended' } & WriterStatus);

/** How far the store is. */
export interface WriterStatus {
  /** Flows on disk, of this collection. */
  readonly rows: number;
  /** Bytes of the whole store. */
  readonly storeBytes: number;
  /** Why nothing can be stored at present, as a sentence. */
  readonly problem: string | null;
}

export type CollectorToWriter =
  | { readonly kind: 'chunk'; readonly chunk: PackedChunk; readonly cost: number }
  | { readonly kind: 'account'; readonly status: string; readonly templates?: readonly SavedTemplate[] }
  | { readonly kind: 'flush'; readonly ask: number }
  | { readonly kind: 'end' };

/** How much of what was sent is done with: stored. */
export interface WriterToCollector {
  readonly done: number;
}
