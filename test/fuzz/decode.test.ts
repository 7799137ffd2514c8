import { describe, expect, it } from 'vitest';
import { data, netflow9, template9, templates9 } from '../build/netflow.ts';
import { samples, type SampleKind } from '../build/export-samples.ts';
import { makeDecoder, neutral, push } from '../decode/run.ts';
import { checkChunk, fuzz } from './decode.ts';

const kinds = Object.keys(samples) as SampleKind[];
const all = kinds.flatMap((kind) =>
  Object.entries(samples[kind]).map(([name, bytes]) => ({ kind, name, bytes })),
);

describe('hostile datagrams', () => {
  it.each(all)(
    '$kind, $name: cut at every byte, gives no more than the whole and never throws',
    ({ bytes }) => {
      const records = (length: number): number => {
        const decoder = makeDecoder();
        push(decoder, bytes.subarray(0, length));
        decoder.finish();
        const chunk = decoder.take(0);
        checkChunk(chunk, bytes.length);
        return neutral(chunk).length;
      };
      const counts = Array.from({ length: bytes.length + 1 }, (_, length) => records(length));
      expect(counts).toEqual(counts.toSorted((a, b) => a - b));
      expect(counts[0]).toBe(0);
    },
  );

  it.each(kinds)('%s: 3,000 mutated inputs neither throw nor contradict themselves', (kind) => {
    const report = fuzz(kind, 1, 3_000);
    expect(report.flows).toBeGreaterThan(1_000);
    expect(report.issues).toBeGreaterThan(1_000);
    expect(report.slowestMs).toBeLessThan(2_000);
  });

  it('hands data that waited over in batches near the limit, however small a late template makes the records', () => {
    const decoder = makeDecoder();
    for (let n = 0; n < 40; n++) push(decoder, netflow9({}, data(256, [new Uint8Array(60_000)])));
    push(decoder, netflow9({}, templates9(template9(256, [4, 1]))));
    const batches: number[] = [];
    let evicted = 0;
    while (decoder.pendingRows > 0) {
      expect(batches.length).toBeLessThan(20);
      const { batch, issues } = decoder.take(0);
      batches.push(batch.count);
      evicted += issues.length;
    }
    expect(batches.reduce((sum, count) => sum + count, 0)).toBe(17 * 60_000);
    expect(Math.max(...batches)).toBe(120_000);
    expect(evicted).toBe(23);
  });
});
