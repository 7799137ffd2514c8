/**
 * Mutated archives by a seeded generator: `node test/fuzz/archive.ts [COUNT [SEED]]` reads COUNT mutants of each kind and
 * prints what became of them. A fault is anything but an ApiError at recognition: another error, a chunk out of bounds,
 * a reading that takes long, a window that grew.
 */
import { fileURLToPath } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { loadElements } from '../../core/app/resources.ts';
import { readArchive } from '../../core/archive/archive.ts';
import { memorySource } from '../../core/archive/byte-cursor.ts';
import { parseMapping } from '../../core/archive/text-mapping.ts';
import { ApiError } from '../../core/model/api-error.ts';
import { flow5, flowTools } from '../build/flowtools.ts';
import { netflow5 } from '../build/netflow.ts';
import {
  block,
  common,
  element,
  exporterRecord,
  extensionMap,
  genericFlow,
  ipv4Flow,
  ipv6Flow,
  n32,
  n64,
  nfcapd1,
  nfcapd2,
  nip,
  v3,
} from '../build/nfcapd.ts';
import { concat, hex, set, u16, u32, type Octets } from '../build/octets.ts';
import { lz4Literals, lzoLiterals } from '../build/packed.ts';
import { ethernet, fragments4, fragments6, ipv4, ipv6, pcap, pcapng } from '../build/pcap.ts';
import {
  binetflowHeader,
  binetflowLine,
  lines,
  nfdumpHeader,
  nfdumpLine,
  nfdumpSummary,
  rwcutHeader,
  rwcutLine,
  zeekHead,
  zeekJsonLine,
  zeekLine,
} from '../build/tables.ts';
import { processorMs } from './processor-time.ts';

export interface FuzzResult {
  readonly kind: string;
  readonly mutants: number;
  /** Mutants refused at recognition, and read with and without issues. */
  readonly refused: number;
  readonly withIssues: number;
  readonly clean: number;
  readonly rows: number;
  readonly slowestMs: number;
  readonly faults: readonly string[];
}

/** A byte of a compressed mutant may stand for so many records. */
const MOST_UNPACKED = 1000;

/** A reading of some kilobytes that takes longer than this hangs. */
const HANG_MS = 2_000;

