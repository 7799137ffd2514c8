/** One flow that several exporters saw, counted once. */
import { expect, it } from 'vitest';
import { DuplicateMarks } from '../../core/query/duplicate-marks.ts';
import { DuplicateFinder, mayHoldDuplicates } from '../../core/query/duplicates.ts';
import { rowsOf } from '../../core/query/row-bits.ts';
import type { Exporter, SitedBatch } from '../../core/model/flow-batch.ts';
import { buildBatch, type FlowRow } from '../build/flow-chunks.ts';

const T0 = Date.UTC(2026, 10, 20, 12);
const ROUTER_A = '192.0.2.1';
const ROUTER_B = '192.0.2.2';

interface Seen {
  readonly by: string;
  /** Seconds after T0. */
  readonly from: number;
  readonly to: number;
  readonly packets: number;
  readonly source?: string;
  readonly destination?: string;
  readonly sourcePort?: number;
  readonly kind?: string;
}

function rowOf(seen: Seen): FlowRow {
  return {
    source: seen.source ?? '198.51.100.7',
    destination: seen.destination ?? '203.0.113.9',
    sourceTransportPort: seen.sourcePort ?? 40_000,
    destinationTransportPort: 22,
    protocolIdentifier: 6,
    flowStartMilliseconds: T0 + seen.from * 1000,
    flowEndMilliseconds: T0 + seen.to * 1000,
    packetDeltaCount: seen.packets,
    octetDeltaCount: seen.packets * 100,
    exporterAddress: seen.by,
    ...(seen.kind === undefined ? {} : { extras: { _kind: seen.kind } }),
  };
}

/** Every exporter address is a site of its own unless `site` names one for all. */
function sited(rows: readonly Seen[], site?: string): SitedBatch {
  const batch = buildBatch(rows.map(rowOf));
  return { ...batch, sites: batch.exporters.map(({ address }) => site ?? address) };
}

const DAY = { from: T0 - 43_200_000, to: T0 + 43_200_000 };

/** What is left out, as positions in `rows`. */
function leftOut(
  rows: readonly Seen[],
  options: { site?: string; lossOf?: (exporter: Exporter) => number } = {},
): number[] {
  const finder = new DuplicateFinder({ ...DAY, lossOf: options.lossOf });
  finder.add(sited(rows, options.site), 0);
  return rowsIn(finder.finish().dropped.get(0));
}

/** The rows of a set. */
const rowsIn = (bits: Uint8Array | undefined): number[] =>
  bits ? [...rowsOf(bits, undefined, 8 * bits.length, true)] : [];

it('counts a flow once that two routers saw, by the one with more packets', () => {
  const rows = [
    { by: ROUTER_A, from: 0, to: 30, packets: 50 },
    { by: ROUTER_B, from: 0.2, to: 30.1, packets: 100 },
  ];
  expect(leftOut(rows)).toEqual([0]);
});

it('keeps both directions, for each is a flow', () => {
  const rows = [
    { by: ROUTER_A, from: 0, to: 30, packets: 100 },
    {
      by: ROUTER_A,
      from: 0,
      to: 30,
      packets: 90,
      source: '203.0.113.9',
      destination: '198.51.100.7',
      sourcePort: 22,
    },
  ];
  expect(leftOut(rows)).toEqual([]);
});

it('keeps what one exporter says of two connections at a time', () => {
  const rows = [
    { by: ROUTER_A, from: 0, to: 30, packets: 100 },
    { by: ROUTER_A, from: 1, to: 20, packets: 90 },
  ];
  expect(leftOut(rows)).toEqual([]);
});

it('takes what a NAT has rewritten for another flow', () => {
  const rows = [
    { by: ROUTER_A, from: 0, to: 30, packets: 100, source: '10.0.0.5' },
    { by: ROUTER_B, from: 0, to: 30, packets: 100, source: '192.0.2.77', sourcePort: 61_000 },
  ];
  expect(leftOut(rows, { site: 'plant' })).toEqual([]);
});

