/** Questions that need more than the flows: what is coming in, and what options records say. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openQueries } from '../../core/app/query/queries.ts';
import { epochMs } from '../../core/model/time.ts';
import { Store } from '../../core/store/store.ts';
import { buildBatch, chunkOf, type FlowRow } from '../build/flow-chunks.ts';
import { temporaryFolder } from '../support.ts';

const now = Date.now();

const flow = (more: Partial<FlowRow> = {}): FlowRow => ({
  source: '198.51.100.1',
  destination: '203.0.113.1',
  flowStartMilliseconds: now - 5000,
  flowEndMilliseconds: now,
  packetDeltaCount: 2,
  octetDeltaCount: 100,
  exportTime: now,
  ...more,
});

function importRows(folder: string, name: string, ...chunks: ReturnType<typeof chunkOf>[]): void {
  using store = Store.open(folder, { create: true });
  const source = { name, sha256: name, bytes: 1, decoder: '1' };
  const begun = store.beginImport(source, { site: undefined, fallbackSite: 'folder' });
  if ('already' in begun) throw new Error('imported before');
  using session = begun;
  for (const [ordinal, chunk] of chunks.entries()) session.add(ordinal, chunk);
  session.finish({ kind: 'pcap', bytesRead: 1, brokeAt: null, skipped: new Map() });
}

it('waits until what has come in is stored before a question to the present, and not for one to the past', async () => {
  const folder = join(temporaryFolder(), 'store');
  importRows(folder, 'first', chunkOf(buildBatch([flow()])));
  let flushes = 0;
  const flush = async (): Promise<void> => {
    flushes++;
    await new Promise((resolve) => setImmediate(resolve));
    importRows(folder, `more ${flushes}`, chunkOf(buildBatch([flow()])));
  };
  const queries = openQueries(folder, { flush });
  const question = { fields: ['srcip'], by: 'flows', limit: 1 } as const;
  const together = await Promise.all([queries.top(question), queries.top(question)]);
  expect(together.map(({ total }) => total.flows)).toEqual([2, 2]);
  expect(flushes).toBe(1);
  await queries.top({ ...question, to: epochMs(now - 86_400_000) });
  expect(flushes).toBe(1);
  await queries.close();
});

it('scales what a sampler took by what an options record says of it, whichever came first', async () => {
  const folder = join(temporaryFolder(), 'store');
  const told = {
    datagram: 0,
    templateId: 300,
    fields: [
      ['samplerId', 7],
      ['samplerRandomInterval', 100],
    ],
    afterRows: 1,
  } as const;
  const batch = buildBatch([flow({ extras: { samplerId: 7 } }), flow({ extras: { samplerId: 8 } })]);
  importRows(folder, 'a', chunkOf(batch, { options: [told] }));
  const queries = openQueries(folder);
  const question = { fields: ['proto'], by: 'bytes', limit: 1 } as const;
  const scaled = await queries.top({ ...question, scaled: true });
  expect(scaled.total).toEqual({ flows: 2, packets: 202, bytes: 10_100 });
  expect(scaled.sampled).toBe(true);
  const plain = await queries.top(question);
  expect(plain.total).toEqual({ flows: 2, packets: 4, bytes: 200 });
  expect(plain.sampled).toBe(true);
  await queries.close();
});
