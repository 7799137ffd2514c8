import { describe, expect, it } from 'vitest';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAddress } from '../../core/model/address.ts';
import type { FlowChunk } from '../../core/model/chunk.ts';
import { NO_DATAGRAM } from '../../core/model/flow-batch.ts';
import { Database } from '../../core/store/database.ts';
import { ImportSession } from '../../core/store/import-session.ts';
import type { ScanOptions } from '../../core/store/scan.ts';
import type { StoreDamage } from '../../core/store/segment-reader.ts';
import { Store } from '../../core/store/store.ts';
import type { StoredSource } from '../../core/store/sources.ts';
import { buildBatch, buildChunk, chunkOf, describeRows, type FlowRow } from '../build/flow-chunks.ts';
import { temporaryFolder } from '../support.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const nothingSkipped = new Map<string, number>();

interface FakeFile {
  readonly name?: string;
  readonly site?: string;
  readonly fallbackSite?: string;
  readonly decoder?: string;
}

function begin(store: Store, file: FakeFile = {}): ReturnType<Store['beginImport']> {
  const { name = 'a.pcap', decoder = '1', site, fallbackSite = 'folder' } = file;
  return store.beginImport({ name, sha256: `sha of ${name}`, bytes: 1000, decoder }, { site, fallbackSite });
}

function session(store: Store, file: FakeFile = {}): ImportSession {
  const begun = begin(store, file);
  if (!(begun instanceof ImportSession)) throw new Error('this file is in the store already');
  return begun;
}

function importChunks(store: Store, chunks: readonly FlowChunk[], file: FakeFile = {}): StoredSource {
  using open = session(store, file);
  for (const [ordinal, chunk] of chunks.entries()) open.add(ordinal, chunk);
  return open.finish({ kind: 'pcap', bytesRead: 1000, brokeAt: null, skipped: nothingSkipped });
}

function newStore(): Store {
  return Store.open(join(temporaryFolder(), 'store'), { create: true });
}

function scanRows(store: Store, options: ScanOptions = {}): Record<string, unknown>[] {
  return [...store.scan(options)].flatMap((batch) => describeRows(batch));
}

const at = (ms: number, rest: FlowRow = {}): FlowRow => ({
  source: '10.0.0.5',
  destination: '198.51.100.7',
  flowStartMilliseconds: ms,
  flowEndMilliseconds: ms + 1000,
  ...rest,
});

