/** Questions whose filter leaves few rows of a segment, asked once and again, against loops over the rows themselves. */
import Sqlite from 'better-sqlite3';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openQueries, type Queries } from '../../core/app/query/queries.ts';
import { epochMs } from '../../core/model/time.ts';
import { Store } from '../../core/store/store.ts';
import { buildBatch, chunkOf, seededRandom, type FlowRow as Made } from '../build/flow-chunks.ts';
import { importChunks } from '../build/made-store.ts';
import { temporaryFolder } from '../support.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const ROWS = 1500;
const random = seededRandom(11);
const pick = (n: number): number => random() % n;

let made = 0;

/** Of a hundred flows some five are to port 25, and of these every third is marked. */
function madeRows(count: number): Made[] {
  return Array.from({ length: count }, (_, i) => {
    const start = noon + pick(3_600_000);
    const port = pick(100) < 5 ? 25 : 443;
    return {
      source: `198.51.100.${1 + pick(200)}`,
      destination: pick(9) === 0 ? '2001:db8::7' : `203.0.113.${1 + pick(30)}`,
      sourceTransportPort: 1024 + pick(60_000),
      destinationTransportPort: port,
      protocolIdentifier: 6,
      flowStartMilliseconds: start,
      flowEndMilliseconds: start + pick(900_000),
      packetDeltaCount: 1 + pick(50),
      // One is wider than what most of a column takes.
      octetDeltaCount: i % 40 === 0 ? 2 ** 40 + made++ : 40 + 5000 * pick(20) + made++,
      ...(port === 25 && i % 3 === 0 ? { extras: { vlanId: 100 + pick(3) } } : {}),
    };
  });
}

function importInto(folder: string, name: string, parts: readonly (readonly Made[])[]): void {
  importChunks(
    folder,
    parts.map((part) => chunkOf(buildBatch(part))),
    name,
  );
}

const parts = [madeRows(ROWS), madeRows(ROWS), madeRows(ROWS)];
const mails = parts.flat().filter((row) => row.destinationTransportPort === 25);
const filter = 'dst port 25';
let folder = '';
let inPlace: Queries;
let threaded: Queries;

beforeAll(() => {
  folder = join(temporaryFolder(), 'store');
  importInto(folder, 'a', parts);
  inPlace = openQueries(folder);
  threaded = openQueries(folder, { inPlaceRows: 0, threads: 2 });
});

afterAll(async () => {
  await inPlace.close();
  await threaded.close();
});

/** Flows, packets and bytes by key. */
function sumsOf(rows: readonly Made[], keyOf: (row: Made) => string): Map<string, number[]> {
  const sums = new Map<string, number[]>();
  for (const row of rows) {
    const sum = sums.get(keyOf(row)) ?? [0, 0, 0];
    const more = [1, row.packetDeltaCount ?? 0, row.octetDeltaCount ?? 0];
    sums.set(
      keyOf(row),
      sum.map((value, i) => value + (more[i] ?? 0)),
    );
  }
  return sums;
}

describe('few rows of each segment', () => {
  it.each([
    ['srcip', (row: Made) => row.source ?? ''],
    ['dstip', (row: Made) => row.destination ?? ''],
    ['srcport', (row: Made) => String(row.sourceTransportPort)],
    ['vlan', (row: Made) => String(row.extras?.['vlanId'] ?? '')],
  ] as const)(
    'are summed by %s as a loop over them sums, also when they are asked again',
    async (field, keyOf) => {
      const side = field === 'vlan' ? 'srcvlan' : field;
      const expected = sumsOf(mails, keyOf);
      for (const queries of [inPlace, threaded, inPlace, threaded]) {
        const answer = await queries.top({ fields: [side], by: 'bytes', limit: 10_000, filter });
        expect(new Map(answer.rows.map((row) => [row.key[0], [row.flows, row.packets, row.bytes]]))).toEqual(
          expected,
        );
        expect(answer.total.flows).toBe(mails.length);
      }
    },
  );

  it('are listed by the rows that they are', async () => {
    const largest = mails
      .toSorted((a, b) => (b.octetDeltaCount ?? 0) - (a.octetDeltaCount ?? 0))
      .slice(0, 50);
    for (const queries of [inPlace, threaded, inPlace]) {
      const question = { sort: 'bytes', descending: true, limit: 50, filter } as const;
      const opened = await queries.openList(question);
      expect(opened.total).toBe(mails.length);
      const page = await queries.page(opened.list, 0, 50);
      expect(
        page.map(({ bytes, destinationPort, sourcePort }) => [bytes, destinationPort, sourcePort]),
      ).toEqual(largest.map((row) => [row.octetDeltaCount, 25, row.sourceTransportPort]));
      queries.closeList(opened.list);
    }
  });

  it.each([
    [0, 900_000],
    [900_000, 1_800_000],
    [0, 1_800_000],
  ])('are others in another time: from %i to %i', async (after, before) => {
    const from = epochMs(noon + after);
    const to = epochMs(noon + before);
    const expected = mails.filter(
      (row) => (row.flowStartMilliseconds ?? 0) < to && (row.flowEndMilliseconds ?? 0) >= from,
    );
    for (let i = 0; i < 2; i++) {
      const answer = await inPlace.top({ fields: ['proto'], by: 'flows', limit: 1, filter, from, to });
      expect(answer.total.flows).toBe(expected.length);
      const all = await inPlace.top({ fields: ['proto'], by: 'flows', limit: 1, from, to });
      expect(all.total.flows).toBeGreaterThan(expected.length);
    }
  });

  it('are none where nothing passes, however often that is asked', async () => {
    for (let i = 0; i < 3; i++) {
      const question = { fields: ['proto'], by: 'flows', limit: 1, filter: 'bytes > 5000000000000' } as const;
      expect((await inPlace.top(question)).rows).toEqual([]);
    }
  });
});

