import { describe, expect, it } from 'vitest';
import { netflow5 } from '../build/netflow.ts';
import { concat } from '../build/octets.ts';
import { codes, decodeAll, elements, neutral } from './run.ts';

describe('NetFlow v5', () => {
  it('gives every field of a record under its registered name', () => {
    const chunk = decodeAll(
      netflow5({ sysUpTime: 100_000, seconds: 1_600_000_000, sequence: 77, engineType: 1, engineId: 2 }, [
        {
          source: '10.1.2.3',
          destination: '192.0.2.9',
          nextHop: '10.0.0.254',
          input: 3,
          output: 65_535,
          packets: 12,
          octets: 4_000_000_000,
          first: 90_000,
          last: 99_500,
          sourcePort: 50_000,
          destinationPort: 22,
          flags: 0x1b,
          protocol: 6,
          tos: 16,
          sourceAs: 64_500,
          destinationAs: 64_501,
          sourceMask: 24,
          destinationMask: 16,
        },
      ]),
    );
    expect(neutral(chunk)).toEqual([
      {
        _n: 0,
        _msg: 0,
        _v: 5,
        _odid: 258,
        _seq: 77,
        _exportMs: 1_600_000_000_000,
        _exporter: '192.0.2.1',
        _kind: 'flow',
        sourceIPv4Address: '10.1.2.3',
        destinationIPv4Address: '192.0.2.9',
        ipNextHopIPv4Address: '10.0.0.254',
        ingressInterface: 3,
        egressInterface: 65_535,
        packetDeltaCount: 12,
        octetDeltaCount: 4_000_000_000,
        flowStartSysUpTime: 90_000,
        flowEndSysUpTime: 99_500,
        sourceTransportPort: 50_000,
        destinationTransportPort: 22,
        tcpControlBits: 27,
        protocolIdentifier: 6,
        ipClassOfService: 16,
        bgpSourceAsNumber: 64_500,
        bgpDestinationAsNumber: 64_501,
        sourceIPv4PrefixLength: 24,
        destinationIPv4PrefixLength: 16,
        _startMs: 1_599_999_990_000,
        _endMs: 1_599_999_999_500,
      },
    ]);
    expect(chunk.issues).toEqual([]);
    expect(chunk.batch.datagrams).toMatchObject([
      {
        version: 5,
        sequenceNumber: 77,
        sysUpTime: 100_000,
        received: 1_700_000_000_000,
        records: 1,
        ordinal: 0,
      },
    ]);
    expect(chunk.batch.columns.collectionTimeMilliseconds[0]).toBe(1_700_000_000_000);
  });

  it('dates flows across the wrap of the uptime clock and from before the boot', () => {
    const wrapped = netflow5({ sysUpTime: 1_000, seconds: 1_600_000_000 }, [
      { first: 0xffff_ffff - 999, last: 500 },
    ]);
    const early = netflow5({ sysUpTime: 3_381, seconds: 1_600_000_000 }, [
      { first: 0xffff_ffff, last: 2_577 },
    ]);
    expect(elements(decodeAll(wrapped, early))).toMatchObject([
      { _startMs: 1_599_999_998_000, _endMs: 1_599_999_999_500 },
      { _startMs: 1_599_999_996_618, _endMs: 1_599_999_999_196 },
    ]);
  });

  it('adds the nanoseconds of the header to its time', () => {
    const chunk = decodeAll(netflow5({ seconds: 1_600_000_000, nanoseconds: 280_900_000 }, [{}]));
    expect(neutral(chunk)[0]).toMatchObject({ _exportMs: 1_600_000_000_280, _startMs: 1_600_000_000_280 });
    expect(chunk.batch.columns.flowStartMilliseconds[0]).toBeCloseTo(1_600_000_000_280.9, 3);
  });

  it('keeps the sampling interval of the header beside the raw counters', () => {
    const sampled = netflow5({ samplingMode: 2, samplingInterval: 1000 }, [{ packets: 5 }]);
    const { batch } = decodeAll(netflow5({}, [{ packets: 7 }]), sampled);
    expect([...batch.columns.packetDeltaCount]).toEqual([7, 5]);
    expect(batch.extras.get('samplingInterval')).toEqual({ rows: [1], values: [1000] });
    expect(batch.extras.get('samplingAlgorithm')).toEqual({ rows: [1], values: [2] });
  });

  it('reads the records that fit where the header announces more', () => {
    const chunk = decodeAll(netflow5({ count: 55_582 }, [{ sourcePort: 1 }, { sourcePort: 2 }]));
    expect([...chunk.batch.columns.sourceTransportPort]).toEqual([1, 2]);
    expect(codes(chunk)).toEqual(['truncated']);
  });

  it('leaves bytes after the last record alone and says so', () => {
    const chunk = decodeAll(concat(netflow5({}, [{}]), new Uint8Array(50)));
    expect(chunk.batch.count).toBe(1);
    expect(chunk.issues).toMatchObject([{ code: 'bad-length', offset: 72, datagram: 0 }]);
  });

  it('tells two engines of one router apart', () => {
    const { batch } = decodeAll(netflow5({ engineId: 1 }, [{}]), netflow5({ engineId: 2 }, [{}]));
    expect(batch.exporters.map((exporter) => exporter.observationDomainId)).toEqual([1, 2]);
    expect([...batch.columns.exporter]).toEqual([0, 1]);
  });
});
