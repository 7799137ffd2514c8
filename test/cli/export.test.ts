/** `backtrail export`: every format, read back by others and by us. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { exportFile } from '../../core/app/export/file.ts';
import { exportFlows, type ExportQuestion } from '../../core/app/export/flows.ts';
import { epochMs } from '../../core/model/time.ts';
import type { FlowBatch } from '../../core/model/flow-batch.ts';
import { read } from '../archive/run.ts';
import { buildBatch, buildChunk, type FlowRow } from '../build/flow-chunks.ts';
import { makeStore } from '../build/made-store.ts';
import { describeShared, describeWith, runCli, sharedPath, temporaryFolder } from '../support.ts';

const T0 = Date.UTC(2026, 10, 20, 12);

const flow: FlowRow = {
  source: '198.51.100.7',
  destination: '203.0.113.9',
  sourceTransportPort: 40_000,
  destinationTransportPort: 22,
  protocolIdentifier: 6,
  tcpControlBits: 27,
  flowStartMilliseconds: T0 + 0.25,
  flowEndMilliseconds: T0 + 1500,
  packetDeltaCount: 12,
  octetDeltaCount: 3456,
};
const timeless: FlowRow = { source: '2001:db8::7', destination: '2001:db8::9', exportTime: T0 + 60_000 };
const rich: FlowRow = {
  ...flow,
  flowStartMilliseconds: T0 + 120_000,
  flowEndMilliseconds: T0 + 120_000,
  octetDeltaCount: 2 ** 64,
  extras: {
    octetDeltaCount: '18446744073709551615',
    postNATSourceIPv4Address: '192.0.2.77',
    postNAPTSourceTransportPort: 61_000,
    samplingInterval: 100,
    userName: 'a, "quoted" name',
  },
};
const folder = makeStore(temporaryFolder(), [buildBatch([flow, timeless, rich])], 'plant, old');

/** What comes of a question that needs no file. */
async function exported(question: ExportQuestion): Promise<{ text: string; notes: readonly string[] }> {
  const pieces: Buffer[] = [];
  const write = (bytes: Uint8Array): void => {
    pieces.push(Buffer.from(bytes));
  };
  const { notes } = await exportFlows(folder, question, { write });
  return { text: Buffer.concat(pieces).toString('utf8'), notes };
}

async function intoFile(question: ExportQuestion, store = folder): Promise<string> {
  const path = join(temporaryFolder(), `x.${question.format}`);
  await exportFile(store, question, path, { force: false });
  return path;
}

const lines = async (question: Omit<ExportQuestion, 'format'>): Promise<Record<string, unknown>[]> => {
  const { text } = await exported({ ...question, format: 'jsonl' });
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
};

describe('CSV', () => {
  it('has a line of names and a line a flow, quoted where RFC 4180 says so', async () => {
    const { text } = await exported({ format: 'csv' });
    const [names = '', first, second, third, ...rest] = text.split('\r\n');
    expect(names.split(',').slice(0, 5)).toEqual([
      'flowStartMilliseconds',
      'flowEndMilliseconds',
      'protocolIdentifier',
      'sourceAddress',
      'sourceTransportPort',
    ]);
    expect(first).toBe(
      `${T0 + 0.25},${T0 + 1500},6,198.51.100.7,40000,203.0.113.9,22,27,0,12,3456,0,0,0,0,,,,,192.0.2.1,2055,7,"plant, old",,flow,`,
    );
    expect(second).toMatch(/^,,0,2001:db8::7,0,2001:db8::9,/);
    expect(third).toContain(',18446744073709551615,');
    expect(third).toContain('""userName"":""a, \\""quoted\\"" name""');
    expect(rest).toEqual(['']);
  });
});

