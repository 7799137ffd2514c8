/**
 * Every table of the reference corpus: every record, every value; and `nfdump -o csv` on this machine, whose output must
 * give the flows of the file it printed.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseAddress } from '../../core/model/address.ts';
import { read } from '../archive/run.ts';
import { describeShared, describeWith, sharedPath } from '../support.ts';

interface Case {
  readonly id: string;
  readonly format: string;
  readonly inputs: readonly { readonly file: string }[];
  readonly expected: string;
  readonly expectedSummary: { readonly records: number };
}

/** A record of the reference: values as printed. */
interface Printed {
  readonly _startTime: string;
  readonly _durationS: string;
  readonly _proto: string;
  readonly _src: string;
  readonly _dst: string;
  readonly sourceTransportPort?: number;
  readonly destinationTransportPort?: number;
  readonly _totalPackets: number;
  readonly _totalOctets: number;
  readonly _sourceOctets: number;
}

const protocols: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1, igmp: 2, 'ipv6-icmp': 58 };

const bytesOf = (text: unknown): string => String(parseAddress(String(text)));

const sum = (...values: readonly unknown[]): number =>
  values.reduce<number>((total, value) => total + Number(value), 0);

describeShared('the tables of the reference corpus', () => {
  const corpus = sharedPath('corpus') ?? '';
  const index = JSON.parse(readFileSync(join(corpus, 'index.json'), 'utf8')) as { cases: Case[] };
  const cases = index.cases.filter(({ format }) => format === 'binetflow');

  it('are three', () => {
    expect(cases.length).toBe(3);
    expect(cases.reduce((total, one) => total + one.expectedSummary.records, 0)).toBe(6906);
  });

  it.each(cases)('$id: every record and every value', (one) => {
    const { records, issues, summary } = read(readFileSync(join(corpus, one.inputs[0]?.file ?? '')));
    const reference = readFileSync(join(corpus, one.expected), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Printed);
    expect(issues).toEqual([]);
    expect(summary).toMatchObject({ kind: 'binetflow', brokeAt: null });
    expect(records.length).toBe(one.expectedSummary.records);
    for (const [i, printed] of reference.entries()) {
      const record = records[i] ?? {};
      const start = Date.parse(`${printed._startTime.replaceAll('/', '-').replace(' ', 'T')}Z`);
      const micros = Math.round(Number(`0.${printed._startTime.split('.')[1]}`) * 1e6) % 1000;
      const end = Math.floor(start + (micros + Math.round(Number(printed._durationS) * 1e6)) / 1000);
      expect(
        {
          start: record['_startMs'],
          end: record['_endMs'],
          protocol: record['protocolIdentifier'],
          source: bytesOf(record['sourceIPv4Address'] ?? record['sourceIPv6Address']),
          destination: bytesOf(record['destinationIPv4Address'] ?? record['destinationIPv6Address']),
          sourcePort: record['sourceTransportPort'],
          destinationPort: record['destinationTransportPort'],
          packets: sum(record['packetDeltaCount'], record['reversePacketDeltaCount']),
          octets: sum(record['octetDeltaCount'], record['reverseOctetDeltaCount']),
          sourceOctets: record['octetDeltaCount'],
        },
        `record ${i}`,
      ).toEqual({
        start,
        end,
        protocol: protocols[printed._proto],
        source: bytesOf(printed._src),
        destination: bytesOf(printed._dst),
        sourcePort: printed.sourceTransportPort,
        destinationPort: printed.destinationTransportPort,
        packets: printed._totalPackets,
        octets: printed._totalOctets,
        sourceOctets: printed._sourceOctets,
      });
    }
  });
});

describeShared('a table that nfdump prints', () => {
  describeWith('nfdump', 'of a file', () => {
    it.each([
      'isp-v2-none',
      'v2-isp-20k-lzo',
      'v2-nf9-ubnt',
      'v2-ipfixfile-ipfixcol2-example',
      'v1-none-cisco',
    ])('%s has the same flows', (name) => {
      const path = sharedPath('corpus/nfcapd', `${name}.nfcapd`) ?? '';
      const { stdout } = spawnSync('nfdump', ['-r', path, '-o', 'csv'], {
        env: { ...process.env, TZ: 'UTC' },
        maxBuffer: 1 << 28,
      });
      const printed = read(stdout);
      const stored = read(readFileSync(path));
      expect(printed.summary.kind).toBe('nfdump-csv');
      expect(printed.issues).toEqual([]);
      expect(printed.records.length).toBe(stored.records.length);
      const shown = (record: Readonly<Record<string, unknown>>): unknown => ({
        // A flow that began at a time unknown is printed as 1970; others in whole seconds.
        start: Math.floor(Number(record['_startMs']) / 1000),
        end: Math.floor(Number(record['_endMs']) / 1000),
        source: bytesOf(record['sourceIPv4Address'] ?? record['sourceIPv6Address']),
        destination: bytesOf(record['destinationIPv4Address'] ?? record['destinationIPv6Address']),
        protocol: record['protocolIdentifier'],
        packets: Number(record['packetDeltaCount']),
        octets: Number(record['octetDeltaCount']),
        input: record['ingressInterface'],
        output: record['egressInterface'],
        ...(record['protocolIdentifier'] === 1 || record['protocolIdentifier'] === 58
          ? {}
          : {
              sourcePort: record['sourceTransportPort'],
              destinationPort: record['destinationTransportPort'],
              flags: record['protocolIdentifier'] === 6 ? record['tcpControlBits'] : 0,
            }),
      });
      expect(printed.records.map(shown)).toEqual(stored.records.map(shown));
    });
  });
});
