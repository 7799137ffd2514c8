/** Why a verdict: the terms of its score, and the moments that they count. */
import { describe, expect, it } from 'vitest';
import { renderTrace } from '../../core/cli/trace-text.ts';
import type { TraceExplanation } from '../../core/model/trace-explanation.ts';
import type { TraceResult } from '../../core/model/trace-result.ts';
import { openTrace, traceBack } from '../../core/trace/trace.ts';
import { makeChain, MINUTE, NOON, type MadeChainOptions } from '../build/made-chain.ts';

const open = (options: Partial<MadeChainOptions> = {}) => {
  const { world, question } = makeChain({ seed: 2, minutes: 14, ...options });
  return openTrace([world.batch()], question);
};

const sum = (list: readonly { readonly nats: number }[]): number =>
  list.reduce((total, { nats }) => total + nats, 0);

/** Explanations of every candidate that is not a view of the target or of a hop. */
function explainCandidates({ result, explain }: ReturnType<typeof open>): [number, TraceExplanation][] {
  return result.candidates
    .filter(({ verdict }) => verdict !== 'path' && verdict !== 'twin')
    .map(({ scoreNats, connection }) => [scoreNats, explain(connection)[0] as TraceExplanation]);
}

const chaffed = {
  chaff: (random: () => number) =>
    Array.from({ length: 140 }, () => NOON + 2 * MINUTE + random() * 14 * MINUTE),
};

describe('the terms of an explanation', () => {
  it.each([
    { what: 'a plain chain', options: {} },
    { what: 'lost datagrams', options: { every: { loss: 0.1 } } },
    { what: 'chaff on the first hop', options: chaffed },
  ])('sum to the score, of hops and of candidates: $what', ({ options }) => {
    const trace = open(options);
    const hops = trace.result.paths[0]?.hops.flatMap(({ evidence }) => evidence ?? []) ?? [];
    const explained = trace.explain('path');
    expect(explained).toHaveLength(2);
    for (const [i, { terms, totalNats, about }] of explained.entries()) {
      expect(about).toBe('hop');
      expect(sum(terms)).toBeCloseTo(hops[i]?.scoreNats ?? Number.NaN, 6);
      expect(totalNats).toBeCloseTo(hops[i]?.scoreNats ?? Number.NaN, 6);
    }
    const others = explainCandidates(trace);
    expect(others.length).toBeGreaterThan(5);
    for (const [scoreNats, { terms, about }] of others) {
      expect(about).toBe('candidate');
      expect(sum(terms)).toBeCloseTo(scoreNats, 6);
    }
  });

  it('of an inferred hop hold what it costs', () => {
    const { result, explain } = open({ seed: 4, hops: 4, dark: [1, 2] });
    const inferred = explain('path').find(({ terms }) => terms.some(({ what }) => what === 'inferred-hop'));
    expect(inferred?.terms.find(({ what }) => what === 'inferred-hop')?.nats).toBe(-6);
    expect(result.paths[0]?.hops.some(({ kind }) => kind === 'inferred')).toBe(true);
  });

  it('count the silences that chaff left, each with the chance that a stranger shows it', () => {
    const [first] = open(chaffed).explain('path');
    expect(first?.reading).toBe('chaff-upstream');
    const contained = first?.silences.filter((silence) => silence.contained) ?? [];
    expect(contained.length).toBeGreaterThan(5);
    for (const { chance, nats } of contained) {
      expect(chance).toBeLessThan(0.9);
      expect(nats).toBeGreaterThan(0);
    }
    expect(sum(contained)).toBeCloseTo(first?.terms.find(({ what }) => what === 'contained')?.nats ?? 0, 6);
  });
});

describe('the moments of an explanation', () => {
  const [, hop] = open().explain('path');

  it('match one another across the two logins, at the lag', () => {
    const { upstream, downstream, lagMs } = hop as TraceExplanation;
    const matched = upstream.boundaries.filter(({ matchedWith }) => matchedWith !== null);
    expect(matched.length).toBeGreaterThan(20);
    for (const { kind, timeMs, matchedWith, missesByMs } of matched) {
      const other = downstream.boundaries[matchedWith ?? -1];
      expect(other?.kind).toBe(kind);
      expect(timeMs - lagMs - (other?.timeMs ?? 0)).toBeCloseTo(missesByMs ?? Number.NaN, 6);
      expect(Math.abs(missesByMs ?? 1e9)).toBeLessThan(1100);
    }
  });

  it('sum to the terms about them', () => {
    const { upstream, terms } = hop as TraceExplanation;
    const certain = upstream.boundaries.filter(({ doubtful }) => doubtful === null);
    const told = terms.filter(({ what }) => what === 'matched' || what === 'unmatched');
    expect(sum(certain)).toBeCloseTo(sum(told), 6);
  });

  it('stand beside the strip of activity and the published vector, whose silences they bound', () => {
    const { activity, cpfVector, boundaries } = (hop as TraceExplanation).upstream;
    expect(cpfVector).toHaveLength(activity.length - 1);
    const edges = new Set(activity);
    for (const { timeMs } of boundaries) expect(edges.has(timeMs)).toBe(true);
  });
});

describe('an explanation', () => {
  it('of what was not compared is refused', () => {
    const { explain } = open();
    expect(() =>
      explain({ source: '192.0.2.1', sourcePort: 1, destination: '192.0.2.2', destinationPort: 2 }),
    ).toThrow('No connection from 192.0.2.1:1 to 192.0.2.2:2 was compared with the target');
  });

  it('is made only where it is asked for, and reads as text', () => {
    const { world, question } = makeChain({ seed: 2, minutes: 14 });
    const batch = world.batch();
    const plain: TraceResult = traceBack([batch], question);
    expect(plain.explanations).toBeUndefined();
    const text = renderTrace(traceBack([batch], question, 'path'));
    expect(text.match(/WHY THIS HOP/g)).toHaveLength(2);
    expect(text).toContain('The lag was searched for');
    expect(text).toMatch(
      /Of \d+ pairs with copies shifted by five minutes or more|Too few time-shifted copies/,
    );
    expect(renderTrace(plain)).not.toContain('WHY THIS');
  });
});