describe('what goes into the store comes out again', () => {
  it('gives back every column, IPv6, extras, layouts and datagram headers', () => {
    using store = newStore();
    const batch = buildBatch([
      at(noon, {
        exportTime: noon + 2000,
        collectionTimeMilliseconds: noon + 2500,
        sourceTransportPort: 51_234,
        destinationTransportPort: 22,
        protocolIdentifier: 6,
        tcpControlBits: 0x1ff,
        ipClassOfService: 0x10,
        octetDeltaCount: 2 ** 53,
        packetDeltaCount: 12,
        ingressInterface: 4_294_967_295,
        egressInterface: 2,
        bgpSourceAsNumber: 64_512,
        bgpDestinationAsNumber: 4_200_000_000,
        sourceOffset: 5_000_000_000,
        extras: { octetDeltaCount: '18446744073709551615', vlanId: 12, applicationName: 'sshé' },
      }),
      at(noon + 0.25, { source: '2001:db8::1', destination: '2001:db8::2', extras: { vlanId: 13 } }),
      at(noon + 5, { exportTime: noon + 2000, extras: { mplsLabelStack: ['0001', { a: null }, true] } }),
    ]);
    importChunks(store, [chunkOf(batch)]);
    expect(scanRows(store)).toEqual(describeRows(batch));
    const [stored] = [...store.scan()];
    expect(stored?.columns.datagram[1]).toBe(NO_DATAGRAM);
    expect(stored?.columns.octetDeltaCount[0]).toBe(9_007_199_254_740_992);
    expect(stored?.extras.get('octetDeltaCount')).toEqual({
      rows: Uint32Array.of(0),
      values: ['18446744073709551615'],
    });
    expect(stored?.datagrams[0]).toMatchObject({
      sysUpTime: 12_345,
      received: null,
      sequenceNumber: 4_294_967_295,
    });
  });

  it('keeps NaN as NaN beside known times', () => {
    using store = newStore();
    const row: FlowRow = { source: '10.0.0.5', flowStartMilliseconds: noon };
    importChunks(store, [chunkOf(buildBatch([row, at(noon + 1), row]))]);
    const [stored] = [...store.scan()];
    expect([...(stored?.columns.flowEndMilliseconds ?? [])]).toEqual([NaN, noon + 1001, NaN]);
    expect([...(stored?.columns.sourceOffset ?? [])]).toEqual([NaN, NaN, NaN]);
  });

  it('keeps thousands of made-up flows over several days, none lost and none twice', () => {
    using store = newStore();
    const chunks = [buildChunk(1, 0, 5000), buildChunk(1, 1, 5000), buildChunk(1, 2, 300)];
    importChunks(store, chunks);
    const byOffset = (a: Record<string, unknown>, b: Record<string, unknown>): number =>
      Number(a['sourceOffset']) - Number(b['sourceOffset']);
    const given = chunks.flatMap((chunk) => describeRows(chunk.batch));
    expect(scanRows(store).sort(byOffset)).toEqual(given.sort(byOffset));
  });

  it('keeps options records and issues with the source, the issues bounded', () => {
    using store = newStore();
    const issue = { code: 'truncated', message: 'x'.repeat(5000), offset: 3 } as const;
    const record = {
      datagram: 0,
      templateId: 257,
      fields: [['samplingInterval', 100]],
      afterRows: 1,
    } as const;
    const batch = buildBatch([at(noon, { exportTime: noon })]);
    const chunk = chunkOf(batch, { options: [record], issues: Array.from({ length: 1000 }, () => issue) });
    const source = importChunks(store, [chunk, chunk]);
    expect(source).toMatchObject({ rows: 2, options: 2, issues: { truncated: 2000 }, state: 'complete' });
    expect(source.issueExamples).toHaveLength(20);
    expect(source.issueExamples[0]?.message).toHaveLength(300);
    expect([...store.optionsOf(source.id)]).toEqual([
      { exporter: 1, exportTime: noon, templateId: 257, fields: [['samplingInterval', 100]] },
      { exporter: 1, exportTime: noon, templateId: 257, fields: [['samplingInterval', 100]] },
    ]);
  });
});

describe('days', () => {
  const dayFile = (store: Store, name: string): boolean => existsSync(join(store.folder, 'flows', name));

  it('files a flow under the UTC day of its start, else its end, else its collection, else its export', () => {
    using store = newStore();
    const day = 86_400_000;
    importChunks(store, [
      chunkOf(
        buildBatch([
          { flowStartMilliseconds: noon, flowEndMilliseconds: noon + day },
          { flowEndMilliseconds: noon + day, collectionTimeMilliseconds: noon + 2 * day },
          { collectionTimeMilliseconds: noon + 2 * day, exportTime: noon },
          { exportTime: noon + 3 * day },
        ]),
      ),
    ]);
    const files = ['2026-11-20', '2026-11-21', '2026-11-22', '2026-11-23'].map(
      (name) => `2026-11/${name}.sqlite`,
    );
    expect(files.map((name) => dayFile(store, name))).toEqual([true, true, true, true]);
    expect(store.timeRange()).toEqual({ start: noon, end: noon + 3 * day });
  });

  it('files flows without a time that can be true as undated, and finds them again without a range', () => {
    using store = newStore();
    importChunks(store, [
      chunkOf(buildBatch([at(0), at(Date.UTC(1999, 11, 31)), at(Date.UTC(2100, 0, 1)), at(Infinity), {}])),
    ]);
    expect(dayFile(store, 'undated.sqlite')).toBe(true);
    expect(scanRows(store)).toHaveLength(5);
    expect(store.timeRange()).toBeUndefined();
  });

  it('makes at most 64 files of one chunk, however many days it names', () => {
    using store = newStore();
    const rows = Array.from({ length: 300 }, (_, i) => at(noon + i * 86_400_000));
    importChunks(store, [chunkOf(buildBatch([...rows, at(noon + 299 * 86_400_000)]))]);
    using catalog = new Database(join(store.folder, 'catalog.sqlite'));
    expect(catalog.get('SELECT count(*) AS days FROM days')).toEqual({ days: 64 });
    expect(scanRows(store)).toHaveLength(301);
  });
});

