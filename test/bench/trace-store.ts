/**
 * What a person waits for: one question against a store of a million connections, reading and tracing apart. Most
 * connections are passers-by of one record; 20,000 are people who type, and three of these are a chain. The store is made
 * first; the question is asked in a process of its own. CPU time and peak of resident memory.
 * `npx node test/bench/trace-store.ts [CONNECTIONS]`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_WITHIN, readAround } from '../../core/app/trace/store.ts';
import { FlowBatchBuilder, NO_DATAGRAM, type FlowBatch } from '../../core/model/flow-batch.ts';
import { epochMs } from '../../core/model/time.ts';
import { traceBack } from '../../core/trace/trace.ts';
import { NOON } from '../build/made-chain.ts';
import { makePrints } from '../build/made-prints.ts';
import { makeStore } from '../build/made-store.ts';
import { makeRandom, type Random } from '../build/sessions.ts';

const [first = '1000000', folder] = process.argv.slice(2);
const HOURS = 12;
const PEOPLE = 20_000;
const ROWS = 50_000;
const SSH = 22;

interface Row {
  readonly client: number;
  readonly port: number;
  readonly server: number;
  readonly from: number;
  readonly to: number;
}

/** Host n of 198.18.0.0/15. */
const host = (n: number): Uint8Array => Uint8Array.of(198, 18 + (n >> 16), (n >> 8) & 255, n & 255);
const text = (n: number): string => host(n).join('.');

/** People as records; the last two of them carry the first: host 7 to 8, 8 to 9, 9 to 10. */
function* people(random: Random): Generator<Row> {
  const prints = makePrints({
    random,
    logins: PEOPLE,
    spanMs: (HOURS - 1) * 3_600_000,
    from: NOON,
    lifeMs: 1_200_000,
    carried: [0, 0],
  });
  for (let login = 0; login < prints.count; login++) {
    const hop = login === 0 ? 9 : login - PEOPLE + 7;
    const isHop = login === 0 || login >= PEOPLE;
    const client = isHop ? hop : 1000 + Math.floor(random() * 5000);
    const server = isHop ? hop + 1 : 1000 + Math.floor(random() * 5000);
    let from = prints.start[login] ?? 0;
    for (let i = prints.offsets[login] ?? 0; i < (prints.offsets[login + 1] ?? 0); i++) {
      yield { client, server, port: 40_000 + (login % 20_000), from, to: prints.from[i] ?? 0 };
      from = prints.to[i] ?? 0;
    }
    yield { client, server, port: 40_000 + (login % 20_000), from, to: prints.end[login] ?? 0 };
  }
}

function* passersby(random: Random, count: number): Generator<Row> {
  for (let i = 0; i < count; i++) {
    const from = NOON + random() * HOURS * 3_600_000;
    // No two alike: 60,000 client sockets, each to another server the next time.
    const server = 60_000 + Math.floor(i / 60_000);
    yield {
      client: 70_000 + (i % 30_000),
      port: 1024 + (i % 60_000),
      server,
      from,
      to: from + random() * 9000,
    };
  }
}

function* batches(rows: Iterator<Row>): Generator<FlowBatch> {
  for (let { value: row, done } = rows.next(); !done;) {
    const builder = new FlowBatchBuilder(ROWS);
    const exporter = builder.internExporter({ address: '203.0.113.1', port: 2055, observationDomainId: 1 });
    const layout = builder.internLayout({ templateId: 0, fields: [] });
    for (let i = 0; i < ROWS && !done; i++, { value: row, done } = rows.next()) {
      const { client, port, server, from, to } = row as Row;
      const at = builder.beginRow();
      const { columns } = builder;
      columns.exporter[at] = exporter;
      columns.datagram[at] = NO_DATAGRAM;
      columns.layout[at] = layout;
      columns.flowStartMilliseconds[at] = from;
      columns.flowEndMilliseconds[at] = to;
      columns.sourceAddress[at] = builder.addresses.intern(host(client));
      columns.destinationAddress[at] = builder.addresses.intern(host(server));
      columns.sourceTransportPort[at] = port;
      columns.destinationTransportPort[at] = SSH;
      columns.protocolIdentifier[at] = 6;
      columns.packetDeltaCount[at] = 5 + (at % 30);
      columns.octetDeltaCount[at] = 90 * (5 + (at % 30));
    }
    yield builder.finish();
  }
}

function makeWorld(connections: number, into: string): number {
  const random = makeRandom(4);
  const typed = people(random);
  const rows = (function* all() {
    yield* typed;
    yield* passersby(random, connections - PEOPLE);
  })();
  makeStore(into, [...batches(rows)]);
  const own = [...people(makeRandom(4)).take(1)][0];
  return own?.from ?? 0;
}

/** Seconds of CPU time that some work took, and what came of it. */
function timed<T>(run: () => T): [T, string] {
  const before = process.cpuUsage();
  const value = run();
  const { user, system } = process.cpuUsage(before);
  return [value, ((user + system) / 1e6).toFixed(2)];
}

if (folder === undefined) {
  const made = mkdtempSync(join(tmpdir(), 'backtrail-bench-'));
  const opens = makeWorld(Number(first), made);
  for (let round = 0; round < 3; round++)
    execFileSync(process.execPath, [fileURLToPath(import.meta.url), `${opens + 60_000}`, made], {
      stdio: 'inherit',
    });
  rmSync(made, { recursive: true });
} else {
  const question = {
    victim: { address: text(10), port: SSH },
    from: { address: text(9) },
    at: epochMs(Number(first)),
  };
  const [{ batches: read }, readS] = timed(() => readAround(folder, { ...question, within: DEFAULT_WITHIN }));
  const flows = read.reduce((sum, { count }) => sum + count, 0);
  const loaded = process.resourceUsage().maxRSS / 1024;
  const [{ paths }, tracedS] = timed(() => traceBack(read, question));
  const peak = process.resourceUsage().maxRSS / 1024;
  const hops = (paths[0]?.hops ?? []).map(({ from, to }) => `${from} to ${to}`).join(', ');
  process.stdout.write(
    `${flows.toLocaleString('en')} flows read in ${readS} s (peak ${loaded.toFixed(0)} MB), traced in ${tracedS} s (peak ${peak.toFixed(0)} MB): ${hops}\n`,
  );
}
