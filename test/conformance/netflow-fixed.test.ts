/** NetFlow v7 and v8 against tshark on the same datagrams. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { decodeFiles } from '../../core/app/import/decode-files.ts';
import type { NeutralRecord } from '../../core/decode/neutral.ts';
import { aggregates, netflow7, netflow8 } from '../build/netflow-fixed.ts';
import type { Octets } from '../build/octets.ts';
import { ethernet, ipv4, pcap } from '../build/pcap.ts';
import { describeWith, temporaryFolder } from '../support.ts';

/** tshark's fields by the element that says the same. */
const fields: Readonly<Record<string, string>> = {
  sourceIPv4Address: 'srcaddr',
  destinationIPv4Address: 'dstaddr',
  ipNextHopIPv4Address: 'nexthop',
  sourceIPv4Prefix: 'srcnet',
  destinationIPv4Prefix: 'dstnet',
  ingressInterface: 'inputint',
  egressInterface: 'outputint',
  packetDeltaCount: 'packets',
  octetDeltaCount: 'octets',
  deltaFlowCount: 'flows',
  sourceTransportPort: 'srcport',
  destinationTransportPort: 'dstport',
  protocolIdentifier: 'protocol',
  ipClassOfService: 'tos',
  tcpControlBits: 'tcpflags',
  v7Flags1: 'flags',
  bgpSourceAsNumber: 'srcas',
  bgpDestinationAsNumber: 'dstas',
  sourceIPv4PrefixLength: 'srcmask',
  destinationIPv4PrefixLength: 'dstmask',
  ipv4RouterSc: 'routersc',
};

/** tshark 4.0 against Cisco's guides and flow-tools: masks the other way round, the type of service too early. */
const differing: Readonly<Record<number, readonly string[]>> = {
  5: ['sourceIPv4PrefixLength', 'destinationIPv4PrefixLength'],
  9: ['ipClassOfService', 'ingressInterface', 'egressInterface'],
  13: ['sourceIPv4PrefixLength', 'destinationIPv4PrefixLength'],
  14: ['sourceIPv4PrefixLength', 'destinationIPv4PrefixLength'],
};

/** The first record of the datagram as both tell it. */
function bothTell(datagram: Octets): { ours: NeutralRecord; theirs: Record<string, unknown> } {
  const path = join(temporaryFolder(), 'capture');
  writeFileSync(path, pcap({}, ethernet(ipv4(datagram))));
  const [ours] = [...decodeFiles([path])].flatMap((event) =>
    event.kind === 'records' ? [...event.records] : [],
  );
  const text = execFileSync('tshark', ['-r', path, '-T', 'json', '-J', 'cflow'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packet] = JSON.parse(text) as [{ _source: { layers: { cflow: Record<string, unknown> } } }];
  const { cflow } = packet._source.layers;
  const record = Object.entries(cflow).find(([name]) => name.startsWith('pdu 1/'))?.[1];
  return { ours: ours ?? {}, theirs: record as Record<string, unknown> };
}

function compare(datagram: Octets, except: readonly string[] = []): number {
  const { ours, theirs } = bothTell(datagram);
  let compared = 0;
  for (const [element, value] of Object.entries(ours)) {
    const field = fields[element];
    if (field === undefined || except.includes(element)) continue;
    const told = theirs[`cflow.${field}`];
    expect(typeof value === 'number' ? Number(told) : told, element).toBe(value);
    compared++;
  }
  return compared;
}

describeWith('tshark', 'NetFlow without templates, beside tshark', () => {
  it('reads every field of a v7 record alike', () => {
    const flow = {
      source: '10.1.2.3',
      destination: '192.0.2.9',
      nextHop: '10.0.0.254',
      input: 3,
      output: 4,
      packets: 12,
      octets: 4_000_000_000,
      sourcePort: 50_000,
      destinationPort: 22,
      flags: 0x1b,
      protocol: 6,
      tos: 16,
      sourceAs: 64_500,
      destinationAs: 64_501,
      sourceMask: 24,
      destinationMask: 16,
      flags1: 2,
      router: '10.0.0.1',
    };
    expect(compare(netflow7({ sysUpTime: 100_000, seconds: 1_600_000_000 }, [flow]))).toBe(18);
  });

  it.each(Object.keys(aggregates).map(Number))('reads v8 aggregation %i alike', (aggregation) => {
    const record = aggregates[aggregation] ?? new Uint8Array();
    const header = { aggregation, sysUpTime: 6_000, seconds: 1_600_000_000 };
    expect(compare(netflow8(header, [record, record]), differing[aggregation])).toBeGreaterThanOrEqual(4);
  });
});