/** Numbers in [0, 1) from a 32-bit seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

const values = [
  0, 1, 2, 3, 4, 5, 7, 8, 12, 16, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff,
];

function mutate(seed: Octets, other: Octets, random: () => number): Octets {
  let bytes: Octets = seed.slice();
  const pick = (limit: number): number => Math.floor(random() * limit);
  for (let step = 1 + pick(4); step > 0 && bytes.length > 0; step--) {
    const at = pick(bytes.length);
    const length = 1 + pick(40);
    switch (pick(8)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8));
        break;
      case 1:
        bytes[at] = pick(256);
        break;
      case 2:
      case 3: {
        const value = n32(values[pick(values.length)] ?? 0).subarray(0, random() < 0.5 ? 2 : 4);
        bytes.set(value.subarray(0, bytes.length - at), at);
        break;
      }
      case 4:
        bytes = bytes.slice(0, at);
        break;
      case 5:
        bytes = concat(bytes.subarray(0, at), bytes.subarray(at + length));
        break;
      case 6:
        bytes = concat(bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at));
        break;
      default: {
        const from = pick(other.length);
        bytes = concat(bytes.subarray(0, at), other.subarray(from, from + length), bytes.subarray(at));
      }
    }
  }
  return bytes;
}

function seeds(): Readonly<Record<string, readonly Octets[]>> {
  const five = netflow5({ seconds: 1_700_000_000 }, [{ source: '10.0.0.1', destinationPort: 22 }, {}]);
  const template = set(2, [u16(256), u16(3), u16(8), u16(4), u16(12), u16(4), u16(2), u16(8)]);
  const data = set(256, [new Uint8Array(48).fill(7)]);
  const ten = concat(
    u16(10),
    u16(16 + template.length + data.length),
    u32(1),
    u32(1),
    u32(1),
    template,
    data,
  );
  const packets = [
    ethernet(ipv4(five)),
    ethernet(ipv6(ten), [[0x8100, 5]]),
    ethernet(ipv4(five, { fragment: 9 })),
  ];
  const flow = {
    source: '10.0.0.1',
    destination: '10.0.0.2',
    first: 1_500_000_000_001,
    packets: 5,
    octets: 900,
  };
  const generic = genericFlow({ ...flow, protocol: 6, sourcePort: 1, destinationPort: 2 });
  const elements = [
    element(4, n32(1), n32(2), new Uint8Array(8)),
    element(12, nip('192.0.2.1')),
    element(14, new Uint8Array(40).fill(3)),
    element(19, n64(1), n32(2), n32(3)),
    element(24, new Uint8Array(68).fill(65)),
    element(25, n64(1), n32(2), n32(3)),
  ];
  const record2 = v3({}, generic, ipv4Flow('10.0.0.1', '10.0.0.2'), ...elements);
  const record6 = v3({ exporter: 2 }, generic, ipv6Flow('2001:db8::1', '2001:db8::2'));
  const map = extensionMap(1, 5, 7, 8, 9, 23, 27, 43);
  const extensions = [
    n32(1),
    n32(2),
    n32(3),
    n32(4),
    n32(5),
    nip('10.9.9.9'),
    nip('192.0.2.1'),
    n64(9),
    new Uint8Array(72),
  ];
  const record1 = common(flow, ...extensions);
  return {
    pcap: [pcap({}, ...packets), pcap({ endian: 'big', precision: 'nano' }, ...packets)],
    pcapng: [
      pcapng({}, ...packets.map((packet) => ({ packet, time: 1n }))),
      pcapng({ endian: 'big', resolution: 9 }, ...packets.map((packet) => ({ packet, time: 2n }))),
    ],
    nfcapd1: [
      nfcapd1(
        {},
        block({ type: 2 }, exporterRecord(1, '192.0.2.1', 1), map, record1, record1),
        block({ type: 2 }, record1, common({ ...flow, old: true, wide: true }, ...extensions)),
      ),
    ],
    nfcapd2: [
      nfcapd2(
        {},
        block({}, exporterRecord(1, '2001:db8::5', 1), record2, record6),
        block({}, record6, record2),
      ),
    ],
    datagram: [five, ten],
    ipfixfile: [concat(...Array.from({ length: 30 }, () => ten))],
    fragments: [
      pcap({}, ...fragments4(ipv4(five), 40, 1).map((packet) => ethernet(packet))),
      pcap({}, ...fragments6(ipv6(ten), 32, 2).map((packet) => ethernet(packet))),
    ],
    ...packedSeeds(record2, record1, map),
    ...tableSeeds(),
  };
}

/** Three flow records as nfdump 1.7.1 compressed them. */
const LZO_FLOWS = hex(
  '00080b0068000400000001000009010034000168e5cf8b010000e86bbd0000c10005de008503a0010838c71600060000' +
    '0002000c6c07050a0200000a0400146e010002a8049400050c000800010200c02e9d01023d9d018620269d01033d9d01' +
    '8720039c01000100000000000000000000000c000800010200c0110000',
);
const LZ4_FLOWS = hex(
  'f20b0b0068000400000001000009010034000168e5cf8b010000e86b0800040200130509002285030900b038c7160006' +
    '00000002000c3c00800a0200000a0400140c0022000223000102008c0c000800010200c068001f0268000c1f86680034' +
    '1f0368000c1f8768001f5000010200c0',
);
const BZ2_FLOWS = hex(
  '425a6839314159265359b71c9d1600006969457ffc05000440004803884080824020007051a1a0000006f5489a51b423' +
    'c91b227a9761764c2ccd9a492d1929dd77768fbba4a94d9aad18524f968e8d5764dd4929aac6ca66a937f3bdcc365913' +
    '853ca9e94eca696df953fa30f6e63970c9fe2ee48a70a1216e393a2c',
);

/** Compressed blocks, records and files. */
function packedSeeds(record2: Octets, record1: Octets, map: Octets): Record<string, readonly Octets[]> {
  const packed = (bytes: Octets, records: number, type = 3): Octets =>
    block({ records, size: bytes.length, type }, bytes);
  const body = concat(record2, record2, record2);
  // Some kilobytes that do not shrink: damage at the end leaves the beginning.
  const random = generator(7);
  const noise = Array.from({ length: 100 }, () =>
    v3(
      {},
      genericFlow({ octets: random() * 2 ** 32 }),
      element(
        99,
        Uint8Array.from({ length: 80 }, () => random() * 256),
      ),
    ),
  );
  const file = nfcapd2({}, block({}, record2, record2), block({}, ...noise));
  const table = lines(
    rwcutHeader,
    ...noise.map(() => rwcutLine.replace('3456', String(Math.floor(random() * 2 ** 32)))),
  );
  const zstd = (bytes: Octets): Octets => new Uint8Array(zstdCompressSync(bytes));
  // Of a damaged frame of one block nothing is had: several frames, as tools that write in threads make them.
  const frames = (bytes: Octets): Octets =>
    concat(
      ...Array.from({ length: 8 }, (_, i) =>
        zstd(bytes.slice((i * bytes.length) / 8, ((i + 1) * bytes.length) / 8)),
      ),
    );
  const flows = [flow5('little'), flow5('little', 7), flow5('little', 8)];
  const big = [flow5('big'), flow5('big', 7)];
  return {
    lzo: [
      nfcapd2({ compression: 1 }, packed(LZO_FLOWS, 3), packed(lzoLiterals(body), 3)),
      nfcapd1({ flags: 1 }, packed(lzoLiterals(concat(map, record1)), 2, 2)),
    ],
    lz4: [
      nfcapd2({ compression: 3 }, packed(LZ4_FLOWS, 3), packed(lz4Literals(body), 3)),
      nfcapd1({ flags: 16 }, packed(lz4Literals(concat(map, record1)), 2, 2)),
    ],
    bz2: [nfcapd2({ compression: 2 }, packed(BZ2_FLOWS, 3), packed(BZ2_FLOWS, 3))],
    zstd: [nfcapd2({ compression: 4 }, packed(zstd(body), 3), packed(zstd(record2), 1))],
    flowtools: [
      flowTools({ flows: 3 }, ...flows),
      flowTools({ endian: 'big', version: 7 }, ...big.map((one) => concat(one, new Uint8Array(4)))),
      flowTools({ version: 8, aggregation: 14 }, new Uint8Array(120)),
    ],
    'flowtools deflated': [
      flowTools({ deflate: true }, ...flows),
      flowTools({ endian: 'big', deflate: true }, ...big),
    ],
    'gzip around': [new Uint8Array(gzipSync(file)), new Uint8Array(gzipSync(table))],
    'zstd around': [frames(file), frames(table)],
  };
}

