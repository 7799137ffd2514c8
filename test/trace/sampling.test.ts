/** Exporters that say how they sample: the score expects less of sparse samples, and nothing of sparser ones. */
import { describe, expect, it } from 'vitest';
import type { SitedBatch } from '../../core/model/flow-batch.ts';
import type { TraceResult } from '../../core/model/trace-result.ts';
import { traceBack } from '../../core/trace/trace.ts';
import { makeChain, pathText, wholeChain } from '../build/made-chain.ts';

const chain = makeChain({ seed: 5, hops: 2, minutes: 20 });

/** The same records, of which every one says that so many packets stand for one. */
function announce(batch: SitedBatch, interval: number): SitedBatch {
  const rows = Array.from({ length: batch.count }, (_, row) => row);
  const column = { rows, values: rows.map(() => interval) };
  return { ...batch, extras: new Map([...batch.extras, ['samplingInterval', column]]) };
}

const whole = chain.world.batch();
const traceAt = (interval: number): TraceResult => traceBack([announce(whole, interval)], chain.question);

describe('declared sampling', () => {
  it('of 1 packet in 10 lets the chain be found, by a lower score, and is said', () => {
    const score = (result: TraceResult): number => result.paths[0]?.hops[0]?.evidence?.scoreNats ?? 0;
    const [told, untold] = [traceAt(10), traceBack([whole], chain.question)];
    expect(pathText(told)).toEqual(wholeChain(2));
    expect(score(told)).toBeLessThan(score(untold));
    expect(told.notes.join(' ')).toContain('(1 in 10)');
  });

  it.each([50, 1000])('of 1 packet in %d is refused, with the reason, and gives no hop', (interval) => {
    const result = traceAt(interval);
    expect(result.refusal).toContain(`only 1 packet in ${interval} was counted`);
    expect(result.paths[0]?.hops).toHaveLength(1);
    expect(result.candidates.filter(({ scoreNats }) => scoreNats > 0)).toEqual([]);
    expect(result.notes.join(' ')).toContain(`(1 in ${interval})`);
  });
});
