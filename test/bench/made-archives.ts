/**
 * The same made-up flows in files of every kind, as large as asked for: hosts of a site that talk to some thousand others,
 * with counters and times like those of a router.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { zstdCompressSync } from 'node:zlib';
import { element, genericFlow, ipv4Flow, n16, n32, n8, nfcapd2, nip, v3 } from '../build/nfcapd.ts';
import { flow5, flowTools } from '../build/flowtools.ts';
import { netflow5 } from '../build/netflow.ts';
import { concat } from '../build/octets.ts';
import { ethernet, ipv4, pcap } from '../build/pcap.ts';
import { binetflowHeader, rwcutHeader, zeekHead } from '../build/tables.ts';

/** 2026-11-20T12:00:00Z. */
const NOON = Date.UTC(2026, 10, 20, 12);

export interface MadeFlow {
  readonly start: number;
  readonly end: number;
  readonly source: number;
  readonly destination: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly protocol: number;
  readonly packets: number;
  readonly octets: number;
}

/** The n-th flow: a thousand of them a second. */
export function madeFlow(n: number): MadeFlow {
  const random = Math.imul(n ^ (n >>> 15), 0x2c1b_3c6d) >>> 0;
  const packets = 1 + (random % 40);
  const start = NOON + n;
  return {
    start,
    end: start + (random % 60_000),
    source: (0x0a00_0000 + (random % 20_000)) >>> 0,
    destination: (0xc633_0000 + ((random >>> 8) % 5000)) >>> 0,
    sourcePort: 1024 + (random % 60_000),
    destinationPort: [22, 53, 80, 443][random % 4] ?? 22,
    protocol: random % 4 === 1 ? 17 : 6,
    packets,
    octets: packets * (40 + (random % 1400)),
  };
}

/** Collects pieces and writes them in large ones. */
class Output implements Disposable {
  readonly #file: number;
  #parts: Uint8Array[] = [];
  #size = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'w');
  }

  write(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#size += bytes.length;
    if (this.#size > 1 << 22) this.#flush();
  }

  text(line: string): void {
    this.write(Buffer.from(`${line}\n`));
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#parts);
    for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at);
    this.#parts = [];
    this.#size = 0;
  }

  [Symbol.dispose](): void {
    this.#flush();
    closeSync(this.#file);
  }
}

/** Blocks of nfdump hold about a MiB. */
const BLOCK_RECORDS = 8192;

/** An nfcapd file of layout 2; with `zstd` each block compressed by it, which nfdump 1.7.1 cannot write. */
export function writeNfcapd(path: string, count: number, zstd = false): void {
  using out = new Output(path);
  const record = v3(
    {},
    genericFlow({}),
    ipv4Flow('0.0.0.0', '0.0.0.0'),
    element(4, n32(7), n32(8), new Uint8Array(8)),
    element(12, nip('192.0.2.1')),
  );
  const blocks = Math.ceil(count / BLOCK_RECORDS);
  out.write(nfcapd2({ compression: zstd ? 4 : 0, blocks }));
  const generic = 12 + 4;
  const addresses = generic + 48 + 4;
  for (let first = 0; first < count; first += BLOCK_RECORDS) {
    const records = Math.min(BLOCK_RECORDS, count - first);
    const body = Buffer.alloc(records * record.length);
    for (let i = 0; i < records; i++) {
      const at = i * record.length;
      const flow = madeFlow(first + i);
      body.set(record, at);
      body.writeBigUInt64LE(BigInt(flow.start), at + generic);
      body.writeBigUInt64LE(BigInt(flow.end), at + generic + 8);
      body.writeBigUInt64LE(BigInt(flow.end + 1000), at + generic + 16);
      body.writeUInt32LE(flow.packets, at + generic + 24);
      body.writeUInt32LE(flow.octets, at + generic + 32);
      body.writeUInt16LE(flow.sourcePort, at + generic + 40);
      body.writeUInt16LE(flow.destinationPort, at + generic + 42);
      body[at + generic + 44] = flow.protocol;
      body.writeUInt32LE(flow.source, at + addresses);
      body.writeUInt32LE(flow.destination, at + addresses + 4);
    }
    const packed = zstd ? zstdCompressSync(body) : body;
    out.write(concat(n32(records), n32(packed.length), n16(3), n8(0), n8(0)));
    out.write(packed);
  }
}

