/** What one host has open: a store, its jobs, its collector. Everything heavy runs in threads; this is the desk. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '../../model/api-error.ts';
import { Store } from '../../store/store.ts';
import type { CollectorBrief, StoreStatus, WorkspaceStatus } from '../../wire/contract-workspace.ts';
import type { CollectStatus } from '../collect/collect.ts';
import { Downloads } from '../jobs/export.ts';
import { Jobs } from '../jobs/jobs.ts';
import { Changes } from './live-changes.ts';
import { LiveCollector } from '../collect/live-collector.ts';
import { packageVersion } from '../resources.ts';
import { Uploads } from './uploads.ts';

export interface WorkspaceOptions {
  /** The store's folder; it may not be there yet. */
  readonly folder: string;
  /** What whoever is connected may do on this machine. */
  readonly can: { readonly importPaths: boolean; readonly openStore: boolean };
  /** Told of faults of the program. */
  readonly onFault: (error: unknown) => void;
}

/** How often the store is looked at while something is stored, and while nothing is: another program may store too. */
const BUSY_MS = 900;
const IDLE_MS = 4000;
/** How often the bytes on disk are summed up. */
const MEASURE_MS = 10_000;

export class Workspace {
  readonly can: WorkspaceOptions['can'];
  readonly collector: LiveCollector;
  readonly jobs: Jobs;
  readonly downloads = new Downloads();
  /** Announced with every change of the store, the collector and the jobs. */
  readonly changes = new Changes();
  readonly #onFault: (error: unknown) => void;
  #folder: string;
  #uploads: Uploads;
  #store: Store | undefined;
  readonly #leavers = new Set<() => void>();
  #status: StoreStatus | null = null;
  #statusAt = Number.NEGATIVE_INFINITY;
  #measuredAt = Number.NEGATIVE_INFINITY;
  #revision = 0;
  #settledRevision = 0;

  constructor(options: WorkspaceOptions) {
    this.can = options.can;
    this.#onFault = options.onFault;
    this.#folder = options.folder;
    this.#uploads = new Uploads(options.folder);
    this.collector = new LiveCollector(this.changes, options.onFault);
    this.jobs = new Jobs(this.changes, options.onFault);
  }

  get folder(): string {
    return this.#folder;
  }

  get uploads(): Uploads {
    return this.#uploads;
  }

  /** The open store. Throws ApiError: `no-store` where nothing was imported or collected yet, and those of opening. */
  get store(): Store {
    this.#store ??= Store.open(this.#folder, { create: false });
    return this.#store;
  }

  /** Calls the listener when the store is closed, for another one or at the end. */
  onLeave(listener: () => void): void {
    this.#leavers.add(listener);
  }

  /**
   * Opens another store. Throws ApiError: `usage` where this host has its store, `busy-store` while something runs, and
   * those of opening.
   */
  openStore(folder: string, create: boolean): void {
    if (!this.can.openStore) {
      throw new ApiError('usage', 'This server was given its store: start another one for another store.');
    }
    if (this.jobs.active || this.collector.running) {
      throw new ApiError('busy-store', 'Flows are being imported or collected: stop that first.');
    }
    const opened = Store.open(folder, { create });
    this.#leave();
    this.#folder = folder;
    this.#uploads = new Uploads(folder);
    this.#store = opened;
    this.touch();
  }

  /** The catalogue was changed: what is told of it is read anew. */
  touch(): void {
    this.#settledRevision = ++this.#revision;
    this.#statusAt = Number.NEGATIVE_INFINITY;
    this.#measuredAt = Number.NEGATIVE_INFINITY;
    this.changes.announce();
  }

  status(): WorkspaceStatus {
    return {
      version: packageVersion(),
      store: this.#storeStatus(),
      collector: this.#collectorBrief(),
      jobs: [...this.jobs.list()],
      can: this.can,
    };
  }

