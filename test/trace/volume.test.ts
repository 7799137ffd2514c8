/** Transfers through a relay, which never fall silent: told by what they carried, as a weaker class of evidence. */
import { describe, expect, it } from 'vitest';
import type { TraceResult } from '../../core/model/trace-result.ts';
import { epochMs } from '../../core/model/time.ts';
import { traceBack } from '../../core/trace/trace.ts';
import { compareShapes, normalTail, productChance } from '../../core/trace/volume.ts';
import { FlowWorld } from '../build/flow-world.ts';
import { MINUTE, NOON, makeChain } from '../build/made-chain.ts';
import { makeRandom, type Packet, type Random } from '../build/sessions.ts';

const SYN = 0x02;
const FIN = 0x01;

/** An upload in chunks, at a rate that wanders; `factor` more octets, `late` ms later. */
function transfer(random: Random, from: number, to: number): Packet[] {
  const packets: Packet[] = [];
  let octets = 20_000 + random() * 40_000;
  let step = from;
  for (let at = from; at < to; at += 60 + random() * 300) {
    // The rate steps every ten seconds or so, as links and disks have it.
    if (at >= step) {
      step = at + 4000 + random() * 12_000;
      octets = Math.min(200_000, Math.max(2000, octets * Math.exp((random() - 0.5) * 3)));
    }
    packets.push({ atMs: at, direction: 0, octets: Math.round(octets), flags: 0x18 });
    packets.push({ atMs: at + 20, direction: 1, octets: 52, flags: 0x10 });
  }
  return [
    { atMs: from - 60, direction: 0, octets: 60, flags: SYN },
    { atMs: from - 40, direction: 1, octets: 60, flags: SYN | 0x10 },
    ...packets,
    { atMs: to, direction: 0, octets: 52, flags: FIN | 0x10 },
    { atMs: to + 20, direction: 1, octets: 52, flags: FIN | 0x10 },
  ];
}

const relayed = (packets: readonly Packet[]): Packet[] =>
  packets.map((packet) => ({ ...packet, atMs: packet.atMs + 60, octets: Math.round(packet.octets * 1.02) }));

const victim = { address: '198.51.100.3', port: 22 };

/** A transfer from the middle host to the victim, and others into the middle host and elsewhere. */
function traceTransfer(seed: number, strangers: number, relay: boolean): TraceResult {
  const random = makeRandom(seed);
  const world = new FlowWorld(random, [
    { address: '203.0.113.1', activeMs: 10_000 },
    { address: '203.0.113.2', activeMs: 10_000 },
  ]);
  const open = NOON + 3 * MINUTE;
  const incoming = transfer(random, open, open + (2 + random() * 4) * MINUTE);
  if (relay) {
    const path = { client: '198.51.100.1:41000', server: '198.51.100.2:22', packets: incoming };
    world.watch({ exporter: '203.0.113.1', ...path });
  }
  const outgoing = { client: '198.51.100.2:40000', server: '198.51.100.3:22', packets: relayed(incoming) };
  world.watch({ exporter: '203.0.113.2', ...outgoing });
  for (let i = 0; i < strangers; i++) {
    const start = NOON + random() * 6 * MINUTE;
    const packets = transfer(random, start, start + (1 + random() * 5) * MINUTE);
    const host = i % 3 === 0 ? 2 : 60 + i;
    const client = `198.51.100.${100 + i}:${42_000 + i}`;
    world.watch({ exporter: '203.0.113.1', client, server: `198.51.100.${host}:22`, packets });
  }
  return traceBack([world.batch()], { victim, at: epochMs(open + MINUTE) });
}

describe('a transfer through a relay', () => {
  it('is found by its volume, and makes no path', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const { volume, paths, refusal } = traceTransfer(seed, 30, true);
      expect(refusal, `seed ${seed}`).not.toBeNull();
      expect(paths[0]?.hops, `seed ${seed}`).toHaveLength(1);
      const carrying = volume?.candidates.filter(({ verdict }) => verdict === 'carries') ?? [];
      expect(
        carrying.map(({ connection }) => connection.source),
        `seed ${seed}`,
      ).toEqual(['198.51.100.1']);
      expect(carrying[0]).toMatchObject({ evidence: 'volume', entersHost: true });
      expect(carrying[0]?.totalsRatio).toBeCloseTo(1 / 1.02, 2);
      expect(carrying[0]?.cumulativeGap).toBeLessThan(0.05);
    }
  });

  it('says that the evidence is weaker', () => {
    expect(traceTransfer(1, 30, true).volume?.notes.join(' ')).toContain('weaker evidence than silences');
  });
});