describe('JSON lines', () => {
  it('have exact counters, null for what nobody told, and the other elements by name', async () => {
    const [first, second, third] = await lines({});
    expect(first).toMatchObject({ flowStartMilliseconds: T0 + 0.25, octetDeltaCount: 3456, elements: null });
    expect(second).toMatchObject({ flowStartMilliseconds: null, sourceAddress: '2001:db8::7' });
    expect(third).toMatchObject({
      octetDeltaCount: '18446744073709551615',
      postNATSourceAddress: '192.0.2.77',
      postNAPTSourceTransportPort: 61_000,
      site: 'plant, old',
      elements: { samplingInterval: 100, userName: 'a, "quoted" name' },
    });
  });

  it('hold what the time and the filter leave over, with or without the other elements', async () => {
    expect(await lines({ from: epochMs(T0 + 100_000) })).toHaveLength(1);
    expect(await lines({ filter: 'ipv6' })).toHaveLength(1);
    const [only] = await lines({ filter: 'dst port 22 and packets > 1', elements: false });
    expect(Object.keys(only ?? {})).not.toContain('elements');
  });

  it('multiply the counters of a sampling exporter only when asked, and say which', async () => {
    const { notes } = await exported({ format: 'jsonl' });
    expect(notes).toEqual([
      'Some of the exporters sample: counters are as they were exported, not multiplied.',
    ]);
    const scaled = await lines({ scaled: true });
    expect(scaled.map((line) => line['packetDeltaCount'])).toEqual([12, 0, 1200]);
  });
});

describe('Parquet', () => {
  it('has types that others understand, and the same values', async () => {
    const file = await asyncBufferFromFile(await intoFile({ format: 'parquet' }));
    const { schema } = await parquetMetadataAsync(file);
    const types = new Map(schema.map((element) => [element.name, element]));
    expect(types.get('flowStartMilliseconds')).toMatchObject({
      type: 'INT64',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
    });
    expect(types.get('sourceAddress')).toMatchObject({ type: 'BYTE_ARRAY', converted_type: 'UTF8' });
    expect(types.get('octetDeltaCount')).toMatchObject({ type: 'INT64', converted_type: 'UINT_64' });
    const [first, second, third] = await parquetReadObjects({ file });
    expect(first).toMatchObject({
      sourceAddress: '198.51.100.7',
      destinationTransportPort: 22,
      octetDeltaCount: 3456n,
    });
    expect(first?.['flowEndMilliseconds']).toEqual(new Date(T0 + 1500));
    expect(second).toMatchObject({
      flowStartMilliseconds: null,
      sourceAddress: '2001:db8::7',
      elements: null,
    });
    expect(third).toMatchObject({
      octetDeltaCount: 18_446_744_073_709_551_615n,
      postNAPTSourceTransportPort: 61_000,
    });
  });

  it('is written group by group', async () => {
    const batches = [0, 1, 2, 3].map((ordinal) => buildChunk(8, ordinal, 40_000).batch);
    const store = makeStore(temporaryFolder(), batches);
    const file = await asyncBufferFromFile(await intoFile({ format: 'parquet' }, store));
    const { row_groups, num_rows } = await parquetMetadataAsync(file);
    expect(num_rows).toBe(160_000n);
    expect(row_groups.length).toBeGreaterThan(1);
  }, 60_000);

  it('is a whole file where there is nothing to write', async () => {
    const file = await asyncBufferFromFile(await intoFile({ format: 'parquet', filter: 'dst port 9' }));
    expect(await parquetReadObjects({ file })).toEqual([]);
  });
});

describe('nfcapd', () => {
  it('comes back as the same flows', async () => {
    const bytes = readFileSync(await intoFile({ format: 'nfcapd', compression: 'lz4' }));
    const { records, issues } = read(bytes);
    expect(issues).toEqual([]);
    expect(records).toHaveLength(3);
    expect(records[2]).toMatchObject({
      octetDeltaCount: '18446744073709551615',
      postNATSourceIPv4Address: '192.0.2.77',
      _sampled: 1,
      userName: 'a, "quoted" name',
    });
  });

  it('is refused where counters would be multiplied, or where it cannot be finished', async () => {
    await expect(intoFile({ format: 'nfcapd', scaled: true })).rejects.toThrow('as they were exported');
    await expect(exported({ format: 'nfcapd' })).rejects.toThrow('cannot be streamed');
  });
});

