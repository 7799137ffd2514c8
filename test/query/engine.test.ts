/** Questions to a store over several segments and threads, against sums made row by row. */
import Sqlite from 'better-sqlite3';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openQueries, type Queries } from '../../core/app/query/queries.ts';
import { startQueryThread } from '../../core/app/query/threads.ts';
import type { FlowChunk } from '../../core/model/chunk.ts';
import type { SitedBatch } from '../../core/model/flow-batch.ts';
import type { FlowRow } from '../../core/model/query.ts';
import { epochMs } from '../../core/model/time.ts';
import { Store } from '../../core/store/store.ts';
import { buildBatch, buildChunk, chunkOf, seededRandom, type FlowRow as Made } from '../build/flow-chunks.ts';
import { importChunks } from '../build/made-store.ts';
import { temporaryFolder } from '../support.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const ROWS = 2000;
const CHUNKS = 6;

const makeStore = (chunks: readonly FlowChunk[]): string =>
  importChunks(join(temporaryFolder(), 'store'), chunks, 'a.pcap');

const random = seededRandom(7);
const pick = (n: number): number => Math.floor((random() % 1_000_000) / (1_000_000 / n));

/** Flows whose sums are easily made: one exporter, times around noon. */
function madeRows(count: number): Made[] {
  return Array.from({ length: count }, () => {
    const start = noon + pick(3_600_000);
    return {
      source: `198.51.100.${1 + pick(200)}`,
      destination: `203.0.113.${1 + pick(30)}`,
      sourceTransportPort: 1024 + pick(500),
      destinationTransportPort: [22, 53, 443][pick(3)] ?? 22,
      protocolIdentifier: [6, 17][pick(2)] ?? 6,
      flowStartMilliseconds: start,
      flowEndMilliseconds: start + pick(900_000),
      packetDeltaCount: 1 + pick(50),
      octetDeltaCount: 40 + pick(100_000),
    };
  });
}

const rows = Array.from({ length: CHUNKS }, () => madeRows(ROWS));
const flat = rows.flat();
let folder = '';
let inPlace: Queries;
let threaded: Queries;

beforeAll(() => {
  folder = makeStore(rows.map((part) => chunkOf(buildBatch(part))));
  inPlace = openQueries(folder);
  threaded = openQueries(folder, { inPlaceRows: 0, threads: 3 });
});

afterAll(async () => {
  await inPlace.close();
  await threaded.close();
});

function naiveTop(keyOf: (row: Made) => string, of: readonly Made[] = flat): Map<string, number[]> {
  const sums = new Map<string, number[]>();
  for (const row of of) {
    const key = keyOf(row);
    const sum = sums.get(key) ?? [0, 0, 0];
    sums.set(key, [
      (sum[0] ?? 0) + 1,
      (sum[1] ?? 0) + (row.packetDeltaCount ?? 0),
      (sum[2] ?? 0) + (row.octetDeltaCount ?? 0),
    ]);
  }
  return sums;
}

