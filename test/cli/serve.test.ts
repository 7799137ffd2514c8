import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { needsBuild } from '../../core/cli/build-renderer.ts';
import { openBrowser } from '../../core/cli/open-browser.ts';
import { defaultStoreFolder } from '../../core/app/workspace/folder.ts';
import { buildBatch } from '../build/flow-chunks.ts';
import { makeStore } from '../build/made-store.ts';
import { describeWith, repositoryRoot, runCli, temporaryFolder } from '../support.ts';
import { openClient } from '../server/clients.ts';

const pages = join(repositoryRoot, 'dist/renderer/index.html');

/** The program, and what it prints. */
class Served {
  readonly child: ChildProcessWithoutNullStreams;
  stderr = '';
  readonly #ended: Promise<number | null>;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [join(repositoryRoot, 'core/cli/start.js'), 'serve', ...args], {
      cwd: repositoryRoot,
      env: { ...process.env, ...env },
    });
    this.child.stderr.on('data', (bytes: Buffer) => (this.stderr += bytes.toString()));
    this.#ended = once(this.child, 'exit').then(([code]) => code as number | null);
  }

  /** The address on stdout, which is all that is there. */
  async url(): Promise<URL> {
    const line = once(createInterface(this.child.stdout), 'line') as Promise<[string]>;
    const ended = this.#ended.then(() => Promise.reject(new Error(`it ended: ${this.stderr}`)));
    const [address] = await Promise.race([line, ended]);
    return new URL(address);
  }

  /** Resolves when it has said so on stderr. Rejects where it ends before. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const ended = this.#ended.then(() => Promise.reject(new Error(`it ended: ${this.stderr}`)));
    ended.catch(() => undefined);
    for (;;) {
      const found = pattern.exec(this.stderr);
      if (found) return found;
      await Promise.race([once(this.child.stderr, 'data'), ended]);
    }
  }

  async ended(signal?: NodeJS.Signals): Promise<number | null> {
    if (signal) this.child.kill(signal);
    return this.#ended;
  }
}

const originOf = (url: URL): { server: never } => ({ server: { origin: url.origin } as never });

describe('backtrail serve', () => {
  const running: Served[] = [];
  const serve = (args: readonly string[], env?: Readonly<Record<string, string>>): Served => {
    const served = new Served(['--port', '0', ...args], env);
    running.push(served);
    return served;
  };
  const newStore = (): string => join(temporaryFolder(), 'store');

  let built = true;

  beforeAll(() => {
    built = existsSync(pages);
    if (built) return;
    // The command serves what was built; any page will do here.
    mkdirSync(join(pages, '..'), { recursive: true });
    writeFileSync(pages, '<!doctype html><title>Backtrail</title>');
  });

  afterAll(() => {
    // Else the next start would take it for the real one.
    if (!built) rmSync(pages, { force: true });
  });

  afterEach(async () => {
    for (const served of running.splice(0)) await served.ended('SIGKILL');
  });

  it('prints an address that opens the page, with the token in its fragment', async () => {
    const url = await serve(['--store', newStore()]).url();
    expect(url.hostname).toBe('127.0.0.1');
    expect(url.hash).toMatch(/^#token=[\w-]{32}$/);
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<!doctype html>');
    const client = openClient(originOf(url), url.hash.slice('#token='.length));
    expect((await client.call('collect.devices', {})).devices).toContain('softflowd');
    client.close();
  });

  it('stores what the collector has and ends at the first signal', async () => {
    const store = newStore();
    const served = serve(['--store', store, '--listen', 'udp://127.0.0.1:0']);
    await served.url();
    expect(served.stderr).toMatch(/Collecting on udp:\/\/127\.0\.0\.1:\d+/);
    expect(await served.ended('SIGTERM')).toBe(0);
    const collected = await runCli(['flows', '--store', store]);
    expect(collected.code).toBe(0);
    expect(served.stderr).toContain('Ended.');
  });

  it('writes the report of last month with its tables where it is missing, and leaves one that is there', async () => {
    const now = new Date();
    const dayAgo = (months: number): number => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 10);
    // Just after a month has ended, its last flows may still come in: the one before counts as the last.
    const flows = [1, 2].map((months) => ({
      source: '192.0.2.1',
      destination: '192.0.2.2',
      packetDeltaCount: 3,
      octetDeltaCount: 400,
      flowStartMilliseconds: dayAgo(months),
      flowEndMilliseconds: dayAgo(months),
    }));
    const store = makeStore(newStore(), [buildBatch(flows)]);
    const folder = join(temporaryFolder(), 'reports');
    const first = serve(['--store', store, '--reports', folder]);
    const [, month = ''] = await first.says(/The report on (\d{4}-\d{2}) was written to/);
    const pdf = join(folder, `backtrail-${month}.pdf`);
    expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-');
    const tables = join(folder, `backtrail-${month}`);
    const days = JSON.parse(readFileSync(join(tables, 'days.json'), 'utf8')) as {
      day: string;
      flows: number;
    }[];
    expect(days.filter((day) => day.flows > 0)).toMatchObject([{ day: `${month}-10`, flows: 1 }]);
    expect(await first.ended('SIGTERM')).toBe(0);
    writeFileSync(pdf, 'a report that a person has signed');
    const second = serve(['--store', store, '--reports', folder]);
    await second.url();
    // A report that were being made would be finished first.
    expect(await second.ended('SIGTERM')).toBe(0);
    expect(readFileSync(pdf, 'utf8')).toBe('a report that a person has signed');
  });

  it('takes a token from the environment, for a server that is started anew under the same address', async () => {
    const token = 'a-token-for-several-starts';
    const url = await serve(['--store', newStore()], { BACKTRAIL_TOKEN: token }).url();
    expect(url.hash).toBe(`#token=${token}`);
    const refused = await runCli(['serve', '--port', '0'], { env: { BACKTRAIL_TOKEN: 'short' } });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('BACKTRAIL_TOKEN');
  });

  it('serves others only with TLS, or when it is told that they may read along', async () => {
    const refused = await runCli(['serve', '--host', '0.0.0.0', '--port', '0', '--store', newStore()]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--insecure-http');
    expect(refused.stdout).toBe('');
    const url = await serve(['--store', newStore(), '--host', '0.0.0.0', '--insecure-http']).url();
    expect((await fetch(`http://127.0.0.1:${url.port}/`)).status).toBe(200);
  });

  it('says which port is taken, and refuses what is no port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const taken = await runCli(['serve', '--store', newStore(), '--port', String(port)]);
    other.close();
    expect([taken.code, taken.stderr]).toEqual([2, expect.stringContaining(`The port ${port} is taken`)]);
    expect((await runCli(['serve', '--port', '65536'])).code).toBe(2);
  });

  it('says what is wrong with a certificate', async () => {
    const half = await runCli(['serve', '--store', newStore(), '--tls-cert', pages]);
    expect([half.code, half.stderr]).toEqual([2, expect.stringContaining('--tls-key')]);
    const none = await runCli(['serve', '--store', newStore(), '--tls-cert', pages, '--tls-key', pages]);
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('PEM')]);
  });

  describeWith('openssl', 'with a certificate', () => {
    it('serves over https and wss', async () => {
      const folder = temporaryFolder();
      const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
      const subject = ['-subj', '/CN=localhost', '-days', '2', '-nodes', '-newkey', 'rsa:2048'];
      spawnSync('openssl', ['req', '-x509', ...subject, '-keyout', key, '-out', cert]);
      expect(readFileSync(cert, 'utf8')).toContain('CERTIFICATE');
      const url = await serve(['--store', newStore(), '--tls-cert', cert, '--tls-key', key]).url();
      expect(url.protocol).toBe('https:');
      const client = openClient(originOf(url), url.hash.slice('#token='.length));
      expect((await client.call('settings.get', {})).values).toEqual({});
      client.close();
    });
  });
});

describe('the start of the workstation', () => {
  it('builds pages that are missing or older than what they are made of, and no others', () => {
    const folder = temporaryFolder();
    expect(needsBuild(folder)).toBe(false);
    mkdirSync(join(folder, 'renderer'));
    for (const file of ['vite.config.ts', 'renderer/main.tsx']) {
      writeFileSync(join(folder, file), '');
      utimesSync(join(folder, file), 1000, 1000);
    }
    expect(needsBuild(folder)).toBe(true);
    mkdirSync(join(folder, 'dist/renderer'), { recursive: true });
    writeFileSync(join(folder, 'dist/renderer/index.html'), '');
    expect(needsBuild(folder)).toBe(false);
    utimesSync(join(folder, 'dist/renderer/index.html'), 500, 500);
    expect(needsBuild(folder)).toBe(true);
  });

  it('opens the browser with the address, and goes on where there is none', async () => {
    const folder = temporaryFolder();
    const path = process.env['PATH'];
    process.env['PATH'] = folder;
    openBrowser('http://127.0.0.1/#none', 'linux');
    const note = join(folder, 'opened');
    writeFileSync(
      join(folder, 'xdg-open'),
      `#!/bin/sh\necho "$1" > ${note}.part\n/bin/mv ${note}.part ${note}\n`,
      {
        mode: 0o755,
      },
    );
    openBrowser('http://127.0.0.1/#some', 'linux');
    process.env['PATH'] = path;
    while (!existsSync(note)) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(readFileSync(note, 'utf8')).toBe('http://127.0.0.1/#some\n');
  });

  it('keeps the store where the platform has a place for it', () => {
    expect(defaultStoreFolder('linux', { XDG_DATA_HOME: '/data' })).toBe('/data/backtrail/store');
    expect(defaultStoreFolder('darwin', {})).toMatch(/Library\/Application Support\/Backtrail\/store$/);
    expect(defaultStoreFolder('win32', { LOCALAPPDATA: 'L' })).toContain('Backtrail');
  });
});
