/** A process of its own that imports the made-up file of the kill test; it says `begun`, then works until it is killed. */
import { ImportSession } from '../../core/store/import-session.ts';
import { Store } from '../../core/store/store.ts';
import { buildChunk } from '../build/flow-chunks.ts';
import { FILE, CHUNKS, ROWS } from './made-up-file.ts';

const [folder = ''] = process.argv.slice(2);
process.stdout.write('begun\n');
using store = Store.open(folder, { create: true });
const begun = store.beginImport(FILE, { fallbackSite: 'here' });
if (begun instanceof ImportSession) {
  using session = begun;
  for (let ordinal = 0; ordinal < CHUNKS; ordinal++) session.add(ordinal, buildChunk(7, ordinal, ROWS));
  session.finish({ kind: 'pcap', bytesRead: FILE.bytes, brokeAt: null, skipped: new Map() });
}
