/**
 * Hostile flows at full size: one question among a million of them. Times are CPU time.
 * `npx node test/bench/trace-hostile.ts CASE [FLOWS]`: beacons, entering, records, equal, refused, early.
 */
import { parseAddress } from '../../core/model/address.ts';
import { FlowBatchBuilder, NO_DATAGRAM, type SitedBatch } from '../../core/model/flow-batch.ts';
import { epochMs } from '../../core/model/time.ts';
import { traceBack } from '../../core/trace/trace.ts';
import { NOON } from '../build/made-chain.ts';

const MILLION = 1_000_000;
const [name = 'beacons', flowCount = `${MILLION}`] = process.argv.slice(2);
const flowTotal = Number(flowCount);
const ROWS_A_BATCH = 60_000;
const ATTACK_ROWS = 30;

interface Row {
  readonly client: number;
  readonly port: number;
  readonly start: number;
  readonly server?: Uint8Array;
}

const victim = parseAddress('198.18.255.2') ?? new Uint8Array();
const attacker = parseAddress('198.18.255.1') ?? new Uint8Array();

/** A million connections at one moment. */
const atOnce = (i: number): Row => ({ client: i % 250, port: Math.floor(i / 250), start: NOON + 1000 });

/** Flow `i` of a million. */
const cases: Readonly<Record<string, (i: number) => Row>> = {
  // A hundred thousand connections, each of which speaks ten times, all on one beat.
  beacons: (i) => ({
    client: i % 250,
    port: Math.floor((i % 100_000) / 250),
    start: NOON + Math.floor(i / 100_000) * 60_000,
  }),
  // The same, into the host that the target left from.
  entering: (i) => ({
    client: i % 250,
    port: Math.floor((i % 100_000) / 250),
    start: NOON + Math.floor(i / 100_000) * 60_000,
    server: attacker,
  }),
  // One connection.
  records: (i) => ({ client: 1, port: 1, start: NOON + i * 20 }),
  equal: atOnce,
  // One of them is asked about: it has no silences, so that volumes are compared.
  refused: atOnce,
  // A hundred thousand connections whose exporters have no clock.
  early: (i) => ({
    client: i % 250,
    port: Math.floor((i % 100_000) / 250),
    start: i % 3 === 0 ? 0 : i % 3 === 1 ? -1e12 : Number.NaN,
  }),
};

function* batches(row: (i: number) => Row): Generator<SitedBatch> {
  for (let from = -ATTACK_ROWS; from < flowTotal; from += ROWS_A_BATCH) {
    const builder = new FlowBatchBuilder(ROWS_A_BATCH);
    const exporter = builder.internExporter({ address: '203.0.113.1', port: 2055, observationDomainId: 0 });
    const layout = builder.internLayout({ templateId: 0, fields: [] });
    for (let i = from; i < Math.min(flowTotal, from + ROWS_A_BATCH); i++) {
      const {
        client,
        port,
        start,
        server = victim,
      } = i < 0 ? { client: 0, port: 0, start: NOON + (i + ATTACK_ROWS) ** 2 * 2000 } : row(i);
      const at = builder.beginRow();
      const { columns } = builder;
      columns.exporter[at] = exporter;
      columns.datagram[at] = NO_DATAGRAM;
      columns.layout[at] = layout;
      columns.flowStartMilliseconds[at] = start;
      columns.flowEndMilliseconds[at] = start + 500;
      columns.sourceAddress[at] = builder.addresses.intern(
        i < 0 ? attacker : Uint8Array.of(198, 18, 1, client),
      );
      columns.destinationAddress[at] = builder.addresses.intern(server);
      columns.sourceTransportPort[at] = 10_000 + port;
      columns.destinationTransportPort[at] = 22;
      columns.protocolIdentifier[at] = 6;
      columns.packetDeltaCount[at] = 25;
      columns.octetDeltaCount[at] = 25 * 80;
    }
    yield { ...builder.finish(), sites: ['here'] };
  }
}

const row = cases[name];
if (!row) throw new Error(`the cases are ${Object.keys(cases).join(', ')}`);
const flows = [...batches(row)];
const before = process.cpuUsage();
const { paths, candidates, volume } = traceBack(flows, {
  victim: { address: '198.18.255.2', port: 22 },
  ...(name === 'refused'
    ? { from: { address: '198.18.1.7', port: 10_000 }, at: epochMs(NOON + 1000) }
    : { from: { address: '198.18.255.1', port: 10_000 }, at: epochMs(NOON + 60_000) }),
});
const { user, system } = process.cpuUsage(before);
const peak = (process.resourceUsage().maxRSS / 1024).toFixed(0);
process.stdout.write(
  `${name}: ${((user + system) / 1e6).toFixed(1)} s, peak ${peak} MB resident; ${paths[0]?.hops.length} hop, ${candidates.length} candidates, ${volume?.candidates.length ?? 0} by volume\n`,
);
