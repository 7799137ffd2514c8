/** What a person has set, in one JSON file of the store's folder. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '../../model/api-error.ts';

const FILE = 'settings.json';
const MAX_SETTINGS = 1000;

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** The settings of the store in `folder`; none where the file is absent or is no JSON object. */
export function readSettings(folder: string): Record<string, Json> {
  try {
    const read: unknown = JSON.parse(readFileSync(join(folder, FILE), 'utf8'));
    if (typeof read !== 'object' || read === null || Array.isArray(read)) return {};
    return read as Record<string, Json>;
  } catch {
    return {};
  }
}

/** null takes the setting away. Throws ApiError `cannot-write`, and `usage` where there are too many. */
export function writeSetting(folder: string, key: string, value: Json): void {
  const settings = new Map(Object.entries(readSettings(folder)));
  if (value === null) settings.delete(key);
  else settings.set(key, value);
  if (settings.size > MAX_SETTINGS) {
    throw new ApiError('usage', `More than ${MAX_SETTINGS} settings are not kept: remove some first.`);
  }
  const path = join(folder, FILE);
  try {
    mkdirSync(folder, { recursive: true });
    // A crash leaves the old file or the new one.
    writeFileSync(`${path}.new`, JSON.stringify(Object.fromEntries(settings)), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new ApiError('cannot-write', `The settings cannot be kept in ${path} (${what}).`, { cause: error });
  }
}
