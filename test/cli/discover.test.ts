/** `backtrail discover` on a recorded attack: the hops that nobody reported, and nothing else. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeShared, runCli, sharedPath, temporaryFolder } from '../support.ts';

interface Discovered {
  readonly found: readonly { readonly host?: string; readonly eValue: number; readonly kind: string }[];
  readonly total: number;
  readonly expectedFalse: number;
}

describeShared('discovery over a recorded attack', () => {
  const store = join(temporaryFolder(), 'store');
  const discover = (...args: string[]) => runCli(['discover', '--store', store, ...args]);

  beforeAll(async () => {
    const capture = join(sharedPath('lab', 'b_3ss_v9_40bg') ?? '', 'export.pcap');
    expect((await runCli(['import', '--store', store, capture])).code).toBe(0);
  }, 60_000);

  it('lists the three hops of the chain and the decoy that was relayed, and few of them may be false', async () => {
    const { code, stdout } = await discover('--format', 'json');
    const { found, total, expectedFalse } = JSON.parse(stdout) as Discovered;
    expect([code, total]).toEqual([0, 4]);
    expect(found.map(({ kind }) => kind)).toEqual(['login', 'login', 'login', 'login']);
    expect(expectedFalse).toBeLessThan(0.1);
    expect(found.map(({ eValue }) => eValue)).toEqual(
      found.map(({ eValue }) => eValue).toSorted((a, b) => a - b),
    );
  });

  it('lists no more than was asked for', async () => {
    const { stdout } = await discover('--number', '1', '--format', 'json');
    expect((JSON.parse(stdout) as Discovered).found).toHaveLength(1);
  });

  it('says in text what was compared', async () => {
    const { code, stdout } = await discover();
    expect(code).toBe(0);
    expect(stdout).toContain('E-values come from the model');
  });
});

describe('discovery without flows', () => {
  it('says that there is no store', async () => {
    const { code, stderr } = await runCli(['discover', '--store', join(temporaryFolder(), 'nothing')]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('nothing');
  });
});
