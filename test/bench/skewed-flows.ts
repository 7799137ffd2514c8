/**
 * Flows with the skew of a real gateway: a few hosts and services have most of the flows, most flows are small, a few
 * carry nearly all bytes, half have an answer, and they come in the order in which two routers let go of them.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { seededRandom } from '../build/flow-chunks.ts';
import { element, genericFlow, ipv4Flow, n16, n32, n8, nfcapd2, nip, v3 } from '../build/nfcapd.ts';
import { concat } from '../build/octets.ts';

/** 2026-11-20T00:00:00Z. */
const SKEWED_FROM = Date.UTC(2026, 10, 20);
/** Blocks of nfdump hold about a MiB. */
const BLOCK_RECORDS = 8192;
/** Flows a second. */
const PER_SECOND = 1000;
const CLIENTS = 20_000;
const SERVERS = 60_000;

const services = [
  { port: 443, protocol: 6, share: 0.42 },
  { port: 53, protocol: 17, share: 0.25 },
  { port: 443, protocol: 17, share: 0.1 },
  { port: 80, protocol: 6, share: 0.08 },
  { port: 123, protocol: 17, share: 0.04 },
  { port: 22, protocol: 6, share: 0.03 },
  { port: 0, protocol: 1, share: 0.03 },
  { port: 993, protocol: 6, share: 0.02 },
  { port: 3389, protocol: 6, share: 0.02 },
  { port: 8080, protocol: 6, share: 0.01 },
] as const;
const FIRST_SERVICE = services[0];

/** Writes an nfcapd file of layout 2; the same arguments give the same bytes. */
export function writeSkewed(path: string, count: number): void {
  const random = seededRandom(count);
  const unit = (): number => random() / 2 ** 32;
  /** Ranks with the density 1/rank: rank 1 a thousand times as often as rank 1,000. */
  const zipf = (most: number): number => Math.floor(Math.exp(unit() * Math.log(most)));
  const scatter = (n: number): number => Math.imul(n, 0x9e37_79b1) >>> 0;
  const file = openSync(path, 'w');
  const blocks = Math.ceil(count / BLOCK_RECORDS);
  writeSync(file, nfcapd2({ blocks }));
  const template = v3(
    {},
    genericFlow({}),
    ipv4Flow('0.0.0.0', '0.0.0.0'),
    element(4, n32(0), n32(0), new Uint8Array(8)),
    element(7, n32(0), n32(0)),
    element(12, nip('192.0.2.1')),
  );
  const generic = 12 + 4;
  const addresses = generic + 48 + 4;
  const interfaces = addresses + 8 + 4;
  const systems = interfaces + 16 + 4;
  const exporter = systems + 8 + 4;
  const waiting: Buffer[] = [];
  for (let first = 0; first < count; first += BLOCK_RECORDS) {
    const records = Math.min(BLOCK_RECORDS, count - first);
    const body = Buffer.alloc(records * template.length);
    for (let i = 0; i < records; i++) {
      const at = i * template.length;
      const received = SKEWED_FROM + Math.floor(((first + i) / PER_SECOND) * 1000);
      let record = (first + i) % 7 > 2 ? waiting.shift() : undefined;
      if (!record) {
        record = Buffer.from(template);
        let pick = unit();
        const service = services.find(({ share }) => (pick -= share) < 0) ?? FIRST_SERVICE;
        const client = zipf(CLIENTS);
        const server = zipf(SERVERS);
        const oneShot = service.protocol !== 6 || unit() < 0.35;
        const packets = oneShot
          ? 1 + Math.floor(unit() * 2)
          : 3 + Math.floor(Math.min(unit() ** -1.1, 1e6) * 4);
        const mean = packets < 3 ? 40 + Math.floor(unit() * 90) : 52 + Math.floor(unit() ** 2 * 1400);
        const duration = packets === 1 ? 0 : Math.floor(Math.min(packets * 40 * unit(), 60_000));
        const end = received - 200 - Math.floor(unit() * 15_000);
        const flags = service.protocol === 6 ? (oneShot ? 0x02 : 0x1b) : 0;
        const clientPort = service.protocol === 1 ? 0 : 32_768 + Math.floor(unit() * 28_232);
        const reverse = Buffer.from(template);
        for (const [one, away, answered] of [
          [record, true, packets],
          [reverse, false, Math.ceil(packets * 1.2)],
        ] as const) {
          one.writeBigUInt64LE(BigInt(end - duration + (away ? 0 : 3)), generic);
          one.writeBigUInt64LE(BigInt(end + (away ? 0 : 12)), generic + 8);
          one.writeUInt32LE(answered, generic + 24);
          one.writeBigUInt64LE(BigInt(answered * mean), generic + 32);
          one.writeUInt16LE(away ? clientPort : service.port, generic + 40);
          one.writeUInt16LE(away ? service.port : clientPort, generic + 42);
          one[generic + 44] = service.protocol;
          one[generic + 45] = flags;
          const hosts = [
            (0x0a00_0000 + (scatter(client) % 65_536)) >>> 0,
            (0x2000_0000 + (scatter(server) >>> 2)) >>> 0,
          ];
          one.writeUInt32LE(hosts[away ? 0 : 1] ?? 0, addresses);
          one.writeUInt32LE(hosts[away ? 1 : 0] ?? 0, addresses + 4);
          one.writeUInt32LE(away ? 1 : 2 + (server % 3), interfaces);
          one.writeUInt32LE(away ? 2 + (server % 3) : 1, interfaces + 4);
          const system = 1000 + (scatter(server) % 3000);
          one.writeUInt32LE(away ? 64_512 : system, systems);
          one.writeUInt32LE(away ? system : 64_512, systems + 4);
          one[exporter] = 1 + (client % 2);
        }
        if (!oneShot || unit() < 0.5) waiting.push(reverse);
      }
      record.writeBigUInt64LE(BigInt(received), generic + 16);
      body.set(record, at);
    }
    writeSync(file, concat(n32(records), n32(body.length), n16(3), n8(0), n8(0)));
    for (let at = 0; at < body.length;) at += writeSync(file, body, at);
  }
  closeSync(file);
}
