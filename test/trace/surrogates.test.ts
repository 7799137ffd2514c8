/** The E-value, checked on shifted copies of the data: where chance scores, no hop is promised. */
import { describe, expect, it } from 'vitest';
import { buildConnections } from '../../core/trace/connections.ts';
import { gatherRecords } from '../../core/trace/records.ts';
import { expectFalse } from '../../core/trace/surrogates.ts';
import { estimateTimeouts } from '../../core/trace/timeouts.ts';
import { traceBack } from '../../core/trace/trace.ts';
import { groupTwins } from '../../core/trace/twins.ts';
import { Suspects } from '../../core/trace/suspects.ts';
import { Comparison } from '../../core/trace/witness.ts';
import { FlowWorld } from '../build/flow-world.ts';
import { makeChain, MINUTE, NOON } from '../build/made-chain.ts';
import { beacon, humanSession, makeRandom, type Packet, type Random } from '../build/sessions.ts';

describe('false findings to be expected', () => {
  const surrogates = { positive: Float64Array.of(9, 5, 2), total: 400 };

  it('are as many as shifted copies reached the score, in proportion', () => {
    expect(expectFalse(surrogates, 4, 200)).toBe(1);
    expect(expectFalse(surrogates, 9, 200)).toBe(0.5);
  });

  it('are not known beyond a few scores above zero', () => {
    expect(expectFalse(surrogates, 10, 200)).toBeNull();
    expect(expectFalse({ positive: new Float64Array(), total: 400 }, 1, 200)).toBeNull();
  });

  it('follow the tail of many scores', () => {
    const positive = Float64Array.from({ length: 40 }, () => 2);
    expect(expectFalse({ positive, total: 400 }, 8, 100)).toBeCloseTo(10 * Math.exp(-4), 9);
  });
});

const session = (random: Random) => {
  const open = NOON + random() * MINUTE;
  return { open, close: open + 24 * MINUTE };
};

const typist = (random: Random): Packet[] => {
  const { open, close } = session(random);
  return humanSession(random, open, close);
};

/** Logins of one host's machines, and the shifted copies of each of the first few among all of them. */
function shiftedCopies(packets: (random: Random) => Packet[]): {
  reached: (nats: number) => number;
  total: number;
} {
  const scores: number[] = [];
  let total = 0;
  for (const seed of [1, 2]) {
    const random = makeRandom(seed);
    const world = new FlowWorld(random, [{ address: '203.0.113.1' }]);
    for (let i = 0; i < 50; i++) {
      const client = `198.51.100.${10 + i}:41000`;
      // People as well: of beacons alone nobody could read the exporter's idle timeout off.
      const own = i < 40 ? packets(random) : typist(random);
      world.watch({ exporter: '203.0.113.1', client, server: '198.51.100.2:22', packets: own });
    }
    const gathered = gatherRecords([world.batch()]);
    const connections = buildConnections(gathered);
    estimateTimeouts(gathered.records, connections, gathered.observers);
    const suspects = new Suspects(gathered.records, gathered.observers, groupTwins(gathered, connections));
    const compare = new Comparison(suspects);
    for (const suspect of suspects.all().slice(0, 1)) {
      const surrogates = compare.surrogates(suspect);
      scores.push(...(surrogates?.positive ?? []));
      total += surrogates?.total ?? 0;
    }
  }
  return { reached: (nats) => scores.filter((score) => score >= nats).length, total };
}

describe('shifted copies', () => {
  it.each<[string, (random: Random) => Packet[]]>([
    ['beacons', (random) => beacon(random, { ...session(random), periodMs: 30_000, jitterMs: 500 })],
    [
      'wavering beacons',
      (random) => beacon(random, { ...session(random), periodMs: 30_000, jitterMs: 14_000 }),
    ],
    ['people', typist],
  ])('of %s reach a score no more often than twice its promise', (_, packets) => {
    const { reached, total } = shiftedCopies(packets);
    expect(total).toBeGreaterThan(300);
    for (const nats of [2, 4, 6]) expect(reached(nats)).toBeLessThanOrEqual(2 * total * Math.exp(-nats));
  });
});

describe('the hops of a chain', () => {
  it('are believed by the larger of both E-values', () => {
    const { world, question } = makeChain({ seed: 3, hops: 3, minutes: 20, background: 30 });
    const hops = traceBack([world.batch()], question).paths[0]?.hops.slice(0, -1) ?? [];
    expect(hops).toHaveLength(2);
    for (const { evidence } of hops) {
      const { eValue = 0, eValueModel = 1, eValueSurrogate = 1 } = evidence ?? {};
      expect(eValue).toBe(Math.max(eValueModel, eValueSurrogate ?? 0));
      expect(eValue).toBeLessThanOrEqual(0.01);
    }
  });
});
