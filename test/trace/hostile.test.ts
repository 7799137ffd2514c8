/** Records that no honest exporter sends, and masses of honest ones: an answer comes, and nothing throws. */
import { describe, expect, it } from 'vitest';
import { FlowBatchBuilder, NO_DATAGRAM, type SitedBatch } from '../../core/model/flow-batch.ts';
import { epochMs } from '../../core/model/time.ts';
import type { TraceResult } from '../../core/model/trace-result.ts';
import { traceBack } from '../../core/trace/trace.ts';
import { NOON } from '../build/made-chain.ts';
import { makeRandom } from '../build/sessions.ts';

interface Row {
  readonly exporter?: number;
  readonly client?: number;
  readonly clientPort?: number;
  readonly server?: number;
  readonly serverPort?: number;
  readonly start: number;
  readonly end: number;
  readonly packets?: number;
}

const quad = (value: number): Uint8Array => Uint8Array.from([198, 18, (value >> 8) & 255, value & 255]);

/** One batch of the rows, and a connection to the victim 198.18.255.1:22 from 198.18.255.2, open for an hour. */
function traceAmong(rows: Iterable<Row>): TraceResult {
  const builder = new FlowBatchBuilder();
  const add = (row: Row): void => {
    const {
      exporter = 0,
      client = 1,
      clientPort = 40_000,
      server = 2,
      serverPort = 22,
      start,
      end,
      packets = 4,
    } = row;
    const i = builder.beginRow();
    const { columns } = builder;
    columns.exporter[i] = builder.internExporter({
      address: `203.0.${exporter >> 8}.${exporter & 255}`,
      port: 2055,
      observationDomainId: 0,
    });
    columns.datagram[i] = NO_DATAGRAM;
    columns.flowStartMilliseconds[i] = start;
    columns.flowEndMilliseconds[i] = end;
    columns.packetDeltaCount[i] = packets;
    columns.octetDeltaCount[i] = packets * 80;
    columns.protocolIdentifier[i] = 6;
    columns.sourceAddress[i] = builder.addresses.intern(quad(client));
    columns.sourceTransportPort[i] = clientPort;
    columns.destinationAddress[i] = builder.addresses.intern(quad(server));
    columns.destinationTransportPort[i] = serverPort;
  };
  const random = makeRandom(1);
  for (let time = NOON; time < NOON + 3600_000; time += 8000 + random() * 40_000) {
    add({ client: 0xff02, clientPort: 50_000, server: 0xff01, start: time, end: time + 2000 });
  }
  for (const row of rows) add(row);
  const batch = builder.finish();
  const sited: SitedBatch = { ...batch, sites: batch.exporters.map(({ address }) => address) };
  return traceBack([sited], {
    victim: { address: '198.18.255.1', port: 22 },
    at: epochMs(NOON + 1_200_000),
  });
}

const hopsOf = (result: TraceResult): number => result.paths[0]?.hops.length ?? 0;

describe('masses', () => {
  it('of 2,000 beacons in step into the source host are answered', () => {
    const rows = Array.from({ length: 2000 }, (_, beacon) =>
      Array.from({ length: 20 }, (_, k): Row => {
        const start = NOON + k * 60_000;
        return { client: beacon, server: 0xff02, start, end: start + 500, packets: 2 };
      }),
    ).flat();
    expect(hopsOf(traceAmong(rows))).toBe(1);
  });

  it('of 20,000 connections that start and end at one moment are answered', () => {
    const rows = Array.from({ length: 20_000 }, (_, i): Row => {
      return { client: i, server: 0xff02, start: NOON, end: NOON + 60_000, packets: 40 };
    });
    expect(hopsOf(traceAmong(rows))).toBe(1);
  });

  it('of records of one connection are answered', () => {
    const rows = Array.from({ length: 200_000 }, (_, i): Row => {
      return { server: 0xff02, start: NOON + i * 15, end: NOON + i * 15 + 5 };
    });
    expect(hopsOf(traceAmong(rows))).toBe(1);
  });

  it('of exporters are answered', () => {
    const rows = Array.from({ length: 5000 }, (_, exporter): Row => {
      return { exporter, client: exporter % 50, server: 0xff02, start: NOON + exporter, end: NOON + 60_000 };
    });
    expect(hopsOf(traceAmong(rows))).toBe(1);
  });
});

describe('records that cannot be', () => {
  it.each([
    ['without a start', Number.NaN, NOON + 1000],
    ['without any time', Number.NaN, Number.NaN],
    ['of the year 1970', 0, 1],
    ['of no calendar', 1e18, 1e18],
    ['that never end', Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    ['that end before they start', NOON + 60_000, NOON],
    ['that last from 1970 to this day', 0, NOON],
  ])('%s do not hinder the others', (_, start, end) => {
    const rows = Array.from({ length: 40 }, (_, k): Row => {
      return { client: k % 3, clientPort: k % 2, serverPort: 0, server: 0xff02, start, end };
    });
    const result = traceAmong(rows);
    expect(hopsOf(result)).toBe(1);
    expect(result.target).toMatchObject({ source: '198.18.255.2', startMs: NOON });
  });
});
