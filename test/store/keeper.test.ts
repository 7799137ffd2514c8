import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FlowChunk } from '../../core/model/chunk.ts';
import { Database } from '../../core/store/database.ts';
import { ImportSession } from '../../core/store/import-session.ts';
import { StoreKeeper, type StoreVerdict } from '../../core/store/store-keeper.ts';
import type { ScanOptions } from '../../core/store/scan.ts';
import { Store } from '../../core/store/store.ts';
import { buildBatch, chunkOf, describeRows, type FlowRow } from '../build/flow-chunks.ts';
import { temporaryFolder } from '../support.ts';

const DAY = 86_400_000;
const noon = Date.UTC(2026, 10, 20, 12);

/** A chunk of so many flows, a second apart. */
function flows(from: number, count: number, host: number): FlowChunk {
  const rows = Array.from({ length: count }, (_, i): FlowRow => {
    const start = from + i * 1000;
    return {
      flowStartMilliseconds: start,
      flowEndMilliseconds: start + 500,
      source: `10.0.${host}.${i % 250}`,
      sourceTransportPort: 1024 + i,
      protocolIdentifier: 6,
      octetDeltaCount: 100 + i,
    };
  });
  return chunkOf(buildBatch(rows));
}

/** Imports the chunks as one file; returns how many flows that added. */
function importFile(store: Store, name: string, chunks: readonly FlowChunk[]): number {
  const sha256 = Buffer.from(name).toString('hex').padEnd(64, '0');
  const begun = store.beginImport({ name, sha256, bytes: 1, decoder: '1' }, { fallbackSite: 'here' });
  if (!(begun instanceof ImportSession)) return 0;
  using session = begun;
  const added = chunks.reduce((sum, chunk, ordinal) => sum + session.add(ordinal, chunk), 0);
  session.finish({ kind: 'pcap', bytesRead: 1, brokeAt: null, skipped: new Map() });
  return added;
}

function storedRows(folder: string): string[] {
  using store = Store.open(folder, { create: false });
  return [...store.scan()].flatMap((batch) => describeRows(batch).map((row) => JSON.stringify(row))).sort();
}

function verify(folder: string): StoreVerdict {
  using keeper = StoreKeeper.open(folder);
  return keeper.verify(() => undefined);
}

const newFolder = (): string => join(temporaryFolder(), 'store');
const dayPath = (folder: string): string => join(folder, 'flows/2026-11/2026-11-20.sqlite');

/** Two files of two chunks each, all in one hour. */
function twoFiles(folder: string, merge: boolean): void {
  using store = Store.open(folder, { create: true });
  importFile(store, 'a.pcap', [flows(noon, 50, 1), flows(noon + 100_000, 50, 2)]);
  importFile(store, 'b.pcap', [flows(noon + 200_000, 50, 3), flows(noon + 300_000, 50, 4)]);
  if (merge) expect(store.mergeSegments('written')).toEqual({ before: 4, after: 1 });
}

describe('small segments of several files', () => {
  it('become one that gives the same flows, counts them by their file, and takes none of them twice', () => {
    const folder = newFolder();
    twoFiles(folder, false);
    const before = storedRows(folder);
    using store = Store.open(folder, { create: false });
    expect(store.mergeSegments('all')).toEqual({ before: 4, after: 1 });
    expect([...store.scan()].map(({ count, source }) => ({ count, source }))).toEqual([
      { count: 200, source: 0 },
    ]);
    expect(storedRows(folder)).toEqual(before);
    expect(importFile(store, 'a.pcap', [])).toBe(0);
    expect(verify(folder).faults).toEqual([]);
  });

  it('stay apart by the hour, and where one has most of the flows already', () => {
    const folder = newFolder();
    using store = Store.open(folder, { create: true });
    importFile(store, 'a.pcap', [flows(noon, 500, 1), flows(noon, 20, 2), flows(noon + 3_600_000, 20, 3)]);
    expect(store.mergeSegments('all')).toEqual({ before: 0, after: 0 });
  });

  it('are left by a source that is read anew, and keep what the others gave', () => {
    const folder = newFolder();
    twoFiles(folder, true);
    {
      using store = Store.open(folder, { create: false });
      const sha256 = Buffer.from('a.pcap').toString('hex').padEnd(64, '0');
      const again = { name: 'a.pcap', sha256, bytes: 1, decoder: '1+mapping' };
      const begun = store.beginImport(again, { fallbackSite: 'here' });
      if (!(begun instanceof ImportSession)) expect.fail('it was not read anew');
      using session = begun;
      expect(session.add(0, flows(noon, 7, 9))).toBe(7);
      session.finish({ kind: 'pcap', bytesRead: 1, brokeAt: null, skipped: new Map() });
    }
    expect(storedRows(folder)).toHaveLength(107);
    expect(verify(folder).faults).toEqual([]);
  });
});

