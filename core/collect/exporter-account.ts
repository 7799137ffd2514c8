/** What is counted of one exporting process, and of all of them together. */
import { exporterKey, type Exporter } from '../model/flow-batch.ts';
import type { EpochMs } from '../model/time.ts';
import { ClockWatch } from './clock-watch.ts';
import type { ExporterStatus } from './collect-status.ts';
import { SequenceCounter } from './sequence-counter.ts';

export class ExporterAccount {
  readonly exporter: Exporter;
  readonly sequence = new SequenceCounter();
  readonly clock = new ClockWatch();
  version = 0;
  datagrams = 0;
  bytes = 0;
  flows = 0;
  options = 0;
  /** Data sets that came before their template. */
  templateWaits = 0;
  issues = 0;
  /** Packets of which one was sampled, as the exporter said; null where it did not. */
  sampling: number | null = null;
  firstReceived: EpochMs;
  lastReceived: EpochMs;

  constructor(exporter: Exporter, received: EpochMs) {
    this.exporter = exporter;
    this.firstReceived = received;
    this.lastReceived = received;
  }

  status(): ExporterStatus {
    const { address, port, observationDomainId } = this.exporter;
    const { lost, reordered, duplicates, restarts } = this.sequence;
    return {
      address,
      port,
      observationDomainId,
      version: this.version,
      datagrams: this.datagrams,
      bytes: this.bytes,
      flows: this.flows,
      options: this.options,
      lost,
      reordered,
      duplicates,
      restarts,
      templateWaits: this.templateWaits,
      issues: this.issues,
      sampling: this.sampling,
      clockOffsetMs: this.clock.offsetMs,
      clockDriftPpm: this.clock.driftPpm,
      firstReceived: this.firstReceived,
      lastReceived: this.lastReceived,
    };
  }
}

/** Every exporter heard, the longest silent first. Bounded: forged exporters push out the longest silent ones. */
export class ExporterAccounts {
  readonly #limit: number;
  readonly #accounts = new Map<string, ExporterAccount>();
  /** Accounts that were pushed out. */
  evicted = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  of(exporter: Exporter, received: EpochMs): ExporterAccount {
    const key = exporterKey(exporter);
    let account = this.#accounts.get(key);
    if (account) this.#accounts.delete(key);
    else account = new ExporterAccount(exporter, received);
    this.#accounts.set(key, account);
    if (this.#accounts.size > this.#limit) {
      const [oldest = ''] = this.#accounts.keys();
      this.#accounts.delete(oldest);
      this.evicted++;
    }
    return account;
  }

  get size(): number {
    return this.#accounts.size;
  }

  /** At most `limit` of them, those with the most flows first. */
  status(limit: number): ExporterStatus[] {
    return [...this.#accounts.values()]
      .toSorted((a, b) => b.flows - a.flows || b.datagrams - a.datagrams)
      .slice(0, limit)
      .map((account) => account.status());
  }
}