describe('scan', () => {
  it('gives the flows that overlap the half-open range, also those that began days before', () => {
    using store = newStore();
    const hour = 3_600_000;
    const rows = [
      at(noon - 50 * hour, { flowEndMilliseconds: noon, sourceTransportPort: 1 }),
      at(noon - hour, { flowEndMilliseconds: noon - 1, sourceTransportPort: 2 }),
      at(noon + hour - 1, { sourceTransportPort: 3 }),
      at(noon + hour, { sourceTransportPort: 4 }),
    ];
    importChunks(store, [chunkOf(buildBatch(rows))]);
    const ports = scanRows(store, { from: noon, to: noon + hour }).map((row) => row['sourceTransportPort']);
    expect(ports).toEqual([1, 3]);
  });

  it('skips segments that do not hold the address, and never one that does', () => {
    using store = newStore();
    const chunks = Array.from({ length: 20 }, (_, i) =>
      chunkOf(buildBatch(Array.from({ length: 50 }, (_, j) => at(noon, { source: `10.1.${i}.${j}` })))),
    );
    importChunks(store, chunks);
    const found = (text: string): number =>
      [...store.scan({ addresses: [parseAddress(text) ?? new Uint8Array()] })].length;
    for (let i = 0; i < 20; i++) expect(found(`10.1.${i}.7`)).toBe(1);
    expect(found('10.2.0.1')).toBe(0);
    expect(found('198.51.100.7')).toBe(20);
    expect(found('2001:db8::1')).toBe(0);
  });

  it('names the site of every exporter', () => {
    using store = newStore();
    importChunks(store, [chunkOf(buildBatch([at(noon, { exporterAddress: '192.0.2.8' }), at(noon)]))]);
    const [batch] = [...store.scan()];
    expect(batch?.sites).toEqual(['192.0.2.8', '192.0.2.1']);
  });
});

describe('sites', () => {
  it('puts exporters where --site says, and says where one stands at another named site already', () => {
    using store = newStore();
    const chunk = chunkOf(buildBatch([at(noon)]));
    importChunks(store, [chunk], { name: 'first', site: 'Seoul' });
    using second = session(store, { name: 'second', site: 'Berlin' });
    second.add(0, chunk);
    expect(second.siteConflicts).toEqual([{ address: '192.0.2.1', site: 'Seoul', asked: 'Berlin' }]);
    expect(store.sites().map((site) => site.name)).toEqual(['Seoul']);
    store.assignSite('192.0.2.1', 'Berlin');
    expect(store.exporters().map((exporter) => exporter.site)).toEqual(['Berlin']);
  });

  it('moves an address from its default site to the one that is named later', () => {
    using store = newStore();
    const chunk = chunkOf(buildBatch([at(noon)]));
    importChunks(store, [chunk], { name: 'first' });
    importChunks(store, [chunk], { name: 'second', site: 'Seoul' });
    expect(store.exporters().map((exporter) => exporter.site)).toEqual(['Seoul']);
  });

  it('keeps exporters without an address apart by the folder of their file', () => {
    using store = newStore();
    const chunk = chunkOf(buildBatch([at(noon, { exporterAddress: '' })]));
    importChunks(store, [chunk], { name: 'first', fallbackSite: 'DE' });
    importChunks(store, [chunk], { name: 'second', fallbackSite: 'KR' });
    expect([...store.scan()].flatMap((batch) => batch.sites)).toEqual(['DE', 'KR']);
  });
});

