import Sqlite from 'better-sqlite3';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Store } from '../../core/store/store.ts';
import { describeRows } from '../build/flow-chunks.ts';
import { OLD_START, writeOldStore } from '../build/old-store.ts';
import { temporaryFolder } from '../support.ts';

const layoutOf = (path: string): unknown => {
  const database = new Sqlite(path, { readonly: true });
  try {
    return database.prepare('SELECT version FROM layout').pluck().get();
  } finally {
    database.close();
  }
};

describe('a store of an older program', () => {
  it.each([1, 2])(
    'with a catalogue of layout %i and a day file of layout 1 gives all that is in it',
    (layout) => {
      const folder = join(temporaryFolder(), 'store');
      writeOldStore(folder, layout);
      using store = Store.open(folder, { create: false });
      expect(store.sources()).toMatchObject([{ name: 'old.pcap', rows: 3, dropped: 0, state: 'complete' }]);
      expect(store.exporters()).toMatchObject([{ address: '192.0.2.1', port: 2055, site: 'Seoul' }]);
      expect(store.collections()).toEqual([]);
      const rows = [...store.scan({ onDamage: ({ message }) => expect.fail(message) })].flatMap(describeRows);
      const common = {
        flowEndMilliseconds: OLD_START + 3000,
        collectionTimeMilliseconds: Number.NaN,
        sourceAddress: '10.0.0.1',
        destinationAddress: '198.51.100.7',
        exporter: { address: '192.0.2.1', port: 2055, observationDomainId: 7 },
      };
      expect(rows).toMatchObject([
        {
          ...common,
          flowStartMilliseconds: OLD_START,
          sourceTransportPort: 22,
          destinationTransportPort: 443,
        },
        { ...common, protocolIdentifier: 17, sourceTransportPort: 23, destinationTransportPort: 8080 },
        { ...common, octetDeltaCount: 300, tcpControlBits: 27, sourceTransportPort: 21, sourceOffset: 120 },
      ]);
      expect(layoutOf(join(folder, 'catalog.sqlite'))).toBe(3);
      expect(layoutOf(join(folder, 'flows/2026-11/2026-11-20.sqlite'))).toBe(4);
    },
  );

  it('with a day file of layout 2 gives what that could say in other ways', () => {
    const folder = join(temporaryFolder(), 'store');
    writeOldStore(folder, 2, 2);
    using store = Store.open(folder, { create: false });
    const rows = [...store.scan({ onDamage: ({ message }) => expect.fail(message) })].flatMap(describeRows);
    const common = { flowEndMilliseconds: OLD_START + 3000, bgpSourceAsNumber: 64_500 };
    expect(rows).toMatchObject([
      { ...common, sourceAddress: '10.0.0.1', packetDeltaCount: 1 },
      { ...common, destinationAddress: '198.51.100.7', packetDeltaCount: 2 },
      { ...common, flowStartMilliseconds: OLD_START + 2000, packetDeltaCount: 3 },
    ]);
    expect(layoutOf(join(folder, 'flows/2026-11/2026-11-20.sqlite'))).toBe(4);
  });

  it('with a day file of layout 3 gives what lay in one frame', () => {
    const folder = join(temporaryFolder(), 'store');
    writeOldStore(folder, 2, 3);
    using store = Store.open(folder, { create: false });
    const rows = [...store.scan({ onDamage: ({ message }) => expect.fail(message) })].flatMap(describeRows);
    expect(rows).toMatchObject([
      { flowStartMilliseconds: OLD_START, packetDeltaCount: 1, octetDeltaCount: 100 },
      { flowStartMilliseconds: OLD_START + 1000, packetDeltaCount: 2, octetDeltaCount: 200 },
      { flowStartMilliseconds: OLD_START + 2000, packetDeltaCount: 3, octetDeltaCount: 300 },
    ]);
    expect(rows).toMatchObject([
      { bgpSourceAsNumber: 64_500 },
      { bgpSourceAsNumber: 64_500 },
      { bgpSourceAsNumber: 64_500 },
    ]);
  });

  it('tells nothing of its protocols and ports, so that no segment is passed over for them', () => {
    const folder = join(temporaryFolder(), 'store');
    writeOldStore(folder, 2);
    using store = Store.open(folder, { create: false });
    const asked: unknown[] = [];
    const batches = [
      ...store.scan({
        mayMatch: (segment) => {
          asked.push(segment.protocols);
          return segment.mayHoldPort(9999);
        },
      }),
    ];
    expect({ asked, batches: batches.length }).toEqual({ asked: [null], batches: 1 });
  });
});
