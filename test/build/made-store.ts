/** A store of made-up flows, for tests of what is asked of one. */
import type { FlowBatch } from '../../core/model/flow-batch.ts';
import { Store } from '../../core/store/store.ts';
import { chunkOf } from './flow-chunks.ts';

/** Makes a store in `folder` with the batches as one imported file; exporters are at their own sites, or at `site`. */
export function makeStore(
  folder: string,
  batches: readonly FlowBatch[],
  site?: string,
  name = 'made-up.pcap',
): string {
  using store = Store.open(folder, { create: true });
  const source = { name, sha256: 'cd'.repeat(32), bytes: 1000, decoder: 'test' };
  const begun = store.beginImport(source, { site, fallbackSite: 'made-up' });
  if ('already' in begun) throw new Error(`${folder} holds the made-up file`);
  using session = begun;
  for (const [ordinal, batch] of batches.entries()) session.add(ordinal, chunkOf(batch));
  session.finish({ kind: 'pcap', bytesRead: 1000, brokeAt: null, skipped: new Map() });
  return folder;
}
