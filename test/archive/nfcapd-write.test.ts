/** nfcapd files that we write: nfdump reads what we read, and so do we. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unpackLz4 } from '../../core/archive/lz4.ts';
import { lz4Packing, packLz4, zstdPacking } from '../../core/archive/nfcapd-write-packing.ts';
import { NfcapdWriter, type NfcapdPacking } from '../../core/archive/nfcapd-write.ts';
import type { FlowBatch } from '../../core/model/flow-batch.ts';
import { buildBatch, seededRandom, type FlowRow } from '../build/flow-chunks.ts';
import { describeShared, describeWith, sharedPath, temporaryFolder } from '../support.ts';
import { read } from './run.ts';

function written(batches: readonly FlowBatch[], packing?: NfcapdPacking, rows?: Uint32Array): Uint8Array {
  const parts: Buffer[] = [];
  const writer = new NfcapdWriter({
    write: (bytes) => parts.push(Buffer.from(bytes)),
    created: 1_700_000_000,
    ident: 'plant',
    packing,
  });
  for (const batch of batches) writer.add(batch, rows);
  const header = writer.finish();
  const file = Buffer.concat(parts);
  file.set(header, 0);
  return file;
}

/** What nfdump says of a file, in its own words and UTC. */
function nfdump(path: string, ...args: readonly string[]): string {
  const { stdout } = spawnSync('nfdump', ['-r', path, ...args], {
    env: { ...process.env, TZ: 'UTC' },
    encoding: 'utf8',
    maxBuffer: 1 << 29,
  });
  return stdout;
}

/** The number of an exporter within the file may be another one. */
const withoutSysId = (json: string): string => json.replaceAll(/"export_sysid" : \d+/g, '');

const T0 = Date.UTC(2026, 10, 20, 12);

const flow: FlowRow = {
  source: '198.51.100.7',
  destination: '203.0.113.9',
  sourceTransportPort: 40_000,
  destinationTransportPort: 22,
  protocolIdentifier: 6,
  tcpControlBits: 0x1b,
  flowStartMilliseconds: T0,
  flowEndMilliseconds: T0 + 1234,
  packetDeltaCount: 12,
  octetDeltaCount: 3456,
};

/** The record that comes of a row once it was written and read. */
const through = (row: FlowRow): Record<string, unknown> =>
  read(written([buildBatch([row])])).records[0] as Record<string, unknown>;

describe('a flow that is written and read again', () => {
  it('keeps its times, counters, endpoints and exporter', () => {
    expect(through(flow)).toMatchObject({
      _kind: 'flow',
      _startMs: T0,
      _endMs: T0 + 1234,
      packetDeltaCount: 12,
      octetDeltaCount: 3456,
      protocolIdentifier: 6,
      tcpControlBits: 0x1b,
      sourceIPv4Address: '198.51.100.7',
      destinationIPv4Address: '203.0.113.9',
      sourceTransportPort: 40_000,
      destinationTransportPort: 22,
      _exporter: '192.0.2.1',
    });
  });

  it('keeps its observation domain, and loses the port of its exporter', () => {
    const { chunks } = read(written([buildBatch([flow])]));
    expect(chunks[0]?.batch.exporters).toEqual([
      { address: '192.0.2.1', port: null, observationDomainId: 7 },
    ]);
  });

  it('keeps the domain of an exporter without an address', () => {
    const { chunks } = read(written([buildBatch([{ ...flow, exporterAddress: '' }])]));
    expect(chunks[0]?.batch.exporters).toEqual([{ address: '', port: null, observationDomainId: 7 }]);
  });

  it('keeps IPv6 addresses', () => {
    expect(through({ ...flow, source: '2001:db8::7', destination: '2001:db8:1::9' })).toMatchObject({
      sourceIPv6Address: '2001:db8::7',
      destinationIPv6Address: '2001:db8:1::9',
    });
  });

  it('keeps counters above 2^53 to the last packet', () => {
    expect(through({ ...flow, extras: { packetDeltaCount: '18446744073709551615' } })).toMatchObject({
      packetDeltaCount: '18446744073709551615',
    });
  });

  it('has no time where none was known', () => {
    const { flowStartMilliseconds: _start, flowEndMilliseconds: _end, ...timeless } = flow;
    expect(through(timeless)).toMatchObject({ _startMs: 0, _endMs: 0 });
  });

  it('has the type and code of ICMP where nfdump keeps them', () => {
    const icmp = { ...flow, protocolIdentifier: 1, sourceTransportPort: 0, destinationTransportPort: 0 };
    const wanted = { icmpTypeIPv4: 3, icmpCodeIPv4: 13 };
    expect(through({ ...icmp, extras: { icmpTypeCodeIPv4: 0x030d } })).toMatchObject(wanted);
    expect(through({ ...icmp, extras: wanted })).toMatchObject(wanted);
    expect(through({ ...icmp, destinationTransportPort: 0x030d })).toMatchObject(wanted);
  });

  it('keeps what a NAT made of it, interfaces, neighbours and labels', () => {
    const extras = {
      postNATSourceIPv4Address: '192.0.2.77',
      postNATDestinationIPv4Address: '203.0.113.9',
      postNAPTSourceTransportPort: 61_000,
      postNAPTDestinationTransportPort: 22,
      natEvent: 4,
      sourceMacAddress: '02:00:5e:10:00:01',
      destinationMacAddress: '02:00:5e:10:00:02',
      vlanId: 42,
      ipNextHopIPv4Address: '192.0.2.254',
      bgpNextHopIPv4Address: '192.0.2.253',
      sourceIPv4PrefixLength: 24,
      flowDirection: 1,
      forwardingStatus: 64,
      ingressVRFID: 7,
      _mplsLabels: ['1040-3-0', '16-0-1'],
      userName: 'operator',
    };
    const wide = { ...flow, ingressInterface: 70_000, bgpSourceAsNumber: 64_512, extras };
    expect(through(wide)).toMatchObject({
      ...extras,
      ingressVRFID: '7',
      ingressInterface: 70_000,
      bgpSourceAsNumber: 64_512,
    });
  });

  it('says that it was sampled, and that it is an event', () => {
    expect(through({ ...flow, extras: { samplingInterval: 100 } })).toMatchObject({ _sampled: 1 });
    expect(through({ ...flow, extras: { _kind: 'event' } })).toMatchObject({ _kind: 'event' });
  });
});

