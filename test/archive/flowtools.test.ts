import { describe, expect, it } from 'vitest';
import { flow5, flowTools, number, numbers, type Endian } from '../build/flowtools.ts';
import { concat, type Octets } from '../build/octets.ts';
import { read } from './run.ts';

/** What `flow5` comes out as. */
const record5 = {
  _n: 0,
  _kind: 'flow',
  _v: 5,
  _exporter: '198.51.100.1',
  _exportMs: 1_700_000_000_250,
  _sysUpTime: 60_000,
  sourceIPv4Address: '10.0.0.1',
  destinationIPv4Address: '192.0.2.9',
  ipNextHopIPv4Address: '10.0.0.254',
  ingressInterface: 7,
  egressInterface: 8,
  packetDeltaCount: 12,
  octetDeltaCount: 900,
  flowStartSysUpTime: 50_000,
  flowEndSysUpTime: 55_000,
  sourceTransportPort: 51_000,
  destinationTransportPort: 22,
  protocolIdentifier: 6,
  ipClassOfService: 16,
  tcpControlBits: 27,
  engineType: 1,
  engineId: 2,
  sourceIPv4PrefixLength: 24,
  destinationIPv4PrefixLength: 32,
  bgpSourceAsNumber: 64_512,
  bgpDestinationAsNumber: 65_000,
  _startMs: 1_699_999_990_250,
  _endMs: 1_699_999_995_250,
};

const layouts: readonly (readonly [Endian, boolean])[] = [
  ['little', false],
  ['big', false],
  ['little', true],
  ['big', true],
];

describe.each(layouts)('a flow-tools file, %s endian, deflated: %s', (endian, deflate) => {
  it('has every field of NetFlow v5', () => {
    const { records, issues, summary, chunks } = read(flowTools({ endian, deflate }, flow5(endian)));
    expect(records).toEqual([record5]);
    expect(issues).toEqual([]);
    expect(summary).toMatchObject({ kind: 'flow-tools', brokeAt: null });
    expect(chunks[0]?.batch.exporters).toEqual([
      { address: '198.51.100.1', port: null, observationDomainId: 258 },
    ]);
  });

  it('cut at any byte gives the records before the cut and says where it broke', () => {
    const file = flowTools({ endian, deflate }, flow5(endian), flow5(endian, 1), flow5(endian, 2));
    const header = flowTools({ endian, deflate: false }).length;
    let most = 0;
    for (let length = header + 1; length < file.length; length++) {
      const { rows, issues, summary } = read(file.subarray(0, length));
      const atRecord = !deflate && (length - header) % 64 === 0;
      expect(issues.map(({ code }) => code)).toEqual(atRecord ? [] : ['truncated']);
      expect(summary.brokeAt).toBe(atRecord ? null : summary.bytesRead);
      if (!deflate) expect(rows).toBe(Math.floor((length - header) / 64));
      expect(rows).toBeGreaterThanOrEqual(most);
      most = rows;
    }
    expect(most).toBeGreaterThanOrEqual(2);
  });

  it('that lacks flows is known to be cut', () => {
    const { issues } = read(flowTools({ endian, deflate, flows: 3 }, flow5(endian)));
    expect(issues).toMatchObject([{ code: 'truncated', message: 'the file ends after 1 of 3 flows' }]);
  });
});

describe('other versions in flow-tools files', () => {
  const fields5 = flow5('big');

  it.each([
    [1, concat(fields5.slice(0, 56), number('big', 4, 0)), { _v: 1, tcpControlBits: 27 }],
    [
      6,
      concat(fields5, numbers('big', [1, 4], [1, 8], [2, 0], [4, 0x0a_00_00_63])),
      { _v: 6, _inputEncapsulation: 4, _outputEncapsulation: 8, _peerNextHop: '10.0.0.99' },
    ],
    [7, concat(fields5, number('big', 4, 0x0a_00_00_64)), { _v: 7, ipv4RouterSc: '10.0.0.100' }],
  ])('v%i', (version, record, fields) => {
    const { records, issues } = read(flowTools({ endian: 'big', version }, record, record));
    expect(issues).toEqual([]);
    expect(records).toHaveLength(2);
    expect(records[1]).toMatchObject({
      ...fields,
      sourceIPv4Address: '10.0.0.1',
      destinationTransportPort: 22,
    });
  });

  it('a version or an aggregation that nobody sends is refused', () => {
    expect(() => read(flowTools({ version: 9 }, new Uint8Array(64)))).toThrow(/records of NetFlow v9/);
    expect(() => read(flowTools({ version: 8, aggregation: 15 }))).toThrow(/NetFlow v8, aggregation 15/);
    expect(() => read(flowTools({ stream: 1 }))).toThrow(/stream format 1, and format 3 is read/);
  });

  it('a header that is cut off holds no flows', () => {
    expect(() => read(flowTools({}).subarray(0, 30))).toThrow(/ends after 30 bytes, within its header/);
  });
});

