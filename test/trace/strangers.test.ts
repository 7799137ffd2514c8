/** What must not be found: people and programs that have nothing to do with each other. */
import { describe, expect, it } from 'vitest';
import type { TraceResult } from '../../core/model/trace-result.ts';
import { epochMs } from '../../core/model/time.ts';
import { traceBack } from '../../core/trace/trace.ts';
import { FlowWorld } from '../build/flow-world.ts';
import { MINUTE, NOON, pathText } from '../build/made-chain.ts';
import {
  beacon,
  connectionPackets,
  humanSession,
  makeRandom,
  type Packet,
  type Random,
} from '../build/sessions.ts';

const open = NOON + 2 * MINUTE;
const victim = { address: '198.51.100.3', port: 22 };

/** A connection out of the middle host to the victim, and others into the middle host. */
function traceThrough(
  random: Random,
  out: readonly Packet[],
  into: readonly (readonly Packet[])[],
): TraceResult {
  const world = new FlowWorld(random, [{ address: '203.0.113.1' }, { address: '203.0.113.2' }]);
  world.watch({
    exporter: '203.0.113.2',
    client: '198.51.100.2:40000',
    server: '198.51.100.3:22',
    packets: out,
  });
  for (const [k, packets] of into.entries()) {
    const client = `198.51.100.${10 + k}:${41_000 + k}`;
    world.watch({ exporter: '203.0.113.1', client, server: '198.51.100.2:22', packets });
  }
  return traceBack([world.batch()], { victim, at: epochMs(open + 5 * MINUTE) });
}

const onlyTheTarget = ['198.51.100.2:40000 > 198.51.100.3:22'];

const stranger = (random: Random): Packet[] =>
  humanSession(random, open - random() * MINUTE, open + (10 + random() * 3) * MINUTE);

describe('people at work on one host', () => {
  it('make no path of a login of length one', () => {
    const random = makeRandom(1);
    const own = humanSession(random, open, open + 9 * MINUTE);
    const result = traceThrough(random, own, [stranger(random), stranger(random), stranger(random)]);
    expect(pathText(result)).toEqual(onlyTheTarget);
    expect(result.candidates.map(({ verdict }) => verdict)).toEqual(['unrelated', 'unrelated', 'unrelated']);
  });

  it('give false hops no more often than the E-value promises', () => {
    // At most 0.01 are to be expected a question: 2 in 200, and 7 or more would come once in 220 such runs.
    let falseHops = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const random = makeRandom(seed * 7919);
      const own = humanSession(random, open + MINUTE, open + 9 * MINUTE);
      const others = Array.from({ length: 8 }, () => stranger(random));
      falseHops += (traceThrough(random, own, others).paths[0]?.hops.length ?? 1) - 1;
    }
    expect(falseHops).toBeLessThanOrEqual(6);
  });
});

describe('programs', () => {
  const withinRhythm: readonly string[] = ['indistinguishable', 'insufficient', 'unrelated'];

  it.each([
    { what: 'two beacons of one period', jitterMs: 0 },
    { what: 'two beacons of one period that err by half a second', jitterMs: 500 },
  ])('that keep a rhythm are never a hop: $what', ({ jitterMs }) => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = makeRandom(seed);
      const close = open + 20 * MINUTE;
      const own = beacon(random, { open: open + 5000, close, periodMs: 20_000, jitterMs });
      const other = beacon(random, {
        open: open - random() * 20_000,
        close: close + MINUTE,
        periodMs: 20_000,
        jitterMs,
      });
      const result = traceThrough(random, own, [other, stranger(random)]);
      expect(pathText(result), `seed ${seed}`).toEqual(onlyTheTarget);
      for (const { verdict } of result.candidates) expect(withinRhythm).toContain(verdict);
    }
  });

  it('that start in one second of every minute are never a hop', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = makeRandom(seed);
      const cron = (from: number, minutes: number): Packet[] => {
        const times = Array.from({ length: minutes }, (_, m) => NOON + (m + 3) * MINUTE).flatMap((minute) =>
          Array.from({ length: 6 }, (_, k) => minute + random() * 300 + k * 200),
        );
        return connectionPackets(random, times, from, NOON + (minutes + 4) * MINUTE);
      };
      const result = traceThrough(random, cron(open + 10_000, 20), [cron(open, 21), stranger(random)]);
      expect(pathText(result), `seed ${seed}`).toEqual(onlyTheTarget);
      for (const { verdict } of result.candidates) expect(withinRhythm).toContain(verdict);
    }
  });
});

describe('a connection that hardly ever falls silent', () => {
  it('says that the evidence is insufficient', () => {
    const random = makeRandom(3);
    const times = Array.from({ length: 540 }, (_, i) => open + 100 + i * 1000).filter(
      (time) => time < open + 3 * MINUTE || time > open + 3 * MINUTE + 20_000,
    );
    const own = connectionPackets(random, times, open, open + 9 * MINUTE);
    const { paths, candidates, notes } = traceThrough(
      random,
      own,
      Array.from({ length: 6 }, () => stranger(random)),
    );
    expect(paths[0]?.hops).toHaveLength(1);
    expect(candidates.filter(({ verdict }) => verdict === 'related' || verdict === 'path')).toEqual([]);
    expect(notes[0]).toMatch(
      /^Insufficient evidence: the victim's connection shows \d silences? longer than/,
    );
  });
});