it('writes the rows that were chosen, and no sums over flows', () => {
  const rows = [1, 2, 3, 4].map((packetDeltaCount): FlowRow => ({
    ...flow,
    packetDeltaCount,
    ...(packetDeltaCount === 3 ? { extras: { _kind: 'aggregate' } } : {}),
  }));
  const { records } = read(written([buildBatch(rows)], undefined, Uint32Array.of(1, 2, 3)));
  expect(records.map((record) => record['packetDeltaCount'])).toEqual([2, 4]);
});

it('writes a file without flows that says so', () => {
  const { rows, issues, summary } = read(written([]));
  expect({ rows, issues, brokeAt: summary.brokeAt }).toEqual({ rows: 0, issues: [], brokeAt: null });
});

it.each([
  ['LZ4', lz4Packing],
  ['zstd', zstdPacking],
])('compresses blocks with %s, several of them', (_, packing) => {
  const random = seededRandom(5);
  const rows = Array.from({ length: 30_000 }, () => ({ ...flow, octetDeltaCount: random() }));
  const batch = buildBatch(rows);
  const plain = written([batch]);
  const packed = written([batch], packing);
  expect(packed.length).toBeLessThan(plain.length / 2);
  const { records, issues } = read(packed);
  expect(issues).toEqual([]);
  expect(records).toEqual(read(plain).records);
});

it.each([
  ['nothing', new Uint8Array(0)],
  ['12 bytes', new Uint8Array(12).fill(7)],
  ['zeros', new Uint8Array(100_000)],
  ['noise', Uint8Array.from({ length: 70_000 }, seededRandom(9))],
  ['words far apart', new Uint8Array(200_000).map((_, i) => (i % 70_000 < 40 ? i % 251 : (i * 7919) >> 5))],
])('packs %s into an LZ4 block that unpacks to it', (_, bytes) => {
  const out = new Uint8Array(bytes.length);
  const { length, fault } = unpackLz4(packLz4(bytes), out);
  expect(fault).toBeUndefined();
  expect(length).toBe(bytes.length);
  expect(Buffer.compare(out, bytes)).toBe(0);
});

describeWith('nfdump', 'nfdump', () => {
  it('reads both compressions it knows, the totals and the name', () => {
    const folder = temporaryFolder();
    const batch = buildBatch([flow, { ...flow, protocolIdentifier: 17, source: '2001:db8::1' }]);
    for (const [name, packing] of [
      ['none', undefined],
      ['lz4', lz4Packing],
    ] as const) {
      const path = join(folder, name);
      writeFileSync(path, written([batch], packing));
      const totals = nfdump(path, '-I');
      expect(totals).toContain('Ident: plant');
      expect(totals).toContain('Flows: 2');
      expect(totals).toContain('Flows_udp: 1');
      expect(totals).toContain('Bytes: 6912');
      expect(nfdump(path, '-q', '-o', 'fmt:%sa %da %pr %byt')).toMatch(
        /198\.51\.100\.7 +203\.0\.113\.9 +TCP +3456/,
      );
    }
  });
});

describeShared('the nfcapd files of the reference corpus, written anew', () => {
  const corpus = sharedPath('corpus', 'nfcapd') ?? '';
  const names = readdirSync(corpus).filter((name) => name.endsWith('.nfcapd'));
  const copies = new Map<string, Uint8Array>();
  const copyOf = (name: string): Uint8Array => {
    const known = copies.get(name);
    if (known) return known;
    const { chunks } = read(readFileSync(join(corpus, name)));
    const copy = written(chunks.map(({ batch }) => batch));
    copies.set(name, copy);
    return copy;
  };

  it.each(names)('%s: the same flows', (name) => {
    const wanted = read(readFileSync(join(corpus, name)));
    const { records, issues } = read(copyOf(name));
    expect(issues).toEqual([]);
    expect(records).toEqual(wanted.records);
  });

  // Of records with both address families nfdump 1.7.1 shows the one that was written last: ours is the one in use.
  const plain = names.filter((name) => name !== 'v2-ipfix-pmacct-400a.nfcapd');

  describeWith('nfdump', 'by nfdump', () => {
    it.each(plain)('%s: nfdump prints the same of both', (name) => {
      const path = join(temporaryFolder(), name);
      writeFileSync(path, copyOf(name));
      const [ours, theirs] = [path, join(corpus, name)].map((file) =>
        withoutSysId(nfdump(file, '-o', 'json')),
      );
      expect(ours).toBe(theirs);
    });
  });
});
