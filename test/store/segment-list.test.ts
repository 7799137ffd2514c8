/** What a store lists of its segments while others write to it. */
import Sqlite from 'better-sqlite3';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Store } from '../../core/store/store.ts';
import type { StoredSegment } from '../../core/store/segment-reader.ts';
import { buildBatch, chunkOf } from '../build/flow-chunks.ts';
import { importChunks } from '../build/made-store.ts';
import { temporaryFolder } from '../support.ts';

const noon = Date.UTC(2026, 10, 20, 12);

/** Stores one segment of one flow, by a store of its own, as another program would. */
function importOne(folder: string, name: string, day = 0): void {
  const start = noon + day * 86_400_000;
  const row = { source: '198.51.100.1', flowStartMilliseconds: start, flowEndMilliseconds: start + 1 };
  importChunks(folder, [chunkOf(buildBatch([{ ...row, packetDeltaCount: 1, octetDeltaCount: 40 }]))], name);
}

function dayFiles(folder: string): string[] {
  return readdirSync(join(folder, 'flows'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sqlite'))
    .map((name) => join(folder, 'flows', name));
}

function listed(store: Store): readonly StoredSegment[] {
  return store.segments({}, ({ message }) => {
    throw new Error(message);
  });
}

describe('a store that is open', () => {
  it('lists what others store, put together and drop', () => {
    const folder = join(temporaryFolder(), 'store');
    importOne(folder, 'a');
    using store = Store.open(folder, { create: false });
    expect(listed(store)).toHaveLength(1);
    importOne(folder, 'b');
    importOne(folder, 'c', 1);
    expect(listed(store).map(({ day }) => day)).toEqual(['2026-11-20', '2026-11-20', '2026-11-21']);
    using other = Store.open(folder, { create: false });
    expect(other.mergeSegments('all')).toEqual({ before: 2, after: 1 });
    expect(listed(store).map(({ rows }) => rows)).toEqual([2, 1]);
  });

  it('lists what others store while someone holds the day file open', () => {
    const folder = join(temporaryFolder(), 'store');
    importOne(folder, 'a');
    using store = Store.open(folder, { create: false });
    const [path = ''] = dayFiles(folder);
    const holder = new Sqlite(path);
    holder.pragma('user_version');
    for (let i = 1; i < 20; i++) {
      importOne(folder, `again ${i}`);
      expect(listed(store)).toHaveLength(i + 1);
      // What the log held is in the file, and the log begins anew, as long as it was.
      holder.pragma('wal_checkpoint(RESTART)');
      expect(listed(store)).toHaveLength(i + 1);
    }
    holder.close();
    expect(listed(store)).toHaveLength(20);
  });

  it('does not read a day file again that nobody has written to', () => {
    const folder = join(temporaryFolder(), 'store');
    importOne(folder, 'a');
    importOne(folder, 'b', 1);
    using store = Store.open(folder, { create: false });
    listed(store);
    const [first, second] = listed(store);
    importOne(folder, 'c', 1);
    const [same, other] = listed(store);
    expect(same).toBe(first);
    expect(other).not.toBe(second);
    expect(other).toEqual(second);
    store.relist();
    expect(listed(store)[0]).not.toBe(first);
  });

  it('tells of a damaged day file each time', () => {
    const folder = join(temporaryFolder(), 'store');
    importOne(folder, 'a');
    const [path = ''] = dayFiles(folder);
    const database = new Sqlite(path);
    database.exec('UPDATE segments SET rows = 77');
    database.close();
    using store = Store.open(folder, { create: false });
    for (let i = 0; i < 2; i++) {
      const told: string[] = [];
      expect(store.segments({}, ({ message }) => told.push(message))).toEqual([]);
      expect(told).toEqual([expect.stringContaining('is not what was written')]);
    }
  });
});