it('takes private addresses of two sites for two hosts, and of one site for one', () => {
  const rows = [
    { by: ROUTER_A, from: 0, to: 30, packets: 100, source: '10.0.0.5' },
    { by: ROUTER_B, from: 0, to: 30, packets: 101, source: '10.0.0.5' },
  ];
  expect(leftOut(rows)).toEqual([]);
  expect(leftOut(rows, { site: 'plant' })).toEqual([0]);
});

it('allows for clocks that differ by some seconds, and not by a minute', () => {
  const twoSeen = (ahead: number): Seen[] => [
    { by: ROUTER_A, from: 0, to: 2, packets: 12 },
    { by: ROUTER_B, from: ahead, to: ahead + 2, packets: 11 },
  ];
  expect(leftOut(twoSeen(4))).toEqual([1]);
  expect(leftOut(twoSeen(60))).toEqual([]);
});

it('takes the exporter that lost least where the counts are near each other', () => {
  const rows = [
    { by: ROUTER_A, from: 0, to: 30, packets: 100 },
    { by: ROUTER_B, from: 0, to: 30, packets: 97 },
  ];
  const lossOf = ({ address }: Exporter): number => (address === ROUTER_A ? 0.02 : 0);
  expect(leftOut(rows)).toEqual([1]);
  expect(leftOut(rows, { lossOf })).toEqual([0]);
});

it('takes the first by address where nothing else decides', () => {
  const rows = [
    { by: ROUTER_B, from: 0, to: 30, packets: 100 },
    { by: ROUTER_A, from: 0, to: 30, packets: 100 },
  ];
  expect(leftOut(rows)).toEqual([0]);
});

it('recognises a flow that one router cut into pieces and the other did not', () => {
  const rows = [
    { by: ROUTER_A, from: 0, to: 60, packets: 60 },
    { by: ROUTER_B, from: 0, to: 5, packets: 9 },
    { by: ROUTER_B, from: 12, to: 20, packets: 11 },
    { by: ROUTER_B, from: 30, to: 60, packets: 35 },
  ];
  expect(leftOut(rows)).toEqual([1, 2, 3]);
});

it('fills the holes of the better exporter from the other one', () => {
  const rows = [
    { by: ROUTER_A, from: 0, to: 20, packets: 200 },
    { by: ROUTER_B, from: 0, to: 20, packets: 20 },
    { by: ROUTER_B, from: 24, to: 60, packets: 40 },
    { by: ROUTER_A, from: 62, to: 80, packets: 200 },
  ];
  expect(leftOut(rows)).toEqual([1]);
});

it('keeps both halves of a connection that moved from one router to the other', () => {
  const rows = [
    { by: ROUTER_A, from: 0, to: 40, packets: 100 },
    { by: ROUTER_B, from: 40, to: 90, packets: 130 },
  ];
  expect(leftOut(rows)).toEqual([]);
});

it('leaves sums, events and samples alone', () => {
  const rows = ['aggregate', 'event', 'sample'].flatMap((kind) => [
    { by: ROUTER_A, from: 0, to: 30, packets: 100, kind },
    { by: ROUTER_B, from: 0, to: 30, packets: 100, kind },
  ]);
  expect(leftOut(rows)).toEqual([]);
});

it('keeps flows without a time', () => {
  const rows = [ROUTER_A, ROUTER_B].map((by) => ({ by, from: Number.NaN, to: Number.NaN, packets: 5 }));
  expect(leftOut(rows)).toEqual([]);
});

it('decides the same whatever the order of the batches', () => {
  const batches = [
    sited([{ by: ROUTER_A, from: 0, to: 60, packets: 60 }]),
    sited([{ by: ROUTER_B, from: 0, to: 5, packets: 9 }]),
    sited([{ by: ROUTER_B, from: 12, to: 60, packets: 56 }]),
    sited([{ by: '192.0.2.3', from: 1, to: 59, packets: 58 }]),
  ];
  const decide = (order: readonly number[]): string[] => {
    const finder = new DuplicateFinder(DAY);
    for (const ordinal of order) finder.add(batches[ordinal] as SitedBatch, ordinal);
    return [...finder.finish().dropped]
      .map(([ordinal, bits]) => `${ordinal}:${rowsIn(bits).join(' ')}`)
      .toSorted();
  };
  const wanted = ['0:0', '3:0'];
  expect(decide([0, 1, 2, 3])).toEqual(wanted);
  expect(decide([3, 2, 1, 0])).toEqual(wanted);
  expect(decide([2, 0, 3, 1])).toEqual(wanted);
});

