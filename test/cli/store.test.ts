import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Database } from '../../core/store/database.ts';
import { netflow5 } from '../build/netflow.ts';
import { concat } from '../build/octets.ts';
import { ethernet, ipv4, pcap } from '../build/pcap.ts';
import { runCli, temporaryFolder } from '../support.ts';

/** 2026-11-20T12:00:00Z. */
const noon = Date.UTC(2026, 10, 20, 12) / 1000;

/** A store of two days with 30 flows each, of one file. */
async function twoDays(): Promise<{ store: string; file: string }> {
  const folder = temporaryFolder();
  const [store, file] = [join(folder, 'store'), join(folder, 'flows.pcap')];
  const flows = Array.from({ length: 30 }, (_, i) => ({
    source: `10.0.0.${i}`,
    sourcePort: i,
    octets: 100,
    packets: 1,
    first: 1000,
    last: 2000,
  }));
  const packets = [noon, noon + 86_400].map((seconds, day) => {
    const payload = netflow5({ sysUpTime: 2000, seconds, sequence: day * 30 }, flows);
    return pcap({}, { packet: ethernet(ipv4(payload)), seconds }).subarray(24);
  });
  writeFileSync(file, concat(pcap({}), ...packets));
  expect(await runCli(['import', file, '--store', store])).toMatchObject({ code: 0 });
  return { store, file };
}

describe('backtrail store', () => {
  it('reports, verifies, and says in one sentence that nothing is to be done', async () => {
    const { store } = await twoDays();
    const report = await runCli(['store', 'report', '--store', store]);
    expect(report.stdout).toMatch(/2026-11-20 +30 .*\n2026-11-21 +30 /);
    expect(report.stdout).toMatch(/60 flows in .* bytes a flow/);
    expect(await runCli(['store', 'verify', '--store', store])).toMatchObject({
      code: 0,
      stdout: '2 days, 2 segments, 60 whole flows: nothing is damaged.\n',
    });
    expect(await runCli(['store', 'repair', '--store', store])).toMatchObject({
      code: 0,
      stdout: 'No day file is damaged.\n',
    });
  });

  it('finds damage with exit code 1, repairs it, and the import brings the flows back', async () => {
    const { store, file } = await twoDays();
    {
      using database = new Database(join(store, 'flows/2026-11/2026-11-20.sqlite'));
      database.exec(`UPDATE columns SET data = zeroblob(length(data)) WHERE name = 'octetDeltaCount'`);
    }
    const verdict = await runCli(['store', 'verify', '--store', store, '--format', 'json']);
    expect(verdict.code).toBe(1);
    expect(JSON.parse(verdict.stdout)).toMatchObject({
      flows: 30,
      faults: [{ day: '2026-11-20', rows: 30 }],
    });
    const repair = await runCli(['store', 'repair', '--store', store]);
    expect(repair.stdout).toMatch(/the damaged file is kept as .*2026-11-20\.damaged-\d{8}T\d{6}Z\.sqlite/);
    expect(repair.stdout).toMatch(
      /30 flows of .*flows\.pcap are lost, between 2026-11-20T.*import the file again/,
    );
    expect((await runCli(['import', file, '--store', store])).code).toBe(0);
    expect((await runCli(['store', 'verify', '--store', store])).stdout).toMatch(
      /60 whole flows: nothing is damaged/,
    );
  }, 30_000);

  it('drops days that are not to be kept, after it said which', async () => {
    const { store } = await twoDays();
    const keep = ['store', 'retain', '--store', store, '--keep-bytes', '1K'];
    const now = new Date().toISOString().slice(0, 10);
    const dry = await runCli([...keep, '--dry-run']);
    // Today is never dropped, whatever day it is when this runs.
    if (now > '2026-11-20') expect(dry.stdout).toMatch(/^2026-11-20 would be dropped: 30 flows, /);
    else expect(dry.stdout).toBe('Nothing is beyond what is to be kept.\n');
    const dropped = await runCli(keep);
    expect(dropped.stdout).toBe(dry.stdout.replace('would be dropped', 'dropped'));
  });

  it.each([
    [['store', 'retain', '--store', 'x'], /Say what to keep: --keep-days N, --keep-bytes SIZE, or both/],
    [['store', 'retain', '--store', 'x', '--keep-bytes', 'much'], /Write a size such as 500M/],
    [['store', 'verify', '--store', '/nowhere/at/all'], /There is no store in \/nowhere\/at\/all/],
  ])('refuses %j in a sentence', async (args, sentence) => {
    const { code, stderr } = await runCli(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
  });
});
