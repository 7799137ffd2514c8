/** What was found of duplicates serves later questions; what was stored since is looked at. */
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openQueries, type Queries } from '../../core/app/query/queries.ts';
import { startQueryThread } from '../../core/app/query/threads.ts';
import { epochMs } from '../../core/model/time.ts';
import { buildBatch, chunkOf, type FlowRow } from '../build/flow-chunks.ts';
import { importChunks } from '../build/made-store.ts';
import { temporaryFolder } from '../support.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const ROUTER_A = '192.0.2.1';
const ROUTER_B = '192.0.2.2';
const FLOWS = 300;
const MINUTE = 60_000;
const top = { fields: ['srcip'], by: 'flows', limit: 10 } as const;

/** One flow a second for five minutes; the second router sees it 200 ms later, and one packet less. */
function seenBy(router: string, from: number): FlowRow[] {
  const late = router === ROUTER_B ? 200 : 0;
  return Array.from({ length: FLOWS }, (_, i) => ({
    source: `198.51.100.${1 + (i % 20)}`,
    destination: '203.0.113.9',
    sourceTransportPort: 20_000 + i,
    destinationTransportPort: i % 3 === 0 ? 22 : 443,
    protocolIdentifier: 6,
    flowStartMilliseconds: from + i * 1000 + late,
    flowEndMilliseconds: from + i * 1000 + late + 500,
    packetDeltaCount: router === ROUTER_B ? 9 : 10,
    octetDeltaCount: router === ROUTER_B ? 900 : 1000,
    exporterAddress: router,
  }));
}

function importInto(folder: string, rows: readonly FlowRow[][], name: string): void {
  importChunks(
    folder,
    rows.map((part) => chunkOf(buildBatch(part))),
    name,
  );
}

/** A store of doubled flows, questions to it, and how many windows its threads have been asked to look through. */
function doubledStore(): { folder: string; queries: Queries; looked: () => number } {
  const folder = join(temporaryFolder(), 'store');
  importInto(folder, [seenBy(ROUTER_A, NOON), seenBy(ROUTER_B, NOON)], 'first.pcap');
  let windows = 0;
  const queries = openQueries(folder, {
    inPlaceRows: 0,
    threads: 2,
    startThread: (data) => {
      const worker = startQueryThread(data);
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (message: { readonly method: string }, moved?: unknown) => {
        if (message.method === 'duplicates') windows++;
        post(message, moved as never);
      };
      return worker;
    },
  });
  onTestFinished(() => queries.close());
  return { folder, queries, looked: () => windows };
}

it('looks through the store once for questions that select flows by their 5-tuple', async () => {
  const { queries, looked } = doubledStore();
  const all = await queries.top(top);
  expect([all.total, all.duplicates]).toEqual([{ flows: 300, packets: 3000, bytes: 300_000 }, 300]);
  expect(looked()).toBe(1);
  const ssh = await queries.top({ ...top, filter: 'dst port 22 and src net 198.51.100.0/24' });
  expect([ssh.total.flows, ssh.duplicates]).toEqual([100, 100]);
  const bounded = await queries.top({
    ...top,
    from: epochMs(NOON - MINUTE),
    to: epochMs(NOON + 60 * MINUTE),
  });
  expect([bounded.total.flows, bounded.duplicates]).toEqual([300, 300]);
  const series = await queries.series({ by: 'flows', bucketMs: MINUTE });
  expect(series.duplicates).toBe(300);
  expect(looked()).toBe(1);
});

it('looks again for questions that see one observation of a flow and not the other', async () => {
  const { queries, looked } = doubledStore();
  await queries.top(top);
  const second = await queries.top({ ...top, filter: `exporter ip ${ROUTER_B}` });
  expect([second.total.bytes, second.duplicates]).toEqual([FLOWS * 900, 0]);
  const small = await queries.top({ ...top, filter: 'packets < 10' });
  expect([small.total.bytes, small.duplicates]).toEqual([FLOWS * 900, 0]);
  // The first router's record of the second at its border is out of the range, the second router's is in it.
  const late = await queries.top({ ...top, from: epochMs(NOON + 100_600), to: epochMs(NOON + 200_000) });
  expect([late.total, late.duplicates]).toEqual([
    { flows: 100, packets: 10 * 99 + 9, bytes: 1000 * 99 + 900 },
    99,
  ]);
  expect(looked()).toBe(4);
});

it('answers right of flows that were stored between two questions', async () => {
  const { folder, queries, looked } = doubledStore();
  await queries.top(top);
  const later = NOON + 10 * MINUTE;
  importInto(folder, [seenBy(ROUTER_B, later)], 'second.pcap');
  expect((await queries.top(top)).total.bytes).toBe(FLOWS * 1000 + FLOWS * 900);
  importInto(folder, [seenBy(ROUTER_A, later)], 'third.pcap');
  const both = await queries.top(top);
  expect([both.total.flows, both.total.bytes, both.duplicates]).toEqual([600, 600_000, 600]);
  expect(looked()).toBe(3);
});
