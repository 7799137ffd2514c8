/** `backtrail conversations`: who talked to whom. */
import { describe, expect, it } from 'vitest';
import { threeFlowStore } from '../build/three-flows.ts';
import { runCli, type CliResult } from '../support.ts';

const folder = threeFlowStore();
const ask = (...args: string[]): Promise<CliResult> => runCli(['conversations', '--store', folder, ...args]);

describe('backtrail conversations', () => {
  it('shows both directions in a line, the client first, the largest on top', async () => {
    const { code, stdout } = await ask();
    expect(code).toBe(0);
    const [, first, second] = stdout.split('\n');
    expect(first).toMatch(
      /^2026-11-20 12:00:00\.000 .* 198\.51\.100\.7:40000 {2}-> {2}203\.0\.113\.9:22 .* 1000 .* 9000 {2}port \(95 %\)/,
    );
    expect(second).toContain('198.51.100.8:40001  ->  203.0.113.9:443');
  }, 60_000);

  it('gives the same to other programs, filtered and as many as asked for', async () => {
    const [json, lines, csv] = await Promise.all([
      ask('port', '22', '--format', 'json'),
      ask('-n', '1', '--format', 'jsonl'),
      ask('port', '443', '--format', 'csv'),
    ]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      total: 1,
      conversations: [
        { client: '198.51.100.7', serverPort: 22, toClient: { bytes: 9000 }, openedBy: ['port'] },
      ],
    });
    expect(JSON.parse(lines.stdout)).toMatchObject({ serverPort: 22 });
    expect(csv.stdout.split('\r\n')[1]).toMatch(/^198\.51\.100\.8,40001,203\.0\.113\.9,443,6,/);
  }, 60_000);
});
