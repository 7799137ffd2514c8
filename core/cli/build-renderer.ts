/** The pages of the workstation: built when they are missing or older than what they are made of. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApiError } from '../model/api-error.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What the pages are made of. An installed program has the pages alone. */
const sources = [
  'renderer',
  'core/model',
  'core/math',
  'core/wire',
  'core/filter',
  'resources',
  'vite.config.ts',
  'package-lock.json',
];

/** Whether there is something to build: the sources are here, and the pages are not, or older. */
export function needsBuild(folder: string = root): boolean {
  if (!existsSync(join(folder, 'vite.config.ts'))) return false;
  const page = statSync(join(folder, 'dist/renderer/index.html'), { throwIfNoEntry: false });
  return !page || sources.some((path) => latest(join(folder, path)) > page.mtimeMs);
}

/** Builds the pages. Throws ApiError `usage` where the builder is not installed or fails. */
export async function buildRenderer(folder: string = root): Promise<void> {
  const vite = join(folder, 'node_modules/vite/bin/vite.js');
  if (!existsSync(vite)) {
    throw new ApiError('usage', 'The builder of the pages is not installed: run "npm ci" first.');
  }
  const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new ApiError('usage', 'The pages could not be built: the lines above say why.');
}

/** When a file, or the youngest file below a folder, was last changed; 0 where there is none. */
function latest(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0;
  return Math.max(0, ...readdirSync(path).map((name) => latest(join(path, name))));
}
