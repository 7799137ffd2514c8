/** One login before and after address translation, and connections that merely look alike. */
import { describe, expect, it } from 'vitest';
import { gatherRecords } from '../../core/trace/records.ts';
import { buildConnections } from '../../core/trace/connections.ts';
import { loginAt } from '../../core/trace/logins.ts';
import { groupTwins } from '../../core/trace/twins.ts';
import { FlowWorld, type ExporterOptions, type Watched } from '../build/flow-world.ts';
import { MINUTE, NOON } from '../build/made-chain.ts';
import { chainSessions, humanSession, makeRandom, type Packet } from '../build/sessions.ts';

const open = NOON + 2 * MINUTE;
const close = NOON + 10 * MINUTE;

/** Two routers with a LAN side and a public side each. */
const routers: readonly ExporterOptions[] = [
  { address: '203.0.113.1', site: 'left' },
  { address: '203.0.113.2', site: 'right' },
];

/** The logins of what was watched, each as its views, attacker's side first. */
function loginsOf(watched: readonly Watched[], exporters = routers): string[][] {
  const world = new FlowWorld(makeRandom(9), exporters).watch(...watched);
  const gathered = gatherRecords([world.batch()]);
  const service = (port: number): boolean => port === 22;
  const logins = groupTwins(
    gathered,
    buildConnections(gathered, ({ port }) => service(port)),
  );
  return Array.from({ length: logins.count }, (_, id) =>
    loginAt(logins, id).views.map(
      ({ client, server }) =>
        `${gathered.hosts[client.host]?.address}:${client.port} > ${gathered.hosts[server.host]?.address}:${server.port}`,
    ),
  );
}

const watch = (exporter: string, client: string, server: string, packets: readonly Packet[]): Watched => ({
  exporter,
  client,
  server,
  packets,
});

const session = (seed: number): Packet[] => humanSession(makeRandom(seed), open, close);

describe('twins', () => {
  it('of a source NAT keep the server', () => {
    const packets = session(1);
    const logins = loginsOf([
      watch('203.0.113.1', '192.168.0.11:40000', '198.51.100.9:22', packets),
      watch('203.0.113.1', '198.51.100.1:61234', '198.51.100.9:22', packets),
    ]);
    expect(logins).toEqual([
      ['192.168.0.11:40000 > 198.51.100.9:22', '198.51.100.1:61234 > 198.51.100.9:22'],
    ]);
  });

  it('of a destination NAT keep the client', () => {
    const packets = session(2);
    const logins = loginsOf([
      watch('203.0.113.2', '198.51.100.1:40000', '192.168.0.12:22', packets),
      watch('203.0.113.2', '198.51.100.1:40000', '198.51.100.2:2202', packets),
    ]);
    expect(logins).toEqual([
      ['198.51.100.1:40000 > 198.51.100.2:2202', '198.51.100.1:40000 > 192.168.0.12:22'],
    ]);
  });

  it('of a double NAT share no endpoint', () => {
    const packets = session(3);
    const logins = loginsOf([
      watch('203.0.113.1', '192.168.0.11:40000', '198.51.100.2:22', packets),
      watch('203.0.113.2', '198.51.100.1:61234', '192.168.0.11:22', packets),
    ]);
    expect(logins).toEqual([
      ['192.168.0.11:40000 > 198.51.100.2:22', '198.51.100.1:61234 > 192.168.0.11:22'],
    ]);
  });

  it('are settled by post-NAT elements where most of one view was lost', () => {
    const packets = session(4);
    const few = packets.filter((_, i) => i % 9 === 0);
    const before = watch('203.0.113.1', '192.168.0.11:40000', '198.51.100.9:22', packets);
    const after = watch('203.0.113.2', '198.51.100.1:61234', '198.51.100.9:22', few);
    expect(loginsOf([before, after])).toHaveLength(2);
    expect(loginsOf([{ ...before, postNat: { client: '198.51.100.1:61234' } }, after])).toEqual([
      ['192.168.0.11:40000 > 198.51.100.9:22', '198.51.100.1:61234 > 198.51.100.9:22'],
    ]);
  });

  it('are not made of two logins of one person to one server at one time', () => {
    const packets = [session(5), session(6)] as const;
    const logins = loginsOf([
      watch('203.0.113.1', '192.168.0.11:40000', '198.51.100.9:22', packets[0]),
      watch('203.0.113.1', '192.168.0.11:40001', '198.51.100.9:22', packets[1]),
    ]);
    expect(logins).toHaveLength(2);
  });

  it('are not made of two logins to one server of which only the middles were seen', () => {
    const steady = (seed: number): Packet[] => {
      const random = makeRandom(seed);
      return Array.from({ length: 30 }, (_, i) => {
        return { atMs: open + 15_000 * (i + random()), direction: 0, octets: 88, flags: 0x18 };
      });
    };
    const logins = loginsOf([
      watch('203.0.113.2', '198.51.100.7:40000', '198.51.100.9:22', steady(1)),
      watch('203.0.113.2', '198.51.100.8:40001', '198.51.100.9:22', steady(2)),
    ]);
    expect(logins).toHaveLength(2);
  });

  it('are not made of two hops of a chain whose openings and closings were lost', () => {
    const [first = [], , third = []] = chainSessions(makeRandom(7), { hops: 3, open, close });
    const middle = (packets: readonly Packet[]): Packet[] =>
      packets.filter(({ atMs }) => atMs > open + MINUTE && atMs < close - MINUTE);
    const logins = loginsOf([
      watch('203.0.113.1', '192.168.0.11:40000', '198.51.100.2:22', middle(first)),
      watch('203.0.113.2', '198.51.100.7:40002', '192.168.0.9:22', middle(third)),
    ]);
    expect(logins).toHaveLength(2);
  });

  it('are not made of transfers at one rate that began and ended at other times', () => {
    const steady = (from: number, to: number): Packet[] => [
      { atMs: from, direction: 0, octets: 60, flags: 0x02 },
      ...Array.from({ length: Math.floor((to - from) / 200) }, (_, i): Packet => {
        return { atMs: from + 100 + i * 200, direction: 0, octets: 1400, flags: 0x18 };
      }),
      { atMs: to, direction: 0, octets: 52, flags: 0x11 },
    ];
    const exporters = [{ address: '203.0.113.1', activeMs: 10_000 }];
    const logins = loginsOf(
      [0, 1, 2].map((i) =>
        watch(
          '203.0.113.1',
          `198.51.100.${i + 1}:40000`,
          '198.51.100.9:22',
          steady(open + i * 20_000, close + i * 20_000),
        ),
      ),
      exporters,
    );
    expect(logins.map((views) => views.length)).toEqual([1, 1, 1]);
  });

  it('are not made of hops whose servers are numbered alike at two sites', () => {
    const [first = [], , third = []] = chainSessions(makeRandom(4), { hops: 3, open, close });
    const logins = loginsOf([
      watch('203.0.113.1', '198.51.100.7:40000', '192.168.0.11:22', first),
      watch('203.0.113.2', '198.51.100.8:40001', '192.168.0.11:22', third),
    ]);
    expect(logins.map((views) => views.length)).toEqual([1, 1]);
  });

  it('are not made of two hops through one host', () => {
    const packets = session(8);
    const logins = loginsOf([
      watch('203.0.113.1', '192.168.0.11:40000', '198.51.100.2:22', packets),
      watch('203.0.113.2', '198.51.100.2:61234', '192.168.0.9:22', packets),
    ]);
    expect(logins).toHaveLength(2);
  });
});

