import { describe, expect, it } from 'vitest';
import { Turns } from '../../renderer/link/turns.ts';

/** Lets everything that can go on do so. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const patient = new AbortController().signal;

describe('turns of questions', () => {
  it('come to so many at a time, in the order in which they were asked for', async () => {
    const turns = new Turns(2);
    const order: number[] = [];
    const ends: (() => void)[] = [];
    for (const number of [1, 2, 3, 4]) {
      void turns.take(patient).then((end) => {
        order.push(number);
        ends.push(end);
        return undefined;
      });
    }
    await settled();
    expect(order).toEqual([1, 2]);
    ends[0]?.();
    await settled();
    expect(order).toEqual([1, 2, 3]);
    ends[1]?.();
    ends[2]?.();
    await settled();
    expect(order).toEqual([1, 2, 3, 4]);
  });

  it('pass over who has left the queue', async () => {
    const turns = new Turns(1);
    const end = await turns.take(patient);
    const left = new AbortController();
    const gone = turns.take(left.signal);
    const next = turns.take(patient);
    left.abort();
    await expect(gone).rejects.toThrow('aborted');
    end();
    (await next)();
    await expect(turns.take(left.signal)).rejects.toThrow('aborted');
    (await turns.take(patient))();
  });
});
