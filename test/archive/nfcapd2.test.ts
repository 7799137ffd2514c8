import { describe, expect, it } from 'vitest';
import {
  block,
  element,
  exporterRecord,
  genericFlow,
  ipv4Flow,
  ipv6Flow,
  n16,
  n32,
  n64,
  n8,
  nfcapd2,
  nip,
  nmac,
  record,
  v3,
} from '../build/nfcapd.ts';
import { ascii, concat, ip, u32 } from '../build/octets.ts';
import { read } from './run.ts';

const generic = genericFlow({
  first: 1_700_000_000_250,
  last: 1_700_000_003_750,
  received: 1_700_000_010_000,
  packets: 12,
  octets: 3456,
  sourcePort: 51_000,
  destinationPort: 22,
  protocol: 6,
  flags: 0x1b,
  forwarding: 64,
  tos: 16,
});

/** What `genericFlow` above and nothing else comes out as. */
const genericRecord = {
  _n: 0,
  _kind: 'flow',
  _startMs: 1_700_000_000_250,
  _endMs: 1_700_000_003_750,
  _receivedMs: 1_700_000_010_000,
  packetDeltaCount: 12,
  octetDeltaCount: 3456,
  protocolIdentifier: 6,
  tcpControlBits: 27,
  sourceTransportPort: 51_000,
  destinationTransportPort: 22,
  ipClassOfService: 16,
};

function one(...elements: readonly Uint8Array[]): Record<string, unknown> {
  return read(nfcapd2({}, block({}, v3({}, generic, ...elements)))).records[0] ?? {};
}

