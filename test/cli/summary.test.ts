/** `backtrail summary`: the router's table. */
import { describe, expect, it } from 'vitest';
import { threeFlowStore } from '../build/three-flows.ts';
import { runCli, type CliResult } from '../support.ts';

const folder = threeFlowStore();
const ask = (...args: string[]): Promise<CliResult> => runCli(['summary', '--store', folder, ...args]);

describe('backtrail summary', () => {
  it('prints the table of protocols and the distributions below it', async () => {
    const { code, stdout } = await ask();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^TCP-SSH +2 +20 +10000 /m);
    expect(stdout).toMatch(/^TCP-HTTPS +1 +10 +500 /m);
    expect(stdout).toMatch(/^Total +3 +30 +10500$/m);
    expect(stdout).toContain('Flows by packets, up to so many:');
  }, 60_000);

  it('gives the same to other programs, and nothing where nothing matches', async () => {
    const [json, csv, none] = await Promise.all([
      ask('--format', 'json'),
      ask('--format', 'csv', '--by', 'flows'),
      ask('port', '9'),
    ]);
    expect(JSON.parse(json.stdout)).toMatchObject({ total: { flows: 3, packets: 30, bytes: 10_500 } });
    expect(csv.stdout.split('\r\n')[1]).toMatch(/^TCP-SSH,2,20,10000,/);
    expect(none).toMatchObject({ code: 0, stdout: '' });
  }, 60_000);
});