describe('the file', () => {
  const question: ExportQuestion = { format: 'csv' };

  it('is never written over unless that was asked, and leaves no draft behind', async () => {
    const path = await intoFile(question);
    writeFileSync(path, 'mine');
    await expect(exportFile(folder, question, path, { force: false })).rejects.toThrow('is there already');
    expect(readFileSync(path, 'utf8')).toBe('mine');
    await exportFile(folder, question, path, { force: true });
    expect(readFileSync(path, 'utf8')).toContain('198.51.100.7');
    expect(readdirSync(join(path, '..'))).toEqual(['x.csv']);
  });

  it('is not there after an export that was stopped, or failed', async () => {
    const out = temporaryFolder();
    const signal = AbortSignal.abort();
    await expect(exportFile(folder, question, join(out, 'x'), { force: false, signal })).rejects.toThrow(
      'abort',
    );
    const bad = { ...question, filter: 'dst porrt 22' };
    await expect(exportFile(folder, bad, join(out, 'x'), { force: false })).rejects.toThrow('porrt');
    await expect(exportFile(join(out, 'none'), question, join(out, 'x'), { force: false })).rejects.toThrow(
      'There is no store',
    );
    await expect(exportFile(folder, question, join(out, 'no', 'x'), { force: false })).rejects.toThrow(
      'cannot be written',
    );
    expect(readdirSync(out)).toEqual([]);
  });
});

describeShared('flows of the reference recordings', () => {
  const sources: readonly (readonly [string, readonly string[]])[] = [
    ['IPv6, MAC, AS, VRF', ['corpus', 'nfcapd', 'v2-ipfix-pmacct-100.nfcapd']],
    ['a provider', ['corpus', 'nfcapd', 'v2-isp-20k-none.nfcapd']],
    ['a firewall with NAT', ['corpus', 'nfcapd', 'v2-nf9-cisco-asa1.nfcapd']],
  ];

  const batchesOf = (path: string): readonly FlowBatch[] =>
    read(readFileSync(path)).chunks.map(({ batch }) => batch);

  describeWith('nfdump', 'by nfdump', () => {
    it.each(sources)(
      '%s: nfdump prints the export as it prints the source',
      async (_, parts) => {
        const source = sharedPath(...parts) ?? '';
        const store = makeStore(temporaryFolder(), batchesOf(source));
        const copy = await intoFile({ format: 'nfcapd' }, store);
        const [theirs, ours] = [source, copy].map((path) => {
          const { stdout } = spawnSync('nfdump', ['-r', path, '-q', '-O', 'tstart', '-o', 'csv'], {
            env: { ...process.env, TZ: 'UTC' },
            encoding: 'utf8',
            maxBuffer: 1 << 28,
          });
          // Which engine exported a flow of NetFlow v5 is known of datagrams alone: here it is the domain.
          return stdout
            .replaceAll(/,\d+\/\d+,(\d+,[\d :.-]+)$/gm, ',,$1')
            .split('\n')
            .toSorted();
        });
        expect(ours?.length).toBe(theirs?.length);
        expect(ours?.filter((line, i) => line !== theirs?.[i])).toEqual([]);
      },
      60_000,
    );

    it('of a recorded attack, imported from datagrams: the same flows, packets and bytes as in the store', async () => {
      const batches = batchesOf(sharedPath('lab', 'c_mixed_skew', 'export.pcap') ?? '');
      const store = makeStore(temporaryFolder(), batches);
      const { stdout } = spawnSync('nfdump', ['-r', await intoFile({ format: 'nfcapd' }, store), '-I'], {
        encoding: 'utf8',
      });
      const sum = (name: 'packetDeltaCount' | 'octetDeltaCount'): number =>
        batches.reduce((all, { columns }) => all + columns[name].reduce((a, b) => a + b, 0), 0);
      expect(stdout).toContain(`Flows: ${batches.reduce((all, { count }) => all + count, 0)}\n`);
      expect(stdout).toContain(`Packets: ${sum('packetDeltaCount')}\n`);
      expect(stdout).toContain(`Bytes: ${sum('octetDeltaCount')}\n`);
    }, 60_000);
  });
});

it('backtrail export says what it wrote, and what is wrong', async () => {
  const out = temporaryFolder();
  const run = (...args: string[]) => runCli(['export', '--store', folder, '--out', join(out, 'x'), ...args]);
  const done = await run('dst', 'port', '22', '--format', 'csv');
  expect(done).toMatchObject({ code: 0, stdout: '' });
  expect(done.stderr).toMatch(/2 flows in .*x \(\d+ B\)\.\n$/);
  expect(await run('--format', 'csv')).toMatchObject({ code: 1, stdout: '' });
  expect(await run('--format', 'csv', '--compress', 'lz4')).toMatchObject({ code: 2 });
  expect((await run('porrt', '22', '--format', 'csv', '--force')).stderr).toContain('  porrt 22\n  ^^^^^');
}, 60_000);