/** Tables, with quotes where they have them. */
function tableSeeds(): Record<string, readonly Octets[]> {
  const quoted = binetflowLine.replace('->', '"- ""x""\n>"');
  return {
    'nfdump-csv': [lines(nfdumpHeader, nfdumpLine, nfdumpLine, ...nfdumpSummary, nfdumpHeader, nfdumpLine)],
    binetflow: [lines(binetflowHeader, binetflowLine, quoted, binetflowLine)],
    rwcut: [lines(rwcutHeader, rwcutLine, rwcutLine)],
    zeek: [lines(...zeekHead, zeekLine, zeekLine, ...zeekHead, zeekLine), lines(zeekJsonLine, zeekJsonLine)],
    csv: [
      lines(
        'when;from;to;bytes;note',
        '1700000000;10.0.0.1;2001:db8::1;7;"a;b"',
        '1700000001;10.0.0.1;10.0.0.2;8;',
      ),
    ],
  };
}

/** For the tables that nobody knows. */
const mapping = parseMapping(
  '{"delimiter":";","columns":{"when":{"element":"flowStartMilliseconds","unit":"seconds"},"from":"sourceAddress","to":"destinationAddress","bytes":"octetDeltaCount","note":"_note"}}',
  loadElements(),
);

/** Reads `count` mutants of a kind. */
export function fuzzArchive(kind: string, count: number, seed: number): FuzzResult {
  const elements = loadElements();
  const random = generator(seed);
  const all = seeds();
  const own = all[kind] ?? [];
  const others = Object.values(all).flat();
  const result = { kind, mutants: count, refused: 0, withIssues: 0, clean: 0, rows: 0, slowestMs: 0 };
  const faults: string[] = [];
  for (let i = 0; i < count; i++) {
    const base = own[i % own.length] ?? new Uint8Array(0);
    const bytes = mutate(base, others[Math.floor(random() * others.length)] ?? base, random);
    const begun = processorMs();
    let chunks = 0;
    let issues = 0;
    try {
      for (const chunk of readArchive(memorySource(bytes), { elements, batchRows: 16, mapping })) {
        chunks++;
        issues += chunk.issues.length;
        result.rows += chunk.batch.count;
        if (chunk.issues.some(({ message }) => message === ''))
          faults.push(`mutant ${i}: an issue without words`);
        if (chunk.bytesRead > bytes.length)
          faults.push(`mutant ${i}: read ${chunk.bytesRead} of ${bytes.length}`);
        if (chunks > (bytes.length + 1) * MOST_UNPACKED) throw new Error('chunks without end');
      }
      if (issues > 0) result.withIssues++;
      else result.clean++;
    } catch (error) {
      if (error instanceof ApiError && chunks === 0) result.refused++;
      else
        faults.push(`mutant ${i}: ${error instanceof Error ? (error.stack ?? error.message) : 'no error'}`);
    }
    const took = processorMs() - begun;
    result.slowestMs = Math.max(result.slowestMs, took);
    if (took > HANG_MS) faults.push(`mutant ${i}: took ${took.toFixed(0)} ms`);
  }
  return { ...result, faults };
}

/** The kinds that have seeds. */
export const fuzzKinds: readonly string[] = Object.keys(seeds());

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [count = '100000', seed = '1'] = process.argv.slice(2);
  for (const kind of fuzzKinds) {
    const { faults, ...figures } = fuzzArchive(kind, Number(count), Number(seed));
    const memory = Math.round(process.memoryUsage().rss / 2 ** 20);
    process.stdout.write(`${JSON.stringify({ ...figures, faults: faults.length, rssMiB: memory })}\n`);
    for (const fault of faults.slice(0, 5)) process.stdout.write(`${fault}\n`);
    if (faults.length > 0) process.exitCode = 1;
  }
}
