import { describe, expect, it } from 'vitest';
import { looksLikeFlowExport } from '../../core/archive/flow-export.ts';
import { aggregates, netflow1, netflow7, netflow8 } from '../build/netflow-fixed.ts';
import { netflow5 } from '../build/netflow.ts';
import { concat } from '../build/octets.ts';
import { codes, decodeAll, elements, neutral } from './run.ts';

const flow = {
  source: '10.1.2.3',
  destination: '192.0.2.9',
  nextHop: '10.0.0.254',
  input: 3,
  output: 4,
  packets: 12,
  octets: 4_000_000_000,
  first: 90_000,
  last: 99_500,
  sourcePort: 50_000,
  destinationPort: 22,
  flags: 0x1b,
  protocol: 6,
  tos: 16,
};

describe('NetFlow v1', () => {
  it('gives every field of a record, and neither sequence nor engine', () => {
    const chunk = decodeAll(
      netflow1({ sysUpTime: 100_000, seconds: 1_600_000_000, nanoseconds: 5_000_000 }, [flow]),
    );
    expect(neutral(chunk)).toEqual([
      {
        _n: 0,
        _msg: 0,
        _v: 1,
        _exportMs: 1_600_000_000_005,
        _exporter: '192.0.2.1',
        _kind: 'flow',
        sourceIPv4Address: '10.1.2.3',
        destinationIPv4Address: '192.0.2.9',
        ipNextHopIPv4Address: '10.0.0.254',
        ingressInterface: 3,
        egressInterface: 4,
        packetDeltaCount: 12,
        octetDeltaCount: 4_000_000_000,
        flowStartSysUpTime: 90_000,
        flowEndSysUpTime: 99_500,
        sourceTransportPort: 50_000,
        destinationTransportPort: 22,
        protocolIdentifier: 6,
        ipClassOfService: 16,
        tcpControlBits: 27,
        _startMs: 1_599_999_990_005,
        _endMs: 1_599_999_999_505,
      },
    ]);
    expect(chunk.issues).toEqual([]);
  });

  it('dates flows across the wrap of the uptime clock', () => {
    const chunk = decodeAll(
      netflow1({ sysUpTime: 1_000, seconds: 1_600_000_000 }, [{ first: 0xffff_ffff - 999, last: 500 }]),
    );
    expect(elements(chunk)).toMatchObject([{ _startMs: 1_599_999_998_000, _endMs: 1_599_999_999_500 }]);
  });
});

describe('NetFlow v5 of other makers', () => {
  it('keeps the interval of J-Flow, cflowd and NetStream, which leave the mode 0', () => {
    const { batch } = decodeAll(netflow5({ samplingMode: 0, samplingInterval: 512 }, [flow]));
    expect(batch.extras.get('samplingInterval')).toEqual({ rows: [0], values: [512] });
    expect(batch.extras.get('samplingAlgorithm')).toEqual({ rows: [0], values: [0] });
  });

  it('reads datagrams of more than the thirty records that Cisco packs', () => {
    const chunk = decodeAll(
      netflow5(
        {},
        Array.from({ length: 64 }, () => flow),
      ),
    );
    expect(chunk.batch.count).toBe(64);
    expect(chunk.issues).toEqual([]);
  });
});

describe('NetFlow v7', () => {
  const header = { sysUpTime: 100_000, seconds: 1_600_000_000, sequence: 7_000 };

  it('gives every field of a record, with the router that the switch works for and the flags', () => {
    const whole = {
      ...flow,
      flags1: 2,
      flags2: 0x8001,
      router: '10.0.0.1',
      sourceAs: 64_500,
      destinationAs: 64_501,
      sourceMask: 24,
      destinationMask: 16,
    };
    const chunk = decodeAll(netflow7(header, [whole]));
    expect(neutral(chunk)).toEqual([
      {
        _n: 0,
        _msg: 0,
        _v: 7,
        _odid: 0,
        _seq: 7_000,
        _exportMs: 1_600_000_000_000,
        _exporter: '192.0.2.1',
        _kind: 'flow',
        sourceIPv4Address: '10.1.2.3',
        destinationIPv4Address: '192.0.2.9',
        ipNextHopIPv4Address: '10.0.0.254',
        ingressInterface: 3,
        egressInterface: 4,
        packetDeltaCount: 12,
        octetDeltaCount: 4_000_000_000,
        flowStartSysUpTime: 90_000,
        flowEndSysUpTime: 99_500,
        sourceTransportPort: 50_000,
        destinationTransportPort: 22,
        v7Flags1: 2,
        tcpControlBits: 27,
        protocolIdentifier: 6,
        ipClassOfService: 16,
        bgpSourceAsNumber: 64_500,
        bgpDestinationAsNumber: 64_501,
        sourceIPv4PrefixLength: 24,
        destinationIPv4PrefixLength: 16,
        v7Flags2: 32_769,
        ipv4RouterSc: '10.0.0.1',
        _startMs: 1_599_999_990_000,
        _endMs: 1_599_999_999_500,
      },
    ]);
    expect(chunk.issues).toEqual([]);
  });

  it('reads the records that fit where the header announces more', () => {
    const chunk = decodeAll(netflow7({ ...header, count: 9 }, [flow, flow]));
    expect(chunk.batch.count).toBe(2);
    expect(codes(chunk)).toEqual(['truncated']);
  });
});

