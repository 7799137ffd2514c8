/** What tests stand on: reference data, tools of the system, temporary folders, the program as a child process. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, it } from 'vitest';

/** The repository's folder. */
export const repositoryRoot = fileURLToPath(new URL('..', import.meta.url));

const sharedRoot = join(repositoryRoot, '..', 'shared');

/** With BACKTRAIL_NO_SKIP=1 a missing tool or missing reference data fails the tests that need it. */
const mayNotSkip = process.env['BACKTRAIL_NO_SKIP'] === '1';

/** A path under ../shared (the reference recordings), or undefined where it does not exist. */
export function sharedPath(...parts: readonly string[]): string | undefined {
  const path = join(sharedRoot, ...parts);
  return existsSync(path) ? path : undefined;
}

/** A suite that needs ../shared beside the clone. `define` is not called where it is absent. */
export function describeShared(title: string, define: () => void): void {
  describeIf(existsSync(sharedRoot), 'needs the reference recordings in ../shared', title, define);
}

/** A suite that compares with a tool of the system (`nfdump`, `tshark`, ...). `define` is not called without it. */
export function describeWith(tool: string, title: string, define: () => void): void {
  const found = spawnSync('sh', ['-c', 'command -v "$0"', tool]).status === 0;
  describeIf(found, `needs ${tool} on the PATH`, title, define);
}

function describeIf(present: boolean, reason: string, title: string, define: () => void): void {
  if (present) {
    describe(title, define);
    return;
  }
  describe(title, () => {
    it(reason, ({ skip }) => {
      if (mayNotSkip) throw new Error(`${reason}, and BACKTRAIL_NO_SKIP=1 forbids to skip`);
      skip(reason);
    });
  });
}

const temporary: string[] = [];

/** A new empty folder, removed when the test file is done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backtrail-test-'));
  temporary.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of temporary.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export interface CliResult {
  /** null where a signal ended the program. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs the real `backtrail` as a child process, to its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = spawn(process.execPath, [join(repositoryRoot, 'core/cli/start.js'), ...args], {
    cwd: options.cwd ?? repositoryRoot,
    env: { ...process.env, ...options.env },
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
  // A program that ends without reading its input closes the pipe: no fault of the test.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({
        code,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
      });
    });
  });
}