const names: Readonly<Record<number, string>> = {
  1: 'as',
  2: 'protocol-port',
  3: 'source-prefix',
  4: 'destination-prefix',
  5: 'prefix',
  6: 'destination',
  7: 'source-destination',
  8: 'full-flow',
  9: 'as-tos',
  10: 'protocol-port-tos',
  11: 'source-prefix-tos',
  12: 'destination-prefix-tos',
  13: 'prefix-tos',
  14: 'prefix-port',
};

describe('aggregates of NetFlow v8', () => {
  const head = (swapped: boolean): Octets =>
    numbers(
      'little',
      [4, 1_700_000_000],
      [4, 0],
      ...((swapped
        ? [
            [4, 0xc6_33_64_01],
            [4, 60_000],
          ]
        : [
            [4, 60_000],
            [4, 0xc6_33_64_01],
          ]) as [number, number][]),
    );
  const span: [number, number][] = [
    [4, 10],
    [4, 2000],
    [4, 50_000],
    [4, 55_000],
  ];
  const flows: [number, number] = [4, 3];
  const source: [number, number] = [4, 0x0a_01_00_00];
  const destination: [number, number] = [4, 0x0a_02_00_00];
  const sums = {
    deltaFlowCount: 3,
    packetDeltaCount: 10,
    octetDeltaCount: 2000,
    _startMs: 1_699_999_990_000,
  };
  const engine: [number, number][] = [
    [1, 1],
    [1, 2],
  ];
  const contract: [number, number][] = [
    [4, 5],
    [4, 0x0a_00_00_64],
  ];
  const marked: [number, number][] = [[1, 16], [1, 24], ...engine];
  const contractSums = {
    packetDeltaCount: 10,
    _extraPackets: 5,
    ipv4RouterSc: '10.0.0.100',
    ipClassOfService: 16,
    postIpClassOfService: 24,
    engineId: 2,
  };
  const as = { bgpSourceAsNumber: 64_512, bgpDestinationAsNumber: 65_000 };
  const interfaces = { ingressInterface: 7, egressInterface: 8 };
  const ports = { sourceTransportPort: 51_000, destinationTransportPort: 22 };

  it.each<[number, boolean, number, [number, number][], Record<string, unknown>]>([
    [
      1,
      false,
      48,
      [flows, ...span, [2, 64_512], [2, 65_000], [2, 7], [2, 8], ...engine, [2, 0]],
      { ...sums, ...as, ...interfaces },
    ],
    [
      2,
      false,
      48,
      [flows, ...span, [1, 6], [1, 0], [2, 0], [2, 51_000], [2, 22], ...engine, [2, 0]],
      { ...sums, ...ports, protocolIdentifier: 6 },
    ],
    [
      3,
      true,
      48,
      [flows, ...span, source, [1, 16], [1, 0], [2, 64_512], [2, 7], ...engine],
      {
        ...sums,
        sourceIPv4Prefix: '10.1.0.0',
        sourceIPv4PrefixLength: 16,
        bgpSourceAsNumber: 64_512,
        ingressInterface: 7,
      },
    ],
    [
      4,
      false,
      48,
      [flows, ...span, destination, [1, 16], [1, 0], ...engine, [2, 65_000], [2, 8]],
      {
        ...sums,
        destinationIPv4Prefix: '10.2.0.0',
        destinationIPv4PrefixLength: 16,
        bgpDestinationAsNumber: 65_000,
        egressInterface: 8,
      },
    ],
    [
      5,
      false,
      56,
      [
        flows,
        ...span,
        source,
        destination,
        [1, 17],
        [1, 16],
        ...engine,
        [2, 64_512],
        [2, 65_000],
        [2, 7],
        [2, 8],
      ],
      {
        ...sums,
        ...as,
        ...interfaces,
        sourceIPv4Prefix: '10.1.0.0',
        sourceIPv4PrefixLength: 16,
        destinationIPv4PrefixLength: 17,
      },
    ],
    [
      6,
      false,
      52,
      [...span, destination, ...contract, [2, 8], [2, 0], ...marked],
      { ...contractSums, destinationIPv4Address: '10.2.0.0', egressInterface: 8 },
    ],
    [
      7,
      false,
      56,
      [...span, destination, source, ...contract, [2, 8], [2, 7], ...marked],
      { ...contractSums, ...interfaces, sourceIPv4Address: '10.1.0.0' },
    ],
    [
      8,
      false,
      64,
      [
        ...span,
        destination,
        source,
        ...contract,
        [2, 22],
        [2, 51_000],
        [2, 8],
        [2, 7],
        ...marked,
        [1, 6],
        [1, 0],
        [2, 0],
      ],
      { ...contractSums, ...interfaces, ...ports, protocolIdentifier: 6 },
    ],
    [
      9,
      false,
      48,
      [flows, ...span, [2, 64_512], [2, 65_000], [2, 7], [2, 8], ...engine, [1, 16], [1, 0]],
      { ...sums, ...as, ...interfaces, ipClassOfService: 16 },
    ],
    [
      10,
      false,
      48,
      [flows, ...span, [2, 51_000], [2, 22], [2, 7], [2, 8], ...engine, [1, 6], [1, 16]],
      { ...sums, ...ports, ...interfaces, protocolIdentifier: 6, ipClassOfService: 16 },
    ],
    [
      11,
      true,
      48,
      [flows, ...span, source, [1, 16], [1, 17], [2, 64_512], [2, 7], ...engine],
      { ...sums, sourceIPv4PrefixLength: 16, ipClassOfService: 17, bgpSourceAsNumber: 64_512 },
    ],
    [
      12,
      true,
      48,
      [flows, ...span, destination, [2, 8], [2, 65_000], [1, 16], [1, 17], ...engine],
      { ...sums, destinationIPv4PrefixLength: 16, ipClassOfService: 17, bgpDestinationAsNumber: 65_000 },
    ],
    [
      13,
      false,
      60,
      [
        flows,
        ...span,
        source,
        destination,
        [2, 64_512],
        [2, 65_000],
        [2, 7],
        [2, 8],
        [1, 17],
        [1, 16],
        ...engine,
        [1, 18],
        [1, 0],
        [2, 0],
      ],
      {
        ...sums,
        ...as,
        ...interfaces,
        sourceIPv4PrefixLength: 16,
        destinationIPv4PrefixLength: 17,
        ipClassOfService: 18,
      },
    ],
    [
      14,
      false,
      60,
      [
        flows,
        ...span,
        source,
        destination,
        [2, 51_000],
        [2, 22],
        [2, 7],
        [2, 8],
        [1, 17],
        [1, 16],
        ...engine,
        [1, 18],
        [1, 6],
        [2, 0],
      ],
      { ...sums, ...ports, ...interfaces, ipClassOfService: 18, protocolIdentifier: 6 },
    ],
  ])('aggregation %i says what it sums over', (aggregation, swapped, size, values, fields) => {
    const record = concat(head(swapped), numbers('little', ...values));
    expect(record.length).toBe(size);
    const { records, issues } = read(flowTools({ version: 8, aggregation }, record, record));
    expect(issues).toEqual([]);
    expect(records).toHaveLength(2);
    expect(records[1]).toMatchObject({
      _kind: 'aggregate',
      _aggregation: names[aggregation],
      _exporter: '198.51.100.1',
      _sysUpTime: 60_000,
      ...fields,
    });
  });
});
