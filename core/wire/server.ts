/** The core's end of a pipe: checks what comes, runs the handlers, and lets nobody take more than their share. */
import { z } from 'zod';
import { ApiError } from '../model/api-error.ts';
import { BadFrame, decodeFrame, encodeFrame, type Frame } from './frame.ts';
import type { CheckedRequest, Contract, FeedMethod, ItemOf, Method, ProgressOf, ReplyOf } from './method.ts';
import type { Pipe } from './pipe.ts';
import { makeAbortController, type AbortControllerLike, type AbortSignalLike } from './platform.ts';
import { WireError, type WireErrorCode } from './wire-error.ts';

/** One client, for what a handler keeps on its behalf. */
export interface Peer {
  /** Called once when the client is gone, at once where it is gone already. Returns how to take it back. */
  onGone(listener: () => void): () => void;
}

export interface Context<Progress> {
  /** Aborted when the client gives up or is gone. */
  readonly signal: AbortSignalLike;
  readonly peer: Peer;
  /** Of several in short order one is sent. */
  readonly progress: (progress: Progress) => void;
}

/** What a core does for each method. A feed is pulled: it makes its next item when the reader has room for it. */
export type Handlers<C extends Contract> = {
  readonly [K in keyof C]: C[K] extends FeedMethod
    ? (request: CheckedRequest<C[K]>, context: Context<never>) => AsyncIterable<ItemOf<C[K]>>
    : (
        request: CheckedRequest<C[K]>,
        context: Context<ProgressOf<C[K]>>,
      ) => Promise<ReplyOf<C[K]>> | ReplyOf<C[K]>;
};

export interface ServeLimits {
  /** Bytes of a message from the client. */
  readonly messageBytes: number;
  /** Bytes of a message to the client. */
  readonly replyBytes: number;
  /** Calls and feeds that one client may have at work. */
  readonly inFlight: number;
}

export const serveLimits: ServeLimits = { messageBytes: 4 << 20, replyBytes: 64 << 20, inFlight: 128 };

export interface ServeOptions {
  readonly limits?: ServeLimits;
  /** Told of faults of the program: the client hears no more than that there was one. */
  readonly onFault?: (error: unknown) => void;
}

/** The shortest time between two progress messages of a call, ms. */
const PROGRESS_MS = 50;

/** Serves the contract on a pipe until it closes. A client that breaks the rules of the wire loses the pipe. */
export function serve<C extends Contract>(
  pipe: Pipe,
  contract: C,
  handlers: Handlers<C>,
  options: ServeOptions = {},
): void {
  const session = new Session(pipe, contract, handlers as unknown as Untyped, options);
  pipe.onMessage((bytes) => session.receive(bytes));
  pipe.onClose(() => session.end());
}

type Untyped = Readonly<Record<string, (request: unknown, context: Context<unknown>) => unknown>>;

interface Work {
  readonly controller: AbortControllerLike;
  credit: number;
  /** Wakes a feed that waits for credit. */
  wake: () => void;
}

class Session implements Peer {
  readonly #pipe: Pipe;
  readonly #contract: Contract;
  readonly #handlers: Untyped;
  readonly #limits: ServeLimits;
  readonly #onFault: (error: unknown) => void;
  readonly #work = new Map<number, Work>();
  readonly #goneListeners = new Set<() => void>();
  #gone = false;

  constructor(pipe: Pipe, contract: Contract, handlers: Untyped, options: ServeOptions) {
    this.#pipe = pipe;
    this.#contract = contract;
    this.#handlers = handlers;
    this.#limits = options.limits ?? serveLimits;
    this.#onFault = options.onFault ?? ((): void => undefined);
  }

