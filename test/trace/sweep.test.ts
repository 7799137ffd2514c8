/** A small, fixed form of the sweep: see test/bench/traceback.ts, whose table is in core/trace/README.md. */
import { describe, expect, it } from 'vitest';
import { measureWorld, Tally } from '../bench/traceback-measure.ts';
import { sweepRows } from '../bench/traceback-rows.ts';
import { summarise, type RowSummary } from '../bench/traceback-table.ts';
import { cleanSweep, makeSweepWorld, type SweepOptions } from '../build/trace-sweep.ts';

/** One internet of some sixty connections, four chains among them. */
function sweep(options: Partial<SweepOptions>, seed = 77): RowSummary {
  const [row] = sweepRows;
  if (!row) throw new Error('no rows');
  const small = { ...cleanSweep, chains: 4, people: 36, beacons: 6, cron: 4, minutes: 30, ...options };
  const tally = new Tally();
  measureWorld(makeSweepWorld(seed, small), tally, true);
  return summarise({ ...row, options: small }, tally);
}

describe('a made-up internet', () => {
  it.each<{ what: string; options: Partial<SweepOptions> }>([
    { what: 'all that happened', options: {} },
    { what: '5 % of the records lost', options: { recordLoss: 0.05 } },
    { what: '5 % of the datagrams lost', options: { datagramLoss: 0.05 } },
    { what: 'clocks off by a minute', options: { skewMs: 60_000 } },
    { what: 'idle timeouts of 10 to 30 s', options: { idleMs: [10_000, 30_000] } },
    { what: 'address translation at both ends', options: { nat: 'both' } },
  ])('gives its chains where exporters saw $what', ({ options }) => {
    const { exact, falseHops, atThousandth } = sweep(options);
    expect(exact.ours).toBeGreaterThanOrEqual(0.75);
    expect(exact.ours).toBeGreaterThanOrEqual(exact.cpf);
    expect(falseHops).toBe(0);
    expect(atThousandth?.ours).toBeGreaterThanOrEqual(0.9);
    expect(atThousandth?.ours).toBeGreaterThanOrEqual(atThousandth?.cpf ?? 1);
  });

  it('of beacons alone gives no pair, and CPF hundreds', () => {
    const row = sweep({ chains: 1, people: 4, beacons: 60, cron: 0 });
    expect(row.programPairs).toBeGreaterThan(3000);
    expect(row.programHits).toBe(0);
    expect(row.programCpf).toBeGreaterThan(100);
  });

  it('that samples one packet in a thousand gives no false hop', () => {
    const { falseHops, exact } = sweep({ sampling: 1000 });
    expect(falseHops).toBe(0);
    expect(exact.ours).toBe(0);
  });

  it('gives fewer false pairs than the E-value promises', () => {
    const { falseHits, promisedHits } = sweep({}, 78);
    for (const [p, hits] of falseHits.entries())
      expect(hits).toBeLessThanOrEqual(2 * Math.ceil(promisedHits[p] ?? 0));
  });

  it('is the same for the same seed', () => {
    const small = { ...cleanSweep, chains: 1, people: 2, beacons: 1, cron: 1 };
    const [one, other] = [makeSweepWorld(5, small), makeSweepWorld(5, small)];
    expect(one.batch.columns.flowStartMilliseconds).toEqual(other.batch.columns.flowStartMilliseconds);
    expect(one.batch.columns.flowStartMilliseconds).not.toEqual(
      makeSweepWorld(6, small).batch.columns.flowStartMilliseconds,
    );
  });
});
