/** Floods of known make, traced to the interfaces by which they came in. */
import { describe, expect, it } from 'vitest';
import type { SitedBatch } from '../../core/model/flow-batch.ts';
import type { FloodQuestion, FloodTrace } from '../../core/model/flood-trace.ts';
import { epochMs } from '../../core/model/time.ts';
import { importIntoFolder } from '../../core/app/import/files.ts';
import { FloodMeter } from '../../core/trace/flood.ts';
import { buildBatch, type FlowRow } from '../build/flow-chunks.ts';
import { makeRandom, type Random } from '../build/sessions.ts';
import { describeShared, runCli, sharedPath, temporaryFolder } from '../support.ts';

const AT = Date.UTC(2026, 2, 3, 12);
const MINUTE = 60_000;
const target = '192.0.2.80';

interface Traffic {
  readonly from: number;
  readonly to: number;
  readonly flows: number;
  readonly packets?: number;
  readonly inlet?: number;
  readonly as?: number;
  readonly exporter?: string;
  readonly source: (random: Random, i: number) => string;
  readonly extras?: FlowRow['extras'];
}

/** Flows of half a second, evenly spread. */
function send(random: Random, traffic: Traffic): FlowRow[] {
  const {
    from,
    to,
    flows,
    packets = 10,
    inlet = 1,
    as = 0,
    exporter = '203.0.113.1',
    source,
    extras,
  } = traffic;
  return Array.from({ length: flows }, (_, i): FlowRow => {
    const start = from + ((to - from) * (i + 0.5)) / flows;
    return {
      source: source(random, i),
      destination: target,
      sourceTransportPort: 1024 + (i % 60_000),
      destinationTransportPort: 443,
      protocolIdentifier: 6,
      packetDeltaCount: packets,
      octetDeltaCount: packets * 100,
      ingressInterface: inlet,
      bgpSourceAsNumber: as,
      flowStartMilliseconds: start,
      flowEndMilliseconds: start + (packets === 1 ? 0 : 500),
      exporterAddress: exporter,
      ...(extras ? { extras } : {}),
    };
  });
}

/** A thousand people of ten providers, each with a few networks. */
const customer = (random: Random, i: number): string =>
  `${[24, 31, 46, 62, 78, 81, 86, 91, 95, 109][i % 10]}.${(i % 10) * 20 + Math.floor(random() * 3)}.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}`;

const anyAddress = (random: Random): string =>
  Array.from({ length: 4 }, () => Math.floor(random() * 256)).join('.');

/** Addresses of a few /8 networks that are in use, drawn at random within them. */
const credible = (random: Random): string =>
  `${[5, 23, 46, 61, 77, 93, 101, 118][Math.floor(random() * 8)]}.${anyAddress(random).split('.').slice(1).join('.')}`;

/** An hour of ordinary use, 600 packets a minute by interface 1 and 200 by interface 2. */
function usual(random: Random, until = AT - MINUTE / 2): FlowRow[] {
  const span = { from: AT - 60 * MINUTE, to: until };
  const minutes = (span.to - span.from) / MINUTE;
  return [
    ...send(random, { ...span, flows: 60 * minutes, source: customer, inlet: 1, as: 64_501 }),
    ...send(random, { ...span, flows: 20 * minutes, source: customer, inlet: 2, as: 64_502 }),
  ];
}

const now = { from: AT - MINUTE / 2, to: AT + MINUTE / 2 };

function trace(rows: readonly FlowRow[], rest: Partial<FloodQuestion> = {}): FloodTrace {
  const meter = new FloodMeter({
    target: { address: target, length: 32 },
    at: epochMs(AT),
    windowMs: MINUTE,
    baselineMs: 50 * MINUTE,
    ...rest,
  });
  // In any order, and in several batches.
  const half = Math.floor(rows.length / 2);
  for (const part of [rows.slice(half), rows.slice(0, half)]) {
    const batch = buildBatch(part);
    const sited: SitedBatch = { ...batch, sites: batch.exporters.map(({ address }) => address) };
    meter.add(sited);
  }
  return meter.finish();
}

