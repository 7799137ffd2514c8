/**
 * Every nfcapd file of the reference corpus: every record, every value. And the recordings' own nfcapd files against nfdump
 * on this machine, compressed ones also against their uncompressed twins.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { parseAddress } from '../../core/model/address.ts';
import { read } from '../archive/run.ts';
import { describeShared, describeWith, sharedPath } from '../support.ts';

type Json = Record<string, unknown>;

interface Case {
  readonly id: string;
  readonly format: string;
  readonly layout: string;
  readonly inputs: readonly { readonly file: string }[];
  readonly expected: string;
}

/** Where the reference differs from the file, and why ours is taken. */
const disagreements: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'v2-ipfix-pmacct-400a': {
    sourceIPv6Address:
      "records with both families: nfdump 1.7.1 unpacks them into one union, so its IPv6 address is the IPv4 one; the file holds the exporter's",
    destinationIPv6Address: 'as sourceIPv6Address',
  },
};

/** Records of each case in which a value of the table above differs. */
const disagreeing: Readonly<Record<string, number>> = { 'v2-ipfix-pmacct-400a': 210 };

/** Addresses are compared parsed: `::ffff:192.0.2.1` and `::ffff:c000:201` are one. */
function comparable(value: unknown): unknown {
  if (typeof value !== 'string' || !value.includes(':')) return value;
  return parseAddress(value)?.join('.') ?? value;
}

function differences(ours: Json, reference: Json): string[] {
  const keys = new Set([...Object.keys(ours), ...Object.keys(reference)]);
  return [...keys].filter(
    (key) => JSON.stringify(comparable(ours[key])) !== JSON.stringify(comparable(reference[key])),
  );
}

function jsonLines(path: string): Json[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Json);
}

describeShared('the nfcapd files of the reference corpus', () => {
  const corpus = sharedPath('corpus') ?? '';
  const index = JSON.parse(readFileSync(join(corpus, 'index.json'), 'utf8')) as { cases: Case[] };
  const cases = index.cases.filter(({ format }) => format === 'nfcapd');

  it('are sixteen, five of them compressed', () => {
    expect(cases.length).toBe(16);
    const methods = cases.map(({ layout }) => layout.replace(/ compressed/, ''));
    expect(Object.groupBy(methods, (method) => method)).toMatchObject({
      '1 - lzo': { length: 2 },
      '2 - lzo': { length: 1 },
      '2 - lz4': { length: 1 },
      '2 - bz2': { length: 1 },
    });
  });

  it.each(cases.map((one) => [one.id, one] as const))('%s: every record and every value', (id, one) => {
    const { records, issues, summary } = read(readFileSync(join(corpus, one.inputs[0]?.file ?? '')));
    const reference = jsonLines(join(corpus, one.expected));
    expect(issues).toEqual([]);
    expect(summary.brokeAt).toBeNull();
    expect(records.length).toBe(reference.length);
    let disagreed = 0;
    for (const [i, expected] of reference.entries()) {
      const differing = differences(records[i] ?? {}, expected);
      if (differing.length === 0) continue;
      disagreed++;
      const unexplained = differing.filter((key) => disagreements[id]?.[key] === undefined);
      expect(unexplained, `record ${i}`).toEqual([]);
    }
    expect(disagreed).toBe(disagreeing[id] ?? 0);
  });
});

/** One record as nfdump prints it. */
interface Printed {
  readonly first: string;
  readonly last: string;
  readonly received: string;
  readonly in_packets: number;
  readonly in_bytes: number;
  readonly proto: number;
  readonly src_port?: number;
  readonly dst_port?: number;
  readonly icmp_type?: number;
  readonly icmp_code?: number;
  readonly src4_addr?: string;
  readonly dst4_addr?: string;
  readonly src6_addr?: string;
  readonly dst6_addr?: string;
  readonly input_snmp: number;
  readonly output_snmp: number;
  readonly src_tos: number;
  readonly ip4_router: string;
}

const ms = (text: string): number => Date.parse(`${text}Z`);

function renamed(printed: Printed): Json {
  const named = {
    _startMs: ms(printed.first),
    _endMs: ms(printed.last),
    _receivedMs: ms(printed.received),
    packetDeltaCount: printed.in_packets,
    octetDeltaCount: printed.in_bytes,
    protocolIdentifier: printed.proto,
    sourceTransportPort: printed.src_port,
    destinationTransportPort: printed.dst_port,
    icmpTypeIPv4: printed.icmp_type,
    icmpCodeIPv4: printed.icmp_code,
    sourceIPv4Address: printed.src4_addr,
    destinationIPv4Address: printed.dst4_addr,
    sourceIPv6Address: printed.src6_addr,
    destinationIPv6Address: printed.dst6_addr,
    ingressInterface: printed.input_snmp,
    egressInterface: printed.output_snmp,
    ipClassOfService: printed.src_tos,
    _exporter: printed.ip4_router,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

function nfcapdFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.startsWith('nfcapd.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** What the collector noted itself differs between two runs over the same datagrams. */
const exported = (bytes: Uint8Array): Json[] =>
  read(bytes).records.map((record) => ({ ...record, _receivedMs: 0 }));

describeShared('the compressed nfcapd files of the recordings', () => {
  const lab = sharedPath('lab') ?? '';
  const twins = readdirSync(lab, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(join(lab, name)).map((folder) => join(lab, name, folder)))
    .flatMap((folder) => {
      const kind = /\/nfcapd-(live-)?(lzo|lz4|bz2)$/.exec(folder);
      return kind ? nfcapdFiles(folder).map((path) => [path, folder, kind[1] !== undefined] as const) : [];
    });

  it('hold the same flows as their uncompressed twins', () => {
    let rows = 0;
    for (const [path, folder, live] of twins) {
      const twin = path.replace(folder, folder.replace(/-(lzo|lz4|bz2)$/, live ? '-none' : ''));
      const ours = exported(readFileSync(path));
      expect(ours, path).toEqual(exported(readFileSync(twin)));
      rows += ours.length;
    }
    expect(twins.length).toBe(183);
    expect(rows).toBe(73_878);
  }, 120_000);
});

describeShared('the nfcapd files of the recordings', () => {
  describeWith('nfdump', 'compared with nfdump -o json', () => {
    it.each([
      ['a_paper_v5', 36, 4386],
      ['c_mixed_skew', 45, 3717],
      ['g_attacks', 33, 42_075],
    ])(
      '%s: the same flows',
      (scenario, files, flows) => {
        const paths = nfcapdFiles(sharedPath('lab', scenario, 'nfcapd') ?? '');
        let rows = 0;
        for (const path of paths) {
          const { stdout } = spawnSync('nfdump', ['-r', path, '-o', 'json'], {
            env: { ...process.env, TZ: 'UTC' },
            encoding: 'utf8',
            maxBuffer: 1 << 28,
          });
          const printed = (stdout.trim() === '' ? [] : JSON.parse(stdout)) as Printed[];
          const { records } = read(readFileSync(path));
          const wanted = printed.map(renamed);
          const ours = records.map((record, i) =>
            Object.fromEntries(Object.keys(wanted[i] ?? {}).map((key) => [key, record[key]])),
          );
          expect(ours, path).toEqual(wanted);
          expect(records.length, path).toBe(printed.length);
          rows += records.length;
        }
        expect(paths.length).toBe(files);
        expect(rows).toBe(flows);
      },
      120_000,
    );
  });
});
