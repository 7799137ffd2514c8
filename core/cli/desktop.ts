/** The desktop program of a clone, where Electron's own binary was fetched. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApiError } from '../model/api-error.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Path of Electron's binary; undefined where the package brought none. */
export function electronBinary(folder: string = root): string | undefined {
  const installed = join(folder, 'node_modules/electron');
  const named = join(installed, 'path.txt');
  if (!existsSync(named)) return undefined;
  const binary = join(installed, 'dist', readFileSync(named, 'utf8').trim());
  return existsSync(binary) ? binary : undefined;
}

/** Builds main and preload, which takes a second, and runs the program to its end. Throws ApiError `usage`. */
export async function runDesktop(binary: string, args: readonly string[]): Promise<void> {
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  for (const mode of ['main', 'preload']) {
    await run(process.execPath, [
      vite,
      'build',
      '-c',
      'vite.desktop.config.ts',
      '--mode',
      mode,
      '--logLevel',
      'warn',
    ]);
  }
  await run(binary, [root, ...args]);
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 2, 2] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new ApiError('usage', `${program} ended with code ${code}: the lines above say why.`);
}