describe('a flow record of nfcapd layout 2', () => {
  it('has its times, counters, ports and protocol', () => {
    expect(one()).toEqual(genericRecord);
  });

  it.each([
    [
      'IPv4 addresses',
      ipv4Flow('10.0.0.1', '192.0.2.9'),
      { sourceIPv4Address: '10.0.0.1', destinationIPv4Address: '192.0.2.9' },
    ],
    [
      'IPv6 addresses',
      ipv6Flow('2001:db8::1', 'fe80::2'),
      { sourceIPv6Address: '2001:db8::1', destinationIPv6Address: 'fe80::2' },
    ],
    [
      'interfaces, masks, direction and outgoing type of service',
      element(4, n32(7), n32(70_000), n8(24), n8(32), n8(1), n8(184), n8(0), n8(0), n16(0)),
      {
        ingressInterface: 7,
        egressInterface: 70_000,
        forwardingStatus: 64,
        flowDirection: 1,
        postIpClassOfService: 184,
        sourceIPv4PrefixLength: 24,
        destinationIPv4PrefixLength: 32,
      },
    ],
    [
      'out counters',
      element(5, n64(2), n64(30), n64(2n ** 63n)),
      { postPacketDeltaCount: 30, postOctetDeltaCount: '9223372036854775808', _aggregatedFlows: 2 },
    ],
    ['VLANs', element(6, n32(100), n32(200)), { vlanId: 100, postVlanId: 200 }],
    [
      'AS numbers',
      element(7, n32(64_512), n32(4_200_000_000)),
      { bgpSourceAsNumber: 64_512, bgpDestinationAsNumber: 4_200_000_000 },
    ],
    ['a BGP next hop', element(8, nip('203.0.113.1')), { bgpNextHopIPv4Address: '203.0.113.1' }],
    ['an IPv6 BGP next hop', element(9, nip('2001:db8::b')), { bgpNextHopIPv6Address: '2001:db8::b' }],
    ['a next hop', element(10, nip('203.0.113.2')), { ipNextHopIPv4Address: '203.0.113.2' }],
    ['an IPv6 next hop', element(11, nip('2001:db8::c')), { ipNextHopIPv6Address: '2001:db8::c' }],
    ['the exporter', element(12, nip('198.51.100.4')), { _exporter: '198.51.100.4' }],
    ['the exporter over IPv6', element(13, nip('2001:db8::e')), { _exporter: '2001:db8::e' }],
    [
      'MPLS labels',
      element(14, n32((24_021 << 4) | 10), n32((17 << 4) | 1), new Uint8Array(32)),
      { _mplsLabels: ['24021-5-0', '17-0-1'] },
    ],
    [
      'MAC addresses',
      element(15, nmac('02:00:5e:00:00:01'), nmac('02:00:5e:00:00:02'), n64(0), nmac('02:00:5e:00:00:04')),
      {
        sourceMacAddress: '02:00:5e:00:00:01',
        postDestinationMacAddress: '02:00:5e:00:00:02',
        destinationMacAddress: '00:00:00:00:00:00',
        postSourceMacAddress: '02:00:5e:00:00:04',
      },
    ],
    [
      'neighbour AS numbers',
      element(16, n32(1), n32(2)),
      { bgpNextAdjacentAsNumber: 1, bgpPrevAdjacentAsNumber: 2 },
    ],
    [
      'latencies in ms',
      element(17, n64(1500), n64(2250), n64(7)),
      { _nf_cli_latency: 1.5, _nf_srv_latency: 2.25, _nf_app_latency: 0.007 },
    ],
    ['a sampler', element(18, n64(3), n16(1), n16(0), n32(0)), { selectorId: 3 }],
    [
      'a firewall event',
      element(19, n64(1_700_000_001_111), n32(8500), n16(2025), n8(2), n8(0)),
      {
        flowId: 8500,
        _nselEvent: 2,
        _nselEventName: 'DELETE',
        _nselExtEvent: 2025,
        _eventMs: 1_700_000_001_111,
      },
    ],
    [
      'translated IPv4 addresses',
      element(20, nip('192.0.2.1'), nip('192.0.2.2')),
      { postNATSourceIPv4Address: '192.0.2.1', postNATDestinationIPv4Address: '192.0.2.2' },
    ],
    [
      'translated IPv6 addresses',
      element(21, nip('2001:db8::1'), nip('2001:db8::2')),
      { postNATSourceIPv6Address: '2001:db8::1', postNATDestinationIPv6Address: '2001:db8::2' },
    ],
    [
      'translated ports',
      element(22, n16(1024), n16(443)),
      { postNAPTSourceTransportPort: 1024, postNAPTDestinationTransportPort: 443 },
    ],
    [
      'access lists, in network order',
      element(23, u32(0x0f8e7ff3), u32(0xfc1a030f), u32(0), u32(1), u32(2), u32(3)),
      { _ingressAcl: '0xf8e7ff3/0xfc1a030f/0x0', _egressAcl: '0x1/0x2/0x3' },
    ],
    ['a user name', element(24, ascii('alice', 68)), { userName: 'alice' }],
    ['an empty user name', element(24, new Uint8Array(68)), { userName: '<empty>' }],
    [
      'a NAT event',
      element(25, n64(1_700_000_001_111), n32(9), n8(4), n8(0), n16(0)),
      { natEvent: 4, _natEventName: 'NAT44 session create', natPoolId: 9, _eventMs: 1_700_000_001_111 },
    ],
    [
      'a NAT event with VRFs, as nfdump 1.7.0 wrote it',
      element(25, n64(1_700_000_001_111), n32(11), n32(12), n32(9), n8(5), n8(0), n16(0)),
      {
        ingressVRFID: '12',
        egressVRFID: '11',
        natEvent: 5,
        _natEventName: 'NAT44 session delete',
        natPoolId: 9,
        _eventMs: 1_700_000_001_111,
      },
    ],
    [
      'a block of translated ports',
      element(26, n16(1024), n16(2047), n16(1), n16(1024)),
      { portRangeStart: 1024, portRangeEnd: 2047, portRangeStepSize: 1, portRangeNumPorts: 1024 },
    ],
    ['VRFs', element(36, n32(5), n32(6)), { ingressVRFID: '6', egressVRFID: '5' }],
    ['a flow id', element(39, n64(2n ** 60n)), { flowId: '1152921504606846976' }],
    [
      'TTLs',
      element(42, n8(0), n8(0x40), n8(63), n8(64)),
      { fragmentFlags: 64, minimumTTL: 63, maximumTTL: 64 },
    ],
  ])('has %s', (_, bytes, fields) => {
    expect(one(bytes)).toEqual({ ...genericRecord, ...fields });
  });

  it('puts the end reason beside what nfdump prints', () => {
    const misc = element(4, new Uint8Array(12), n8(1), n8(2), n16(0));
    const { chunks } = read(nfcapd2({}, block({}, v3({}, generic, misc))));
    expect(chunks[0]?.batch.extras.get('flowEndReason')?.values).toEqual([2]);
    expect(chunks[0]?.batch.extras.get('biflowDirection')?.values).toEqual([1]);
  });

  it('shows an ICMP type and code in place of ports', () => {
    const icmp = genericFlow({ protocol: 1, destinationPort: 0x0301 });
    const { records } = read(nfcapd2({}, block({}, v3({}, icmp))));
    expect(records[0]).toMatchObject({ icmpTypeIPv4: 3, icmpCodeIPv4: 1 });
    expect(records[0]).not.toHaveProperty('destinationTransportPort');
  });

  it('keeps of two address families the one that says something in the columns', () => {
    const both = (...addresses: readonly Uint8Array[]): string[] => {
      const { chunks, records } = read(nfcapd2({}, block({}, v3({}, generic, ...addresses))));
      const batch = chunks[0]?.batch;
      const { sourceIPv4Address, sourceIPv6Address } = records[0] ?? {};
      return [
        batch?.addresses.text(batch.columns.sourceAddress[0] ?? 0) ?? '',
        `${sourceIPv4Address}`,
        `${sourceIPv6Address}`,
      ];
    };
    const four = ipv4Flow('10.0.0.1', '10.0.0.2');
    const six = ipv6Flow('2001:db8::1', '2001:db8::2');
    expect(both(four, ipv6Flow('::', '::'))).toEqual(['10.0.0.1', '10.0.0.1', '::']);
    expect(both(ipv4Flow('0.0.0.0', '0.0.0.0'), six)).toEqual(['2001:db8::1', '0.0.0.0', '2001:db8::1']);
    expect(both(six, four)).toEqual(['2001:db8::1', '10.0.0.1', '2001:db8::1']);
  });

  it('knows events, sampled counters, unknown times and counters above 2^53', () => {
    const flow = genericFlow({ packets: 2n ** 64n - 2n, octets: 2 ** 53 - 1 });
    const { chunks, records } = read(nfcapd2({}, block({}, v3({ flags: 3 }, flow))));
    expect(records[0]).toMatchObject({
      _kind: 'event',
      _sampled: 1,
      _startMs: 0,
      _receivedMs: 0,
      packetDeltaCount: '18446744073709551614',
      octetDeltaCount: 9_007_199_254_740_991,
    });
    const columns = chunks[0]?.batch.columns;
    expect(columns?.flowStartMilliseconds[0]).toBeNaN();
    expect(columns?.collectionTimeMilliseconds[0]).toBeNaN();
    expect(columns?.packetDeltaCount[0]).toBe(2 ** 64);
  });

  it('belongs to the exporter that it names, else to that of the exporter record, else to its engine', () => {
    const file = nfcapd2(
      {},
      block(
        {},
        exporterRecord(1, '198.51.100.1', 900),
        exporterRecord(2, '2001:db8::2', 0),
        v3({ exporter: 1 }, generic),
        v3({ exporter: 1 }, generic, element(12, nip('198.51.100.77'))),
        v3({ exporter: 2 }, generic),
        v3({ exporter: 9, engineType: 1, engineId: 2 }, generic),
      ),
    );
    const { chunks } = read(file);
    const batch = chunks[0]?.batch;
    expect([...(batch?.columns.exporter ?? [])].map((index) => batch?.exporters[index])).toEqual([
      { address: '198.51.100.1', port: null, observationDomainId: 900 },
      { address: '198.51.100.77', port: null, observationDomainId: 900 },
      { address: '2001:db8::2', port: null, observationDomainId: 0 },
      { address: '', port: null, observationDomainId: 258 },
    ]);
  });

  it('notes where in the file it begins', () => {
    const { chunks } = read(nfcapd2({}, block({}, v3({}, generic), v3({}, generic))));
    expect([...(chunks[0]?.batch.columns.sourceOffset ?? [])]).toEqual([52, 52 + 64]);
  });
});

