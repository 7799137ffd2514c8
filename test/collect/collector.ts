/** The real `backtrail collect` as a child process, and datagrams for it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CollectStatus } from '../../core/app/collect/collect.ts';
import { repositoryRoot, runCli } from '../support.ts';

export interface Collector {
  readonly child: ChildProcess;
  /** Ports in the order of the listeners. */
  readonly ports: readonly number[];
  /** All that it said on stderr so far. */
  stderr(): string;
  /** The latest status line. */
  status(): CollectStatus | undefined;
  /** Waits for a status line that fulfils the condition. */
  until(condition: (status: CollectStatus) => boolean): Promise<CollectStatus>;
  /** Ends it by a signal; returns its exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

const PATIENCE_MS = 20_000;

/** Starts it and waits until it listens. `listen` may use port 0. */
export async function startCollector(
  store: string,
  listen: readonly string[] = ['udp://127.0.0.1:0'],
  more: readonly string[] = [],
): Promise<Collector> {
  const args = ['collect', '--store', store, '--format', 'jsonl', '--listen', ...listen, ...more];
  const child = spawn(process.execPath, [join(repositoryRoot, 'core/cli/start.js'), ...args]);
  let stderr = '';
  let line = '';
  let status: CollectStatus | undefined;
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString('utf8')));
  child.stdout.on('data', (bytes: Buffer) => {
    const lines = (line + bytes.toString('utf8')).split('\n');
    line = lines.pop() ?? '';
    const last = lines.at(-1);
    if (last) status = JSON.parse(last) as CollectStatus;
  });
  const exited = once(child, 'close') as Promise<[number | null]>;
  const wait = async (done: () => boolean, what: string): Promise<void> => {
    const start = performance.now();
    while (!done()) {
      if (child.exitCode !== null || performance.now() - start > PATIENCE_MS) {
        child.kill('SIGKILL');
        throw new Error(`the collector did not ${what}: ${stderr} ${JSON.stringify(status)}`);
      }
      await sleep(20);
    }
  };
  await wait(() => /Listening at .*\n/.test(stderr), 'start');
  const listening = /Listening at (.*)\.\n/.exec(stderr)?.[1] ?? '';
  return {
    child,
    ports: listening.split(', ').map((url) => Number(url.slice(url.lastIndexOf(':') + 1))),
    stderr: () => stderr,
    status: () => status,
    async until(condition) {
      await wait(() => status !== undefined && condition(status), 'say what was waited for');
      if (!status) throw new Error('there is no status');
      return status;
    },
    async end(signal = 'SIGTERM') {
      child.kill(signal);
      const [code] = await exited;
      return code;
    },
  };
}

/** Sends the payloads from one socket, in order; `pauseMs` after each. */
export async function sendDatagrams(
  port: number,
  payloads: Iterable<Uint8Array>,
  options: { readonly pauseMs?: number; readonly host?: string; readonly from?: string } = {},
): Promise<number> {
  const host = options.host ?? '127.0.0.1';
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, options.from ?? host);
  await once(socket, 'listening');
  const own = socket.address().port;
  for (const payload of payloads) {
    await new Promise<void>((resolve, reject) =>
      socket.send(payload, port, host, (error) => (error ? reject(error) : resolve())),
    );
    if (options.pauseMs) await sleep(options.pauseMs);
  }
  socket.close();
  return own;
}

export interface ListedFlow {
  readonly startMs: number | null;
  readonly protocol: number;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly packets: number;
  readonly bytes: number;
  readonly exporter: string;
  readonly site: string;
}

/** Every flow of the store, as the command lists them. */
export async function listFlows(store: string): Promise<ListedFlow[]> {
  const args = ['flows', '--store', store, '--limit', '10000000', '--format', 'jsonl'];
  const { code, stdout, stderr } = await runCli(args);
  if (code !== 0) throw new Error(stderr);
  const text = stdout.trim();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as ListedFlow);
}
