import { describe, expect, it } from 'vitest';
import { ipfix, template10, templates10 } from '../build/ipfix.ts';
import { data, netflow9, template9, templates9 } from '../build/netflow.ts';
import { ip, u16, u32, u64, u8 } from '../build/octets.ts';
import { decodeAll, neutral } from './run.ts';

const created = 1_600_000_000_000;

describe('Cisco ASA NSEL', () => {
  // Flow id, addresses, ports, protocol, translated addresses and ports, event, event time, flow creation, octets.
  const template = template9(
    263,
    [148, 4],
    [8, 4],
    [12, 4],
    [7, 2],
    [11, 2],
    [4, 1],
    [225, 4],
    [226, 4],
    [227, 2],
    [228, 2],
    [233, 1],
    [323, 8],
    [152, 8],
    [231, 4],
  );
  const event = (code: number, at: number, octets: number): Uint8Array[] => [
    u32(77),
    ip('10.0.0.5'),
    ip('198.51.100.9'),
    u16(50_000),
    u16(22),
    u8(6),
    ip('192.0.2.40'),
    ip('198.51.100.9'),
    u16(61_000),
    u16(22),
    u8(code),
    u64(at),
    u64(created),
    u32(octets),
  ];
  const chunk = decodeAll(
    netflow9({}, templates9(template), data(263, event(1, created, 0), event(2, created + 9_000, 4_242))),
  );

  it('marks creation and deletion of one flow as events, whose octets are in no counter', () => {
    expect(chunk.batch.extras.get('_kind')).toEqual({ rows: [0, 1], values: ['event', 'event'] });
    expect([...chunk.batch.columns.octetDeltaCount]).toEqual([0, 0]);
    expect(chunk.batch.extras.get('initiatorOctets')?.values).toEqual([0, 4_242]);
  });

  it('dates an event from the creation of its flow to the event', () => {
    expect([...chunk.batch.columns.flowStartMilliseconds]).toEqual([created, created]);
    expect([...chunk.batch.columns.flowEndMilliseconds]).toEqual([created, created + 9_000]);
  });

  it('keeps the translation under the registered names', () => {
    const { extras } = chunk.batch;
    expect(extras.get('postNATSourceIPv4Address')?.values).toEqual(['192.0.2.40', '192.0.2.40']);
    expect(extras.get('postNAPTSourceTransportPort')?.values).toEqual([61_000, 61_000]);
  });

  it('shows in the neutral form what was exported and nothing else', () => {
    const [, deletion] = neutral(chunk);
    expect(deletion).toMatchObject({ _kind: 'flow', firewallEvent: 2, _startMs: created });
    expect(deletion).not.toHaveProperty('_endMs');
  });

  it('reads the translations of ASA 8.1, whose elements had other numbers', () => {
    const old = template9(256, [8, 4], [12, 4], [40_001, 4], [40_003, 2], [40_005, 1]);
    const values = [ip('10.0.0.5'), ip('198.51.100.9'), ip('192.0.2.40'), u16(61_000), u8(1)];
    const decoded = decodeAll(netflow9({}, templates9(old), data(256, values)));
    expect(decoded.batch.extras.get('_kind')?.values).toEqual(['event']);
    expect(decoded.batch.extras.get('postNATSourceIPv4Address')?.values).toEqual(['192.0.2.40']);
    expect(decoded.batch.extras.get('postNAPTSourceTransportPort')?.values).toEqual([61_000]);
    expect(neutral(decoded)[0]).toMatchObject({ v9f40001: 'c0000228', v9f40003: 'ee48' });
    expect(neutral(decoded)[0]).not.toHaveProperty('postNATSourceIPv4Address');
  });
});

describe('NAT event logs', () => {
  it('are events of the moment that they state', () => {
    const template = template10(256, [323, 8], [8, 4], [225, 4], [7, 2], [227, 2], [230, 1]);
    const values = [u64(created), ip('10.0.0.5'), ip('192.0.2.40'), u16(50_000), u16(61_000), u8(4)];
    const { batch } = decodeAll(ipfix({}, templates10(template), data(256, values)));
    expect(batch.extras.get('_kind')?.values).toEqual(['event']);
    expect(batch.columns.flowStartMilliseconds[0]).toBe(created);
    expect(batch.columns.flowEndMilliseconds[0]).toBe(created);
  });

  it('are no events where the record counts packets of a flow, as those of Palo Alto do', () => {
    const template = template9(256, [1, 4], [2, 4], [233, 1]);
    const { batch } = decodeAll(netflow9({}, templates9(template), data(256, [u32(9), u32(1), u8(2)])));
    expect(batch.extras.has('_kind')).toBe(false);
  });
});
