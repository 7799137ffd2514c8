/** One suite for every pipe: what a client and a server of the wire do for each other, whatever lies between. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ApiError } from '../../core/model/api-error.ts';
import { makeClient } from '../../core/wire/client.ts';
import type { Client, LinkState } from '../../core/wire/client-types.ts';
import { encodeFrame } from '../../core/wire/frame.ts';
import { call, feed } from '../../core/wire/method.ts';
import type { Pipe } from '../../core/wire/pipe.ts';
import { serve, serveLimits, type Handlers } from '../../core/wire/server.ts';
import type { WireError } from '../../core/wire/wire-error.ts';
import { everyPipe, type Exchange } from './pipes.ts';

const numbers = z.custom<Float64Array>((value) => value instanceof Float64Array);

const contract = {
  'math.double': call(
    z.strictObject({ values: numbers }),
    z.object({ doubled: z.object({ values: numbers }) }),
  ),
  'fail.refused': call(z.strictObject({}), z.object({})),
  'fail.bug': call(z.strictObject({}), z.object({})),
  'fail.reply': call(z.strictObject({}), z.object({ text: z.string() })),
  'work.long': call(z.strictObject({}), z.object({}), z.object({ done: z.number() })),
  'count.up': feed(z.strictObject({ to: z.number() }), z.object({ n: z.number() })),
  'count.ever': feed(z.strictObject({}), z.object({ n: z.number() })),
  'fail.later': feed(z.strictObject({}), z.object({ n: z.number() })),
  quiet: feed(z.strictObject({}), z.object({})),
};

/** What the core's side went through, to be waited for. */
class Log {
  readonly entries: string[] = [];
  #waiting: (() => void)[] = [];

