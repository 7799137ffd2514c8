/**
 * A process of its own for the kill tests: `import`, `merge` or `collect` into a folder. It says `begun`, a collection
 * also how many chunks are on disk, and works until it is done or killed.
 */
import { ImportSession } from '../../core/store/import-session.ts';
import { Store } from '../../core/store/store.ts';
import { buildChunk } from '../build/flow-chunks.ts';
import { CHUNKS, FILE, LIVE_CHUNKS, LIVE_ROWS, ROWS } from './made-up-file.ts';

const [work = '', folder = '', seed = '0'] = process.argv.slice(2);
process.stdout.write('begun\n');
using store = Store.open(folder, { create: true });
if (work === 'import') {
  const begun = store.beginImport(FILE, { fallbackSite: 'here' });
  if (begun instanceof ImportSession) {
    using session = begun;
    for (let ordinal = 0; ordinal < CHUNKS; ordinal++) session.add(ordinal, buildChunk(7, ordinal, ROWS));
    session.finish({ kind: 'pcap', bytesRead: FILE.bytes, brokeAt: null, skipped: new Map() });
  }
} else if (work === 'merge') {
  store.mergeSegments('all');
} else {
  const session = store.beginCollection('test', '1');
  for (let ordinal = 0; ordinal < LIVE_CHUNKS; ordinal++) {
    session.add(buildChunk(Number(seed), ordinal, LIVE_ROWS));
    process.stdout.write(`${ordinal + 1}\n`);
    if (ordinal % 3 === 0) session.commit('{}');
    if (ordinal % 8 === 7) session.merge(true);
  }
  session.finish('{}');
}