describe('a broken nfcapd file of layout 2', () => {
  const flow = v3({}, generic, ipv4Flow('10.0.0.1', '10.0.0.2'));
  const file = nfcapd2({}, block({}, exporterRecord(1, '192.0.2.1', 5), flow, flow), block({}, flow));

  it('cut at any byte gives the records before the cut and says where it broke', () => {
    const ends = [52 + 32 + flow.length, 52 + 32 + 2 * flow.length, file.length];
    for (let length = 40; length < file.length; length++) {
      const { rows, issues, summary } = read(file.subarray(0, length));
      expect(rows).toBe(ends.filter((end) => end <= length).length);
      expect(issues.map((issue) => issue.code)).toEqual(['truncated']);
      expect(summary.brokeAt).toBe(length === 40 || length === ends[1] ? length : summary.bytesRead);
      expect(summary.brokeAt).not.toBeNull();
    }
  });

  it('that lacks blocks is known to be cut', () => {
    const { rows, issues } = read(nfcapd2({ blocks: 3 }, block({}, flow), block({}, flow)));
    expect(rows).toBe(2);
    expect(issues).toMatchObject([{ code: 'truncated', message: 'the file ends after 2 of 3 blocks' }]);
  });

  it('goes on with the next block after a record of a false length', () => {
    const lying = concat(n16(11), n16(5000), new Uint8Array(40));
    const { rows, issues } = read(nfcapd2({}, block({}, flow, lying), block({}, flow)));
    expect(rows).toBe(2);
    expect(issues).toMatchObject([{ code: 'bad-length', offset: 52 + flow.length }]);
  });

  it('keeps what it can of a record with a false element', () => {
    const lying = concat(n16(2), n16(99), new Uint8Array(8));
    const short = element(4, n32(1));
    const { rows, records, issues } = read(
      nfcapd2(
        {},
        block({}, v3({}, generic, lying), v3({}, generic, short), v3({ elements: 4 }, generic), flow),
      ),
    );
    expect(rows).toBe(4);
    expect(records[3]).toMatchObject({ sourceIPv4Address: '10.0.0.1' });
    expect(issues.map(({ code, message }) => `${code}: ${message.replace(/.*in part: /, '')}`)).toEqual([
      'bad-record: element 2 says 99 bytes where the record has 12 left',
      'bad-record: element 4 has 4 bytes instead of 12',
      'bad-record: 3 elements are missing',
    ]);
  });

  it('stops at a block length that no nfcapd file has, and passes over blocks of unknown type', () => {
    const huge = read(nfcapd2({}, block({ size: 0x7fff_ffff }, flow)));
    expect(huge.issues).toMatchObject([{ code: 'bad-length', offset: 40 }]);
    expect(huge.summary.brokeAt).toBe(40);
    const other = read(nfcapd2({}, block({ type: 4 }, flow), block({}, flow)));
    expect(other.rows).toBe(1);
    expect(other.issues).toMatchObject([{ code: 'unsupported', offset: 40 }]);
  });

  it('says so where a block announces other than it has', () => {
    const { rows, issues } = read(nfcapd2({}, block({ records: 7 }, flow)));
    expect(rows).toBe(1);
    expect(issues).toMatchObject([{ code: 'bad-length', offset: 40 }]);
  });

  it('counts records that it passes over', () => {
    const { summary } = read(
      nfcapd2({}, block({}, record(12, n32(0)), record(99, n32(0)), record(0x8001, ip('1.2.3.4')))),
    );
    expect(Object.fromEntries(summary.skipped)).toEqual({
      'application names record': 1,
      'type 99 record': 1,
    });
  });
});
