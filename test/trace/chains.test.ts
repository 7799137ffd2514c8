/** Chains of logins, seen by exporters that split, lose, lag and round. */
import { describe, expect, it } from 'vitest';
import { epochMs } from '../../core/model/time.ts';
import { ApiError } from '../../core/model/api-error.ts';
import type { Hop } from '../../core/model/trace-result.ts';
import { gatherRecords } from '../../core/trace/records.ts';
import { traceBack } from '../../core/trace/trace.ts';
import type { ExporterOptions } from '../build/flow-world.ts';
import { exporter, host, makeChain, MINUTE, NOON, pathText, wholeChain } from '../build/made-chain.ts';

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

describe('a chain of three among twelve people at work', () => {
  const kinds: readonly { kind: string; every: Partial<ExporterOptions> }[] = [
    { kind: 'NetFlow v5', every: { version: 5 } },
    { kind: 'NetFlow v9 with whole seconds', every: { version: 9, wholeSeconds: true } },
    { kind: 'IPFIX', every: { version: 10 } },
    { kind: 'archives without headers', every: { headers: false } },
    { kind: 'idle timeouts of 15 s', every: { inactiveMs: 15_000 } },
    { kind: 'an active timeout of 20 s', every: { activeMs: 20_000 } },
    { kind: '10 % of datagrams lost', every: { loss: 0.1 } },
    { kind: '30 % of datagrams lost', every: { loss: 0.3 } },
    { kind: '10 % of datagrams lost, v9', every: { loss: 0.1, version: 9 } },
  ];

  it.each(kinds)('is found exactly: $kind', ({ every }) => {
    for (const seed of seeds) {
      const { world, question } = makeChain({ seed, every });
      expect(pathText(traceBack([world.batch()], question)), `seed ${seed}`).toEqual(wholeChain(3));
    }
  });

  it('is found by exporters of different timeouts', () => {
    const each = {
      0: { inactiveMs: 15_000 },
      1: { inactiveMs: 5000, activeMs: 30_000 },
      2: { inactiveMs: 10_000, activeMs: 1_800_000 },
    };
    for (const seed of seeds) {
      const { world, question } = makeChain({ seed, each });
      expect(pathText(traceBack([world.batch()], question)), `seed ${seed}`).toEqual(wholeChain(3));
    }
  });

  it('is found where every exporter reports what enters its site only', () => {
    const { world, question } = makeChain({ seed: 3, directions: 'entering' });
    expect(pathText(traceBack([world.batch()], question))).toEqual(wholeChain(3));
  });
});

describe('clocks', () => {
  it.each([
    { how: 'arrival times', every: {} },
    { how: 'flows that two exporters saw', every: { received: false } },
    { how: 'shared flows in archives without headers', every: { headers: false } },
  ])('that run 60 s ahead are corrected by $how, and said', ({ every }) => {
    const { world, question } = makeChain({ seed: 5, every, each: { 1: { aheadMs: 60_000 } } });
    const result = traceBack([world.batch()], question);
    expect(pathText(result)).toEqual(wholeChain(3));
    expect(result.notes).toContain(
      `Exporter ${exporter(1)}: its clock runs 60.0 s ahead of the others'; its times were corrected by that.`,
    );
  });

  it('are taken at their word where datagrams were replayed to the collector a year later, but for the odd one', () => {
    const year = 365 * 86_400_000;
    const { world, question } = makeChain({ seed: 5, each: { 1: { aheadMs: 60_000 } } });
    const batch = world.batch();
    const replayed = {
      ...batch,
      datagrams: batch.datagrams.map((header) => ({
        ...header,
        received: header.received === null ? null : epochMs(header.received + year),
      })),
    };
    const result = traceBack([replayed], question);
    expect(pathText(result)).toEqual(wholeChain(3));
    expect(result.notes.filter((note) => note.includes('clock'))).toEqual([
      `Exporter ${exporter(1)}: its clock runs 60.0 s ahead of the others'; its times were corrected by that.`,
    ]);
  });

  it('that say whole seconds are corrected to within 100 ms', () => {
    const exact = gatherRecords([makeChain({ seed: 6, every: { version: 9 } }).world.batch()]).records;
    const made = makeChain({ seed: 6, every: { version: 9, wholeSeconds: true } }).world.batch();
    const corrected = gatherRecords([made]).records;
    const raw = made.columns.flowStartMilliseconds;
    let worst = 0;
    let worstRaw = 0;
    for (let i = 0; i < exact.count; i++) {
      worst = Math.max(worst, Math.abs((corrected.start[i] ?? 0) - (exact.start[i] ?? 0)));
      worstRaw = Math.max(worstRaw, Math.abs((raw[i] ?? 0) - (exact.start[i] ?? 0)));
    }
    expect(exact.count).toBeGreaterThan(500);
    expect(worstRaw).toBeGreaterThan(900);
    expect(worst).toBeLessThan(100);
  });
});