describe('top', () => {
  it.each([
    [['srcip'], (row: Made) => row.source],
    [
      ['srcip', 'dstport', 'proto'],
      (row: Made) => `${row.source} ${row.destinationTransportPort} ${row.protocolIdentifier}`,
    ],
    [['dstnet/28'], (row: Made) => `203.0.113.${Number(row.destination?.split('.')[3]) & 0xf0}/28`],
    [['sourceTransportPort'], (row: Made) => String(row.sourceTransportPort)],
    [['exporter'], () => '192.0.2.1'],
  ] as const)('sums by %j what a loop over all rows sums', async (fields, keyOf) => {
    const expected = naiveTop((row) => keyOf(row) ?? '');
    const answer = await threaded.top({ fields, by: 'bytes', limit: 100_000 });
    const sums = new Map(answer.rows.map((row) => [row.key.join(' '), [row.flows, row.packets, row.bytes]]));
    expect(sums).toEqual(expected);
    expect(answer.rows.map(({ bytes }) => bytes)).toEqual(
      answer.rows.map(({ bytes }) => bytes).toSorted((a, b) => b - a),
    );
    expect(answer.total.flows).toBe(flat.length);
  });

  it('says of each key when it was first and last seen', async () => {
    const [row] = (await inPlace.top({ fields: ['dstip'], by: 'flows', limit: 1 })).rows;
    const own = flat.filter(({ destination }) => destination === row?.key[0]);
    expect(row?.firstMs).toBe(Math.min(...own.map((flow) => flow.flowStartMilliseconds ?? 0)));
    expect(row?.lastMs).toBe(Math.max(...own.map((flow) => flow.flowEndMilliseconds ?? 0)));
  });

  it('counts only what the filter and the time select', async () => {
    const from = epochMs(noon + 600_000);
    const to = epochMs(noon + 900_000);
    const expected = flat.filter(
      (row) =>
        row.destinationTransportPort === 22 &&
        (row.flowStartMilliseconds ?? 0) < to &&
        (row.flowEndMilliseconds ?? 0) >= from,
    );
    const question = { fields: ['proto'], by: 'flows', limit: 10, filter: 'dst port 22', from, to } as const;
    expect((await threaded.top(question)).total.flows).toBe(expected.length);
  });

  it.each([
    [{ fields: ['colour'] }, /Nothing can be counted by "colour"/],
    [{ fields: ['srcnet/129'] }, /no prefix length/],
    [{ fields: [] }, /Name a field/],
    [{ fields: ['srcip'], limit: 0 }, /rows can be asked for/],
    [{ fields: ['srcip'], filter: 'src ip' }, /./],
  ])('refuses %j in a sentence', async (question, sentence) => {
    for (const queries of [inPlace, threaded]) {
      await expect(queries.top({ by: 'bytes', limit: 10, ...question })).rejects.toThrow(sentence);
    }
  });
});

describe('series', () => {
  const bucketMs = 300_000;

  /** Bytes of one flow in one bucket, by the overlap of its life with it. */
  function share(row: Made, bucketStart: number): number {
    const start = row.flowStartMilliseconds ?? 0;
    const end = row.flowEndMilliseconds ?? 0;
    const bytes = row.octetDeltaCount ?? 0;
    if (start === end) return start >= bucketStart && start < bucketStart + bucketMs ? bytes : 0;
    const overlap = Math.min(end, bucketStart + bucketMs) - Math.max(start, bucketStart);
    return overlap > 0 ? (bytes * overlap) / (end - start) : 0;
  }

  it('spreads the bytes of a flow over its life, by protocol', async () => {
    const answer = await threaded.series({ by: 'bytes', split: 'proto', bucketMs });
    expect(answer.lines.map(({ key }) => key).toSorted()).toEqual(['17', '6']);
    for (const { key, values } of answer.lines) {
      const own = flat.filter((row) => String(row.protocolIdentifier) === key);
      for (const [i, value] of values.entries()) {
        const expected = own.reduce((sum, row) => sum + share(row, answer.startMs + i * bucketMs), 0);
        expect(value).toBeCloseTo(expected, 3);
      }
    }
  });

  it('gives a flow that lasts many buckets to each of them', async () => {
    const answer = await inPlace.series({ by: 'bytes', bucketMs: 10_000 });
    const [line] = answer.lines;
    const sum = line?.values.reduce((total, value) => total + value, 0);
    expect(sum).toBeCloseTo(
      flat.reduce((total, row) => total + (row.octetDeltaCount ?? 0), 0),
      0,
    );
  });

  it('counts a flow where it begins', async () => {
    const answer = await threaded.series({ by: 'flows', bucketMs });
    const expected = Array.from({ length: answer.buckets }, (_, i) => {
      const start = answer.startMs + i * bucketMs;
      return flat.filter(({ flowStartMilliseconds: at = 0 }) => at >= start && at < start + bucketMs).length;
    });
    expect(Array.from(answer.lines[0]?.values ?? [])).toEqual(expected);
  });

  it('keeps the largest lines and puts the rest together', async () => {
    const answer = await threaded.series({ by: 'flows', split: 'srcip', splitLimit: 3, bucketMs });
    const expected = [...naiveTop((row) => row.source ?? '')]
      .map(([, [flows = 0]]) => flows)
      .toSorted((a, b) => b - a);
    const sums = answer.lines.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
    expect(answer.lines.at(-1)?.key).toBe('other');
    expect(sums.slice(0, 3)).toEqual(expected.slice(0, 3));
    expect(sums[3]).toBe(flat.length - expected.slice(0, 3).reduce((sum, flows) => sum + flows, 0));
  });
});

