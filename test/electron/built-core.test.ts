import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot, temporaryFolder } from '../support.ts';

interface Found {
  readonly hops: readonly (readonly [string, string])[];
  readonly flows: number;
  readonly urls: readonly string[];
  readonly exported: number;
  readonly printed: string;
}

const main = join(repositoryRoot, 'dist/main');
const vite = join(repositoryRoot, 'node_modules/vite/bin/vite.js');

function run(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

const build = (mode: string): string =>
  run([vite, 'build', '-c', 'vite.desktop.config.ts', '--mode', mode, '--logLevel', 'warn']);

beforeAll(() => {
  build('main');
  build('preload');
}, 120_000);

describe('the built main process', () => {
  it('opens the sample, traces, prints, counts, collects and exports over a port, with its own threads', () => {
    const child = join(repositoryRoot, 'test/electron/built-core-child.ts');
    const found = JSON.parse(run([child, main, join(temporaryFolder(), 'store')])) as Found;
    expect(found.hops).toHaveLength(3);
    expect(found.hops[0]?.[0]).toBe('192.168.0.11');
    expect(found.hops.at(-1)?.[1]).toBe('192.168.1.11');
    expect(found.flows).toBeGreaterThan(3000);
    expect(found.urls).toEqual([expect.stringMatching(/^udp:\/\/127\.0\.0\.1:\d+$/)]);
    expect(found.exported).toBeGreaterThan(1_000_000);
    expect(found.printed).toBe('%PDF-');
  }, 120_000);

  it('has a file for every thread and child that it starts', () => {
    const named = readdirSync(main)
      .filter((name) => name.endsWith('.js'))
      .flatMap((name) => [
        ...readFileSync(join(main, name), 'utf8').matchAll(
          /new URL\("(\.\/[\w-]+\.\w+)", import\.meta\.url\)/g,
        ),
      ])
      .map(([, file = '']) => file);
    expect(named.length).toBeGreaterThan(6);
    expect(named.filter((file) => !existsSync(join(main, file)))).toEqual([]);
  });
});

describe('the built preload script', () => {
  it('is one CommonJS file that needs Electron and nothing else', () => {
    const text = readFileSync(join(repositoryRoot, 'dist/preload/preload.cjs'), 'utf8');
    expect([...text.matchAll(/require\(["'`]([^"'`]+)/g)].map(([, name]) => name)).toEqual(['electron']);
    expect(text).not.toMatch(/\bimport\b/);
  });

  it('gives the page the names of its powers and one function, and the port to its own origin alone', () => {
    const exposed = new Map<string, object>();
    const sent: unknown[][] = [];
    const posted: unknown[][] = [];
    const listeners = new Map<string, (event: { ports: unknown[] }) => void>();
    const electron = {
      contextBridge: { exposeInMainWorld: (name: string, api: object) => exposed.set(name, api) },
      ipcRenderer: {
        on: (channel: string, listener: (event: { ports: unknown[] }) => void) =>
          listeners.set(channel, listener),
        send: (...args: unknown[]) => sent.push(args),
      },
    };
    runInNewContext(readFileSync(join(repositoryRoot, 'dist/preload/preload.cjs'), 'utf8'), {
      require: () => electron,
      process: { argv: ['electron', '--backtrail-powers=desktop.copyText,desktop.reveal'] },
      location: { origin: 'app://backtrail' },
      postMessage: (...args: unknown[]) => posted.push(args),
    });
    expect([...exposed.keys()]).toEqual(['backtrail']);
    const bridge = exposed.get('backtrail') as { powers: string[]; connect: () => void };
    expect(Object.keys(bridge).toSorted()).toEqual(['connect', 'powers']);
    expect([...bridge.powers]).toEqual(['desktop.copyText', 'desktop.reveal']);
    bridge.connect();
    expect(sent).toEqual([['backtrail-connect']]);
    expect([...listeners.keys()]).toEqual(['backtrail-port']);
    listeners.get('backtrail-port')?.({ ports: ['the port'] });
    expect(JSON.stringify(posted)).toBe(
      JSON.stringify([['backtrail-port', 'app://backtrail', ['the port']]]),
    );
  });
});