describe('what a scan knows of a segment before it reads it', () => {
  it('says which protocols and ports are in it, and which are certainly not', () => {
    using store = Store.open(newFolder(), { create: true });
    importFile(store, 'a.pcap', [flows(noon, 2000, 1)]);
    const answers: unknown[] = [];
    const mayMatch: NonNullable<ScanOptions['mayMatch']> = (segment) => {
      const { protocols } = segment;
      const ports = [80, 1024, 3023, 3024].map((port) => segment.mayHoldPort(port));
      answers.push({
        protocols,
        ports,
        ranges: [segment.mayHoldPort(1, 1023), segment.mayHoldPort(1, 1024)],
      });
      return false;
    };
    expect([...store.scan({ mayMatch })]).toEqual([]);
    // Port 0 is what the flows go to; they come from 1024 to 3023.
    expect(answers).toEqual([{ protocols: [6], ports: [false, true, true, false], ranges: [false, true] }]);
  });
});

describe('retention', () => {
  it('drops whole days by age, never today, and counts what went', () => {
    const folder = newFolder();
    const today = Math.floor(Date.now() / DAY) * DAY;
    using store = Store.open(folder, { create: true });
    importFile(
      store,
      'a.pcap',
      [0, 1, 2, 3].map((back) => flows(today - back * DAY, 10, back)),
    );
    using keeper = StoreKeeper.open(folder);
    expect(keeper.retain({ keepDays: 2 }, true)).toHaveLength(2);
    expect(store.sources()).toMatchObject([{ rows: 40, dropped: 0 }]);
    expect(keeper.retain({ keepDays: 2 }, false)).toMatchObject([{ rows: 10 }, { rows: 10 }]);
    expect(store.sources()).toMatchObject([{ rows: 20, dropped: 20 }]);
    expect(storedRows(folder)).toHaveLength(20);
    expect(keeper.retain({ keepBytes: 1 }, false)).toMatchObject([{ rows: 10 }]);
    expect(verify(folder)).toMatchObject({ flows: 10, faults: [] });
    expect(importFile(store, 'a.pcap', [])).toBe(0);
  });

  it('by size keeps the newest day, however old it is', () => {
    const folder = newFolder();
    using store = Store.open(folder, { create: true });
    const old = Date.UTC(2020, 0, 5);
    importFile(store, 'a.pcap', [flows(old, 10, 1), flows(old - DAY, 10, 1)]);
    using keeper = StoreKeeper.open(folder);
    expect(keeper.retain({ keepBytes: 1 }, false)).toMatchObject([{ day: '2020-01-04' }]);
    expect(keeper.retain({ keepBytes: 1 }, false)).toEqual([]);
  });

  it('that was killed before it deleted a file is ended by the next writer, and the day can be made anew', () => {
    const folder = newFolder();
    twoFiles(folder, false);
    {
      using catalog = new Database(join(folder, 'catalog.sqlite'));
      catalog.exec(`DELETE FROM days; INSERT INTO removals VALUES ('2026-11-20')`);
      catalog.exec('UPDATE sources SET dropped = rows, rows = 0');
    }
    using store = Store.open(folder, { create: false });
    expect(importFile(store, 'c.pcap', [flows(noon, 5, 1)])).toBe(5);
    expect(storedRows(folder)).toHaveLength(5);
    expect(verify(folder).faults).toEqual([]);
  });
});