describe('importing again', () => {
  it('adds nothing where the same bytes are there', () => {
    using store = newStore();
    importChunks(store, [buildChunk(2, 0, 100)]);
    const again = begin(store);
    expect(again).toMatchObject({ already: { rows: 100, state: 'complete' } });
    expect(scanRows(store)).toHaveLength(100);
  });

  it('takes up an interrupted import where it stopped', () => {
    using store = newStore();
    const chunks = [buildChunk(3, 0, 100), buildChunk(3, 1, 100), buildChunk(3, 2, 100)];
    {
      using first = session(store);
      expect(first.add(0, chunks[0] as FlowChunk)).toBe(100);
    }
    expect(store.sources()).toMatchObject([{ state: 'importing', rows: 100, chunks: 1 }]);
    using second = session(store);
    expect(chunks.map((chunk, ordinal) => second.add(ordinal, chunk))).toEqual([0, 100, 100]);
    const source = second.finish({ kind: 'pcap', bytesRead: 1, brokeAt: null, skipped: nothingSkipped });
    expect(source).toMatchObject({ state: 'complete', rows: 300 });
    expect(scanRows(store)).toHaveLength(300);
  });

  it('starts anew where another version of the decoder began', () => {
    using store = newStore();
    {
      using first = session(store);
      first.add(0, buildChunk(3, 0, 100));
    }
    expect(importChunks(store, [buildChunk(4, 0, 70)], { decoder: '2' })).toMatchObject({
      rows: 70,
      decoder: '2',
    });
    expect(scanRows(store)).toHaveLength(70);
  });

  it('tells a second import at the same time to wait', () => {
    using store = newStore();
    using other = Store.open(store.folder, { create: false, importWaitMs: 50 });
    using first = session(store);
    expect(() => begin(other, { name: 'other' })).toThrow(/Another program is writing to the store/);
    first.finish({ kind: 'pcap', bytesRead: 0, brokeAt: null, skipped: nothingSkipped });
    expect(importChunks(other, [], { name: 'other' })).toMatchObject({ state: 'complete', rows: 0 });
  });
});

