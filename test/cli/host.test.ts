/** `backtrail host`: what is known of one host. */
import { describe, expect, it } from 'vitest';
import { threeFlowStore } from '../build/three-flows.ts';
import { runCli, type CliResult } from '../support.ts';

const folder = threeFlowStore();
const ask = (...args: string[]): Promise<CliResult> => runCli(['host', '--store', folder, ...args]);

describe('backtrail host', () => {
  it('tells what a host sent and received, its peers and its services', async () => {
    const { code, stdout } = await ask('203.0.113.9');
    expect(code).toBe(0);
    expect(stdout).toContain(
      '203.0.113.9, seen from 2026-11-20 12:00:00.000 to 2026-11-20 12:00:01.500, 2 peers',
    );
    expect(stdout).toMatch(/^sent +1 +10 +9000$/m);
    expect(stdout).toMatch(/^received +2 +20 +1500$/m);
    expect(stdout).toMatch(/^TCP\/22 +2 +20 +10000 /m);
    expect(stdout).not.toContain('TCP/443');
  }, 60_000);

  it('gives the same to other programs', async () => {
    const [json, csv] = await Promise.all([
      ask('198.51.100.7', 'dst', 'port', '22', '--format', 'json'),
      ask('198.51.100.7', '--format', 'csv'),
    ]);
    expect(JSON.parse(json.stdout)).toMatchObject({ peers: 1, sent: { flows: 1 }, received: { flows: 0 } });
    expect(csv.stdout).toContain('uses,TCP/22,2,20,10000,');
  }, 60_000);

  it('says so where the host was never seen, and refuses what is no address', async () => {
    const [unseen, wrong, filter] = await Promise.all([
      ask('192.0.2.200'),
      ask('example.org'),
      ask('192.0.2.200', 'dst', 'porrt', '22'),
    ]);
    expect(unseen).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'No flow of 192.0.2.200 is in the selection.\n',
    });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('"example.org" is no address');
    expect(filter.stderr).toContain('  dst porrt 22\n      ^^^^^');
  }, 60_000);
});
