import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { aggregates, netflow8 } from '../build/netflow-fixed.ts';
import { netflow5, type Flow5 } from '../build/netflow.ts';
import { concat } from '../build/octets.ts';
import { ethernet, ipv4, pcap } from '../build/pcap.ts';
import {
  describeShared,
  repositoryRoot,
  runCli,
  sharedPath,
  temporaryFolder,
  type CliResult,
} from '../support.ts';

/** 2026-11-20T12:00:00Z in seconds. */
const noon = Date.UTC(2026, 10, 20, 12) / 1000;

/** A capture of v5 datagrams of one exporter, one a second, `flows` in each. */
function capture(datagrams: number, flows = 30, exporter = '192.0.2.7'): Uint8Array {
  const packets = Array.from({ length: datagrams }, (_, second) => {
    const rows = Array.from({ length: flows }, (_, i): Flow5 => {
      const number = second * flows + i;
      return {
        source: `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
        destination: '198.51.100.7',
        sourcePort: 1024 + (number % 60_000),
        destinationPort: 22,
        protocol: 6,
        packets: 1 + (number % 97),
        octets: 40 + ((number * 7919) % 100_000),
        first: 1000,
        last: 2000,
      };
    });
    const payload = netflow5({ sysUpTime: 2000, seconds: noon + second, sequence: second * flows }, rows);
    return {
      packet: new Uint8Array([...new Uint8Array(12), 8, 0, ...ipv4(payload, { source: exporter })]),
      seconds: noon + second,
    };
  });
  return pcap({}, ...packets);
}

function folderWith(files: Readonly<Record<string, Uint8Array>>): { folder: string; store: string } {
  const folder = temporaryFolder();
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return { folder, store: join(folder, 'store') };
}

async function storedFlows(store: string): Promise<string[]> {
  const { stdout, code } = await runCli([
    'flows',
    '--store',
    store,
    '--limit',
    '1000000',
    '--format',
    'jsonl',
  ]);
  expect(code).toBe(0);
  return stdout.trim().split('\n').sort();
}

interface JsonReport {
  readonly outcome: string;
  readonly addedFlows: number;
  readonly [key: string]: unknown;
}

const reports = (result: CliResult): JsonReport[] => JSON.parse(result.stdout) as JsonReport[];

describe('backtrail import', () => {
  it('adds the flows of a file once, and says so the second time', async () => {
    const { folder, store } = folderWith({ 'a.pcap': capture(2) });
    const path = join(folder, 'a.pcap');
    const first = await runCli(['import', path, '--store', store]);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/a\.pcap +60  pcap\n/);
    const second = await runCli(['import', path, '--store', store]);
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(second.stdout).toMatch(/a\.pcap +0  is in the store already \(60 flows\), nothing added\n/);
    expect(await storedFlows(store)).toHaveLength(60);
  });

  it('knows a file by its bytes, whatever its name', async () => {
    const { folder, store } = folderWith({ 'a.pcap': capture(1), 'b.bin': capture(1) });
    const result = await runCli(['import', folder, '--store', store, '--format', 'json']);
    expect(reports(result).map(({ outcome, addedFlows }) => [outcome, addedFlows])).toEqual([
      ['added', 30],
      ['already', 0],
    ]);
  });

  it('walks folders by name, leaves its own store out, and goes on past what it cannot read', async () => {
    const { folder, store } = folderWith({
      'b.pcap': capture(1),
      'c.txt': Buffer.from('no flows here, sorry'),
    });
    mkdirSync(join(folder, 'a'));
    writeFileSync(join(folder, 'a', 'inner.pcap'), capture(2));
    for (let round = 0; round < 2; round++) {
      const result = await runCli([
        'import',
        folder,
        join(folder, 'absent'),
        '--store',
        store,
        '--format',
        'jsonl',
      ]);
      const lines = result.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as JsonReport);
      expect(lines.map(({ path, outcome }) => [path, outcome])).toEqual([
        [join(folder, 'a/inner.pcap'), round === 0 ? 'added' : 'already'],
        [join(folder, 'b.pcap'), round === 0 ? 'added' : 'already'],
        [join(folder, 'c.txt'), 'left-out'],
        [join(folder, 'absent'), 'failed'],
      ]);
      expect(result.code).toBe(1);
      expect(result.stderr).not.toMatch(/c\.txt/);
      expect(result.stderr).toMatch(/absent does not exist\./);
    }
  });

  it('leaves strangers in a folder out, and refuses one that was named', async () => {
    const { folder, store } = folderWith({
      'b.pcap': capture(1),
      'notes.txt': Buffer.from('no flows here, sorry'),
      'empty.log': new Uint8Array(),
    });
    const walked = await runCli(['import', folder, '--store', store]);
    expect(walked.code).toBe(0);
    expect(walked.stdout).toMatch(/notes\.txt +0  not a flow archive, left out\n/);
    expect(walked.stderr).toBe('30 flows added from 1 file, 2 left out, being no flow archives.\n');
    const named = await runCli(['import', join(folder, 'notes.txt'), '--store', store]);
    expect(named.code).toBe(1);
    expect(named.stderr).toMatch(
      /notes\.txt: The file begins with 6e 6f .* which is no flow archive we know/,
    );
  });

  it.each([
    ['an empty file', new Uint8Array(), /The file is empty/],
    ['a file of zeros', new Uint8Array(5000), /The file holds zero bytes only/],
  ])('refuses %s in a sentence and makes no store for it', async (_what, bytes, sentence) => {
    const { folder, store } = folderWith({ file: bytes });
    const result = await runCli(['import', join(folder, 'file'), '--store', store]);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(sentence);
    expect(existsSync(store)).toBe(false);
  });

  it('keeps what comes before the break of a truncated file, and says where it breaks', async () => {
    const { folder, store } = folderWith({ 'a.pcap': capture(3) });
    const path = join(folder, 'a.pcap');
    truncateSync(path, readFileSync(path).length - 100);
    const result = await runCli(['import', path, '--store', store]);
    expect(result.code).toBe(1);
    expect(result.stderr).toBe(
      `truncated: 1 time, first in ${path}: the file ends within the packet at byte 3068\n`,
    );
    expect(result.stdout).toMatch(/a\.pcap +60  pcap; 1 truncated; breaks off at byte 3068 of 4490\n/);
    expect(await storedFlows(store)).toHaveLength(60);
  });

  it('puts the exporters into the site that --site names', async () => {
    const { folder, store } = folderWith({ 'a.pcap': capture(1) });
    await runCli(['import', join(folder, 'a.pcap'), '--store', store, '--site', 'Seoul']);
    const flows = (await storedFlows(store)).map(
      (line) => JSON.parse(line) as { site: string; exporter: string },
    );
    expect(new Set(flows.map(({ site, exporter }) => `${exporter} at ${site}`))).toEqual(
      new Set(['192.0.2.7 at Seoul']),
    );
  });

  it('says where an exporter stays that another site claims', async () => {
    const { folder, store } = folderWith({ 'a.pcap': capture(1), 'b.pcap': capture(2) });
    await runCli(['import', join(folder, 'a.pcap'), '--store', store, '--site', 'Seoul']);
    const { stderr, code } = await runCli([
      'import',
      join(folder, 'b.pcap'),
      '--store',
      store,
      '--site',
      'Busan',
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^The exporter 192\.0\.2\.7 stays at the site Seoul, .* Busan .*\n$/);
  });

  it('says in a sentence that the store cannot be written, and tries no further file', async () => {
    const { folder } = folderWith({ 'a.pcap': capture(1), 'b.pcap': capture(2) });
    const args = [
      'import',
      join(folder, 'a.pcap'),
      join(folder, 'b.pcap'),
      '--store',
      join(folder, 'a.pcap', 'store'),
    ];
    const { stderr, code } = await runCli(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/The store .* cannot be written .*: choose a folder that you may write to/);
    expect(stderr).toMatch(/1 file was not tried/);
  });

  it('takes a table with a mapping that it proposed, and reads it anew with a corrected one', async () => {
    const { folder, store } = folderWith({
      'table.csv': Buffer.from('When,Src IP,Dst IP,Bytes\n1763640000,10.0.0.1,10.0.0.2,77\n'),
    });
    const table = join(folder, 'table.csv');
    const refused = await runCli(['import', table, '--store', store]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /is a table \(When, Src IP, Dst IP, Bytes, \.\.\.\).*--propose-mapping FILE.*--csv-mapping/,
    );
    const proposed = await runCli(['import', '--propose-mapping', table]);
    expect(proposed.code).toBe(0);
    const mapping = join(folder, 'mapping.json');
    // A person says what nobody could guess: that `When` is the start, in seconds.
    const corrected = proposed.stdout.replace('"_When"', '"flowStartMilliseconds", "unit": "seconds"');
    writeFileSync(mapping, corrected);
    const added = await runCli([
      'import',
      table,
      '--store',
      store,
      '--csv-mapping',
      mapping,
      '--format',
      'json',
    ]);
    expect(reports(added)).toMatchObject([{ outcome: 'added', kind: 'csv', addedFlows: 1 }]);
    const decoded = await runCli(['decode', table, '--csv-mapping', mapping]);
    expect(JSON.parse(decoded.stdout)).toMatchObject({
      sourceIPv4Address: '10.0.0.1',
      octetDeltaCount: 77,
      _startMs: 1_763_640_000_000,
    });
    const again = ['import', table, '--store', store, '--csv-mapping', mapping, '--format', 'json'];
    expect(reports(await runCli(again))).toMatchObject([{ outcome: 'already', addedFlows: 0 }]);
    writeFileSync(mapping, corrected.replace('"octetDeltaCount"', '"packetDeltaCount"'));
    expect(reports(await runCli(again))).toMatchObject([{ outcome: 'added', addedFlows: 1, flows: 1 }]);
    const listed = await runCli(['flows', '--store', store, '--format', 'json']);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ source: '10.0.0.1', packets: 77, bytes: 0 }]);
    writeFileSync(mapping, '{"columns":{"a":"b"}}');
    const faulty = await runCli(['import', table, '--store', store, '--csv-mapping', mapping]);
    expect(faulty).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/mapping\.json: The mapping gives the column "a"/),
    });
  });

  it('reads compressed archives', async () => {
    const { folder, store } = folderWith({
      'a.pcap.gz': gzipSync(capture(2)),
      'b.pcap.zst': zstdCompressSync(capture(3)),
    });
    const result = await runCli(['import', folder, '--store', store, '--format', 'json']);
    expect(reports(result)).toMatchObject([
      { outcome: 'added', kind: 'pcap', addedFlows: 60, brokeAt: null },
      { outcome: 'added', kind: 'pcap', addedFlows: 90, brokeAt: null },
    ]);
  });

  it('needs --store', async () => {
    expect(await runCli(['import', 'a.pcap'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^backtrail: required option '--store <dir>' not specified/),
    });
  });
});

describe('an import that is cut short', () => {
  /** 150,000 flows: three chunks. */
  const big = concat(capture(5000));

  it('says that the disk is full, and goes on from there when there is space', async () => {
    const { folder, store } = folderWith({ 'big.pcap': big });
    const command = `ulimit -f 150; exec "${process.execPath}" core/cli/start.js import "${join(folder, 'big.pcap')}" --store "${store}"`;
    const child = spawn('bash', ['-c', command], { cwd: repositoryRoot });
    let stderr = '';
    child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(stderr).toMatch(
      /^backtrail: The disk of the store .* is full or failing \(SQLITE_\w+\): free some space/,
    );
    expect(code).toBe(1);
    const again = await runCli(['import', join(folder, 'big.pcap'), '--store', store, '--format', 'json']);
    expect(reports(again)).toMatchObject([{ outcome: 'added', flows: 150_000 }]);
    expect(new Set(await storedFlows(store)).size).toBe(150_000);
  }, 60_000);

  it('ends with the same flows after three kills as without', async () => {
    const { folder, store } = folderWith({ 'big.pcap': big });
    const path = join(folder, 'big.pcap');
    const start = performance.now();
    const undisturbed = join(folder, 'undisturbed');
    await runCli(['import', path, '--store', undisturbed]);
    const whole = performance.now() - start;
    for (const part of [0.5, 0.6, 0.7]) {
      const child = spawn(process.execPath, ['core/cli/start.js', 'import', path, '--store', store], {
        cwd: repositoryRoot,
        stdio: 'ignore',
      });
      const ended = new Promise((resolve) => child.on('exit', resolve));
      await Promise.race([sleep(whole * part), ended]);
      child.kill('SIGKILL');
      await ended;
    }
    const last = await runCli(['import', path, '--store', store, '--format', 'json']);
    expect(reports(last)).toMatchObject([{ flows: 150_000 }]);
    expect(await storedFlows(store)).toEqual(await storedFlows(undisturbed));
  }, 60_000);
});

describe('backtrail import of NetFlow v8', () => {
  it('counts aggregates beside the flows, not among them', async () => {
    const sums = netflow8({ sysUpTime: 6000, seconds: noon, aggregation: 8 }, [
      aggregates[8] ?? new Uint8Array(),
      aggregates[8] ?? new Uint8Array(),
    ]);
    const single = netflow5({ sysUpTime: 6000, seconds: noon }, [{ packets: 1, first: 1000, last: 2000 }]);
    const packets = [sums, single].map((payload) => ({ packet: ethernet(ipv4(payload)), seconds: noon }));
    const { folder, store } = folderWith({ 'mixed.pcap': pcap({}, ...packets) });
    const args = ['import', join(folder, 'mixed.pcap'), '--store', store];
    expect((await runCli(args)).stdout).toMatch(/mixed\.pcap +1 +pcap; 2 aggregates\n/);
    expect(reports(await runCli([...args.slice(0, -1), `${store}2`, '--format', 'json']))).toMatchObject([
      { addedFlows: 1, addedAggregates: 2 },
    ]);
  });
});

describeShared('recorded exports', () => {
  it('imports as many flows of a recorded attack as nfcapd wrote of it', async () => {
    const counts = JSON.parse(readFileSync(sharedPath('lab/g_attacks/counts.json') ?? '', 'utf8')) as {
      readonly records_per_dir: Readonly<Record<string, readonly number[]>>;
    };
    const recorded = Object.values(counts.records_per_dir).flat();
    const sum = recorded.reduce((total, count) => total + count, 0);
    const store = join(temporaryFolder(), 'store');
    const paths = [sharedPath('lab/g_attacks/export.pcap') ?? '', sharedPath('lab/g_attacks/nfcapd') ?? ''];
    const result = await runCli(['import', ...paths, '--store', store, '--format', 'json']);
    const [fromCapture, ...fromNfcapd] = reports(result);
    expect(fromCapture).toMatchObject({ kind: 'pcap', addedFlows: sum, brokeAt: null, issues: {} });
    expect(fromNfcapd.map((report) => report.addedFlows)).toEqual(recorded);
  });
});
