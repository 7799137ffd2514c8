/** The collector of a workspace: one at a time, watched by everybody who is there. */
import { ApiError } from '../../model/api-error.ts';
import type { TlsIdentity } from '../../collect/stream-listener.ts';
import type { FlowBatch } from '../../model/flow-batch.ts';
import type { LiveFlow, LiveFlows } from '../../wire/contract-collect.ts';
import { parseListen, startCollection, type Collection, type CollectStatus } from './collect.ts';
import { Changes, pause } from '../workspace/live-changes.ts';

/** The shortest time between two items of the live flows: what comes meanwhile is put together. */
const ITEM_MS = 16;

export class LiveCollector {
  /** Announced with each status, and when it starts and ends. */
  readonly changes: Changes;
  readonly #onFault: (error: unknown) => void;
  #collection: Collection | undefined;
  #starting = false;
  #status: CollectStatus | undefined;
  /** Those who look at flows, also while nothing is collected: a later collection reaches them too. */
  readonly #readers = new Set<FlowGatherer>();
  #endWatch = (): void => undefined;

  constructor(whole: Changes, onFault: (error: unknown) => void) {
    this.changes = new Changes(whole);
    this.#onFault = onFault;
  }

  get running(): Collection | undefined {
    return this.#collection;
  }

  /** Of the running collection. */
  get status(): CollectStatus | undefined {
    return this.#collection ? this.#status : undefined;
  }

  /** Throws ApiError: `busy-store` where it runs, `usage` for an address, and those of `startCollection`. */
  async start(
    folder: string,
    listen: readonly string[],
    allow: readonly string[],
    tls?: TlsIdentity,
  ): Promise<Collection> {
    if (this.#collection || this.#starting) {
      throw new ApiError('busy-store', 'The collector runs already: stop it first.');
    }
    this.#starting = true;
    try {
      const collection = await startCollection({ folder, listen: listen.map(parseListen), allow, tls });
      this.#collection = collection;
      this.#status = undefined;
      collection.watch({
        onStatus: (status) => {
          this.#status = status;
          this.changes.announce();
        },
      });
      if (this.#readers.size > 0) this.#watchFlows();
      collection.ended.then(
        () => this.#over(collection),
        (error: unknown) => {
          this.#onFault(error);
          this.#over(collection);
        },
      );
      this.changes.announce();
      return collection;
    } finally {
      this.#starting = false;
    }
  }

  /** Takes what has arrived, stores it and ends. Throws ApiError `usage` where nothing is collected. */
  async stop(): Promise<CollectStatus> {
    if (!this.#collection) throw new ApiError('usage', 'Nothing is collected: start the collector first.');
    return this.#collection.stop();
  }

  /** The flows as they come in, until the signal. What a reader is too slow for is counted, not kept. */
  async *flows(maxRows: number, signal: AbortSignal): AsyncGenerator<LiveFlows> {
    const gatherer = new FlowGatherer(maxRows);
    this.#readers.add(gatherer);
    if (this.#readers.size === 1) this.#watchFlows();
    try {
      while (!signal.aborted) {
        const seen = gatherer.changes.version;
        const item = gatherer.take();
        if (item) {
          yield item;
          await pause(ITEM_MS, signal);
        } else await gatherer.changes.after(seen, signal, 60_000);
      }
    } finally {
      this.#readers.delete(gatherer);
      if (this.#readers.size === 0) this.#endWatch();
    }
  }

  #watchFlows(): void {
    this.#endWatch =
      this.#collection?.watch({
        onFlows: (batch) => {
          for (const reader of this.#readers) reader.add(batch);
        },
      }) ?? ((): void => undefined);
  }

  #over(collection: Collection): void {
    if (this.#collection !== collection) return;
    this.#collection = undefined;
    this.#endWatch = (): void => undefined;
    this.changes.announce();
  }
}

/** What came for one reader since it last took something. */
class FlowGatherer {
  readonly changes = new Changes();
  readonly #maxRows: number;
  #rows: LiveFlow[] = [];
  #flows = 0;
  #packets = 0;
  #bytes = 0;

  constructor(maxRows: number) {
    this.#maxRows = maxRows;
  }

  add(batch: FlowBatch): void {
    const { octetDeltaCount, packetDeltaCount } = batch.columns;
    for (let row = 0; row < batch.count; row++) {
      this.#packets += packetDeltaCount[row] ?? 0;
      this.#bytes += octetDeltaCount[row] ?? 0;
    }
    this.#flows += batch.count;
    const room = Math.min(batch.count, this.#maxRows - this.#rows.length);
    for (let row = 0; row < room; row++) this.#rows.push(describe(batch, row));
    this.changes.announce();
  }

  take(): LiveFlows | undefined {
    if (this.#flows === 0) return undefined;
    const rows = this.#rows;
    const flows = this.#flows;
    const item = { rows, flows, packets: this.#packets, bytes: this.#bytes, leftOut: flows - rows.length };
    this.#rows = [];
    this.#flows = 0;
    this.#packets = 0;
    this.#bytes = 0;
    return item;
  }
}

function describe({ columns, addresses, exporters }: FlowBatch, row: number): LiveFlow {
  const time = (value: number | undefined): number | null =>
    value === undefined || Number.isNaN(value) ? null : value;
  return {
    receivedMs: time(columns.collectionTimeMilliseconds[row]) ?? Date.now(),
    startMs: time(columns.flowStartMilliseconds[row]),
    endMs: time(columns.flowEndMilliseconds[row]),
    protocol: columns.protocolIdentifier[row] ?? 0,
    source: addresses.text(columns.sourceAddress[row] ?? 0),
    sourcePort: columns.sourceTransportPort[row] ?? 0,
    destination: addresses.text(columns.destinationAddress[row] ?? 0),
    destinationPort: columns.destinationTransportPort[row] ?? 0,
    packets: columns.packetDeltaCount[row] ?? 0,
    bytes: columns.octetDeltaCount[row] ?? 0,
    exporter: exporters[columns.exporter[row] ?? 0]?.address ?? '',
  };
}
