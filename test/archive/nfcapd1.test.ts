import { describe, expect, it } from 'vitest';
import {
  block,
  common,
  exporterRecord,
  extensionMap,
  n16,
  n32,
  n64,
  n8,
  nfcapd1,
  nip,
  nmac,
  type Common,
} from '../build/nfcapd.ts';
import { ascii } from '../build/octets.ts';
import { read } from './run.ts';

const flow: Common = {
  source: '10.0.0.1',
  destination: '192.0.2.9',
  first: 1_515_771_450_942,
  last: 1_515_771_451_007,
  packets: 3,
  octets: 180,
  sourcePort: 52_324,
  destinationPort: 902,
  protocol: 6,
  flags: 2,
  forwarding: 64,
  tos: 8,
};

/** What `flow` comes out as without extensions. */
const bare = {
  _n: 0,
  _kind: 'flow',
  _startMs: 1_515_771_450_942,
  _endMs: 1_515_771_451_007,
  _receivedMs: 0,
  packetDeltaCount: 3,
  octetDeltaCount: 180,
  protocolIdentifier: 6,
  tcpControlBits: 2,
  sourceTransportPort: 52_324,
  destinationTransportPort: 902,
  ipClassOfService: 8,
  sourceIPv4Address: '10.0.0.1',
  destinationIPv4Address: '192.0.2.9',
  ingressInterface: 0,
  egressInterface: 0,
  forwardingStatus: 64,
  flowDirection: 0,
  postIpClassOfService: 0,
  sourceIPv4PrefixLength: 0,
  destinationIPv4PrefixLength: 0,
};

const dataBlock = (...records: readonly Uint8Array[]): Uint8Array => block({ type: 2 }, ...records);

function withExtensions(ids: readonly number[], ...bytes: readonly Uint8Array[]): Record<string, unknown> {
  const { records, issues } = read(nfcapd1({}, dataBlock(extensionMap(1, ...ids), common(flow, ...bytes))));
  expect(issues).toEqual([]);
  return records[0] ?? {};
}

