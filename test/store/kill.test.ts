import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Store } from '../../core/store/store.ts';
import { describeRows, seededRandom } from '../build/flow-chunks.ts';
import { repositoryRoot, temporaryFolder } from '../support.ts';
import { CHUNKS, FILE, ROWS } from './made-up-file.ts';

const KILLS = 24;
const random = seededRandom(Date.now());

interface Run {
  readonly killed: boolean;
  readonly ms: number;
}

/** Runs the importing process; kills it `killAfterMs` after it began, where that is given. */
async function runImport(folder: string, killAfterMs?: number): Promise<Run> {
  const child = spawn(process.execPath, [join(repositoryRoot, 'test/store/import-child.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (_code, signal) => resolve(signal));
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const start = performance.now();
  if (killAfterMs !== undefined) {
    await Promise.race([sleep(killAfterMs), ended]);
    child.kill('SIGKILL');
  }
  const signal = await ended;
  return { killed: signal === 'SIGKILL', ms: performance.now() - start };
}

/** Every stored flow as text, sorted; fails where the store reports damage. */
function storedRows(folder: string): string[] {
  using store = Store.open(folder, { create: false });
  const rows: string[] = [];
  const onDamage = (damage: { readonly message: string }): void => expect.fail(damage.message);
  for (const batch of store.scan({ onDamage })) {
    for (const row of describeRows(batch)) rows.push(JSON.stringify(row));
  }
  return rows.sort();
}

describe('an import that is killed', () => {
  it('leaves a store that opens, and the next import ends with exactly the flows of an undisturbed one', async () => {
    const undisturbed = join(temporaryFolder(), 'store');
    const { ms } = await runImport(undisturbed);
    const expected = storedRows(undisturbed);
    expect(expected).toHaveLength(CHUNKS * ROWS);
    const all = new Set(expected);
    let kills = 0;
    let inTheMiddle = 0;
    while (kills < KILLS) {
      const folder = join(temporaryFolder(), 'store');
      let run = await runImport(folder, (random() % 1000) * (ms / 1000));
      while (run.killed) {
        kills++;
        {
          using store = Store.open(folder, { create: true });
          const [source] = store.sources();
          if (source?.state === 'importing' && source.chunks > 0) inTheMiddle++;
          const rows = storedRows(folder);
          expect(new Set(rows).size).toBe(rows.length);
          expect(rows.every((row) => all.has(row))).toBe(true);
          expect(rows.length).toBeGreaterThanOrEqual(source?.rows ?? 0);
        }
        run = await runImport(folder, kills < KILLS ? (random() % 1000) * (ms / 2000) : undefined);
      }
      expect(storedRows(folder)).toEqual(expected);
      using store = Store.open(folder, { create: false });
      expect(store.sources()).toMatchObject([
        { sha256: FILE.sha256, state: 'complete', rows: CHUNKS * ROWS },
      ]);
    }
    expect(inTheMiddle).toBeGreaterThan(KILLS / 4);
  }, 120_000);
});
