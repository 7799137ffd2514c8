/**
 * Flows with the skew of a real network, the same for the same number: few hosts have most of the traffic (Zipf), days
 * are busy and nights are not, most flows are small and a few are huge (Pareto), most go to a handful of services.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { parquetWriteFile } from 'hyparquet-writer';
import { element, genericFlow, ipv4Flow, n16, n32, n8, nfcapd2, nip, v3 } from '../build/nfcapd.ts';
import { concat } from '../build/octets.ts';

export const DAY_MS = 86_400_000;
/** 2026-11-01T00:00:00Z. */
export const FIRST_DAY = Date.UTC(2026, 10, 1);

const INSIDE = 4000;
const OUTSIDE = 400_000;
const SERVICES = [443, 443, 443, 443, 443, 443, 53, 53, 80, 80, 123, 22, 25, 993, 3389, 8080] as const;
const UDP_SERVICES: ReadonlySet<number> = new Set([53, 123]);

export interface FlowColumns {
  readonly count: number;
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly source: Uint32Array;
  readonly destination: Uint32Array;
  readonly sourcePort: Uint16Array;
  readonly destinationPort: Uint16Array;
  readonly protocol: Uint8Array;
  readonly flags: Uint8Array;
  readonly packets: Float64Array;
  readonly bytes: Float64Array;
  readonly sourceAs: Uint32Array;
  readonly destinationAs: Uint32Array;
  readonly input: Uint32Array;
  readonly output: Uint32Array;
}

/** mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A rank from 0, the k-th with a share near 1/(k+1). */
const zipf = (u: number, n: number): number => Math.floor(Math.exp(u * Math.log(n + 1))) - 1;

export const insideHost = (rank: number): number => (0x0a00_0000 + rank * 13 + 1) >>> 0;
/** Ranks scattered over the address space. */
export const outsideHost = (rank: number): number =>
  (0x1000_0000 + ((Math.imul(rank + 1, 0x9e37_79b1) >>> 0) % 0xa000_0000)) >>> 0;

/** One day's flows in the order in which a router exports them: by their end. */
export function makeDay(day: number, count: number): FlowColumns {
  const random = randomNumbers(day + 1);
  const flows: FlowColumns = {
    count,
    start: new Float64Array(count),
    end: new Float64Array(count),
    source: new Uint32Array(count),
    destination: new Uint32Array(count),
    sourcePort: new Uint16Array(count),
    destinationPort: new Uint16Array(count),
    protocol: new Uint8Array(count),
    flags: new Uint8Array(count),
    packets: new Float64Array(count),
    bytes: new Float64Array(count),
    sourceAs: new Uint32Array(count),
    destinationAs: new Uint32Array(count),
    input: new Uint32Array(count),
    output: new Uint32Array(count),
  };
  const ends = exportTimes(day, count, random);
  for (let i = 0; i < count; i++) {
    const rank = zipf(random(), OUTSIDE);
    const inside = insideHost(zipf(random(), INSIDE));
    const outside = outsideHost(rank);
    const as = 1000 + ((Math.imul(rank + 7, 0x85eb_ca6b) >>> 0) % 5000);
    const rare = random() < 0.08;
    const service = rare ? 1024 + zipf(random(), 20_000) : (SERVICES[Math.floor(random() * 16)] ?? 443);
    const client = 32_768 + Math.floor(random() * 28_000);
    const outgoing = random() < 0.5;
    const packets = Math.min(Math.floor(random() ** (-1 / 1.15)), 2_000_000);
    const size = packets === 1 ? 40 + Math.floor(random() * 60) : 52 + Math.floor(random() ** 2 * 1400);
    const lasted = packets === 1 ? 0 : Math.min(Math.floor(40 * random() ** -1), 300_000);
    const udp = UDP_SERVICES.has(service) || (service === 443 && random() < 0.3);
    const end = ends[i] ?? 0;
    flows.start[i] = end - lasted;
    flows.end[i] = end;
    flows.source[i] = outgoing ? inside : outside;
    flows.destination[i] = outgoing ? outside : inside;
    flows.sourcePort[i] = outgoing ? client : service;
    flows.destinationPort[i] = outgoing ? service : client;
    flows.protocol[i] = udp ? 17 : 6;
    flows.flags[i] = udp ? 0 : packets < 3 ? 0x02 : 0x1b;
    flows.packets[i] = packets;
    flows.bytes[i] = packets * size;
    flows.sourceAs[i] = outgoing ? 0 : as;
    flows.destinationAs[i] = outgoing ? as : 0;
    flows.input[i] = outgoing ? 2 : 1;
    flows.output[i] = outgoing ? 1 : 2;
  }
  return flows;
}