describe('lists', () => {
  it.each([
    ['bytes', true, (row: FlowRow) => Number(row.bytes), (row: Made) => row.octetDeltaCount ?? 0],
    ['start', false, (row: FlowRow) => row.startMs ?? 0, (row: Made) => row.flowStartMilliseconds ?? 0],
    [
      'duration',
      true,
      (row: FlowRow) => (row.endMs ?? 0) - (row.startMs ?? 0),
      (row: Made) => (row.flowEndMilliseconds ?? 0) - (row.flowStartMilliseconds ?? 0),
    ],
  ] as const)('sorts by %s, descending %s, page after page', async (sort, descending, of, made) => {
    const { list, total } = await threaded.openList({ sort, descending });
    expect(total).toBe(flat.length);
    const values: number[] = [];
    for (let offset = 0; offset < total; offset += 5000) {
      values.push(...(await threaded.page(list, offset, 5000)).map(of));
    }
    const sign = descending ? -1 : 1;
    expect(values).toEqual(flat.map(made).toSorted((a, b) => sign * (a - b)));
  });

  it('stays as it was while more is stored', async () => {
    const store = makeStore([chunkOf(buildBatch(madeRows(100)))]);
    const queries = openQueries(store);
    const { list } = await queries.openList({ sort: 'bytes', descending: true });
    const before = await queries.page(list, 0, 100);
    importChunks(store, [chunkOf(buildBatch(madeRows(100)))], 'b.pcap');
    expect(await queries.page(list, 0, 200)).toEqual(before);
    queries.closeList(list);
    await expect(queries.page(list, 0, 1)).rejects.toThrow('This list is closed');
    await queries.close();
  });

  it('finds its rows again after segments were put together', async () => {
    const store = join(temporaryFolder(), 'store');
    const parts = ['a', 'b', 'c'].map((name) => ({ name, rows: madeRows(100) }));
    for (const { name, rows: made } of parts)
      importChunks(store, [chunkOf(buildBatch(made))], `${name}.pcap`);
    const queries = openQueries(store);
    const { list } = await queries.openList({ sort: 'start', descending: false });
    const before = await queries.page(list, 0, 300);
    using opened = Store.open(store, { create: false });
    const { before: segments, after } = opened.mergeSegments('all');
    expect([segments, after]).toEqual([3, 1]);
    expect(await queries.page(list, 0, 300)).toEqual(before);
    await queries.close();
  });

  it('finds single flows again after segments were put together, by the list or by the chunk', async () => {
    const store = join(temporaryFolder(), 'store');
    for (const name of ['a', 'b', 'c']) {
      importChunks(
        store,
        [chunkOf(buildBatch(madeRows(50))), chunkOf(buildBatch(madeRows(50)))],
        `${name}.pcap`,
      );
    }
    const queries = openQueries(store);
    const { list } = await queries.openList({ sort: 'start', descending: false });
    const before = await queries.page(list, 0, 300);
    using opened = Store.open(store, { create: false });
    expect(opened.mergeSegments('all')).toEqual({ before: 6, after: 1 });
    const withList = await Promise.all(before.map(({ id }) => queries.detail(id)));
    expect(withList.map(({ flow }) => flow)).toEqual(before);
    expect(new Set(withList.map(({ source }) => source.name))).toEqual(
      new Set(['a.pcap', 'b.pcap', 'c.pcap']),
    );
    queries.closeList(list);
    const ofFirstChunks = before.filter(({ id }) => id.split('/')[2] === '0');
    const withoutList = await Promise.all(ofFirstChunks.map(({ id }) => queries.detail(id)));
    expect(withoutList.map(({ flow }) => flow)).toEqual(ofFirstChunks);
    await queries.close();
  });

  it('shows one flow with every element, and refuses an id of none', async () => {
    const { list } = await inPlace.openList({ sort: 'bytes', descending: true });
    const [row] = await inPlace.page(list, 0, 1);
    const detail = await inPlace.detail(row?.id ?? '');
    expect(detail.flow).toEqual(row);
    expect(detail.source.name).toBe('a.pcap');
    await expect(inPlace.detail('2026-11-20/9/9/9')).rejects.toThrow('no longer where it was');
    await expect(inPlace.detail('x')).rejects.toThrow('is no flow of a list');
  });
});