export function writeFlowTools(path: string, count: number): void {
  using out = new Output(path);
  out.write(flowTools({ flows: count }));
  const template = flow5('little');
  for (let n = 0; n < count; n++) {
    const flow = madeFlow(n);
    const record = Buffer.from(template);
    // Uptime 0 at the time of export: both times lie before it.
    const seconds = Math.ceil(flow.end / 1000);
    record.writeUInt32LE(seconds, 0);
    record.writeUInt32LE(0, 4);
    record.writeUInt32LE(1_000_000, 8);
    record.writeUInt32LE(flow.source, 16);
    record.writeUInt32LE(flow.destination, 20);
    record.writeUInt32LE(flow.packets, 32);
    record.writeUInt32LE(flow.octets, 36);
    record.writeUInt32LE(1_000_000 - (seconds * 1000 - flow.start), 40);
    record.writeUInt32LE(1_000_000 - (seconds * 1000 - flow.end), 44);
    record.writeUInt16LE(flow.sourcePort, 48);
    record.writeUInt16LE(flow.destinationPort, 50);
    record[52] = flow.protocol;
    out.write(record);
  }
}

const dotted = (address: number): string =>
  `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;

/** A capture of NetFlow v5, 30 flows a datagram. */
export function writePcap(path: string, count: number): void {
  using out = new Output(path);
  out.write(pcap({}));
  for (let first = 0; first < count; first += 30) {
    const flows = Array.from({ length: Math.min(30, count - first) }, (_, i) => madeFlow(first + i));
    const seconds = Math.ceil((flows.at(-1)?.end ?? NOON) / 1000) + 60;
    const payload = netflow5(
      { sysUpTime: 1_000_000, seconds, sequence: first },
      flows.map((flow) => ({
        source: dotted(flow.source),
        destination: dotted(flow.destination),
        sourcePort: flow.sourcePort,
        destinationPort: flow.destinationPort,
        protocol: flow.protocol,
        packets: flow.packets,
        octets: flow.octets,
        first: 1_000_000 - (seconds * 1000 - flow.start),
        last: 1_000_000 - (seconds * 1000 - flow.end),
      })),
    );
    out.write(pcap({}, { packet: ethernet(ipv4(payload)), seconds }).subarray(24));
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();
const seconds = (ms: number): string => (ms / 1000).toFixed(6);

/** A table, a line a flow. */
export function writeTable(
  path: string,
  head: readonly string[],
  count: number,
  line: (flow: MadeFlow) => string,
): void {
  using out = new Output(path);
  for (const text of head) out.text(text);
  for (let n = 0; n < count; n++) out.text(line(madeFlow(n)));
}

const protocolName = ({ protocol }: MadeFlow): string => (protocol === 6 ? 'tcp' : 'udp');

export const tables: Readonly<
  Record<string, { readonly head: readonly string[]; readonly line: (flow: MadeFlow) => string }>
> = {
  binetflow: {
    head: [binetflowHeader],
    line: (flow) =>
      [
        iso(flow.start).replaceAll('-', '/').replace('T', ' ').replace('Z', '000'),
        seconds(flow.end - flow.start),
        protocolName(flow),
        dotted(flow.source),
        flow.sourcePort,
        '   ->',
        dotted(flow.destination),
        flow.destinationPort,
        flow.protocol === 6 ? 'FSPA_FSPA' : 'CON',
        0,
        0,
        flow.packets * 2,
        flow.octets * 2,
        flow.octets,
        flow.packets,
        '',
      ].join(','),
  },
  rwcut: {
    head: [rwcutHeader],
    line: (flow) =>
      `${dotted(flow.source).padStart(15)}|${dotted(flow.destination).padStart(15)}|${String(flow.sourcePort).padStart(5)}|${String(flow.destinationPort).padStart(5)}|${String(flow.protocol).padStart(3)}|${String(flow.packets).padStart(10)}|${String(flow.octets).padStart(10)}| FS PA  |${iso(flow.start).slice(0, 23)}|${seconds(
        flow.end - flow.start,
      )
        .slice(0, -3)
        .padStart(9)}|${iso(flow.end).slice(0, 23)}| S0|`,
  },
  'zeek (tabs)': {
    head: zeekHead,
    line: (flow) =>
      `${seconds(flow.start)}\tC5bLoe2Mvxqhawzqqd\t${dotted(flow.source)}\t${flow.sourcePort}\t${dotted(flow.destination)}\t${flow.destinationPort}\t${protocolName(flow)}\t-\t${seconds(flow.end - flow.start)}\t77\t295\tSF\t-\t-\t0\tShADadFf\t${flow.packets}\t${flow.octets}\t4\t511\t-`,
  },
  'zeek (JSON)': {
    head: [],
    line: (flow) =>
      `{"ts":${seconds(flow.start)},"uid":"C5bLoe2Mvxqhawzqqd","id.orig_h":"${dotted(flow.source)}","id.orig_p":${flow.sourcePort},"id.resp_h":"${dotted(flow.destination)}","id.resp_p":${flow.destinationPort},"proto":"${protocolName(flow)}","duration":${seconds(flow.end - flow.start)},"conn_state":"SF","history":"ShADadFf","orig_pkts":${flow.packets},"orig_ip_bytes":${flow.octets},"resp_pkts":4,"resp_ip_bytes":511}`,
  },
};