describe('loss', () => {
  it('is told in the notes, and the silences that it may have made are counted', () => {
    const { world, question } = makeChain({ seed: 2, every: { loss: 0.1 } });
    const { paths, notes } = traceBack([world.batch()], question);
    expect(notes.join(' ')).toMatch(
      /Export datagrams were lost: the sequence numbers skip at 203\.0\.113\.1 \(\d+ times\)/,
    );
    const evidence = paths[0]?.hops.flatMap((hop) => hop.evidence ?? []) ?? [];
    expect(evidence).toHaveLength(2);
    for (const { doubtful, boundaries } of evidence) {
      expect(doubtful).toBeGreaterThan(0);
      expect(doubtful).toBeLessThanOrEqual(boundaries);
    }
  });

  it('does not turn an opening that one exporter lost into a breach of nesting', () => {
    const { world, question } = makeChain({ seed: 1, each: { 0: { loss: 0.3 }, 1: { loss: 0.1 } } });
    expect(pathText(traceBack([world.batch()], question))).toEqual(wholeChain(3));
  });
});

describe('hosts that no exporter saw', () => {
  it('are passed over where both logins are seen at their other ends', () => {
    const { world, question } = makeChain({ seed: 4, dark: [1] });
    expect(pathText(traceBack([world.batch()], question))).toEqual(wholeChain(3));
  });

  it('leave an inferred hop where nothing shows what links two logins', () => {
    const { world, question } = makeChain({ seed: 4, hops: 4, dark: [1, 2] });
    const result = traceBack([world.batch()], question);
    const [first, , third, fourth] = wholeChain(4);
    expect(pathText(result)).toEqual([first, '?', third, fourth]);
    const inferred = result.paths[0]?.hops[1] as Hop;
    expect([inferred.from, inferred.to]).toEqual([host(1), host(2)]);
    expect(result.notes.join(' ')).toContain(
      `Between ${host(1)} and ${host(2)} at least one hop is inferred: the two logins agree, and no exporter saw what links them.`,
    );
  });
});

describe('the edge of what was recorded', () => {
  /** The chain, cut to the records that lie within minutes 3 to 10 of its 14. */
  const cut = () => {
    const { world, question } = makeChain({ seed: 7, minutes: 14 });
    const batch = world.batch();
    const { flowStartMilliseconds: start, flowEndMilliseconds: end } = batch.columns;
    for (let i = 0; i < batch.count; i++) {
      const inside = (start[i] ?? 0) >= NOON + 5 * MINUTE && (end[i] ?? 0) <= NOON + 12 * MINUTE;
      if (!inside) start[i] = Number.NaN;
    }
    return { batch, question };
  };

  it('cuts openings and closings off, and that is no breach of nesting', () => {
    const { batch, question } = cut();
    const result = traceBack([batch], question);
    expect(pathText(result)).toEqual(wholeChain(3));
    for (const { evidence } of result.paths[0]?.hops.slice(0, 2) ?? []) {
      expect(evidence?.opensBeforeMs).toBeNull();
      expect(evidence?.closesAfterMs).toBeNull();
    }
  });

  it("says that the victim's connection may have begun before the data", () => {
    const { batch, question } = cut();
    expect(traceBack([batch], question).notes.join(' ')).toContain('it may have begun before the data');
  });
});

describe('chaff', () => {
  it('on the first hop hides its boundaries, not the chain', () => {
    for (const seed of seeds) {
      const { world, question } = makeChain({
        seed,
        minutes: 14,
        chaff: (random) => Array.from({ length: 60 }, () => NOON + 2 * MINUTE + random() * 14 * MINUTE),
      });
      expect(pathText(traceBack([world.batch()], question)), `seed ${seed}`).toEqual(wholeChain(3));
    }
  });
});

describe('a hop seen by an exporter with a long idle timeout', () => {
  it('is bridged by its hosts and the hops around it', () => {
    const { world, question } = makeChain({
      seed: 8,
      dark: [2],
      each: { 1: { inactiveMs: 60_000 }, 0: { inactiveMs: 5000 } },
    });
    const result = traceBack([world.batch()], question);
    expect(pathText(result)).toEqual(wholeChain(3));
  });
});

describe('sampled flows', () => {
  it.each([2, 50, 1000])(
    'of one packet in %d give the chain, a part of it or a refusal, and no false hop',
    (sampling) => {
      for (const seed of seeds) {
        const { world, question } = makeChain({ seed, every: { sampling } });
        const found = ((): string[] => {
          try {
            return pathText(traceBack([world.batch()], question));
          } catch (error) {
            if (error instanceof ApiError) return [];
            throw error;
          }
        })();
        const truth = [...wholeChain(3), '?'];
        expect(
          found.filter((hop) => !truth.includes(hop)),
          `seed ${seed}`,
        ).toEqual([]);
      }
    },
  );
});
