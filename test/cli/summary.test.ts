/** `backtrail summary`: the router's table. */
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
