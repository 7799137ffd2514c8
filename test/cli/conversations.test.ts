/** `backtrail conversations`: who talked to whom. */
import { describe, expect, it } from 'vitest';
import { buildBatch, type FlowRow } from '../build/flow-chunks.ts';
import { makeStore } from '../build/made-store.ts';
import { runCli, temporaryFolder, type CliResult } from '../support.ts';

const T0 = Date.UTC(2026, 10, 20, 12);

const flow = (source: string, from: number, destination: string, to: number, bytes: number): FlowRow => ({
  source,
  destination,
  sourceTransportPort: from,
  destinationTransportPort: to,
  protocolIdentifier: 6,
  flowStartMilliseconds: T0,
  flowEndMilliseconds: T0 + 1500,
  packetDeltaCount: 10,
  octetDeltaCount: bytes,
});

const folder = makeStore(temporaryFolder(), [
  buildBatch([
    flow('198.51.100.7', 40_000, '203.0.113.9', 22, 1000),
    flow('203.0.113.9', 22, '198.51.100.7', 40_000, 9000),
    flow('198.51.100.8', 40_001, '203.0.113.9', 443, 500),
  ]),
]);
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