describe('faults', () => {
  it('leaves out a segment whose column is damaged, and says so', async () => {
    const store = makeStore(rows.map((part) => chunkOf(buildBatch(part))));
    const [month = ''] = readdirSync(join(store, 'flows'));
    const day = new Sqlite(join(store, 'flows', month, '2026-11-20.sqlite'));
    const { id } = day.prepare('SELECT id FROM segments ORDER BY id LIMIT 1').get() as { id: number };
    day
      .prepare(
        "UPDATE columns SET data = zeroblob(length(data)) WHERE segment = ? AND name = 'octetDeltaCount'",
      )
      .run(id);
    day.close();
    for (const inPlaceRows of [0, 1e9]) {
      const queries = openQueries(store, { inPlaceRows, threads: 2 });
      const answer = await queries.top({ fields: ['proto'], by: 'bytes', limit: 10 });
      expect(answer.total.flows).toBe(ROWS * (CHUNKS - 1));
      expect(answer.damages).toEqual([
        expect.stringMatching(/segment 1 with 2000 flows is damaged and left out/),
      ]);
      await queries.close();
    }
  });

  it('ends when it is told to, with the reason, and answers the next question', async () => {
    for (const queries of [inPlace, threaded]) {
      const controller = new AbortController();
      const asked = queries.top(
        { fields: ['srcip'], by: 'bytes', limit: 10 },
        { signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) },
      );
      await expect(asked).rejects.toThrow('enough');
      expect((await queries.top({ fields: ['proto'], by: 'flows', limit: 1 })).total.flows).toBe(flat.length);
    }
  });

  it('asks again where a thread dies, and says so', async () => {
    let started = 0;
    const queries = openQueries(folder, {
      inPlaceRows: 0,
      threads: 2,
      startThread: (data) =>
        started++ === 0
          ? new Worker('throw new Error("out of memory")', { eval: true })
          : startQueryThread(data),
    });
    const answer = await queries.top({ fields: ['proto'], by: 'flows', limit: 1 });
    expect(answer.total.flows).toBe(flat.length);
    expect(answer.notes).toEqual([
      expect.stringMatching(/A query thread ended unexpectedly \(out of memory\)/),
    ]);
    await queries.close();
  });

  it('has every observation where it is asked for, and each flow once otherwise', async () => {
    const seen = (exporterAddress: string): Made[] =>
      flat.slice(0, 200).map((row) => ({ ...row, exporterAddress }));
    const store = makeStore([chunkOf(buildBatch(seen('192.0.2.1'))), chunkOf(buildBatch(seen('192.0.2.2')))]);
    const queries = openQueries(store, { inPlaceRows: 0, threads: 2 });
    const question = { fields: ['proto'], by: 'flows', limit: 1 } as const;
    const once = await queries.top(question);
    expect([once.total.flows, once.duplicates]).toEqual([200, 200]);
    expect((await queries.top({ ...question, everyObservation: true })).total.flows).toBe(400);
    await queries.close();
  });

  it('sees rows of made-up flows of every kind once, in threads and in place', async () => {
    const store = makeStore([buildChunk(3, 0, 3000), buildChunk(3, 1, 3000)]);
    const counted: number[] = [];
    for (const inPlaceRows of [0, 1e9]) {
      const queries = openQueries(store, { inPlaceRows, threads: 2 });
      const answer = await queries.top({ fields: ['ip'], by: 'flows', limit: 5, everyObservation: true });
      counted.push(answer.total.flows);
      await queries.close();
    }
    using opened = Store.open(store, { create: false });
    const rowsOf = (batches: Iterable<SitedBatch>): number =>
      [...batches].reduce((sum, { count }) => sum + count, 0);
    expect(counted).toEqual([rowsOf(opened.scan()), rowsOf(opened.scan())]);
  });
});
