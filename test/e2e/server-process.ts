/** `backtrail serve` as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));

export interface ServerProcess {
  /** With the token in its fragment. */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
  kill(): void;
}

export interface ServerChoice {
  readonly store: string;
  /** 0: one that is free. */
  readonly port?: number;
  readonly token?: string;
}

/** Resolves when it answers. Rejects with what it said where it ends before. */
export async function serveStore({ store, port = 0, token }: ServerChoice): Promise<ServerProcess> {
  const program = join(repositoryRoot, 'core/cli/start.js');
  const child = spawn(process.execPath, [program, 'serve', '--store', store, '--port', String(port)], {
    env: { ...process.env, ...(token === undefined ? {} : { BACKTRAIL_TOKEN: token }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString('utf8')));
  const ended = once(child, 'exit');
  const url = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([line]) => String(line)),
    ended.then(() => {
      throw new Error(`the server ended: ${said}`);
    }),
  ]);
  return {
    url,
    pid: child.pid ?? 0,
    kill: () => void child.kill('SIGKILL'),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