describe('connections', () => {
  const tuple = (exporter: string, packets: readonly Packet[]): Watched =>
    watch(exporter, '198.51.100.1:40000', '198.51.100.2:22', packets);

  it('are two where a 5-tuple is used again after its farewell', () => {
    const again = humanSession(makeRandom(2), close + MINUTE, close + 5 * MINUTE);
    expect(loginsOf([tuple('203.0.113.1', [...session(1), ...again])])).toHaveLength(2);
  });

  it('are not opened by the server, though its answer is all that was seen of the opening', () => {
    const answered = session(1).filter(({ flags }, i) => i > 0 || flags !== 0x02);
    const world = new FlowWorld(makeRandom(1), routers).watch(tuple('203.0.113.1', answered));
    const gathered = gatherRecords([world.batch()]);
    const connection = buildConnections(gathered).at(0);
    expect(gathered.hosts[connection.client.host]?.address).toBe('198.51.100.1');
  });

  it('are one where several exporters saw it in pieces', () => {
    const packets = session(1);
    expect(loginsOf([tuple('203.0.113.1', packets), tuple('203.0.113.2', packets)])).toHaveLength(1);
  });

  it('count a flow once where two processes of one address cannot be told apart', () => {
    const packets = session(1);
    const nameless = [{ address: '203.0.113.1', headers: false, inactiveMs: 60_000 }];
    const world = (watched: readonly Watched[]) =>
      buildConnections(gatherRecords([new FlowWorld(makeRandom(1), nameless).watch(...watched).batch()])).at(
        0,
      );
    const late = packets.map((packet) => ({ ...packet, atMs: packet.atMs + 8 }));
    const once = world([tuple('203.0.113.1', packets)]);
    const twice = world([tuple('203.0.113.1', packets), tuple('203.0.113.1', late)]);
    expect(once.observations[0]?.packets[0]).toBe(packets.filter(({ direction }) => direction === 0).length);
    expect(twice.observations[0]?.packets).toEqual(once.observations[0]?.packets);
  });
});