describe('a flood by two interfaces', () => {
  const random = makeRandom(11);
  const flood = [
    // 600 and 200 packets a minute go on; 30,000 and 10,000 more are the flood: three quarters and one.
    ...usual(random, now.to),
    ...send(random, { ...now, flows: 3000, inlet: 1, as: 64_510, source: () => '198.51.100.7' }),
    ...send(random, { ...now, flows: 1000, inlet: 3, as: 64_511, source: () => '203.0.113.200' }),
  ];
  const result = trace(flood);

  it('is shared out among them above what each carried before', () => {
    expect(result.entries.map(({ ingressInterface }) => ingressInterface)).toEqual([1, 3]);
    expect(result.entries[0]?.share).toBeCloseTo(0.75, 2);
    expect(result.entries[1]?.share).toBeCloseTo(0.25, 2);
    expect(result.entries[0]?.baseline?.mean.packets).toBeCloseTo(600, -1);
    expect(result.entries[1]?.baseline?.mean.packets).toBe(0);
    expect(result.confidence).toBe('high');
  });

  it('names neighbours and networks by their own excess', () => {
    expect(result.entries[0]?.neighbours.map(({ name }) => name)).toEqual(['AS64510']);
    expect(result.entries[0]?.neighbours[0]?.share).toBeGreaterThan(0.98);
    expect(result.entries[0]?.prefixes[0]?.name).toBe('198.51.100.0/24');
    expect(result.entries[1]?.prefixes.map(({ name }) => name)).toEqual(['203.0.113.0/24']);
  });

  it('rises when it began', () => {
    expect(result.risesAtMs).toBe(now.from);
  });
});

describe('forged sources', () => {
  it.each([
    { how: 'drawn from all addresses', source: anyAddress, extras: undefined },
    { how: 'drawn from networks in use', source: credible, extras: undefined },
    { how: 'few, that travelled one path', source: anyAddress, extras: { minimumTTL: 51 }, flows: 400 },
  ])('are recognised, and not given for an origin: $how', ({ source, extras, flows = 8000 }) => {
    const random = makeRandom(5);
    const rows = [
      ...usual(random),
      ...send(random, { ...now, flows, packets: 1, inlet: 2, source, ...(extras ? { extras } : {}) }),
    ];
    const { entries, sources, notes, conclusion } = trace(rows);
    expect(sources.verdict).toBe('spoofed');
    expect(sources.signs.length).toBeGreaterThanOrEqual(2);
    expect(entries.map(({ ingressInterface }) => ingressInterface)).toEqual([2]);
    expect(entries[0]?.prefixes).toEqual([]);
    expect(conclusion).toContain('the source addresses are forged');
    expect(notes.join(' ')).toContain('they name no sender');
  });
});

describe('a crowd of real people', () => {
  it('is a rise, and its sources are not called forged', () => {
    const random = makeRandom(8);
    const rows = [
      ...usual(random),
      ...send(random, { ...now, flows: 8000, packets: 12, inlet: 1, source: customer }),
      // Lookups of one packet each.
      ...send(random, { ...now, flows: 4000, packets: 1, inlet: 2, source: customer }),
    ];
    const { entries, sources } = trace(rows);
    expect(sources).toMatchObject({ verdict: 'plausible', signs: [], bogonShare: 0 });
    expect(sources.crowding).toBeGreaterThan(10);
    for (const entry of entries) expect(entry.sources.verdict).toBe('plausible');
    expect(entries[0]?.prefixes).toEqual([]);
    expect(entries).toHaveLength(2);
  });
});