  add(entry: string): void {
    this.entries.push(entry);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async has(entry: string): Promise<void> {
    while (!this.entries.includes(entry)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

function handlers(log: Log): Handlers<typeof contract> {
  return {
    'math.double': ({ values }) => ({ doubled: { values: values.map((value) => 2 * value) } }),
    'fail.refused': () => {
      throw new ApiError('no-store', 'There is no store.');
    },
    'fail.bug': () => {
      throw new Error('secret of the core');
    },
    'fail.reply': () => ({ text: 5 as unknown as string }),
    'work.long': async (_, { signal, progress }) => {
      progress({ done: 1 });
      log.add('working');
      await new Promise<void>((resolve) => signal.addEventListener('abort', resolve));
      log.add('work stopped');
      return {};
    },
    async *'count.up'({ to }) {
      for (let n = 1; n <= to; n++) yield await Promise.resolve({ n });
    },
    async *'count.ever'() {
      try {
        for (let n = 1; ; n++) {
          log.add(`made ${n}`);
          yield await Promise.resolve({ n });
        }
      } finally {
        log.add('feed stopped');
      }
    },
    async *'fail.later'() {
      yield await Promise.resolve({ n: 1 });
      throw new ApiError('damaged-store', 'The store is damaged.');
    },
    async *quiet(_, { signal }) {
      log.add('quiet');
      await new Promise<void>((resolve) => signal.addEventListener('abort', resolve));
      log.add('quiet stopped');
      yield {};
    },
  };
}

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: WireError) => error.code,
  );

describe.each(everyPipe)('over %s', (_, open) => {
  let log: Log;
  let faults: unknown[];
  let farEnds: Pipe[];
  let nearEnds: Pipe[];
  let exchange: Exchange;
  let client: Client<typeof contract>;

  const connect = async (): Promise<Pipe> => {
    const pipe = await exchange.connect();
    nearEnds.push(pipe);
    return pipe;
  };
  const state = async (wanted: LinkState): Promise<void> =>
    new Promise((resolve) => {
      if (client.state === wanted) return resolve();
      const end = client.onState((now) => {
        if (now !== wanted) return;
        end();
        resolve();
      });
    });

  beforeEach(async () => {
    log = new Log();
    faults = [];
    farEnds = [];
    nearEnds = [];
    exchange = await open((pipe) => {
      farEnds.push(pipe);
      serve(pipe, contract, handlers(log), {
        limits: { ...serveLimits, messageBytes: 65_536, inFlight: 100 },
        onFault: (error) => faults.push(error),
      });
    });
    client = makeClient(contract, connect, { retryMs: 1, maxRetryMs: 10 });
  });

  afterEach(async () => {
    client.close();
    for (const pipe of [...farEnds, ...nearEnds]) pipe.close();
    await exchange.close();
  });

  it('carries typed arrays both ways as what they are', async () => {
    const { doubled } = await client.call('math.double', {
      values: Float64Array.of(1, 2.5, Number.NaN, -0, 1e300),
    });
    expect([...doubled.values]).toEqual([2, 5, Number.NaN, -0, 2e300]);
  });

  it('answers many calls at once, each with its own reply', async () => {
    const replies = await Promise.all(
      Array.from({ length: 300 }, async (__, i) =>
        client.call('math.double', { values: Float64Array.of(i) }).then(({ doubled }) => doubled.values[0]),
      ),
    );
    expect(replies).toEqual(Array.from({ length: 300 }, (__, i) => 2 * i));
  });

  it('hands a refusal of the core over with its code and its sentence', async () => {
    await expect(client.call('fail.refused', {})).rejects.toMatchObject({
      code: 'no-store',
      message: 'There is no store.',
    });
  });

  it('says that there is a bug, and keeps to itself what it is', async () => {
    const error = await client.call('fail.bug', {}).catch((caught: unknown) => caught as WireError);
    expect(error).toMatchObject({ code: 'internal' });
    expect(JSON.stringify(error) + (error as WireError).message).not.toContain('secret');
    expect(faults).toMatchObject([{ message: 'secret of the core' }]);
  });

  it('refuses a request that does not fit the contract', async () => {
    const bad = { values: [1, 2] } as unknown as { values: Float64Array };
    expect(await codeOf(client.call('math.double', bad))).toBe('bad-request');
  });

  it('refuses a reply that does not fit the contract', async () => {
    expect(await codeOf(client.call('fail.reply', {}))).toBe('internal');
  });

  it('tells the progress, and a cancelled call stops the work in the core', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const answer = client.call(
      'work.long',
      {},
      {
        signal: controller.signal,
        onProgress: ({ done }) => {
          seen.push(done);
          controller.abort();
        },
      },
    );
    expect(await codeOf(answer)).toBe('cancelled');
    await log.has('work stopped');
    expect(seen).toEqual([1]);
  });

  it('sends nothing for a call that was cancelled before it was made', async () => {
    expect(await codeOf(client.call('work.long', {}, { signal: AbortSignal.abort() }))).toBe('cancelled');
    await client.call('math.double', { values: Float64Array.of(1) });
    expect(log.entries).toEqual([]);
  });

  it('gives the items of a feed in order to its end', async () => {
    const seen: number[] = [];
    for await (const { n } of client.feed('count.up', { to: 100 })) seen.push(n);
    expect(seen).toEqual(Array.from({ length: 100 }, (__, i) => i + 1));
  });

  it('stops the work in the core when the reader leaves the loop', async () => {
    for await (const { n } of client.feed('count.ever', {})) if (n === 20) break;
    await log.has('feed stopped');
    expect(log.entries.at(-1)).toBe('feed stopped');
  });

  it('stops a feed that has nothing to say when its reader leaves by the signal', async () => {
    const controller = new AbortController();
    const reading = (async (): Promise<number> => {
      let items = 0;
      for await (const __ of client.feed('quiet', {}, { signal: controller.signal })) items++;
      return items;
    })();
    await log.has('quiet');
    controller.abort();
    expect(await reading).toBe(0);
    await log.has('quiet stopped');
  });

  it('makes no more items than the reader has room for', async () => {
    const items = client.feed('count.ever', {})[Symbol.asyncIterator]();
    await items.next();
    // Whatever the feed could make unasked it has made by the time that a later call is answered, twice.
    await client.call('math.double', { values: Float64Array.of(1) });
    await client.call('math.double', { values: Float64Array.of(1) });
    expect(log.entries.filter((entry) => entry.startsWith('made')).length).toBeLessThanOrEqual(10);
    await items.return?.();
  });

  it('gives what came before the fault of a feed, then the fault', async () => {
    const items = client.feed('fail.later', {})[Symbol.asyncIterator]();
    expect(await items.next()).toEqual({ done: false, value: { n: 1 } });
    await expect(items.next()).rejects.toMatchObject({ code: 'damaged-store' });
  });

  it('refuses what goes beyond the requests in flight', async () => {
    const feeds = Array.from({ length: 100 }, () => client.feed('quiet', {})[Symbol.asyncIterator]());
    const waiting = feeds.map(async (items) => items.next());
    await log.has('quiet');
    expect(await codeOf(client.call('math.double', { values: Float64Array.of(1) }))).toBe('bad-request');
    for (const items of feeds) await items.return?.();
    await Promise.all(waiting);
    await log.has('quiet stopped');
    const { doubled } = await client.call('math.double', { values: Float64Array.of(4) });
    expect(doubled.values[0]).toBe(8);
  });

  it('stops all work of a client that is gone', async () => {
    const call = codeOf(client.call('work.long', {}));
    await log.has('working');
    client.close();
    expect(await call).toBe('disconnected');
    await log.has('work stopped');
  });

  it('fails the calls in flight when the connection is lost, and finds it again', async () => {
    const call = codeOf(client.call('work.long', {}));
    await log.has('working');
    farEnds[0]?.close();
    expect(await call).toBe('disconnected');
    await state('open');
    const { doubled } = await client.call('math.double', { values: Float64Array.of(3) });
    expect(doubled.values[0]).toBe(6);
    expect(farEnds).toHaveLength(2);
  });

  it('asks for a feed anew after a loss, and its reader reads on', async () => {
    const items = client.feed('count.ever', {})[Symbol.asyncIterator]();
    expect((await items.next()).value).toEqual({ n: 1 });
    farEnds[0]?.close();
    await log.has('feed stopped');
    // It counts from 1 again: the feed is another one. What came before the loss may be read first.
    const seen: number[] = [];
    do seen.push(((await items.next()).value as { n: number }).n);
    while (seen.at(-1) !== 1);
    expect(seen.length).toBeLessThanOrEqual(9);
    await items.return?.();
  });

  it('drops a client that sends what is no frame', async () => {
    await state('open');
    const next = new Promise<LinkState>((resolve) => {
      const end = client.onState((now) => {
        end();
        resolve(now);
      });
    });
    nearEnds[0]?.send(Uint8Array.from({ length: 64 }, (__, i) => i));
    expect(await next).toBe('waiting');
  });

  it('drops a client whose message is too long', async () => {
    await state('open');
    const answer = codeOf(client.call('math.double', { values: new Float64Array(10_000) }));
    expect(await answer).toBe('disconnected');
  });

  it('drops a client that uses a number twice, or sends what only a core says', async () => {
    for (const frames of [
      [
        { kind: 'call', id: 7, name: 'work.long', value: {} },
        { kind: 'call', id: 7, name: 'work.long', value: {} },
      ],
      [{ kind: 'reply', id: 1, value: {} }],
    ] as const) {
      const pipe = await connect();
      const closed = new Promise<void>((resolve) => pipe.onClose(() => resolve()));
      for (const frame of frames) pipe.send(encodeFrame(frame));
      await closed;
    }
    expect(log.entries.filter((entry) => entry === 'working')).toHaveLength(1);
  });

  it('knows no method that the contract does not name itself', async () => {
    const pipe = await connect();
    const answer = new Promise<string>((resolve) =>
      pipe.onMessage((bytes) => resolve(new TextDecoder().decode(bytes))),
    );
    pipe.send(encodeFrame({ kind: 'call', id: 1, name: 'toString', value: {} }));
    expect(await answer).toContain('bad-request');
  });
});
