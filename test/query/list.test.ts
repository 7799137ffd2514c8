/** Lists of the first and of the last rows of an order. */
import { describe, expect, it } from 'vitest';
import type { FlowSort } from '../../core/model/query.ts';
import { listKernel } from '../../core/query/list.ts';
import { buildBatch, seededRandom } from '../build/flow-chunks.ts';
import { runKernel } from './run-kernel.ts';

/** Four batches, of two threads, with more rows than a thread gathers before it cuts; sizes repeat. */
function madeBatches() {
  const random = seededRandom(4);
  return [0, 1, 2, 3].map(() => ({
    ...buildBatch(
      Array.from({ length: 40_000 }, (_, i) =>
        i % 50 === 0
          ? {}
          : { octetDeltaCount: random() % 20, flowStartMilliseconds: 1e12 + (random() % 1e6) },
      ),
    ),
    sites: ['plant'],
  }));
}

describe.each([
  ['bytes', true],
  ['bytes', false],
  ['start', true],
] as const)('a list by %s, descending %s', (sort: FlowSort, descending) => {
  const batches = madeBatches();
  const ask = (limit: number | undefined, fromEnd: boolean) => {
    const options = {
      shares: [
        [0, 2],
        [1, 3],
      ],
    };
    const question = { sort, descending, limit, fromEnd };
    const { total, segments, rows } = runKernel(listKernel, question, batches, options).answer;
    return { total, places: Array.from(rows, (row, i) => (segments[i] ?? 0) * 65_536 + row) };
  };
  const all = ask(undefined, false);

  it('holds the last rows of the order where it is asked from the end', () => {
    const last = ask(1000, true);
    expect(last.total).toBe(160_000);
    expect(last.places).toEqual(all.places.slice(-1000));
  });

  it('holds each row once together with the list of the first', () => {
    const [first, last] = [ask(120_000, false), ask(40_000, true)];
    expect(new Set([...first.places, ...last.places]).size).toBe(160_000);
  });
});