  onGone(listener: () => void): () => void {
    if (this.#gone) listener();
    else this.#goneListeners.add(listener);
    return () => this.#goneListeners.delete(listener);
  }

  receive(bytes: Uint8Array): void {
    if (this.#gone) return;
    try {
      if (bytes.length > this.#limits.messageBytes) throw new BadFrame('too long');
      this.#take(decodeFrame(bytes));
    } catch (error) {
      // One client's message must not end the program, whatever is wrong with it.
      if (!(error instanceof BadFrame)) this.#onFault(error);
      this.#pipe.close();
      this.end();
    }
  }

  end(): void {
    if (this.#gone) return;
    this.#gone = true;
    for (const work of this.#work.values()) stop(work);
    this.#work.clear();
    for (const listener of this.#goneListeners) listener();
  }

  #take(frame: Frame): void {
    switch (frame.kind) {
      case 'call':
      case 'feed':
        this.#begin(frame);
        break;
      case 'credit': {
        const work = this.#work.get(frame.id);
        if (!work) return;
        work.credit += frame.credit;
        work.wake();
        break;
      }
      case 'cancel': {
        const work = this.#work.get(frame.id);
        if (work) stop(work);
        break;
      }
      default:
        throw new BadFrame(`a client sends no ${frame.kind}`);
    }
  }

  #begin(frame: Extract<Frame, { kind: 'call' | 'feed' }>): void {
    const { id, kind, name } = frame;
    if (this.#work.has(id)) throw new BadFrame('a number is in use');
    if (this.#work.size >= this.#limits.inFlight) {
      const sentence = `More than ${this.#limits.inFlight} requests at a time: wait for replies.`;
      this.#refuse(id, new WireError('bad-request', sentence));
      return;
    }
    const method = Object.hasOwn(this.#contract, name) ? this.#contract[name] : undefined;
    if (method?.kind !== kind) {
      this.#refuse(id, new WireError('bad-request', `There is no ${kind} "${name}".`));
      return;
    }
    const request = method.request.safeParse(frame.value);
    if (!request.success) {
      const what = z.prettifyError(request.error).slice(0, 1000);
      this.#refuse(id, new WireError('bad-request', `The request ${name} does not fit: ${what}`));
      return;
    }
    const credit = kind === 'feed' ? frame.credit : 0;
    const work: Work = { controller: makeAbortController(), credit, wake: () => undefined };
    this.#work.set(id, work);
    void this.#run(id, name, method, request.data, work);
  }

  async #run(id: number, name: string, method: Method, request: unknown, work: Work): Promise<void> {
    const { signal } = work.controller;
    try {
      const handler = this.#handlers[name];
      if (!handler) throw new Error(`there is no handler for ${name}`);
      const context = { signal, peer: this, progress: this.#teller(id, signal) };
      if (method.kind === 'call') {
        const value = await handler(request, context);
        if (!signal.aborted) this.#send({ kind: 'reply', id, value });
      } else {
        await this.#pump(id, handler(request, context) as AsyncIterable<unknown>, work);
        if (!signal.aborted) this.#send({ kind: 'end', id });
      }
      if (signal.aborted) this.#refuse(id, new WireError('cancelled', 'It was cancelled.'));
    } catch (error) {
      this.#refuse(id, signal.aborted ? new WireError('cancelled', 'It was cancelled.') : error);
    } finally {
      this.#work.delete(id);
    }
  }

  /** Sends items while there is credit. Who leaves in the middle ends the iteration there. */
  async #pump(id: number, items: AsyncIterable<unknown>, work: Work): Promise<void> {
    const { signal } = work.controller;
    const iterator = items[Symbol.asyncIterator]();
    try {
      while (!signal.aborted) {
        if (work.credit === 0) {
          await new Promise<void>((resolve) => (work.wake = resolve));
          continue;
        }
        const step = await new Promise<IteratorResult<unknown> | undefined>((resolve, reject) => {
          work.wake = () => (signal.aborted ? resolve(undefined) : undefined);
          iterator.next().then(resolve, reject);
        });
        if (!step || step.done === true) return;
        work.credit--;
        this.#send({ kind: 'item', id, value: step.value });
      }
    } finally {
      // Not waited for: an iterator that hangs must not keep its place among the requests in flight.
      iterator.return?.().catch((error: unknown) => this.#onFault(error));
    }
  }

  #teller(id: number, signal: AbortSignalLike): (progress: unknown) => void {
    let told = Number.NEGATIVE_INFINITY;
    return (value) => {
      const now = Date.now();
      if (signal.aborted || now - told < PROGRESS_MS) return;
      told = now;
      this.#send({ kind: 'progress', id, value });
    };
  }

  #refuse(id: number, error: unknown): void {
    if (this.#gone) return;
    const { code, message } = this.#explain(error);
    this.#send({ kind: 'error', id, code, message });
  }

  #explain(error: unknown): { readonly code: WireErrorCode; readonly message: string } {
    if (error instanceof ApiError || error instanceof WireError) return error;
    this.#onFault(error);
    return { code: 'internal', message: 'The program has made a mistake: its log says more.' };
  }

  #send(frame: Frame): void {
    if (this.#gone) return;
    const bytes = encodeFrame(frame);
    if (bytes.length > this.#limits.replyBytes) {
      throw new WireError('bad-request', 'The answer is too long to send: ask for less of it.');
    }
    this.#pipe.send(bytes);
  }
}

function stop(work: Work): void {
  work.controller.abort();
  work.wake();
}