it('names in a window only rows that begin in it, and sees across its border', () => {
  const rows = [
    { by: ROUTER_A, from: -2, to: 20, packets: 30 },
    { by: ROUTER_B, from: 1, to: 20, packets: 20 },
  ];
  const decide = (from: number, to: number): number[] => {
    const finder = new DuplicateFinder({ from: T0 + from * 1000, to: T0 + to * 1000 });
    finder.add(sited(rows), 5);
    return rowsIn(finder.finish().dropped.get(5));
  };
  expect(decide(-3600, 0)).toEqual([]);
  expect(decide(0, 3600)).toEqual([1]);
});

it('looks only at the rows that were selected', () => {
  const rows = [
    { by: ROUTER_A, from: 0, to: 30, packets: 100 },
    { by: ROUTER_B, from: 0, to: 30, packets: 50 },
  ];
  const finder = new DuplicateFinder(DAY);
  finder.add(sited(rows), 0, Uint32Array.of(1));
  expect(finder.count).toBe(1);
  expect([...finder.finish().dropped]).toEqual([]);
});

it('has nothing to do where one exporter saw everything', () => {
  const one = { address: ROUTER_A, port: 2055, observationDomainId: 1 };
  expect(mayHoldDuplicates([one, { ...one }])).toBe(false);
  expect(mayHoldDuplicates([one, { ...one, port: 2056 }])).toBe(true);
});

it('finds each of 40,000 doubled flows among others, past every growth of its tables', () => {
  const rows: FlowRow[] = Array.from({ length: 40_000 }, (_, i) => ({
    ...rowOf({ by: ROUTER_A, from: i % 3600, to: (i % 3600) + 10, packets: 10 }),
    source: `198.51.${i >> 8}.${i & 255}`,
  }));
  const finder = new DuplicateFinder(DAY);
  for (const [ordinal, address] of [ROUTER_A, ROUTER_B].entries()) {
    const batch = buildBatch(rows.map((row) => ({ ...row, exporterAddress: address })));
    finder.add({ ...batch, sites: [address] }, ordinal);
  }
  const found = finder.finish();
  expect([...found.dropped.keys()]).toEqual([1]);
  expect(rowsIn(found.dropped.get(1)).length).toBe(40_000);
  expect([...found.doubled.values()].flatMap(rowsIn).length).toBe(80_000);
});

it('suspects every row that two exporters saw, in whatever batch, and hardly any other', () => {
  const source = (i: number): string => `198.51.${i >> 8}.${i & 255}`;
  const seen = (by: string, from: number, to: number): SitedBatch =>
    sited(
      Array.from({ length: to - from }, (_, i) => ({
        by,
        from: i,
        to: i,
        packets: 1,
        source: source(from + i),
      })),
    );
  const marks = new DuplicateMarks(8000);
  marks.add(seen(ROUTER_A, 0, 4000), 0);
  marks.add(
    seen(ROUTER_B, 3900, 8000),
    1,
    Uint32Array.from({ length: 4000 }, (_, i) => i),
  );
  const ofA = marks.suspects(0);
  const ofB = marks.suspects(1);
  for (let i = 0; i < 100; i++) {
    expect(ofA).toContain(3900 + i);
    expect(ofB).toContain(i);
  }
  expect(ofA.length + ofB.length).toBeLessThan(2000);
});

it('suspects rows of more exporters than a mark can tell apart', () => {
  const marks = new DuplicateMarks(1000);
  for (let i = 0; i < 300; i++) {
    marks.add(sited([{ by: `192.0.${2 + (i >> 8)}.${i & 255}`, from: 0, to: 1, packets: 1 }]), i);
  }
  expect([...marks.suspects(0), ...marks.suspects(299)]).toEqual([0, 0]);
});
