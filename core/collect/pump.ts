/**
 * Between the sockets and the decoder: reading comes first. What a socket gives goes to the backlog at once, and is decoded
 * in short slices while the sockets have nothing more to give; so a burst waits here, in full, and not in the kernel's
 * receive buffer, which drops what it has no room for.
 */
import { epochMs, type EpochMs } from '../model/time.ts';
import { Backlog, type BacklogLimits, type BacklogStatus } from './backlog.ts';

/** What the datagrams are for. */
export interface DatagramReader {
  /** Whether an address may send; a refusal is counted. */
  admits(address: string): boolean;
  datagram(
    payload: Uint8Array,
    from: { readonly address: string; readonly port: number },
    received: EpochMs,
  ): void;
  /** A datagram that there was no room for. */
  leave(payload: Uint8Array): void;
  /** While it is true nothing is decoded. */
  readonly blocked: boolean;
}

/** Node takes so many datagrams from a socket before it looks elsewhere: after as many there are probably more. */
const FULL_READ = 32;
const SLICE_MS = 2;
/** Even sockets that never run dry leave a slice in this time. */
const STARVED_MS = 50;
const LOOK_EVERY = 8;

export class Pump {
  readonly #reader: DatagramReader;
  readonly #backlog: Backlog;
  readonly #drained: (() => void)[] = [];
  #arrived = 0;
  #turnIsDue = false;
  #workedAt = Number.NEGATIVE_INFINITY;

  constructor(reader: DatagramReader, limits: Partial<BacklogLimits> = {}) {
    this.#reader = reader;
    this.#backlog = new Backlog(() => this.wake(), limits);
  }

  /** Why nothing can be put on disk at present; null where all is well. */
  get problem(): string | null {
    return this.#backlog.problem;
  }

  status(): BacklogStatus {
    return this.#backlog.status();
  }

  /** See Backlog. */
  async useFolder(folder: string): Promise<number> {
    const datagrams = await this.#backlog.useFolder(folder);
    this.wake();
    return datagrams;
  }

  /** One UDP payload; `payload` is borrowed. */
  datagram(payload: Uint8Array, from: { readonly address: string; readonly port: number }): void {
    this.#arrived++;
    if (!this.#reader.admits(from.address)) return;
    const taken = this.#backlog.push(payload, from.address, from.port, epochMs(Date.now()));
    if (taken) this.wake();
    else this.#reader.leave(payload);
  }

  /** Goes on decoding, after the reader was blocked. */
  wake(): void {
    if (this.#turnIsDue) return;
    this.#turnIsDue = true;
    setImmediate(() => this.#turn());
  }

  /** Resolves when everything has been decoded. */
  async drain(): Promise<void> {
    if (!this.#backlog.empty) await new Promise<void>((resolve) => this.#drained.push(resolve));
    await this.#backlog.close();
  }

  #turn(): void {
    this.#turnIsDue = false;
    const more = this.#arrived >= FULL_READ;
    this.#arrived = 0;
    const now = performance.now();
    if (more && now - this.#workedAt < STARVED_MS) return this.wake();
    const waits = this.#decode(now + SLICE_MS);
    this.#workedAt = performance.now();
    if (!waits) this.wake();
    if (this.#backlog.empty) for (const resolve of this.#drained.splice(0)) resolve();
  }

  /** True where there is nothing to do until somebody wakes it. */
  #decode(until: number): boolean {
    const reader = this.#reader;
    for (let taken = 1; !reader.blocked; taken++) {
      const next = this.#backlog.shift();
      if (!next) return true;
      reader.datagram(next.payload, next, next.received);
      if (taken % LOOK_EVERY === 0 && performance.now() >= until) return false;
    }
    return true;
  }
}
