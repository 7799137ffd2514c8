/** The one pass over a month against sums taken flow by flow in plain maps. */
import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../core/model/address.ts';
import type { SitedBatch } from '../../core/model/flow-batch.ts';
import { epochMs } from '../../core/model/time.ts';
import { serviceNames, serviceRow } from '../../core/query/distribution-services.ts';
import { monthKernelOf, type MonthQuestion, type MonthSums } from '../../core/query/report-kernel.ts';
import { buildBatch, seededRandom, type FlowRow } from '../build/flow-chunks.ts';
import { help, runKernel } from '../query/run-kernel.ts';

const FROM = Date.UTC(2026, 10, 1);
const DAY = 86_400_000;
const question: MonthQuestion = {
  from: epochMs(FROM),
  to: epochMs(FROM + 30 * DAY),
  hosts: 1000,
  listed: 1000,
};

interface MadeFlow extends FlowRow {
  readonly source: string;
  readonly destination: string;
  readonly octetDeltaCount: number;
  readonly packetDeltaCount: number;
}

/** Flows of some hundred hosts in 11.0.x.y: each third octet is a country, but for those above 5. */
function madeFlows(count: number): MadeFlow[] {
  const random = seededRandom(11);
  const host = (): string => `11.0.${random() % 8}.${random() % 40}`;
  return Array.from({ length: count }, (_, i) => {
    const start = FROM + (random() % (30 * 24 * 60)) * 60_000;
    return {
      source: host(),
      destination: host(),
      sourceTransportPort: 30_000 + (random() % 1000),
      destinationTransportPort: [22, 53, 443, 9999][random() % 4] ?? 0,
      protocolIdentifier: [6, 6, 17, 1][random() % 4] ?? 0,
      tcpControlBits: [0x02, 0x1b, 0xc2, 0x12][random() % 4] ?? 0,
      packetDeltaCount: 1 + (random() % 9),
      octetDeltaCount: 40 + (random() % 5000),
      bgpSourceAsNumber: random() % 90,
      // Of every second batch they are numbers of private use.
      bgpDestinationAsNumber: (i % 1600 < 800 ? 400_000 : 4_200_000_000) + (random() % 90),
      flowStartMilliseconds: start,
      flowEndMilliseconds: start,
      exporterAddress: `192.0.2.${random() % 3}`,
    };
  });
}

const batchesOf = (flows: readonly FlowRow[], each: number): SitedBatch[] =>
  Array.from({ length: Math.ceil(flows.length / each) }, (_, i) => {
    const batch = buildBatch(flows.slice(i * each, (i + 1) * each));
    return { ...batch, sites: batch.exporters.map(() => 'one') };
  });

const countryOf = (address: Uint8Array): string =>
  ['GR', 'PL', 'BG', 'KR', 'US', 'US'][Number(formatAddress(address).split('.')[2])] ?? '';

interface Sums {
  flows: number;
  packets: number;
  bytes: number;
}

function sumBy(flows: readonly MadeFlow[], keysOf: (flow: MadeFlow) => readonly string[]): Map<string, Sums> {
  const sums = new Map<string, Sums>();
  for (const flow of flows) {
    for (const key of keysOf(flow)) {
      const sum = sums.get(key) ?? { flows: 0, packets: 0, bytes: 0 };
      sum.flows++;
      sum.packets += flow.packetDeltaCount;
      sum.bytes += flow.octetDeltaCount;
      sums.set(key, sum);
    }
  }
  return sums;
}

const asMap = (rows: MonthSums['systems']): Map<string, Sums> =>
  new Map(rows.map(({ key, ...counts }) => [key, counts]));

