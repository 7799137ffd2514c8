/** The published method against examples worked out by hand, and over a store from the command line. */
import { expect, describe, it } from 'vitest';
import { importIntoFolder } from '../../core/app/import/files.ts';
import type { CpfTrace } from '../../core/model/cpf-trace.ts';
import type { SitedBatch } from '../../core/model/flow-batch.ts';
import { epochMs, formatTime } from '../../core/model/time.ts';
import { ratioVariation, traceByCpf } from '../../core/trace/cpf-method.ts';
import { buildBatch, type FlowRow } from '../build/flow-chunks.ts';
import { loadLabCase } from '../build/lab-case.ts';
import { describeShared, runCli, sharedPath, temporaryFolder } from '../support.ts';

const START = Date.UTC(2026, 0, 5, 8);

/** Records whose ON and OFF times are these, in seconds, ON first, from `after` seconds on. */
function connection(source: string, destination: string, after: number, onOff: readonly number[]): FlowRow[] {
  const rows: FlowRow[] = [];
  let time = START + after * 1000;
  for (const [i, seconds] of onOff.entries()) {
    const end = time + seconds * 1000;
    if (i % 2 === 0) {
      rows.push({
        source,
        destination,
        sourceTransportPort: 40_000,
        destinationTransportPort: 22,
        protocolIdentifier: 6,
        packetDeltaCount: 10,
        octetDeltaCount: 900,
        flowStartMilliseconds: time,
        flowEndMilliseconds: end,
        exporterAddress: '192.0.2.1',
      });
    }
    time = end;
  }
  return rows;
}

/** f = 10 20 5 30 10 is traced. */
function traceThree(): CpfTrace {
  const rows = [
    ...connection('198.51.100.2', '198.51.100.3', 0, [10, 20, 5, 30, 10]),
    // Opened a second earlier: min 10+20+4+30+10 = 74, max 10+22+5+30+12 = 79.
    ...connection('198.51.100.1', '198.51.100.2', -1, [10, 22, 4, 30, 12]),
    // min 5+20+5+15+10 = 55, max 10+40+5+30+20 = 105.
    ...connection('198.51.100.9', '198.51.100.2', 2, [5, 40, 5, 15, 20]),
  ];
  const batch: SitedBatch = { ...buildBatch(rows), sites: ['lab'] };
  return traceByCpf([batch], { victim: { address: '198.51.100.3', port: 22 }, at: epochMs(START + 5000) });
}

describe('the fingerprint', () => {
  it('is the ON time followed by pairs of OFF and ON times', () => {
    expect(traceThree().fingerprint).toEqual([10_000, 20_000, 5000, 30_000, 10_000]);
  });
});

describe('the correlation point function', () => {
  it('is the sum of the smaller over the sum of the larger durations', () => {
    const { candidates } = traceThree();
    expect(candidates.map(({ connection: { source }, cpf }) => [source, cpf])).toEqual([
      ['198.51.100.1', 74 / 79],
      ['198.51.100.9', 55 / 105],
    ]);
  });

  it('above 0.8 makes a connection part of the chain, which is ordered by the time of opening', () => {
    const { candidates, chain } = traceThree();
    expect(candidates.map(({ verdict }) => verdict)).toEqual(['same-chain', 'unrelated']);
    expect(chain.map(({ source }) => source)).toEqual(['198.51.100.1', '198.51.100.2']);
    expect(candidates[0]?.opensBeforeMs).toBe(1000);
  });
});

describe('the coefficient of variation', () => {
  it("is that of the durations over the target's, position by position", () => {
    // Ratios 1 1.1 0.8 1 1.2: mean 1.02, variance 0.088 / 5.
    const cv = ratioVariation(Float64Array.of(10, 20, 5, 30, 10), Float64Array.of(10, 22, 4, 30, 12));
    expect(cv).toBeCloseTo(Math.sqrt(0.088 / 5) / 1.02, 12);
  });

  it('is 0 for a stretched copy, and unknown below two positions', () => {
    expect(ratioVariation(Float64Array.of(1, 2, 3), Float64Array.of(2, 4, 6))).toBe(0);
    expect(ratioVariation(Float64Array.of(1), Float64Array.of(2))).toBeNull();
    expect(ratioVariation(Float64Array.of(), Float64Array.of(2))).toBeNull();
  });

  it('ranks the candidates within each verdict', () => {
    const rows = [
      ...connection('198.51.100.2', '198.51.100.3', 0, [10, 20, 10]),
      // Ratios 1 0.9 1, and all 0.9.
      ...connection('198.51.100.7', '198.51.100.2', 0, [10, 18, 10]),
      ...connection('198.51.100.8', '198.51.100.2', 0, [9, 18, 9]),
    ];
    const { candidates } = traceByCpf([{ ...buildBatch(rows), sites: ['lab'] }], {
      victim: { address: '198.51.100.3' },
      at: epochMs(START + 5000),
    });
    expect(candidates.map(({ connection: { source } }) => source)).toEqual(['198.51.100.8', '198.51.100.7']);
    expect(candidates[0]?.cpf).toBeLessThan(candidates[1]?.cpf ?? 0);
  });
});

describe('a target that was never silent', () => {
  it('is said to resemble every connection of its length', () => {
    const rows = [
      ...connection('198.51.100.2', '198.51.100.3', 0, [60]),
      ...connection('198.51.100.8', '198.51.100.4', 0, [54]),
    ];
    const { notes, candidates } = traceByCpf([{ ...buildBatch(rows), sites: ['lab'] }], {
      victim: { address: '198.51.100.3' },
      at: epochMs(START + 5000),
    });
    expect(candidates[0]).toMatchObject({ cpf: 0.9, cv: null, verdict: 'same-chain' });
    expect(notes.join(' ')).toContain('which resembles every connection of that length');
  });
});

describeShared('backtrail trace --method cpf', () => {
  it('answers a recorded attack, labelled as the published method', async () => {
    const recording = sharedPath('lab', 'e_control_direct') ?? '';
    const lab = loadLabCase(recording);
    const folder = temporaryFolder();
    await importIntoFolder(folder, [lab.capture]);
    const { victim, at, from } = lab.question;
    const args = ['trace', '--method', 'cpf', '--store', folder, '--at', formatTime(at)];
    const asked = [
      ...args,
      '--victim',
      `${victim.address}:${victim.port}`,
      '--from',
      `${from.address}:${from.port}`,
    ];
    const text = await runCli(asked);
    expect(text.stderr).toBe('');
    expect(text.stdout).toMatch(/^PUBLISHED METHOD \(CPF above 0\.8\), NOT THE ENGINE'S ANSWER\n/);
    const json = JSON.parse((await runCli([...asked, '--format', 'json'])).stdout) as CpfTrace;
    expect(json).toMatchObject({ method: 'cpf', threshold: 0.8, target: { destination: victim.address } });
  });
});