/** A relayed transfer, and beside it so many connections that carry one packet at its start and one at its end. */
function traceInCrowd(crowd: number): TraceResult {
  const random = makeRandom(7);
  const world = new FlowWorld(random, [{ address: '203.0.113.1', activeMs: 10_000 }]);
  const exporter = '203.0.113.1';
  const open = NOON + 3 * MINUTE;
  const incoming = transfer(random, open, open + 3 * MINUTE);
  world.watch({ exporter, client: '198.51.100.1:41000', server: '198.51.100.2:22', packets: incoming });
  const outgoing = relayed(incoming);
  world.watch({ exporter, client: '198.51.100.2:40000', server: '198.51.100.3:22', packets: outgoing });
  for (let i = 0; i < crowd; i++) {
    const packets: Packet[] = [0, 400].map((ms) => {
      return { atMs: open + 20_000 + ms, direction: 0, octets: 900, flags: 0x18 };
    });
    const client = `198.18.${i >> 8}.${i & 255}:${20_000 + i}`;
    world.watch({ exporter, client, server: '198.51.100.2:22', packets });
  }
  return traceBack([world.batch()], { victim, at: epochMs(open + MINUTE) });
}

describe('a transfer in a crowd of connections', () => {
  it('is compared with the 500 closest by volume, which the answer says', () => {
    const { volume } = traceInCrowd(700);
    expect(volume?.notes.join(' ')).toContain(
      '701 connections were open beside the target: only the volumes of the 500 that agree best',
    );
    expect(volume?.candidates[0]).toMatchObject({
      connection: { source: '198.51.100.1' },
      verdict: 'carries',
      alternatives: 701,
    });
  });

  it('of no more than 500 is compared with all of them', () => {
    expect(traceInCrowd(499).volume?.notes.join(' ')).not.toContain('open beside the target');
  });
});

describe('transfers that have nothing to do with each other', () => {
  it('are said to carry no more often than the E-value promises', () => {
    // 0.01 a question at each of two kinds of candidate: 0.8 are to be expected in 40 questions.
    let falseFindings = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const { volume } = traceTransfer(seed, 16, false);
      falseFindings += volume?.candidates.filter(({ verdict }) => verdict === 'carries').length ?? 0;
    }
    expect(falseFindings).toBeLessThanOrEqual(2);
  });
});

describe('a login with silences enough', () => {
  it('is never traced by volume', () => {
    const { world, question } = makeChain({ seed: 1 });
    expect(traceBack([world.batch()], question).volume).toBeUndefined();
  });
});

describe('the shape of volumes', () => {
  it('agrees wholly with itself, and its opposite not at all', () => {
    const x = Float64Array.of(1, 9, 2, 7, 1, 8, 3, 9, 2, 6, 1, 7, 2, 9, 1);
    expect(compareShapes(x, x)).toMatchObject({ cumulativeGap: 0 });
    expect(compareShapes(x, x).correlation).toBeCloseTo(1, 12);
    const opposite = x.map((octets) => 10 / (1 + octets));
    expect(compareShapes(x, opposite).correlation).toBeLessThan(-0.8);
  });

  it('is not judged by a handful of bins', () => {
    const x = Float64Array.of(1, 9, 2, 7);
    expect(compareShapes(x, x)).toMatchObject({ correlation: null, fisherZ: null });
  });

  it('tells how far one ran ahead of the other', () => {
    // Running totals 1/4 2/4 3/4 1 and 1 1 1 1.
    const gap = compareShapes(Float64Array.of(5, 5, 5, 5), Float64Array.of(8, 0, 0, 0)).cumulativeGap;
    expect(gap).toBeCloseTo(0.75, 12);
  });
});

describe('chances', () => {
  it('beyond z are those of the normal law', () => {
    expect(normalTail(0)).toBeCloseTo(0.5, 6);
    expect(normalTail(1.959964)).toBeCloseTo(0.025, 6);
    expect(normalTail(-1.959964)).toBeCloseTo(0.975, 6);
  });

  it("of a product are Fisher's", () => {
    // Two chances: P(product <= q) = q (1 - ln q).
    expect(productChance(0.01, 2)).toBeCloseTo(0.01 * (1 - Math.log(0.01)), 12);
    expect(productChance(1, 3)).toBe(1);
    expect(productChance(0, 3)).toBe(0);
  });
});