describe('verification and repair', () => {
  const damage = (folder: string, sql: string): void => {
    using database = new Database(dayPath(folder));
    database.exec(sql);
  };

  it('finds a changed column, saves every whole segment, and an import brings the others back', () => {
    const folder = newFolder();
    twoFiles(folder, false);
    const before = storedRows(folder);
    damage(
      folder,
      `UPDATE columns SET data = zeroblob(length(data)) WHERE segment = 2 AND name = 'sourceTransportPort'`,
    );
    expect(verify(folder).faults).toMatchObject([{ day: '2026-11-20', segment: 2, rows: 50 }]);
    {
      using keeper = StoreKeeper.open(folder);
      const { kept, lost } = keeper.repair(new Date(noon), () => undefined);
      expect(kept).toEqual([
        {
          day: '2026-11-20',
          file: dayPath(folder),
          damaged: join(folder, 'flows/2026-11/2026-11-20.damaged-20261120T120000Z.sqlite'),
        },
      ]);
      expect(existsSync(kept[0]?.damaged ?? '')).toBe(true);
      expect(lost).toMatchObject([
        { rows: 50, from: noon + 100_000, to: noon + 149_500, importable: true, source: { name: 'a.pcap' } },
      ]);
    }
    expect(storedRows(folder)).toHaveLength(150);
    expect(verify(folder).faults).toEqual([]);
    using store = Store.open(folder, { create: false });
    expect(importFile(store, 'a.pcap', [flows(noon, 50, 1), flows(noon + 100_000, 50, 2)])).toBe(50);
    expect(storedRows(folder)).toEqual(before);
    expect(store.sources()).toMatchObject([{ rows: 100, state: 'complete' }, { rows: 100 }]);
    expect(verify(folder).faults).toEqual([]);
  });

  it('makes a summary anew that is not that of its flows, and loses nothing', () => {
    const folder = newFolder();
    twoFiles(folder, true);
    const before = storedRows(folder);
    damage(folder, `DELETE FROM columns WHERE name = 'addresses.filter'`);
    expect(verify(folder).faults).toMatchObject([
      { rows: 0, message: expect.stringMatching(/addresses.filter/) },
    ]);
    using keeper = StoreKeeper.open(folder);
    expect(keeper.repair(new Date(noon), () => undefined).lost).toEqual([]);
    expect(storedRows(folder)).toEqual(before);
    expect(verify(folder).faults).toEqual([]);
  });

  it('whatever stretch of a day file was overwritten, keeps what is whole and tells of the rest by its number', () => {
    const folder = newFolder();
    twoFiles(folder, false);
    const before = storedRows(folder);
    const whole = readFileSync(dayPath(folder));
    const catalog = readFileSync(join(folder, 'catalog.sqlite'));
    for (let offset = 0; offset < whole.length; offset += 24_576) {
      const damaged = Buffer.from(whole);
      damaged.fill(0xa5, offset, offset + 600);
      for (const suffix of ['-wal', '-shm']) rmSync(dayPath(folder) + suffix, { force: true });
      for (const suffix of ['-wal', '-shm']) rmSync(join(folder, `catalog.sqlite${suffix}`), { force: true });
      writeFileSync(dayPath(folder), damaged);
      writeFileSync(join(folder, 'catalog.sqlite'), catalog);
      using keeper = StoreKeeper.open(folder);
      const { lost } = keeper.repair(new Date(noon + offset * 1000), () => undefined);
      const rows = storedRows(folder);
      const missing = lost.reduce((sum, one) => sum + one.rows, 0);
      expect(rows.length + missing).toBe(200);
      expect(rows.every((row) => before.includes(row))).toBe(true);
      expect(verify(folder).faults).toEqual([]);
    }
  }, 60_000);

  it('tells of a day file that is gone, and lets its files be imported again', () => {
    const folder = newFolder();
    twoFiles(folder, false);
    for (const suffix of ['', '-wal', '-shm']) rmSync(dayPath(folder) + suffix, { force: true });
    expect(verify(folder).faults).toContainEqual(
      expect.objectContaining({ message: 'the day file is missing' }),
    );
    using keeper = StoreKeeper.open(folder);
    expect(keeper.repair(new Date(noon), () => undefined).lost).toMatchObject([{ rows: 100 }, { rows: 100 }]);
    using store = Store.open(folder, { create: false });
    expect(importFile(store, 'a.pcap', [flows(noon, 50, 1), flows(noon + 100_000, 50, 2)])).toBe(100);
    expect(storedRows(folder)).toHaveLength(100);
  });

  it('waits for whoever writes', () => {
    const folder = newFolder();
    twoFiles(folder, false);
    using store = Store.open(folder, { create: false });
    using session = store.beginCollection('test', '1');
    using keeper = StoreKeeper.open(folder);
    expect(() => keeper.repair(new Date(noon), () => undefined)).toThrow(/Another collector writes/);
    expect(() => keeper.retain({ keepDays: 1 }, false)).toThrow(/Another collector writes/);
    expect(verify(folder)).toMatchObject({ counted: false, faults: [] });
    session.finish('{}');
  });
});