describe('faults', () => {
  const dayPath = (store: Store): string => join(store.folder, 'flows/2026-11/2026-11-20.sqlite');

  function scanDamaged(store: Store): { rows: number; damages: StoreDamage[] } {
    const damages: StoreDamage[] = [];
    const rows = scanRows(store, { onDamage: (damage) => damages.push(damage) }).length;
    return { rows, damages };
  }

  it('refuses to open a store that is not there, and makes nothing', () => {
    const folder = join(temporaryFolder(), 'absent');
    expect(() => Store.open(folder, { create: false })).toThrow(/There is no store in .*backtrail import/);
    expect(existsSync(folder)).toBe(false);
  });

  it.each(['catalog.sqlite', 'flows/2026-11/2026-11-20.sqlite'])(
    'refuses a newer %s in a sentence',
    (name) => {
      const store = newStore();
      importChunks(store, [chunkOf(buildBatch([at(noon)]))]);
      store.close();
      using database = new Database(join(store.folder, name));
      database.exec('UPDATE layout SET version = 99, minSafeVersion = 99');
      if (name === 'catalog.sqlite') {
        expect(() => Store.open(store.folder, { create: false })).toThrow(
          /written by a newer Backtrail \(layout 99/,
        );
        return;
      }
      using opened = Store.open(store.folder, { create: false });
      const { rows, damages } = scanDamaged(opened);
      expect(rows).toBe(0);
      expect(damages.map((damage) => damage.message)).toEqual([
        expect.stringMatching(/The day file .* was written by a newer Backtrail \(layout 99/),
      ]);
    },
  );

  it('opens a newer file that says older programs are safe', () => {
    const store = newStore();
    store.close();
    using database = new Database(join(store.folder, 'catalog.sqlite'));
    database.exec('UPDATE layout SET version = 99');
    using opened = Store.open(store.folder, { create: false });
    expect(opened.sources()).toEqual([]);
  });

  it('serves every other segment where one column was overwritten, and says which flows are lost', () => {
    const store = newStore();
    importChunks(
      store,
      [0, 1, 2].map((i) => chunkOf(buildBatch([at(noon + i, { sourceTransportPort: i }), at(noon + i)]))),
    );
    store.close();
    using database = new Database(dayPath(store));
    database.run(
      `UPDATE columns SET data = zeroblob(length(data)) WHERE segment = 2 AND name = 'flowStartMilliseconds'`,
    );
    using opened = Store.open(store.folder, { create: false });
    const { rows, damages } = scanDamaged(opened);
    expect(rows).toBe(4);
    expect(damages).toEqual([
      {
        file: dayPath(store),
        rows: 2,
        message: expect.stringMatching(/segment 2 with 2 flows is damaged and left out/),
      },
    ]);
  });

  it('never throws on a day file with any stretch of bytes overwritten, and serves the other days', () => {
    const store = newStore();
    importChunks(
      store,
      [0, 1, 2, 3].map((i) => buildChunk(9, i, 400)),
    );
    const all = scanRows(store).length;
    store.close();
    const path = dayPath(store);
    const whole = readFileSync(path);
    const random = { seed: 1 };
    let served = 0;
    for (let offset = 0; offset < whole.length; offset += 16_384) {
      random.seed = Math.imul(random.seed, 48_271) >>> 0;
      const damaged = Buffer.from(whole);
      damaged.fill(random.seed & 0xff, offset, offset + 512);
      writeFileSync(path, damaged);
      for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
      using opened = Store.open(store.folder, { create: false });
      const { rows, damages } = scanDamaged(opened);
      served += rows;
      expect(rows).toBeGreaterThan(0);
      if (rows < all) expect(damages.length).toBeGreaterThan(0);
    }
    expect(served).toBeGreaterThan(all);
  });

  it('says which day file is missing and serves the rest', () => {
    const store = newStore();
    importChunks(store, [chunkOf(buildBatch([at(noon), at(noon + 86_400_000)]))]);
    store.close();
    rmSync(dayPath(store));
    using opened = Store.open(store.folder, { create: false });
    const { rows, damages } = scanDamaged(opened);
    expect(rows).toBe(1);
    expect(damages[0]?.message).toBe(`The day file ${dayPath(store)} is missing: its flows are left out.`);
  });

  it('says in a sentence that the folder cannot be written', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(() => Store.open(join(file, 'store'), { create: true })).toThrow(/The store .* cannot be written/);
  });

  it('says in a sentence that the catalogue is no database', () => {
    const folder = temporaryFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'catalog.sqlite'), 'not a database, but long enough to look at'.repeat(100));
    expect(() => Store.open(folder, { create: true })).toThrow(/The store .* is damaged/);
  });

  it('notices one changed bit of the stored flows', () => {
    const store = newStore();
    importChunks(store, [chunkOf(buildChunk(5, 0, 3000).batch)]);
    store.close();
    const path = dayPath(store);
    using database = new Database(path);
    const row = database.get(`SELECT data FROM columns WHERE name = 'octetDeltaCount'`);
    database.close();
    const bytes = readFileSync(path);
    const data = (row ?? {})['data'] as Uint8Array;
    const place = bytes.indexOf(data.subarray(0, 64));
    bytes[place + 32] = (bytes[place + 32] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    using opened = Store.open(store.folder, { create: false });
    expect(scanDamaged(opened).damages).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(/its column octetDeltaCount is not what was written/),
      }),
    ]);
  });
});
