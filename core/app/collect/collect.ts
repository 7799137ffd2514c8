/** Live collection: starts the threads, joins them, and tells whoever watches what comes in. */
import { MessageChannel, type Worker } from 'node:worker_threads';
import { Allowlist } from '../../collect/allowlist.ts';
import type { KeptIssue, ReceiverStatus } from '../../collect/collect-status.ts';
import { parseListenAddress, type ListenAddress } from '../../collect/listen-address.ts';
import type { TlsIdentity } from '../../collect/stream-listener.ts';
import { ApiError } from '../../model/api-error.ts';
import type { FlowBatch } from '../../model/flow-batch.ts';
import type { StoredCollection } from '../../store/collections.ts';
import type { DroppedDay, Retention } from '../../store/day-drops.ts';
import { unpackChunk } from './messages.ts';
import {
  startThread,
  type CollectorData,
  type FromCollector,
  type FromWriter,
  type StartThread,
  type ThreadFault,
  type ToCollector,
  type ToWriter,
  type WriterData,
  type WriterStatus,
} from './threads.ts';
import { packageVersion } from '../resources.ts';

export interface CollectRequest {
  /** The store's folder, which is made where there is none. */
  readonly folder: string;
  readonly listen: readonly ListenAddress[];
  /** Addresses that may export; empty for all. */
  readonly allow?: readonly string[];
  /** Site by exporter address; an address without one is a site of its own. */
  readonly sites?: ReadonlyMap<string, string>;
  readonly tls?: TlsIdentity | undefined;
  /** What is kept: looked at when it starts and every hour; without it everything is. */
  readonly retention?: Retention | undefined;
  readonly startThread?: StartThread;
}

export interface CollectStatus extends ReceiverStatus {
  readonly flowsPerSecond: number;
  readonly datagramsPerSecond: number;
  /** Flows on disk, of this collection. */
  readonly storedFlows: number;
  readonly storeBytes: number;
  /** Why nothing can be stored at present, as a sentence; null where all is well. */
  readonly problem: string | null;
}

/** What a running collection tells; each is called as things happen. */
export interface CollectWatcher {
  onStatus?(status: CollectStatus): void;
  /** Flows a few milliseconds after their datagram arrived, before they are on disk. */
  onFlows?(batch: FlowBatch): void;
  /** `rows` flows of this collection are on disk. */
  onStored?(rows: number): void;
  /** Days that were dropped because of their age or of the store's size. */
  onDropped?(days: readonly DroppedDay[]): void;
}

export interface Collection {
  /** Where it listens, with the ports that the system chose. */
  readonly urls: readonly string[];
  /** Sentences for the person who started it. */
  readonly warnings: readonly string[];
  /** The collection before this one in the same store, as it was left. */
  readonly previous: StoredCollection | undefined;
  /** Datagrams that it had received and not decoded; they are read now. */
  readonly unread: number;
  readonly reloadedTemplates: number;
  /** Returns how to end the watching. */
  watch(watcher: CollectWatcher): () => void;
  /** The latest faults with their bytes. */
  issues(): Promise<readonly KeptIssue[]>;
  /**
   * Resolves when every flow that came before is in the store, where a query sees it: ask before a query that is to see
   * the present. What the disk refuses stays away; the status says so.
   */
  flush(): Promise<void>;
  /** Takes what has arrived, stores it, and ends. */
  stop(): Promise<CollectStatus>;
  /** Resolves with `stop`; rejects where the collection broke. */
  readonly ended: Promise<CollectStatus>;
}

/**
 * Begins to collect. Throws ApiError: `cannot-listen`, `usage` (certificate), and those of opening a store. What the disk
 * refuses later is told in the status and tried again.
 */
export async function startCollection(request: CollectRequest): Promise<Collection> {
  const start = request.startThread ?? startThread;
  // Refused here, before anything is made or bound.
  void new Allowlist(request.allow ?? []);
  const { port1, port2 } = new MessageChannel();
  const writerData: WriterData = {
    folder: request.folder,
    sites: request.sites ?? new Map(),
    decoder: packageVersion(),
    retention: request.retention ?? {},
    collector: port1,
  };
  const writer = start('writer', writerData, [port1]);
  let collector: Worker | undefined;
  try {
    const opened = await answer<FromWriter, 'opened'>(writer, 'opened');
    const collectorData: CollectorData = {
      folder: request.folder,
      listen: request.listen,
      allow: request.allow ?? [],
      tls: request.tls,
      known: opened.known,
      templates: opened.templates,
      writer: port2,
    };
    collector = start('collector', collectorData, [port2]);
    const listening = await answer<FromCollector, 'listening'>(collector, 'listening');
    const name = `collect ${listening.urls.join(' ')}`;
    writer.postMessage({ kind: 'begin', name } satisfies ToWriter);
    const { previous } = await answer<FromWriter, 'begun'>(writer, 'begun');
    collector.postMessage({ kind: 'begin' } satisfies ToCollector);
    const { datagrams } = await answer<FromCollector, 'begun'>(collector, 'begun');
    return new RunningCollection(collector, writer, listening, { previous, unread: datagrams });
  } catch (error) {
    await Promise.all([collector?.terminate(), writer.terminate()]);
    throw error;
  }
}

/** A place to listen as people write it. Throws ApiError `usage`. */
export function parseListen(text: string): ListenAddress {
  return parseListenAddress(text);
}