describe('what the usual was', () => {
  it('is said to be unknown where nothing was recorded before', () => {
    const random = makeRandom(3);
    const rows = send(random, { ...now, flows: 2000, inlet: 4, source: () => '198.51.100.7' });
    const { entries, confidence, conclusion, notes } = trace(rows);
    expect(entries[0]).toMatchObject({ baseline: null, deviations: null, share: 1, ingressInterface: 4 });
    expect(confidence).toBe('low');
    expect(conclusion).toMatch(/^Low confidence: nothing was recorded before the flood/);
    expect(notes.join(' ')).toContain('No baseline: 203.0.113.1');
  });

  it('is nothing where other traffic shows that the exporter was there', () => {
    const random = makeRandom(3);
    const elsewhere = usual(random).map((row) => ({ ...row, destination: '192.0.2.99' }));
    const rows = [
      ...elsewhere,
      ...send(random, { ...now, flows: 500, inlet: 4, source: () => '198.51.100.7' }),
    ];
    expect(trace(rows).entries[0]?.baseline).toMatchObject({ mean: { packets: 0 } });
  });

  it('leaves no entry point where nothing rises above it', () => {
    const { entries, confidence, conclusion } = trace(usual(makeRandom(3), now.to));
    expect(entries).toEqual([]);
    expect(confidence).toBe('none');
    expect(conclusion).toContain('no flood is to be traced');
  });
});

describe('two exporters on one path', () => {
  it('are said to count the same packets', () => {
    const rows = [...usual(makeRandom(3)), ...send(makeRandom(1), { ...now, flows: 2000, source: customer })];
    const both = ['203.0.113.1', '203.0.113.2'].flatMap((exporterAddress) =>
      rows.map((row) => ({ ...row, exporterAddress })),
    );
    const { notes, entries } = trace(both);
    expect(entries.map(({ share }) => share)).toEqual([1, 1]);
    expect(notes.join(' ')).toContain('saw the same flows: they stand on one path');
  });
});

describe('sampled flows', () => {
  it('are scaled up, and one packet a flow is no sign of forging', () => {
    const rows = send(makeRandom(1), { ...now, flows: 2000, packets: 1, source: anyAddress });
    const meter = new FloodMeter({
      target: { address: target, length: 24 },
      at: epochMs(AT),
      windowMs: MINUTE,
      baselineMs: 10 * MINUTE,
    });
    const batch = buildBatch(rows);
    meter.add({ ...batch, sites: ['here'] }, new Float64Array(batch.count).fill(100));
    const { entries, notes } = meter.finish();
    expect(entries[0]?.amount.packets).toBe(200_000);
    expect(entries[0]?.sources.signs.join(' ')).not.toContain('one packet');
    expect(notes.join(' ')).toContain('Sampled data: 203.0.113.1 (1 in 100)');
  });
});

describeShared('the recorded floods', () => {
  const at = (seconds: number): string => `${seconds}000`;

  it.each([
    {
      what: 'a SYN flood with forged sources',
      from: '10.255.0.13',
      at: 1_795_221_617,
      host: 12,
      verdict: 'spoofed',
    },
    { what: 'a UDP flood', from: '10.255.0.11', at: 1_795_221_671, host: 12, verdict: 'unknown' },
    { what: 'an ICMP flood', from: '10.255.0.12', at: 1_795_221_716, host: 11, verdict: 'unknown' },
  ])('enter where they were sent from: $what', async ({ from, at: seconds, host, verdict }) => {
    const store = temporaryFolder();
    await importIntoFolder(store, [sharedPath('lab', 'g_attacks', 'export.pcap') ?? '']);
    const args = ['flood', '--store', store, '--target', `73.162.44.${host}`, '--at', at(seconds)];
    const { stdout, stderr } = await runCli([
      ...args,
      '--window',
      '10',
      '--baseline',
      '1',
      '--format',
      'json',
    ]);
    expect(stderr).toBe('');
    const { entries } = JSON.parse(stdout) as FloodTrace;
    // The sender's router and the victim's, and no other, saw it; both of its exporters count it.
    const exporters = new Set(entries.map(({ exporter }) => exporter));
    expect(exporters).toEqual(new Set([from, '10.255.0.14']));
    expect(entries.find(({ exporter }) => exporter === from)?.sources.verdict).toBe(verdict);
  });
});

describe('backtrail flood', () => {
  it.each([
    [['--target', '192.0.2.300'], 'Write an address or a network'],
    [['--target', '192.0.2.0/33'], 'Write an address or a network'],
  ])('refuses %j', async (args, sentence) => {
    const { code, stderr } = await runCli(['flood', '--store', 'x', '--at', '2026-03-03T12:00:00Z', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
  });
});