it('sees what is stored after it asked, and what was put together', async () => {
  const own = join(temporaryFolder(), 'store');
  importInto(own, 'a', [parts[0] ?? []]);
  const queries = openQueries(own);
  const question = { fields: ['srcip'], by: 'bytes', limit: 10_000, filter } as const;
  const seen = async (): Promise<Map<string, number[]>> => {
    const { rows } = await queries.top(question);
    return new Map(rows.map((row) => [row.key[0] ?? '', [row.flows, row.packets, row.bytes]]));
  };
  const first = (parts[0] ?? []).filter((row) => row.destinationTransportPort === 25);
  const both = [...first, ...(parts[1] ?? []).filter((row) => row.destinationTransportPort === 25)];
  expect(await seen()).toEqual(sumsOf(first, (row) => row.source ?? ''));
  importInto(own, 'b', [parts[1] ?? []]);
  expect(await seen()).toEqual(sumsOf(both, (row) => row.source ?? ''));
  using store = Store.open(own, { create: false });
  expect(store.mergeSegments('all').after).toBe(1);
  for (let i = 0; i < 2; i++) expect(await seen()).toEqual(sumsOf(both, (row) => row.source ?? ''));
  await queries.close();
});

it('leaves out one observation of a flow that two exporters saw, among few rows too', async () => {
  const own = join(temporaryFolder(), 'store');
  const twice = (parts[0] ?? []).map((row) => ({ ...row, exporterAddress: '192.0.2.2' }));
  importInto(own, 'a', [parts[0] ?? [], twice]);
  const queries = openQueries(own);
  const first = (parts[0] ?? []).filter((row) => row.destinationTransportPort === 25);
  for (let i = 0; i < 2; i++) {
    const answer = await queries.top({ fields: ['srcip'], by: 'bytes', limit: 10_000, filter });
    expect(answer.duplicates).toBe(first.length);
    expect(new Map(answer.rows.map((row) => [row.key[0], [row.flows, row.packets, row.bytes]]))).toEqual(
      sumsOf(first, (row) => row.source ?? ''),
    );
  }
  await queries.close();
});

it('leaves out a segment whose column turns out damaged when few of its rows are gathered, each time', async () => {
  const own = join(temporaryFolder(), 'store');
  importInto(own, 'a', parts);
  const [month = ''] = readdirSync(join(own, 'flows'));
  const day = new Sqlite(join(own, 'flows', month, '2026-11-20.sqlite'));
  const sql =
    "UPDATE columns SET data = zeroblob(length(data)) WHERE segment = 1 AND name = 'octetDeltaCount'";
  expect(day.prepare(sql).run().changes).toBe(1);
  day.close();
  const queries = openQueries(own);
  const whole = parts.slice(1).flat();
  for (let i = 0; i < 2; i++) {
    const answer = await queries.top({ fields: ['srcip'], by: 'bytes', limit: 1, filter });
    expect(answer.total.flows).toBe(whole.filter((row) => row.destinationTransportPort === 25).length);
    expect(answer.damages).toEqual([expect.stringContaining('segment 1 with 1500 flows is damaged')]);
  }
  await queries.close();
});

it('goes by the sites that exporters have now', async () => {
  const own = join(temporaryFolder(), 'store');
  const few = (parts[0] ?? []).map((row, i) =>
    i % 20 === 0 ? { ...row, exporterAddress: '192.0.2.2' } : row,
  );
  importInto(own, 'a', [few]);
  using store = Store.open(own, { create: false });
  const queries = openQueries(own);
  const counted = async (): Promise<number> =>
    (await queries.top({ fields: ['proto'], by: 'flows', limit: 1, filter: 'bytes > 0 and site branch' }))
      .total.flows;
  expect(await counted()).toBe(0);
  store.assignSite('192.0.2.2', 'branch');
  for (let i = 0; i < 2; i++) expect(await counted()).toBe(ROWS / 20);
  store.assignSite('192.0.2.2', 'elsewhere');
  expect(await counted()).toBe(0);
  await queries.close();
});
