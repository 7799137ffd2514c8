import { spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ImportSession } from '../../core/store/import-session.ts';
import { StoreKeeper } from '../../core/store/store-keeper.ts';
import { Store } from '../../core/store/store.ts';
import { buildChunk, describeRows, seededRandom } from '../build/flow-chunks.ts';
import { repositoryRoot, temporaryFolder } from '../support.ts';
import { CHUNKS, FILE, LIVE_CHUNKS, LIVE_ROWS, ROWS } from './made-up-file.ts';

/** Of each kind of work; BACKTRAIL_KILLS=34 for a hundred. */
const KILLS = Number(process.env['BACKTRAIL_KILLS'] ?? 6);
const SEED = Number(process.env['BACKTRAIL_SEED'] ?? Date.now() % 1_000_000);
const TIMEOUT_MS = 60_000 + KILLS * 10_000;
const random = seededRandom(SEED);
const upTo = (ms: number): number => (random() / 2 ** 32) * ms;

interface Run {
  readonly killed: boolean;
  readonly ms: number;
  /** Chunks that a collection said were on disk. */
  readonly said: number;
}

/** Runs the working process; kills it `killAfterMs` after it began, where that is given. */
async function run(work: string, folder: string, killAfterMs?: number, seed = 0): Promise<Run> {
  const child = spawn(
    process.execPath,
    [join(repositoryRoot, 'test/store/kill-child.ts'), work, folder, String(seed)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
  const ended = new Promise<NodeJS.Signals | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (_code, signal) => resolve(signal));
  });
  await Promise.race([new Promise((resolve) => child.stdout.once('data', resolve)), ended]);
  const start = performance.now();
  if (killAfterMs !== undefined) {
    await Promise.race([sleep(killAfterMs), ended]);
    child.kill('SIGKILL');
  }
  const signal = await ended;
  const said = Number(/(\d+)\n[^\n]*$/.exec(text)?.[1] ?? 0);
  return { killed: signal === 'SIGKILL', ms: performance.now() - start, said };
}

const textOf = (chunks: readonly ReturnType<typeof buildChunk>[]): string[] =>
  chunks.flatMap(({ batch }) => describeRows(batch).map((row) => JSON.stringify(row))).sort();

/** Every stored flow as text, sorted. Fails where one is there twice or something does not verify. */
function soundRows(folder: string): string[] {
  using store = Store.open(folder, { create: true });
  const rows: string[] = [];
  const onDamage = (damage: { readonly message: string }): void => expect.fail(damage.message);
  for (const batch of store.scan({ onDamage })) {
    for (const row of describeRows(batch)) rows.push(JSON.stringify(row));
  }
  expect(new Set(rows).size).toBe(rows.length);
  using keeper = StoreKeeper.open(folder);
  expect(keeper.verify(() => undefined)).toMatchObject({ faults: [], counted: true });
  return rows.sort();
}

describe(`a process that is killed (seed ${SEED})`, () => {
  it(
    'in an import leaves a sound store, and the next import ends with the flows of an undisturbed one',
    async () => {
      const expected = textOf(Array.from({ length: CHUNKS }, (_, i) => buildChunk(7, i, ROWS)));
      const all = new Set(expected);
      const { ms } = await run('import', join(temporaryFolder(), 'store'));
      let inTheMiddle = 0;
      let folder = join(temporaryFolder(), 'store');
      for (let kills = 0; kills < KILLS;) {
        const { killed } = await run('import', folder, upTo(ms * 0.7));
        if (!killed) {
          folder = join(temporaryFolder(), 'store');
          continue;
        }
        kills++;
        const rows = soundRows(folder);
        using store = Store.open(folder, { create: false });
        const [source] = store.sources();
        expect(rows.length).toBeGreaterThanOrEqual(source?.rows ?? 0);
        expect(rows.every((row) => all.has(row))).toBe(true);
        if (source?.state === 'importing' && source.chunks > 0) inTheMiddle++;
      }
      await run('import', folder);
      expect(soundRows(folder)).toEqual(expected);
      using store = Store.open(folder, { create: false });
      expect(store.sources()).toMatchObject([
        { sha256: FILE.sha256, state: 'complete', rows: CHUNKS * ROWS, chunks: CHUNKS },
      ]);
      expect(inTheMiddle).toBeGreaterThan(KILLS / 4);
    },
    TIMEOUT_MS,
  );

  it(
    'while it puts segments together leaves each flow where it was or in its new place',
    async () => {
      const small = join(temporaryFolder(), 'store');
      {
        using store = Store.open(small, { create: true });
        for (let file = 0; file < 40; file++) {
          const sha256 = file.toString(16).padStart(64, '0');
          const source = { name: `${file}.pcap`, sha256, bytes: 1, decoder: '1' };
          const begun = store.beginImport(source, { fallbackSite: 'here' });
          if (!(begun instanceof ImportSession)) expect.fail('it was there');
          using session = begun;
          session.add(0, buildChunk(file, file % 10, 40));
          session.finish({ kind: 'pcap', bytesRead: 1, brokeAt: null, skipped: new Map() });
        }
      }
      const before = soundRows(small);
      const segments = (folder: string): number => {
        using store = Store.open(folder, { create: false });
        return store.segments({}, (damage) => expect.fail(damage.message)).length;
      };
      const undisturbed = join(temporaryFolder(), 'store');
      cpSync(small, undisturbed, { recursive: true });
      const { ms } = await run('merge', undisturbed);
      expect(segments(undisturbed)).toBeLessThan(segments(small) / 2);
      let inTheMiddle = 0;
      for (let kills = 0; kills < KILLS;) {
        const folder = join(temporaryFolder(), 'store');
        cpSync(small, folder, { recursive: true });
        const { killed } = await run('merge', folder, upTo(ms));
        if (!killed) continue;
        kills++;
        expect(soundRows(folder)).toEqual(before);
        if (segments(folder) < segments(small) && segments(folder) > segments(undisturbed)) inTheMiddle++;
      }
      expect(inTheMiddle).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  it(
    'in a collection keeps every flow that it said was on disk, and the next one counts them',
    async () => {
      let folder = join(temporaryFolder(), 'store');
      const { ms } = await run('collect', join(temporaryFolder(), 'store'), undefined, 1000);
      let kept: string[] = [];
      let inTheMiddle = 0;
      let seed = 0;
      for (let kills = 0; kills < KILLS;) {
        seed++;
        const { killed, said } = await run('collect', folder, upTo(ms), seed);
        const rows = soundRows(folder);
        const present = new Set(rows);
        const chunks = Array.from({ length: LIVE_CHUNKS }, (_, i) => buildChunk(seed, i, LIVE_ROWS));
        const durable = [...kept, ...textOf(chunks.slice(0, killed ? said : LIVE_CHUNKS))];
        expect(durable.filter((row) => !present.has(row))).toEqual([]);
        const possible = new Set([...kept, ...textOf(chunks)]);
        expect(rows.filter((row) => !possible.has(row))).toEqual([]);
        kept = rows;
        if (killed) kills++;
        if (seed % 6 === 0 && kills < KILLS) {
          // A store grows with every run, and what is done with it each time.
          folder = join(temporaryFolder(), 'store');
          kept = [];
        }
        if (killed && said > 0) inTheMiddle++;
      }
      await run('collect', folder, undefined, seed + 1);
      using store = Store.open(folder, { create: false });
      const counted = store.collections().reduce((sum, collection) => sum + collection.rows, 0);
      expect(counted).toBe(soundRows(folder).length);
      expect(inTheMiddle).toBeGreaterThan(KILLS / 4);
    },
    TIMEOUT_MS,
  );
});