/** Ascending, thickest in the afternoon; whole days apart, so that a day's file holds its day. */
function exportTimes(day: number, count: number, random: () => number): Float64Array {
  const times = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let at = random();
    while (random() > 0.55 - 0.45 * Math.cos((at - 1 / 12) * 2 * Math.PI)) at = random();
    times[i] = Math.floor(FIRST_DAY + day * DAY_MS + 301_000 + at * (DAY_MS - 302_000));
  }
  return times.sort();
}

const BLOCK_RECORDS = 8192;

/** An uncompressed nfcapd file of layout 2. */
export function writeNfcapd(path: string, flows: FlowColumns): void {
  const file = openSync(path, 'w');
  const record = v3(
    {},
    genericFlow({}),
    ipv4Flow('0.0.0.0', '0.0.0.0'),
    element(4, n32(0), n32(0), new Uint8Array(8)),
    element(7, n32(0), n32(0)),
    element(12, nip('192.0.2.1')),
  );
  const generic = 12 + 4;
  const addresses = generic + 48 + 4;
  const misc = addresses + 8 + 4;
  const routing = misc + 16 + 4;
  writeSync(file, nfcapd2({ blocks: Math.ceil(flows.count / BLOCK_RECORDS) }));
  for (let first = 0; first < flows.count; first += BLOCK_RECORDS) {
    const records = Math.min(BLOCK_RECORDS, flows.count - first);
    const body = Buffer.alloc(records * record.length);
    for (let i = 0; i < records; i++) {
      const at = i * record.length;
      const row = first + i;
      const time = (value: number, offset: number): void => {
        body.writeUInt32LE(value % 2 ** 32, at + offset);
        body.writeUInt32LE(Math.floor(value / 2 ** 32), at + offset + 4);
      };
      body.set(record, at);
      time(flows.start[row] ?? 0, generic);
      time(flows.end[row] ?? 0, generic + 8);
      time((flows.end[row] ?? 0) + 500, generic + 16);
      time(flows.packets[row] ?? 0, generic + 24);
      time(flows.bytes[row] ?? 0, generic + 32);
      body.writeUInt16LE(flows.sourcePort[row] ?? 0, at + generic + 40);
      body.writeUInt16LE(flows.destinationPort[row] ?? 0, at + generic + 42);
      body[at + generic + 44] = flows.protocol[row] ?? 0;
      body[at + generic + 45] = flows.flags[row] ?? 0;
      body.writeUInt32LE(flows.source[row] ?? 0, at + addresses);
      body.writeUInt32LE(flows.destination[row] ?? 0, at + addresses + 4);
      body.writeUInt32LE(flows.input[row] ?? 0, at + misc);
      body.writeUInt32LE(flows.output[row] ?? 0, at + misc + 4);
      body.writeUInt32LE(flows.sourceAs[row] ?? 0, at + routing);
      body.writeUInt32LE(flows.destinationAs[row] ?? 0, at + routing + 4);
    }
    writeSync(file, concat(n32(records), n32(body.length), n16(3), n8(0), n8(0)));
    writeSync(file, body);
  }
  closeSync(file);
}

/** The same columns for another program. */
export function writeParquet(path: string, flows: FlowColumns): void {
  const signed = (values: Uint32Array | Uint16Array | Uint8Array | Float64Array): BigInt64Array =>
    BigInt64Array.from(values, BigInt);
  parquetWriteFile({
    filename: path,
    codec: 'UNCOMPRESSED',
    columnData: Object.entries(flows).flatMap(([name, values]) =>
      name === 'count' ? [] : [{ name, data: signed(values as Float64Array), type: 'INT64' as const }],
    ),
  });
}