describe.each([
  { memory: 'that holds every key', maxKeys: 1000, numbers: undefined, passes: 1 },
  { memory: 'that holds a tenth of the keys', maxKeys: 33, numbers: undefined, passes: 8 },
  { memory: 'where every address has a number', maxKeys: 1000, numbers: 1000, passes: 1 },
  { memory: 'where addresses have numbers until there are too many', maxKeys: 1000, numbers: 318, passes: 1 },
  { memory: 'where addresses have numbers and few keys are held', maxKeys: 33, numbers: 318, passes: 8 },
])('the sums of a month, in memory $memory', ({ maxKeys, numbers, passes }) => {
  const flows = madeFlows(6000);
  const shares = [
    [0, 3, 4],
    [1, 2, 5, 6, 7],
  ];
  const run = runKernel(monthKernelOf(maxKeys), question, batchesOf(flows, 800), {
    shares,
    help: { ...help, countryOf },
    ...(numbers === undefined ? {} : { numbers }),
  });
  const { answer } = run;

  it(`take ${passes === 1 ? 'one pass' : 'several passes'}`, () => {
    expect(run.passes).toBeGreaterThanOrEqual(passes);
    expect(run.passes === 1).toBe(passes === 1);
  });

  it('count each flow at both of its hosts and systems', () => {
    const hosts = sumBy(flows, ({ source, destination }) => [source, destination]);
    expect(asMap(answer.hostsByBytes)).toEqual(hosts);
    expect(asMap(answer.hostsByFlows)).toEqual(hosts);
    expect(answer.hosts).toBe(hosts.size);
    const systems = sumBy(flows, (flow) => [
      String(flow.bgpSourceAsNumber),
      String(flow.bgpDestinationAsNumber),
    ]);
    expect(asMap(answer.systems)).toEqual(systems);
  });

  it('are in the order of their bytes or flows', () => {
    const bytes = answer.hostsByBytes.map((row) => row.bytes);
    expect(bytes).toEqual(bytes.toSorted((a, b) => b - a));
    const counts = answer.hostsByFlows.map((row) => row.flows);
    expect(counts).toEqual(counts.toSorted((a, b) => b - a));
  });

  it('count openings by who sent them, whatever ECN has set', () => {
    const openings = flows.filter(
      ({ protocolIdentifier, tcpControlBits = 0 }) =>
        protocolIdentifier === 6 && [0x02, 0xc2].includes(tcpControlBits),
    );
    expect(asMap(answer.unanswered)).toEqual(sumBy(openings, ({ source }) => [source]));
  });

  it('count a flow once in a country that has both of its ends', () => {
    const countryIn = (address: string): string =>
      ['GR', 'PL', 'BG', 'KR', 'US', 'US'][Number(address.split('.')[2])] ?? '';
    const expected = sumBy(flows, ({ source, destination }) => [
      ...new Set([countryIn(source), countryIn(destination)]),
    ]);
    const found = (answer.countries ?? []).map(({ country, flows: count, packets, bytes }) => [
      country,
      { flows: count, packets, bytes },
    ]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
    const hosts = new Set(flows.flatMap(({ source, destination }) => [source, destination]));
    const american = [...hosts].filter((address) => countryIn(address) === 'US').length;
    expect(answer.countries?.find(({ country }) => country === 'US')?.addresses).toBe(american);
  });

  it('count each flow under its service', () => {
    const named = ({ protocolIdentifier = 0, ...flow }: MadeFlow): string => {
      const [source, destination] = [flow.sourceTransportPort ?? 0, flow.destinationTransportPort ?? 0];
      return serviceNames[serviceRow(protocolIdentifier, source, destination)] ?? '';
    };
    const rows = answer.services.map(({ name, ...counts }) => [name, counts]);
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(sumBy(flows, (flow) => [named(flow)])));
  });

  it('have every day, protocol and exporter', () => {
    const days = sumBy(flows, ({ flowStartMilliseconds = 0 }) => [
      String(Math.floor((flowStartMilliseconds - FROM) / DAY)),
    ]);
    const sumsOfDay = (day: number) => ({
      flows: answer.days.flows[day],
      packets: answer.days.packets[day],
      bytes: answer.days.bytes[day],
    });
    for (const [day, sums] of days) expect(sumsOfDay(Number(day))).toEqual(sums);
    const protocols = sumBy(flows, (flow) => [String(flow.protocolIdentifier)]);
    expect(
      answer.days.protocols.map(({ protocol, bytes }) => [
        String(protocol),
        bytes.reduce((sum, one) => sum + one, 0),
      ]),
    ).toEqual(
      [...protocols]
        .map(([key, { bytes }]) => [key, bytes])
        .toSorted(([, a], [, b]) => Number(b) - Number(a)),
    );
    expect(asMap(answer.exporters)).toEqual(sumBy(flows, ({ exporterAddress = '' }) => [exporterAddress]));
    expect(answer.total).toEqual([...sumBy(flows, () => ['all']).values()][0]);
  });
});

describe('the days of a month', () => {
  const one = (startMs: number, endMs: number): MonthSums => {
    const flow = {
      source: '11.0.0.1',
      destination: '11.0.0.2',
      protocolIdentifier: 17,
      packetDeltaCount: 8,
      octetDeltaCount: 800,
      flowStartMilliseconds: startMs,
      flowEndMilliseconds: endMs,
    };
    return runKernel(monthKernelOf(1000), question, batchesOf([flow], 1)).answer;
  };
  const firstDays = ({ days }: MonthSums): unknown =>
    [days.flows, days.packets, days.bytes].map((values) => Array.from(values.subarray(0, 3)));

  it('share a flow that lasts over midnight', () => {
    expect(firstDays(one(FROM + DAY / 2, FROM + 2 * DAY + DAY / 2))).toEqual([
      [1, 0, 0],
      [2, 4, 2],
      [200, 400, 200],
    ]);
  });

  it('leave out what lies before the month', () => {
    expect(firstDays(one(FROM - DAY, FROM + DAY))).toEqual([
      [0, 0, 0],
      [4, 0, 0],
      [400, 0, 0],
    ]);
  });

  it('take a flow whose ends are swapped as it lasted', () => {
    expect(firstDays(one(FROM + DAY + 1000, FROM + DAY))).toEqual([
      [0, 1, 0],
      [0, 8, 0],
      [0, 800, 0],
    ]);
  });

  it('have no place for a flow without a time, which is told', () => {
    expect(one(Number.NaN, Number.NaN).days.undated).toBe(1);
    expect(firstDays(one(FROM + 1, Number.NaN))).toEqual([
      [1, 0, 0],
      [8, 0, 0],
      [800, 0, 0],
    ]);
  });
});