  /** Ends everything: the collector stores what has arrived, jobs stop where they can go on later. */
  async close(): Promise<void> {
    await Promise.all([
      this.jobs.close(),
      this.collector.running ? this.collector.stop().catch(this.#onFault) : undefined,
    ]);
    this.#leave();
  }

  #leave(): void {
    this.#uploads.close();
    for (const leave of this.#leavers) leave();
    this.#store?.close();
    this.#store = undefined;
  }

  #storeStatus(): StoreStatus | null {
    const now = performance.now();
    const busy = this.jobs.active || this.collector.running !== undefined;
    if (now - this.#statusAt < (busy ? BUSY_MS : IDLE_MS)) return this.#status;
    this.#statusAt = now;
    if (!this.#store && !existsSync(join(this.#folder, 'catalog.sqlite'))) return (this.#status = null);
    const { store } = this;
    const range = store.timeRange();
    const measured = now - this.#measuredAt < MEASURE_MS ? this.#status?.bytes : undefined;
    if (measured === undefined) this.#measuredAt = now;
    const before = this.#status;
    const sources = store.sources();
    const status = {
      folder: this.#folder,
      flows: sources.reduce((sum, { rows }) => sum + rows, 0),
      sources: sources.length,
      exporters: store.exporters().length,
      bytes: measured ?? folderBytes(this.#folder),
      range: range ? { startMs: range.start, endMs: range.end } : null,
      revision: this.#revision,
      settledRevision: this.#settledRevision,
    };
    if (before && differs(before, status)) {
      status.revision = ++this.#revision;
      const collected = this.collector.running !== undefined && !this.jobs.active;
      if (!collected || !hasGrown(before, status)) {
        status.settledRevision = this.#settledRevision = this.#revision;
      }
    }
    return (this.#status = status);
  }

  #collectorBrief(): CollectorBrief | null {
    const { running, status } = this.collector;
    return running ? brief(running.urls, status) : null;
  }
}

function differs(before: StoreStatus, now: StoreStatus): boolean {
  return (
    before.flows !== now.flows ||
    before.sources !== now.sources ||
    before.exporters !== now.exporters ||
    before.range?.startMs !== now.range?.startMs ||
    before.range?.endMs !== now.range?.endMs
  );
}

/** Whether nothing but later flows came to it. */
function hasGrown(before: StoreStatus, now: StoreStatus): boolean {
  return (
    before.sources === now.sources &&
    before.exporters === now.exporters &&
    before.flows <= now.flows &&
    before.range?.startMs === now.range?.startMs
  );
}

function brief(urls: readonly string[], status: CollectStatus | undefined): CollectorBrief {
  const exporters = status?.exporters ?? [];
  const lost = exporters.reduce((sum, exporter) => sum + exporter.lost, 0);
  const received = exporters.reduce(
    (sum, { flows, datagrams, version }) => sum + unitsOf(version, flows, datagrams),
    0,
  );
  const offsets = exporters.map(({ clockOffsetMs }) => clockOffsetMs).filter((offset) => offset !== null);
  return {
    urls: [...urls],
    flowsPerSecond: status?.flowsPerSecond ?? 0,
    datagramsPerSecond: status?.datagramsPerSecond ?? 0,
    flows: status?.flows ?? 0,
    storedFlows: status?.storedFlows ?? 0,
    lost,
    lostShare: lost === 0 ? 0 : lost / (lost + received),
    exporters: status?.exporterCount ?? 0,
    worstClockOffsetMs: offsets.toSorted((a, b) => Math.abs(b) - Math.abs(a))[0] ?? null,
    problem: status?.problem ?? null,
  };
}

/** What the sequence numbers of a version count: datagrams in NetFlow v9 and sFlow, flow records in the others. */
const unitsOf = (version: number, flows: number, datagrams: number): number =>
  version === 9 || version > 100 ? datagrams : flows;

function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce(
      (sum, entry) =>
        sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
}
