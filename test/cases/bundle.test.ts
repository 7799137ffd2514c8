import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { exportCase } from '../../core/app/case/export.ts';
import { verifyBundle } from '../../core/app/case/verify.ts';
import { ApiError } from '../../core/model/api-error.ts';
import type { BundleReport } from '../../core/model/case.ts';
import { repositoryRoot, temporaryFolder } from '../support.ts';
import { inFolder, makeSampleCase, refitManifest, rewrite, writeSealed } from './sample.ts';

/** Pages are drawn, which takes its time where other programs run. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const folder = temporaryFolder();
const store = join(folder, 'store');
const bundle = inFolder(folder, 'whole');
let id = '';
let sha256 = '';

const check = (path: string): Promise<BundleReport> => verifyBundle(path, { rerun: false });
const findings = async (path: string): Promise<string[]> =>
  (await check(path)).findings.map(({ kind, path: where }) => `${kind} ${where}`);

beforeAll(async () => {
  id = await makeSampleCase(store);
  ({ sha256 } = await exportCase(store, id, bundle, { force: false }));
});

describe('an evidence bundle', () => {
  it('is sound as it was exported, and its traces find the same path on its own flows', async () => {
    const report = await verifyBundle(bundle, { rerun: true, sha256 });
    expect(report.findings).toEqual([]);
    expect(report.traces.map(({ item, same, flows }) => ({ item, same, flows }))).toEqual([
      { item: 1, same: true, flows: 4386 },
      { item: 2, same: true, flows: 4386 },
    ]);
  });

  it('holds the flows concerned as a table and as nfcapd, the traces, the picture, the reports, the log and the sources', () => {
    const names = Object.keys(unzipSync(readFileSync(bundle)));
    expect(names).toEqual(
      expect.arrayContaining([
        'flows/1.csv',
        'flows/1-1.nfcapd',
        'traces/1.json',
        'screenshots/6.png',
        'reports/1.pdf',
        'reports/case.pdf',
        'log.jsonl',
      ]),
    );
    const sources = JSON.parse(
      strFromU8(unzipSync(readFileSync(bundle))['sources.json'] ?? new Uint8Array()),
    ) as {
      name: string;
    }[];
    expect(sources).toHaveLength(12);
  });

  it('is found out where one byte of a file was changed, and the file is named', async () => {
    const bytes = readFileSync(bundle);
    const name = Buffer.from('flows/3.csv');
    const changed = Buffer.from(bytes);
    const at = bytes.indexOf(name) + name.length + 500;
    changed[at] = (changed[at] ?? 0) ^ 1;
    const path = inFolder(folder, 'changed');
    writeFileSync(path, changed);
    expect(await findings(path)).toEqual(['changed flows/3.csv']);
  });

  it('is found out wherever a byte was changed', async () => {
    const bytes = readFileSync(bundle);
    const path = inFolder(folder, 'byte');
    const quiet: number[] = [];
    for (let i = 0; i < 40; i++) {
      const at = Math.floor((i * (bytes.length - 1)) / 39);
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      writeFileSync(path, changed);
      const found = await check(path).then(
        (report) => report.findings.length > 0,
        (error: unknown) => error instanceof ApiError,
      );
      if (!found) quiet.push(at);
    }
    expect(quiet).toEqual([]);
  });

  it('is found out where a file is missing, and where one was put in', async () => {
    const path = inFolder(folder, 'other-files');
    rewrite(bundle, path, (files) => {
      delete files['screenshots/6.png'];
      files['traces/9.json'] = strToU8('{}');
    });
    expect(await findings(path)).toEqual(['extra traces/9.json', 'missing screenshots/6.png']);
  });

  it('is found out where another program packed it anew, and the files that it left out or put in are named', async () => {
    const path = inFolder(folder, 'packed-anew');
    const { 'screenshots/6.png': _, ...files } = unzipSync(readFileSync(bundle));
    const none = new Uint8Array();
    writeFileSync(path, zipSync({ 'traces/': none, ...files, 'notes.txt': strToU8('a note') }));
    expect(await findings(path)).toEqual(['extra notes.txt', 'missing screenshots/6.png', 'seal ']);
    writeFileSync(path, zipSync(unzipSync(readFileSync(bundle))));
    const report = await verifyBundle(path, { rerun: false });
    expect(report.findings.map(({ message }) => message)).toEqual([
      'It is not as it was exported: another program has packed it anew, and its seal is gone.',
    ]);
  });

  it('is found out where two traces were swapped, also with a manifest and a seal that fit', async () => {
    const swap = (files: Record<string, Uint8Array>): void => {
      const [first, second] = [files['traces/1.json'], files['traces/2.json']];
      if (!first || !second) throw new Error('the bundle has no two traces');
      files['traces/1.json'] = second;
      files['traces/2.json'] = first;
    };
    const plain = inFolder(folder, 'swapped');
    rewrite(bundle, plain, swap);
    expect(await findings(plain)).toEqual(['changed traces/1.json', 'changed traces/2.json']);
    const careful = inFolder(folder, 'swapped-with-care');
    rewrite(bundle, careful, (files) => {
      swap(files);
      refitManifest(files);
    });
    expect(await findings(careful)).toEqual(['swapped traces/1.json', 'swapped traces/2.json']);
  });

  it('is found out where a step of its log was changed, or the last ones were taken off', async () => {
    const path = inFolder(folder, 'log');
    rewrite(bundle, path, (files) => {
      const log = strFromU8(files['log.jsonl'] ?? new Uint8Array());
      files['log.jsonl'] = strToU8(log.replace('"filter":"port 22"', '"filter":"port 23"'));
      refitManifest(files);
    });
    const report = await check(path);
    expect(report.findings.map(({ message }) => message)).toEqual([
      'The log is broken at step 5: it does not follow from the one before.',
    ]);
    const short = inFolder(folder, 'short-log');
    rewrite(bundle, short, (files) => {
      const lines = strFromU8(files['log.jsonl'] ?? new Uint8Array()).split('\n');
      files['log.jsonl'] = strToU8(`${lines.slice(0, -2).join('\n')}\n`);
      refitManifest(files);
    });
    expect(await findings(short)).toContain('log log.jsonl');
  });

  it('is found out where a trace says another path than its flows give', async () => {
    const path = inFolder(folder, 'other-path');
    rewrite(bundle, path, (files) => {
      const text = strFromU8(files['traces/1.json'] ?? new Uint8Array());
      const trace = JSON.parse(text) as { result: { paths: { hops: unknown[] }[] } };
      trace.result.paths[0]?.hops.shift();
      files['traces/1.json'] = strToU8(JSON.stringify(trace));
      refitManifest(files);
    });
    const report = await verifyBundle(path, { rerun: true });
    expect(report.findings.map(({ kind, path: where }) => `${kind} ${where}`)).toContain(
      'swapped traces/1.json',
    );
  });

  it('is another file where its SHA-256 is not the one that was written down', async () => {
    const report = await verifyBundle(bundle, { rerun: false, sha256: '0'.repeat(64) });
    expect(report.findings.map(({ kind }) => kind)).toEqual(['seal']);
  });

  it.each(['../../etc/passwd.txt', '/etc/passwd.txt', 'flows/../x.csv', String.raw`flows\x.csv`])(
    'is refused where a file of it is named %s',
    async (name) => {
      const path = inFolder(folder, 'traversal');
      writeSealed(path, Buffer.from(zipSync({ 'manifest.json': strToU8('{}'), [name]: strToU8('x') })));
      await expect(check(path)).rejects.toMatchObject({ code: 'unreadable-file' });
    },
  );

  it('is refused where a small file of it would become a large one', async () => {
    const path = inFolder(folder, 'bomb');
    writeSealed(
      path,
      Buffer.from(zipSync({ 'manifest.json': strToU8('{}'), 'flows/1.csv': new Uint8Array(64 << 20) })),
    );
    await expect(check(path)).rejects.toThrow(/times as large/);
  });

  it('is refused where a file of it unpacks to more than its directory says', async () => {
    const zip = Buffer.from(zipSync({ 'manifest.json': strToU8(`{"x":"${'y'.repeat(1000)}"}`) }));
    for (let at = 0; at < zip.length - 4; at++) {
      if (zip.readUInt32LE(at) === 1008) zip.writeUInt32LE(100, at);
    }
    const path = inFolder(folder, 'liar');
    writeSealed(path, zip);
    await expect(check(path)).rejects.toThrow(/longer than it says/);
  });

  it('is refused where it is cut anywhere, and where it is no bundle', async () => {
    const bytes = readFileSync(bundle);
    const path = inFolder(folder, 'cut');
    for (const length of [0, 1, 90, 1000, bytes.length >> 1, bytes.length - 1]) {
      writeFileSync(path, bytes.subarray(0, length));
      await expect(check(path)).rejects.toMatchObject({ code: 'unreadable-file' });
    }
  });
});

describe('a bundle of traces that read more flows than it may hold', () => {
  it('holds those of the machines of each trace, says so, and gives the same paths', async () => {
    const path = inFolder(folder, 'narrow');
    const { notes } = await exportCase(store, id, path, { force: false, traceFlows: 1000 });
    const report = await verifyBundle(path, { rerun: true });
    expect(report.findings).toEqual([]);
    for (const { same, flows } of report.traces) {
      expect(same).toBe(true);
      expect(flows).toBeGreaterThan(100);
      expect(flows).toBeLessThan(4386);
    }
    expect(report.traces).toHaveLength(2);
    expect(notes).toEqual([
      expect.stringMatching(/^Trace 1 read more than 1000 flows/),
      expect.stringMatching(/^Trace 2 read more than 1000 flows/),
    ]);
    const files = unzipSync(readFileSync(path));
    const manifest = JSON.parse(strFromU8(files['manifest.json'] ?? new Uint8Array())) as {
      flows: { item: number; everything: boolean; flows: number }[];
    };
    expect(manifest.flows.map(({ item, everything }) => [item, everything])).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ]);
    // One line a flow, below the titles.
    const lines = strFromU8(files['flows/1.csv'] ?? new Uint8Array())
      .trim()
      .split('\n');
    expect(lines).toHaveLength((manifest.flows[0]?.flows ?? 0) + 1);
  });
});

describe('an export', () => {
  it('writes over no file unless it is told to', async () => {
    await expect(exportCase(store, id, bundle, { force: false })).rejects.toMatchObject({
      code: 'cannot-write',
    });
  });

  it('that is given up leaves nothing', async () => {
    const path = inFolder(folder, 'given-up');
    const signal = AbortSignal.abort(new Error('given up'));
    await expect(exportCase(store, id, path, { force: false, signal })).rejects.toThrow('given up');
    expect(readdirSync(folder).filter((name) => name.startsWith('given-up'))).toEqual([]);
  });

  it('that is killed leaves no bundle under its name, and the next one clears up', async () => {
    const path = inFolder(folder, 'killed');
    const child = spawn(
      process.execPath,
      [join(repositoryRoot, 'test/cases/export-child.ts'), store, id, path],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(folder).some((name) => name.startsWith('killed.') && name.endsWith('.part'))).toBe(
      true,
    );
    await exportCase(store, id, path, { force: false });
    expect(readdirSync(folder).filter((name) => name.startsWith('killed'))).toEqual([
      'killed.backtrail-case',
    ]);
    expect((await check(path)).findings).toEqual([]);
  });
});
