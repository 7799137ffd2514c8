/** The reader's end of a pipe: calls and feeds by name, and a connection that is found again when it is lost. */
import { z } from 'zod';
import type { CallOptions, Client, LinkState } from './client-types.ts';
import { BadFrame, decodeFrame, encodeFrame, type Frame } from './frame.ts';
import { FeedReader } from './feed-reader.ts';
import type { CallName, Contract, FeedName, ItemOf, ProgressOf, ReplyOf, RequestOf } from './method.ts';
import type { Pipe } from './pipe.ts';
import { later, type AbortSignalLike } from './platform.ts';
import { isWireErrorCode, WireError } from './wire-error.ts';

export interface ClientOptions {
  /** Waiting before the second try to connect, doubled from try to try up to `maxRetryMs`. */
  readonly retryMs?: number;
  readonly maxRetryMs?: number;
}

// A page's content security policy forbids the functions that zod would compile, and reports every try.
z.config({ jitless: true });

/** Below what a server allows, with room for feeds: more calls wait their turn. */
const MAX_CALLS = 64;
/** Items of a feed that may be on their way or unread. */
const CREDIT = 8;

/** A client of the contract over whatever pipes `connect` opens, one at a time, until it is closed. */
export function makeClient<C extends Contract>(
  contract: C,
  connect: () => Promise<Pipe>,
  options: ClientOptions = {},
): Client<C> {
  return new PipeClient(contract, connect, options);
}

/** One call or feed at work. */
interface Entry {
  readonly frame: (id: number) => Frame;
  readonly isFeed: boolean;
  /** undefined while it waits for a connection, or for its turn. */
  id: number | undefined;
  take(frame: Frame): void;
  /** The connection is gone. True: ask again on the next one. */
  lose(): boolean;
  fail(error: WireError): void;
}

class PipeClient<C extends Contract> implements Client<C> {
  readonly #contract: C;
  readonly #connect: () => Promise<Pipe>;
  readonly #firstRetryMs: number;
  readonly #maxRetryMs: number;
  readonly #running = new Map<number, Entry>();
  readonly #listeners = new Set<(state: LinkState) => void>();
  #waiting: Entry[] = [];
  #calls = 0;
  #nextId = 1;
  #pipe: Pipe | undefined;
  #retryMs: number;
  #cancelRetry = (): void => undefined;
  #state: LinkState = 'connecting';

  constructor(contract: C, connect: () => Promise<Pipe>, options: ClientOptions) {
    this.#contract = contract;
    this.#connect = connect;
    this.#firstRetryMs = options.retryMs ?? 250;
    this.#maxRetryMs = options.maxRetryMs ?? 5000;
    this.#retryMs = this.#firstRetryMs;
    void this.#open();
  }

  get state(): LinkState {
    return this.#state;
  }

