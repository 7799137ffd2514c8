/** Clocks that gain or lose: what arrival times and shared flows tell of it, and what is left after correction. */
import { describe, expect, it } from 'vitest';
import { fitRobustLine } from '../../core/math/robust-line.ts';
import { gatherRecords } from '../../core/trace/records.ts';
import { traceBack } from '../../core/trace/trace.ts';
import type { ExporterOptions } from '../build/flow-world.ts';
import { exporter, makeChain, NOON, pathText, wholeChain } from '../build/made-chain.ts';

const drifting = { driftPpm: 120, driftFrom: NOON };
const chain = (every: Partial<ExporterOptions>, each: Partial<ExporterOptions>) =>
  makeChain({ seed: 11, minutes: 90, background: 16, every, each: { 1: each } });

describe('a clock that runs 120 ppm fast', () => {
  it.each([
    { how: 'arrival times', tiedBy: 'arrival-times', every: {} },
    { how: 'arrival times, v9', tiedBy: 'arrival-times', every: { version: 9 as const, wholeSeconds: true } },
    { how: 'shared flows', tiedBy: 'shared-flows', every: { received: false } },
    { how: 'shared flows of archives', tiedBy: 'shared-flows', every: { headers: false } },
  ])('is told by $how within 20 ppm, said, and corrected', ({ tiedBy, every }) => {
    const { world, question } = chain(every, drifting);
    const { clocks, notes, paths, ...rest } = traceBack([world.batch()], question);
    const clock = clocks.find((one) => one.exporter === exporter(1));
    expect(clock?.tiedBy).toBe(tiedBy);
    expect(Math.abs((clock?.driftPpm ?? 0) - 120)).toBeLessThan(20);
    expect(clock?.driftErrorPpm ?? Infinity).toBeLessThan(20);
    expect(clock?.observations ?? 0).toBeGreaterThan(3);
    expect(notes.join(' ')).toMatch(/203\.0\.113\.2: its clock runs 1[0-3]\d ppm fast \(give or take/);
    expect(pathText({ clocks, notes, paths, ...rest })).toEqual(wholeChain(3));
  });

  it('leaves record times as far apart as an even clock does, within 100 ms', () => {
    const even = gatherRecords([chain({}, {}).world.batch()]).records;
    const corrected = gatherRecords([chain({}, drifting).world.batch()]).records;
    expect(corrected.count).toBe(even.count);
    const ahead = Array.from(
      { length: even.count },
      (_, i) => (corrected.start[i] ?? 0) - (even.start[i] ?? 0),
    ).filter((_, i) => corrected.observer[i] === 1);
    expect(ahead.length).toBeGreaterThan(500);
    expect(Math.max(...ahead) - Math.min(...ahead)).toBeLessThan(100);
  });
});

describe('clocks without drift', () => {
  it('are given none', () => {
    for (const every of [{}, { version: 9 as const, wholeSeconds: true }, { headers: false }]) {
      const { clocks, notes } = ((made) => traceBack([made.world.batch()], made.question))(chain(every, {}));
      expect(clocks.map(({ driftPpm }) => driftPpm)).toEqual([0, 0, 0, 0]);
      expect(notes.filter((note) => note.includes('ppm'))).toEqual([]);
    }
  });
});

describe('a robust line', () => {
  it('is not moved by a fifth of wild points', () => {
    const x = Array.from({ length: 200 }, (_, i) => i);
    const y = x.map((value, i) => (i % 5 === 0 ? 1e6 : 3 + 0.5 * value + ((i * 7) % 3) * 0.1));
    const line = fitRobustLine(x, y);
    expect(line?.slope).toBeCloseTo(0.5, 1);
    expect((line?.level ?? 0) - 0.5 * (line?.centre ?? 0)).toBeCloseTo(3.1, 0);
  });

  it('needs two points', () => {
    expect(fitRobustLine([1], [1])).toBeUndefined();
    expect(fitRobustLine([1, 1], [1, 5])?.slope).toBe(0);
  });
});
