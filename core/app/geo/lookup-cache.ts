/** Answers of registries, kept in files with the time they were given. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Registration } from '../../model/place.ts';

/** Answers kept; past them the oldest go. */
const MAX_KEPT = 2000;

/** What is kept for a query; undefined where nothing is, or nothing that can be read. */
export async function keptAnswer(folder: string, query: string): Promise<Registration | undefined> {
  try {
    const read: unknown = JSON.parse(await readFile(pathOf(folder, query), 'utf8'));
    return isRegistration(read) && read.query === query ? { ...read, cached: true } : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps an answer. One that cannot be written is asked for again another time, and that is all. */
export async function keepAnswer(folder: string, answer: Registration): Promise<void> {
  const path = pathOf(folder, answer.query);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(`${path}.new`, JSON.stringify(answer), { mode: 0o600 });
    await rename(`${path}.new`, path);
    await forgetOldest(folder);
  } catch {
    await rm(`${path}.new`, { force: true }).catch(() => undefined);
  }
}

async function forgetOldest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  if (names.length <= MAX_KEPT) return;
  const aged = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(join(folder, name))).mtimeMs })),
  );
  aged.sort((a, b) => a.time - b.time);
  for (const { name } of aged.slice(0, names.length - MAX_KEPT))
    await rm(join(folder, name), { force: true });
}

function pathOf(folder: string, query: string): string {
  return join(folder, `${createHash('sha256').update(query).digest('hex').slice(0, 32)}.json`);
}

function isRegistration(value: unknown): value is Registration {
  if (typeof value !== 'object' || value === null) return false;
  const { fetchedMs, asked, abuse, notes, ...rest } = value as Record<string, unknown>;
  const texts = ['query', 'protocol', 'server', 'range', 'handle', 'name', 'owner', 'country', 'text'];
  return (
    typeof fetchedMs === 'number' &&
    [asked, abuse, notes].every((list) => Array.isArray(list)) &&
    texts.every((name) => typeof rest[name] === 'string')
  );
}