class RunningCollection implements Collection {
  readonly urls: readonly string[];
  readonly warnings: readonly string[];
  readonly reloadedTemplates: number;
  readonly previous: StoredCollection | undefined;
  readonly unread: number;
  readonly ended: Promise<CollectStatus>;
  readonly #collector: Worker;
  readonly #writer: Worker;
  readonly #watchers = new Set<CollectWatcher>();
  readonly #flushed = new Map<number, () => void>();
  #flushes = 0;
  readonly #askers: ((issues: readonly KeptIssue[]) => void)[] = [];
  #received: ReceiverStatus | undefined;
  #status: CollectStatus | undefined;
  #stored: WriterStatus = { rows: 0, storeBytes: 0, problem: null };

  constructor(
    collector: Worker,
    writer: Worker,
    listening: Extract<FromCollector, { kind: 'listening' }>,
    { previous, unread }: Pick<Collection, 'previous' | 'unread'>,
  ) {
    this.#collector = collector;
    this.#writer = writer;
    this.urls = listening.urls;
    this.warnings = listening.warnings;
    this.reloadedTemplates = listening.reloadedTemplates;
    this.previous = previous;
    this.unread = unread;
    this.ended = new Promise((resolve, reject) => {
      const broke = (error: unknown): void => {
        void this.#terminate();
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      collector.on('error', broke);
      writer.on('error', broke);
      collector.on('message', (message: FromCollector) => this.#fromCollector(message));
      writer.on('message', (message: FromWriter) => {
        if (message.kind === 'stored' || message.kind === 'ended') this.#noteStored(message);
        if (message.kind === 'flushed') this.#noteFlushed(message.ask);
        if (message.kind === 'dropped')
          for (const watcher of this.#watchers) watcher.onDropped?.(message.days);
        if (message.kind === 'ended') void this.#terminate().then(() => resolve(this.#lastStatus()));
      });
    });
    // Whoever stops it hears of a fault; whoever does not must not be ended by it.
    this.ended.catch(() => undefined);
  }

  watch(watcher: CollectWatcher): () => void {
    this.#watchers.add(watcher);
    this.#tellWatched();
    return () => {
      this.#watchers.delete(watcher);
      this.#tellWatched();
    };
  }

  async issues(): Promise<readonly KeptIssue[]> {
    const answered = new Promise<readonly KeptIssue[]>((resolve) => this.#askers.push(resolve));
    this.#collector.postMessage({ kind: 'issues' } satisfies ToCollector);
    return answered;
  }

  async flush(): Promise<void> {
    const ask = this.#flushes++;
    const flushed = new Promise<void>((resolve) => this.#flushed.set(ask, resolve));
    this.#collector.postMessage({ kind: 'flush', ask } satisfies ToCollector);
    await Promise.race([flushed, this.ended]);
  }

  async stop(): Promise<CollectStatus> {
    this.#collector.postMessage({ kind: 'stop' } satisfies ToCollector);
    return this.ended;
  }

  /** Flows are copied to the host only while somebody looks at them. */
  #tellWatched(): void {
    const on = [...this.#watchers].some((watcher) => 'onFlows' in watcher);
    this.#collector.postMessage({ kind: 'watch', on } satisfies ToCollector);
  }

  #fromCollector(message: FromCollector): void {
    if (message.kind === 'chunk') {
      const { batch } = unpackChunk(message.chunk);
      for (const watcher of this.#watchers) watcher.onFlows?.(batch);
    } else if (message.kind === 'issues') {
      for (const asker of this.#askers.splice(0)) asker(message.issues);
    } else if (message.kind === 'status') {
      this.#status = this.#join(message.status, message.problem);
      this.#received = message.status;
      for (const watcher of this.#watchers) watcher.onStatus?.(this.#status);
    }
  }

  #noteFlushed(ask: number): void {
    this.#flushed.get(ask)?.();
    this.#flushed.delete(ask);
  }

  #noteStored(stored: WriterStatus): void {
    const more = stored.rows > this.#stored.rows;
    this.#stored = stored;
    if (more) for (const watcher of this.#watchers) watcher.onStored?.(stored.rows);
  }

  #join(status: ReceiverStatus, problem: string | null): CollectStatus {
    const before = this.#received;
    const seconds = before ? Math.max((status.time - before.time) / 1000, 0.001) : 1;
    return {
      ...status,
      flowsPerSecond: Math.round((status.flows - (before?.flows ?? 0)) / seconds),
      datagramsPerSecond: Math.round((status.datagrams - (before?.datagrams ?? 0)) / seconds),
      storedFlows: this.#stored.rows,
      storeBytes: this.#stored.storeBytes,
      problem: this.#stored.problem ?? problem,
    };
  }

  #lastStatus(): CollectStatus {
    if (!this.#status) throw new Error('the collector ended without a status');
    const { rows, storeBytes, problem } = this.#stored;
    return { ...this.#status, storedFlows: rows, storeBytes, problem };
  }

  async #terminate(): Promise<void> {
    await Promise.all([this.#collector.terminate(), this.#writer.terminate()]);
  }
}

/** The first message of that kind; a refusal or a fault of the thread is thrown. */
function answer<M extends { readonly kind: string }, K extends M['kind']>(
  thread: Worker,
  kind: K,
): Promise<Extract<M, { readonly kind: K }>> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      thread.off('message', onMessage);
      thread.off('error', onError);
    };
    const onError = (error: unknown): void => {
      end();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const onMessage = (message: M | { readonly kind: 'refused'; readonly fault: ThreadFault }): void => {
      if (message.kind === 'refused' && 'fault' in message) {
        end();
        reject(new ApiError(message.fault.code, message.fault.message));
      } else if (message.kind === kind) {
        end();
        resolve(message as Extract<M, { readonly kind: K }>);
      }
    };
    thread.on('message', onMessage);
    thread.on('error', onError);
  });
}