  onState(listener: (state: LinkState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async call<K extends CallName<C>>(
    name: K,
    request: RequestOf<C[K]>,
    { signal, onProgress }: CallOptions<ProgressOf<C[K]>> = {},
  ): Promise<ReplyOf<C[K]>> {
    const method = this.#contract[name];
    if (method?.kind !== 'call') throw new Error(`${name} is no call`);
    return new Promise((resolve, reject) => {
      const finish = (): void => signal?.removeEventListener('abort', cancel);
      const fail = (error: WireError): void => {
        finish();
        reject(error);
      };
      const entry: Entry = {
        isFeed: false,
        id: undefined,
        frame: (id) => ({ kind: 'call', id, name, value: request }),
        take: (frame) => {
          if (frame.kind === 'progress') {
            const progress = method.progress.safeParse(frame.value);
            if (progress.success) onProgress?.(progress.data as ProgressOf<C[K]>);
            return;
          }
          this.#drop(entry);
          if (frame.kind === 'error') return fail(asError(frame));
          try {
            if (frame.kind !== 'reply') throw unexpected(name);
            const reply = checked(name, method.reply, frame.value) as ReplyOf<C[K]>;
            finish();
            resolve(reply);
          } catch (error) {
            fail(error as WireError);
          }
        },
        lose: () => {
          fail(new WireError('disconnected', 'The connection was lost before the answer came.'));
          return false;
        },
        fail,
      };
      const cancel = (): void => {
        this.#cancel(entry);
        fail(new WireError('cancelled', 'It was cancelled.'));
      };
      if (signal?.aborted === true) return cancel();
      signal?.addEventListener('abort', cancel);
      this.#enter(entry);
    });
  }

  feed<K extends FeedName<C>>(
    name: K,
    request: RequestOf<C[K]>,
    options: { readonly signal?: AbortSignalLike | undefined } = {},
  ): AsyncIterable<ItemOf<C[K]>> {
    return { [Symbol.asyncIterator]: () => this.#read(name, request, options.signal) };
  }

  close(): void {
    this.#shut('closed', new WireError('disconnected', 'The connection was closed.'));
  }

  #read<K extends FeedName<C>>(
    name: K,
    request: RequestOf<C[K]>,
    signal: AbortSignalLike | undefined,
  ): AsyncIterator<ItemOf<C[K]>> {
    const method = this.#contract[name];
    if (method?.kind !== 'feed') throw new Error(`${name} is no feed`);
    const reader = new FeedReader<ItemOf<C[K]>>({
      onTaken: () => {
        if (entry.id !== undefined) this.#send({ kind: 'credit', id: entry.id, credit: 1 });
      },
      onLeft: () => {
        signal?.removeEventListener('abort', leave);
        this.#cancel(entry);
      },
    });
    const entry: Entry = {
      isFeed: true,
      id: undefined,
      frame: (id) => ({ kind: 'feed', id, name, value: request, credit: CREDIT }),
      take: (frame) => {
        if (frame.kind === 'item') {
          try {
            reader.push(checked(name, method.item, frame.value) as ItemOf<C[K]>);
          } catch (error) {
            this.#cancel(entry);
            reader.fail(error as WireError);
          }
          return;
        }
        this.#drop(entry);
        if (frame.kind === 'end') reader.finish();
        else reader.fail(frame.kind === 'error' ? asError(frame) : unexpected(name));
      },
      lose: () => {
        // What was not read yet came from the lost connection: its credit is gone with it.
        reader.forget();
        return true;
      },
      fail: (error) => reader.fail(error),
    };
    const leave = (): void => reader.leave();
    if (signal?.aborted === true) reader.leave();
    else {
      signal?.addEventListener('abort', leave);
      this.#enter(entry);
    }
    return reader;
  }

  #enter(entry: Entry): void {
    if (this.#state === 'closed' || this.#state === 'refused') {
      entry.fail(new WireError('disconnected', 'There is no connection to the core.'));
      return;
    }
    this.#waiting.push(entry);
    this.#advance();
  }

  /** Sends what waits, as far as it may go. */
  #advance(): void {
    if (!this.#pipe) return;
    const stay: Entry[] = [];
    for (const entry of this.#waiting) {
      if (!entry.isFeed && this.#calls >= MAX_CALLS) {
        stay.push(entry);
        continue;
      }
      if (!entry.isFeed) this.#calls++;
      const id = this.#nextId++;
      entry.id = id;
      this.#running.set(id, entry);
      this.#send(entry.frame(id));
    }
    this.#waiting = stay;
  }

  /** Forgets an entry that has ended, and lets another one go. */
  #drop(entry: Entry): void {
    this.#waiting = this.#waiting.filter((other) => other !== entry);
    if (entry.id === undefined || !this.#running.delete(entry.id)) return;
    if (!entry.isFeed) this.#calls--;
    this.#advance();
  }

  #cancel(entry: Entry): void {
    const { id } = entry;
    if (id !== undefined && this.#running.has(id)) this.#send({ kind: 'cancel', id });
    this.#drop(entry);
  }

  #send(frame: Frame): void {
    this.#pipe?.send(encodeFrame(frame));
  }

  async #open(): Promise<void> {
    let pipe: Pipe;
    try {
      pipe = await this.#connect();
    } catch {
      this.#retry();
      return;
    }
    if (this.#state === 'closed') {
      pipe.close();
      return;
    }
    pipe.onMessage((bytes) => this.#receive(pipe, bytes));
    pipe.onClose((reason) => {
      if (this.#pipe !== pipe) return;
      this.#lose();
      if (reason === 'refused') {
        const sentence = 'The server was started anew: open the address that it printed.';
        this.#shut('refused', new WireError('disconnected', sentence));
      } else this.#retry();
    });
    this.#pipe = pipe;
    this.#become('open');
    this.#advance();
  }

  #receive(pipe: Pipe, bytes: Uint8Array): void {
    if (this.#pipe !== pipe) return;
    try {
      const frame = decodeFrame(bytes);
      // Only now: a server that accepts and drops at once must not be asked in a tight loop.
      this.#retryMs = this.#firstRetryMs;
      this.#running.get(frame.id)?.take(frame);
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error;
      pipe.close();
    }
  }

  #lose(): void {
    this.#pipe = undefined;
    this.#calls = 0;
    const running = [...this.#running.values()];
    this.#running.clear();
    for (const entry of running) {
      entry.id = undefined;
      if (entry.lose()) this.#waiting.push(entry);
    }
  }

  #retry(): void {
    if (this.#state === 'closed') return;
    this.#become(this.#state === 'connecting' ? 'connecting' : 'waiting');
    this.#cancelRetry = later(this.#retryMs, () => void this.#open());
    this.#retryMs = Math.min(2 * this.#retryMs, this.#maxRetryMs);
  }

  #shut(state: 'closed' | 'refused', error: WireError): void {
    if (this.#state === 'closed') return;
    this.#cancelRetry();
    const pipe = this.#pipe;
    this.#pipe = undefined;
    const entries = [...this.#running.values(), ...this.#waiting];
    this.#running.clear();
    this.#waiting = [];
    this.#become(state);
    pipe?.close();
    for (const entry of entries) entry.fail(error);
  }

  #become(state: LinkState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

function checked(name: string, schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const sentence = `The answer to ${name} is not what this page understands: load it again.`;
  throw new WireError('internal', sentence, { cause: result.error });
}

const asError = ({ code, message }: { readonly code: string; readonly message: string }): WireError =>
  new WireError(isWireErrorCode(code) ? code : 'internal', message);

const unexpected = (name: string): WireError =>
  new WireError('internal', `The core has answered ${name} in a way that does not belong to it.`);
