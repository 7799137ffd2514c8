/** A store of made-up flows, for tests of what is asked of one. */
import type { FlowChunk } from '../../core/model/chunk.ts';
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
  const chunks = batches.map((batch) => chunkOf(batch));
  return importChunks(folder, chunks, name, { site, sha256: 'cd'.repeat(32) });
}

/** Imports the chunks as a file of that name into the store in `folder`, which is made where there is none. */
export function importChunks(
  folder: string,
  chunks: readonly FlowChunk[],
  name: string,
  { site, sha256 = name }: { readonly site?: string | undefined; readonly sha256?: string } = {},
): string {
  using store = Store.open(folder, { create: true });
  const source = { name, sha256, bytes: 1000, decoder: 'test' };
  const begun = store.beginImport(source, { site, fallbackSite: 'made-up' });
  if ('already' in begun) throw new Error(`${folder} holds ${name}`);
  using session = begun;
  for (const [ordinal, chunk] of chunks.entries()) session.add(ordinal, chunk);
  session.finish({ kind: 'pcap', bytesRead: 1000, brokeAt: null, skipped: new Map() });
  return folder;
}