describe('a flow record of nfcapd layout 1', () => {
  it('has its times, addresses, counters, ports and protocol', () => {
    expect(withExtensions([])).toEqual(bare);
  });

  it.each([
    ['interfaces of 2 bytes', [4], [n16(7), n16(8)], { ingressInterface: 7, egressInterface: 8 }],
    ['interfaces of 4 bytes', [5], [n32(7), n32(80_000)], { ingressInterface: 7, egressInterface: 80_000 }],
    [
      'AS numbers of 2 bytes',
      [6],
      [n16(2852), n16(1)],
      { bgpSourceAsNumber: 2852, bgpDestinationAsNumber: 1 },
    ],
    [
      'AS numbers of 4 bytes',
      [7],
      [n32(4_200_000_000), n32(1)],
      { bgpSourceAsNumber: 4_200_000_000, bgpDestinationAsNumber: 1 },
    ],
    [
      'masks, direction and outgoing type of service',
      [8],
      [n8(184), n8(1), n8(24), n8(16)],
      {
        postIpClassOfService: 184,
        flowDirection: 1,
        sourceIPv4PrefixLength: 24,
        destinationIPv4PrefixLength: 16,
      },
    ],
    ['a next hop', [9], [nip('203.0.113.2')], { ipNextHopIPv4Address: '203.0.113.2' }],
    ['an IPv6 next hop', [10], [nip('2001:db8::c')], { ipNextHopIPv6Address: '2001:db8::c' }],
    ['a BGP next hop', [11], [nip('203.0.113.1')], { bgpNextHopIPv4Address: '203.0.113.1' }],
    ['an IPv6 BGP next hop', [12], [nip('2001:db8::b')], { bgpNextHopIPv6Address: '2001:db8::b' }],
    ['VLANs', [13], [n16(100), n16(200)], { vlanId: 100, postVlanId: 200 }],
    [
      'out counters of 4 bytes',
      [14, 16, 18],
      [n32(30), n32(4000), n32(2)],
      { postPacketDeltaCount: 30, postOctetDeltaCount: 4000, _aggregatedFlows: 2 },
    ],
    [
      'out counters of 8 bytes',
      [15, 17, 19],
      [n64(30), n64(2n ** 63n), n64(1)],
      { postPacketDeltaCount: 30, postOctetDeltaCount: '9223372036854775808', _aggregatedFlows: 1 },
    ],
    [
      'MAC addresses in two extensions',
      [21, 20],
      [nmac('02:00:5e:00:00:03'), n64(0), nmac('02:00:5e:00:00:01'), nmac('02:00:5e:00:00:02')],
      {
        sourceMacAddress: '02:00:5e:00:00:01',
        postDestinationMacAddress: '02:00:5e:00:00:02',
        destinationMacAddress: '02:00:5e:00:00:03',
        postSourceMacAddress: '00:00:00:00:00:00',
      },
    ],
    ['MPLS labels', [22], [n32((24_021 << 4) | 11), new Uint8Array(36)], { _mplsLabels: ['24021-5-1'] }],
    ['the exporter', [23], [nip('198.51.100.4')], { _exporter: '198.51.100.4' }],
    ['the exporter over IPv6', [24], [nip('2001:db8::e')], { _exporter: '2001:db8::e' }],
    [
      'neighbour AS numbers',
      [26],
      [n32(1), n32(2)],
      { bgpNextAdjacentAsNumber: 1, bgpPrevAdjacentAsNumber: 2 },
    ],
    ['the time of receipt', [27], [n64(1_515_771_460_001)], { _receivedMs: 1_515_771_460_001 }],
    [
      'a firewall event',
      [37],
      [n64(1_515_771_450_999), n32(8500), n8(0), n8(0), n8(1), n8(0), n16(2025), n16(0)],
      {
        flowId: 8500,
        _nselEvent: 1,
        _nselEventName: 'CREATE',
        _nselExtEvent: 2025,
        _eventMs: 1_515_771_450_999,
      },
    ],
    [
      'translated ports',
      [38],
      [n16(1024), n16(443)],
      { postNAPTSourceTransportPort: 1024, postNAPTDestinationTransportPort: 443 },
    ],
    [
      'translated IPv4 addresses',
      [39],
      [nip('192.0.2.1'), nip('192.0.2.2')],
      { postNATSourceIPv4Address: '192.0.2.1', postNATDestinationIPv4Address: '192.0.2.2' },
    ],
    [
      'translated IPv6 addresses',
      [40],
      [nip('2001:db8::1'), nip('2001:db8::2')],
      { postNATSourceIPv6Address: '2001:db8::1', postNATDestinationIPv6Address: '2001:db8::2' },
    ],
    [
      'access lists',
      [41],
      [n32(0x0f8e7ff3), n32(0xfc1a030f), n32(0), n32(1), n32(2), n32(3)],
      { _ingressAcl: '0xf8e7ff3/0xfc1a030f/0x0', _egressAcl: '0x1/0x2/0x3' },
    ],
    ['a short user name', [42], [ascii('alice', 24)], { userName: 'alice' }],
    ['a long user name', [43], [ascii('alice@example.org', 72)], { userName: 'alice@example.org' }],
    [
      'latencies in ms',
      [45],
      [n64(1500), n64(2250), n64(7)],
      { _nf_cli_latency: 1.5, _nf_srv_latency: 2.25, _nf_app_latency: 0.007 },
    ],
    [
      'a NAT event',
      [46],
      [n8(1), n8(0), n16(0), n32(11), n32(12)],
      {
        natEvent: 1,
        _natEventName: 'NAT translation create',
        natPoolId: 0,
        ingressVRFID: '12',
        egressVRFID: '11',
      },
    ],
    [
      'a block of translated ports',
      [48],
      [n16(1024), n16(2047), n16(1), n16(1024)],
      { portRangeStart: 1024, portRangeEnd: 2047, portRangeStepSize: 1, portRangeNumPorts: 1024 },
    ],
  ])('has %s', (_, ids, bytes, fields) => {
    expect(withExtensions(ids, ...bytes)).toEqual({ ...bare, ...fields });
  });

  it('may have IPv6 addresses, counters of 8 bytes and the flags of an event and of sampling', () => {
    const six = { ...flow, source: '2001:db8::1', destination: '2001:db8::2' };
    const record = common({
      ...six,
      wide: true,
      packets: 2 ** 40,
      octets: 2n ** 60n,
      event: true,
      sampled: true,
    });
    const { records } = read(nfcapd1({}, dataBlock(extensionMap(1), record)));
    expect(records[0]).toMatchObject({
      _kind: 'event',
      _sampled: 1,
      sourceIPv6Address: '2001:db8::1',
      destinationIPv6Address: '2001:db8::2',
      sourceIPv6PrefixLength: 0,
      packetDeltaCount: 2 ** 40,
      octetDeltaCount: '1152921504606846976',
    });
  });

  it('belongs to its exporter record, in the old record type too, and takes the engine of v5 without one', () => {
    const file = nfcapd1(
      {},
      dataBlock(
        extensionMap(1),
        extensionMap(2, 25),
        exporterRecord(3, '198.51.100.3', 31),
        common({ ...flow, exporter: 3 }),
        common({ ...flow, exporter: 3, old: true }),
        common({ ...flow, map: 2, exporter: 4 }, n16(0), n8(1), n8(2)),
      ),
    );
    const { chunks, rows } = read(file);
    const batch = chunks[0]?.batch;
    expect(rows).toBe(3);
    expect([...(batch?.columns.exporter ?? [])].map((index) => batch?.exporters[index])).toEqual([
      { address: '198.51.100.3', port: null, observationDomainId: 31 },
      { address: '198.51.100.3', port: null, observationDomainId: 31 },
      { address: '', port: null, observationDomainId: 258 },
    ]);
  });
});

describe('a broken nfcapd file of layout 1', () => {
  const record = common(flow, n16(7), n16(8));
  const map = extensionMap(1, 4);
  const file = nfcapd1({}, dataBlock(map, record, record), dataBlock(record));

  it('cut at any byte gives the records before the cut and says where it broke', () => {
    const start = 276 + 12 + map.length;
    const ends = [start + record.length, start + 2 * record.length, file.length];
    for (let length = 140; length < file.length; length++) {
      const { rows, issues, summary } = read(file.subarray(0, length));
      expect(rows).toBe(ends.filter((end) => end <= length).length);
      expect(issues.map((issue) => issue.code)).toEqual(['truncated']);
      expect(summary.brokeAt).toBe(summary.bytesRead);
    }
  });

  it('keeps the common part of a record whose extension map is missing or holds an unknown extension', () => {
    const { records, issues } = read(
      nfcapd1({}, dataBlock(extensionMap(1, 99, 4), common({ ...flow, map: 5 }), record)),
    );
    expect(records.map(({ _n, ...rest }) => rest)).toEqual([bare, bare].map(({ _n, ...rest }) => rest));
    expect(issues.map(({ message }) => message.replace(/.*in part: /, ''))).toEqual([
      'extension map 5 is missing',
      'extension 99 is unknown, so the rest of the record cannot be read',
    ]);
  });

  it('keeps the common part of a record that is shorter than its map', () => {
    const { records, issues } = read(nfcapd1({}, dataBlock(map, common(flow))));
    expect(records).toEqual([bare]);
    expect(issues).toMatchObject([{ code: 'bad-record' }]);
  });
});