const sums = {
  packetDeltaCount: 22,
  octetDeltaCount: 3_300,
  flowStartSysUpTime: 4_000,
  flowEndSysUpTime: 5_000,
};
const counted = { deltaFlowCount: 11, ...sums };
const source = { sourceIPv4Prefix: '10.1.0.0', sourceIPv4PrefixLength: 16 };
const destination = { destinationIPv4Prefix: '192.168.7.0', destinationIPv4PrefixLength: 24 };
const ases = { bgpSourceAsNumber: 64_500, bgpDestinationAsNumber: 64_501 };
const interfaces = { ingressInterface: 3, egressInterface: 4 };
const ports = { sourceTransportPort: 1_024, destinationTransportPort: 443 };
const tos = { ipClassOfService: 8 };
const tcp = { protocolIdentifier: 6 };
const contract = { postIpClassOfService: 32, _extraPackets: 9, ipv4RouterSc: '10.0.0.254' };
const to = { destinationIPv4Address: '192.168.7.9' };
const from = { sourceIPv4Address: '10.1.2.3' };

const schemes: readonly (readonly [aggregation: number, name: string, values: object])[] = [
  [1, 'as', { ...counted, ...ases, ...interfaces }],
  [2, 'protocol-port', { ...counted, ...tcp, ...ports }],
  [3, 'source-prefix', { ...counted, ...source, bgpSourceAsNumber: 64_500, ingressInterface: 3 }],
  [
    4,
    'destination-prefix',
    { ...counted, ...destination, bgpDestinationAsNumber: 64_501, egressInterface: 4 },
  ],
  [5, 'prefix', { ...counted, ...source, ...destination, ...ases, ...interfaces }],
  [6, 'destination', { ...to, ...sums, egressInterface: 4, ...tos, ...contract }],
  [7, 'source-destination', { ...to, ...from, ...sums, ...interfaces, ...tos, ...contract }],
  [8, 'full-flow', { ...to, ...from, ...ports, ...sums, ...interfaces, ...tos, ...tcp, ...contract }],
  [9, 'as-tos', { ...counted, ...ases, ...interfaces, ...tos }],
  [10, 'protocol-port-tos', { ...counted, ...tcp, ...tos, ...ports, ...interfaces }],
  [
    11,
    'source-prefix-tos',
    { ...counted, ...source, ...tos, bgpSourceAsNumber: 64_500, ingressInterface: 3 },
  ],
  [
    12,
    'destination-prefix-tos',
    { ...counted, ...destination, ...tos, bgpDestinationAsNumber: 64_501, egressInterface: 4 },
  ],
  [13, 'prefix-tos', { ...counted, ...source, ...destination, ...tos, ...ases, ...interfaces }],
  [14, 'prefix-port', { ...counted, ...source, ...destination, ...tos, ...tcp, ...ports, ...interfaces }],
];

describe('NetFlow v8', () => {
  it.each(schemes)(
    'aggregation %i, %s: every field, and what the row sums over',
    (aggregation, name, values) => {
      const record = aggregates[aggregation] ?? new Uint8Array();
      const header = {
        sysUpTime: 6_000,
        seconds: 1_600_000_000,
        sequence: 5,
        engineType: 1,
        engineId: 2,
        aggregation,
      };
      const chunk = decodeAll(netflow8(header, [record, record]));
      const row = {
        _msg: 0,
        _v: 8,
        _odid: 258,
        _seq: 5,
        _exportMs: 1_600_000_000_000,
        _exporter: '192.0.2.1',
        _kind: 'aggregate',
        ...values,
        _aggregation: name,
        _startMs: 1_599_999_998_000,
        _endMs: 1_599_999_999_000,
      };
      expect(neutral(chunk)).toEqual([
        { _n: 0, ...row },
        { _n: 1, ...row },
      ]);
      expect(chunk.batch.extras.get('_kind')?.values).toEqual(['aggregate', 'aggregate']);
      expect(chunk.issues).toEqual([]);
    },
  );

  it('does not take a prefix for an address', () => {
    const { batch } = decodeAll(netflow8({ aggregation: 5 }, [aggregates[5] ?? new Uint8Array()]));
    expect(batch.columns.sourceAddress[0]).toBe(0);
    expect(batch.columns.destinationAddress[0]).toBe(0);
  });

  it('keeps the sampling interval of the header beside the sums', () => {
    const record = aggregates[1] ?? new Uint8Array();
    const { batch } = decodeAll(netflow8({ aggregation: 1, samplingInterval: 100 }, [record]));
    expect(batch.extras.get('samplingInterval')?.values).toEqual([100]);
    expect(batch.columns.packetDeltaCount[0]).toBe(22);
  });

  it('skips an aggregation that no router sends', () => {
    const chunk = decodeAll(netflow8({ aggregation: 15 }, [new Uint8Array(40)]));
    expect([chunk.batch.count, codes(chunk)]).toEqual([0, ['unsupported']]);
  });
});

describe('recognition on any port', () => {
  it('knows versions 1, 7 and 8 by a length that agrees with their count', () => {
    const datagrams = [netflow1({}, [flow]), netflow7({}, [flow, flow])];
    for (const [aggregation, record] of Object.entries(aggregates)) {
      datagrams.push(netflow8({ aggregation: Number(aggregation) }, [record, record, record]));
    }
    for (const datagram of datagrams) {
      expect(looksLikeFlowExport(datagram)).toBe(true);
      expect(looksLikeFlowExport(concat(datagram.subarray(0, 2), new Uint8Array(60)))).toBe(false);
    }
  });
});
