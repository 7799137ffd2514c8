import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StoreKeeper } from '../../core/store/store-keeper.ts';
import { Store } from '../../core/store/store.ts';
import { netflow5 } from '../build/netflow.ts';
import { concat } from '../build/octets.ts';
import { ethernet, ipv4, pcap } from '../build/pcap.ts';
import { repositoryRoot, temporaryFolder } from '../support.ts';

const program = join(repositoryRoot, 'core/cli/start.js');

/** A capture of v5 flows with random numbers in them, which do not compress. */
function writeCapture(path: string, datagrams: number): void {
  let state = 1;
  const random = (): number => (state = Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9) >>> 0;
  const packets = Array.from({ length: datagrams }, (_, second) => {
    const flows = Array.from({ length: 30 }, () => ({
      source: `10.${random() % 256}.${random() % 256}.${random() % 256}`,
      sourcePort: random() % 65_536,
      destinationPort: random() % 65_536,
      octets: random(),
      packets: 1 + (random() % 65_536),
      first: 1000,
      last: 2000,
    }));
    const payload = netflow5(
      { sysUpTime: 2000, seconds: 1_795_176_000 + second, sequence: second * 30 },
      flows,
    );
    return pcap({}, { packet: ethernet(ipv4(payload)), seconds: 1_795_176_000 + second }).subarray(24);
  });
  writeFileSync(path, concat(pcap({}), ...packets));
}

/** Imports with at most so many KiB in each file, as a full disk would have it. */
function importLimited(
  kibibytes: number,
  file: string,
  store: string,
): { code: number | null; text: string } {
  const command = `trap '' XFSZ; ulimit -f ${kibibytes}; exec "$@"`;
  const result = spawnSync(
    'bash',
    ['-c', command, 'bash', process.execPath, program, 'import', file, '--store', store],
    {
      encoding: 'utf8',
    },
  );
  return { code: result.status, text: result.stdout + result.stderr };
}

describe('a disk that takes no more', () => {
  it('is told in a sentence, keeps what was stored, and lets the import go on later', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'flows.pcap');
    const store = join(folder, 'store');
    writeCapture(file, 5000);
    const { code, text } = importLimited(1500, file, store);
    expect(code).toBe(1);
    expect(text).toMatch(/(full or failing|cannot be written)/);
    expect(text).not.toMatch(/this is a bug/);
    {
      using opened = Store.open(store, { create: false });
      const [source] = opened.sources();
      const rows = [...opened.scan()].reduce((sum, batch) => sum + batch.count, 0);
      expect(source?.state).toBe('importing');
      expect(rows).toBeGreaterThanOrEqual(source?.rows ?? 0);
      expect(rows).toBeGreaterThan(0);
    }
    const again = spawnSync(process.execPath, [program, 'import', file, '--store', store], {
      encoding: 'utf8',
    });
    expect(again.status).toBe(0);
    using keeper = StoreKeeper.open(store);
    expect(keeper.verify(() => undefined)).toMatchObject({ flows: 150_000, faults: [] });
  }, 60_000);

  it('or that may only be read is told in a sentence, and makes nothing', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'flows.pcap');
    writeCapture(file, 5);
    const locked = join(folder, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o555);
    // Root may write everywhere: a file where the folder should be refuses it too.
    const store = process.getuid?.() === 0 ? join(file, 'store') : join(locked, 'store');
    const { status, stderr } = spawnSync(process.execPath, [program, 'import', file, '--store', store], {
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/The store .* cannot be written .*: choose a folder that you may write to/);
    rmSync(locked, { recursive: true });
  });
});
