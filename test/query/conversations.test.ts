/** Conversations: both directions together, and who opened them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SitedBatch } from '../../core/model/flow-batch.ts';
import type { Conversation } from '../../core/model/query.ts';
import { conversationKernel } from '../../core/query/conversations.ts';
import { read } from '../archive/run.ts';
import { buildBatch, seededRandom, type FlowRow } from '../build/flow-chunks.ts';
import { describeShared, sharedPath } from '../support.ts';
import { runKernel } from './run-kernel.ts';

const T0 = Date.UTC(2026, 10, 20, 12);
const CLIENT = '198.51.100.7';
const SERVER = '203.0.113.9';
const SYN = 0x02;
const ACK = 0x10;
const RST = 0x04;

interface Said {
  readonly from: string;
  readonly to: string;
  readonly ports?: readonly [from: number, to: number];
  /** Milliseconds after T0. */
  readonly at?: number;
  readonly flags?: number;
  readonly protocol?: number;
  readonly bytes?: number;
  readonly by?: string;
  readonly extras?: Readonly<Record<string, number>>;
}

function rowOf(said: Said): FlowRow {
  const start = T0 + (said.at ?? 0);
  const [sourceTransportPort = 0, destinationTransportPort = 0] = said.ports ?? [];
  return {
    source: said.from,
    destination: said.to,
    sourceTransportPort,
    destinationTransportPort,
    protocolIdentifier: said.protocol ?? 6,
    tcpControlBits: said.flags ?? 0,
    flowStartMilliseconds: start,
    flowEndMilliseconds: start + 1000,
    packetDeltaCount: 10,
    octetDeltaCount: said.bytes ?? 1000,
    exporterAddress: said.by ?? '192.0.2.1',
    ...(said.extras ? { extras: said.extras } : {}),
  };
}

const sited = (rows: readonly Said[], site?: string): SitedBatch => {
  const batch = buildBatch(rows.map(rowOf));
  return { ...batch, sites: batch.exporters.map(({ address }) => site ?? address) };
};

const ask = (...batches: readonly SitedBatch[]): readonly Conversation[] =>
  runKernel(conversationKernel, { by: 'bytes', limit: 10 }, batches).answer.conversations;

/** The one conversation of the rows. */
function one(...rows: readonly Said[]): Conversation {
  const [conversation, ...more] = ask(sited(rows));
  expect(more).toEqual([]);
  return conversation as Conversation;
}

const client = (more: Partial<Said> = {}): Said => ({
  from: CLIENT,
  to: SERVER,
  ports: [45_000, 5555],
  ...more,
});
const server = (more: Partial<Said> = {}): Said => ({
  from: SERVER,
  to: CLIENT,
  ports: [5555, 45_000],
  ...more,
});

describe('both directions', () => {
  it('are joined, with what each of them sent, and from first to last', () => {
    const conversation = one(
      client({ ports: [45_000, 22], bytes: 300 }),
      server({ ports: [22, 45_000], bytes: 5000, at: 20 }),
      client({ ports: [45_000, 22], bytes: 700, at: 60_000, by: '192.0.2.2' }),
    );
    expect(conversation).toMatchObject({
      client: CLIENT,
      clientPort: 45_000,
      server: SERVER,
      serverPort: 22,
      protocol: 6,
      startMs: T0,
      endMs: T0 + 61_000,
      toServer: { flows: 2, packets: 20, bytes: 1000 },
      toClient: { flows: 1, packets: 10, bytes: 5000 },
      exporters: ['192.0.2.1', '192.0.2.2'],
    });
  });

  it('stay apart where ports, protocols or the sites of private addresses differ', () => {
    const inside = { from: '10.0.0.5', to: '10.0.0.6', ports: [45_000, 22] } as const;
    expect(ask(sited([client(), client({ ports: [45_001, 5555] }), client({ protocol: 17 })]))).toHaveLength(
      3,
    );
    expect(ask(sited([inside, { ...inside, by: '192.0.2.2' }]))).toHaveLength(2);
    expect(ask(sited([inside, { ...inside, by: '192.0.2.2' }], 'plant'))).toHaveLength(1);
  });

  it('are one conversation of IPv6 hosts too, and of ICMP whatever its types', () => {
    expect(
      ask(
        sited([
          { from: '2001:db8::1', to: '2001:db8::2' },
          { from: '2001:db8::2', to: '2001:db8::1' },
        ]),
      ),
    ).toHaveLength(1);
    const ping = one(
      { from: SERVER, to: CLIENT, protocol: 1, ports: [0, 0] },
      { from: CLIENT, to: SERVER, protocol: 1, ports: [0, 0x0800] },
    );
    expect(ping).toMatchObject({ client: CLIENT, server: SERVER, openedBy: ['port'] });
  });

  it('come from one record of both (RFC 5103)', () => {
    const extras = { reversePacketDeltaCount: 4, reverseOctetDeltaCount: 4000 };
    expect(one(client({ ports: [45_000, 22], extras }))).toMatchObject({
      client: CLIENT,
      toServer: { packets: 10, bytes: 1000 },
      toClient: { packets: 4, bytes: 4000 },
    });
  });
});

describe('who opened it', () => {
  it('is who sent a SYN without an ACK, whatever the ports say', () => {
    const conversation = one(
      client({ ports: [22, 45_000], flags: SYN }),
      server({ ports: [45_000, 22], flags: RST | ACK }),
    );
    expect(conversation).toMatchObject({ client: CLIENT, server: SERVER, openedBy: ['flags'] });
    expect(conversation.certainty).toBeGreaterThan(0.8);
    expect(conversation.certainty).toBeLessThan(0.95);
  });

  it('is who came from a high port to a well-known one', () => {
    const both = SYN | ACK;
    const conversation = one(
      server({ ports: [443, 45_000], flags: both }),
      client({ ports: [45_000, 443], flags: both }),
    );
    expect(conversation).toMatchObject({ client: CLIENT, serverPort: 443, openedBy: ['port'] });
    expect(conversation.certainty).toBeGreaterThan(0.9);
  });

  it('is whose flow began first, where one exporter saw both and the beginning', () => {
    const conversation = one(
      server({ ports: [5555, 4444], at: 3, flags: SYN | ACK }),
      client({ ports: [4444, 5555], at: 0, flags: SYN | ACK }),
    );
    expect(conversation).toMatchObject({ client: CLIENT, openedBy: ['start'] });
  });

  it('is hardly told by the order where the beginning was missed', () => {
    const conversation = one(
      server({ ports: [5555, 4444], at: 3, flags: ACK }),
      client({ ports: [4444, 5555], flags: ACK }),
    );
    expect(conversation).toMatchObject({ client: CLIENT, openedBy: ['first-seen'] });
    expect(conversation.certainty).toBeLessThan(0.65);
  });

  it('is hardly told by two clocks, on an asymmetric route', () => {
    const there = { ports: [4444, 5555], by: '192.0.2.1' } as const;
    const back = { ports: [5555, 4444], by: '192.0.2.2' } as const;
    expect(one(client({ ...there, at: 0 }), server({ ...back, at: 2000 })).openedBy).toEqual([]);
    expect(one(client({ ...there, at: 0 }), server({ ...back, at: 9000 })).openedBy).toEqual(['first-seen']);
  });

  it('is a coin toss where nothing speaks, and says so', () => {
    const conversation = one(client({ ports: [4444, 5555] }), server({ ports: [5555, 4444] }));
    expect(conversation).toMatchObject({ openedBy: [], certainty: 0.5, clientPort: 5555 });
  });

  it('is less sure where the reasons contradict each other', () => {
    const agree = one(client({ ports: [45_000, 22], at: 0 }), server({ ports: [22, 45_000], at: 5 }));
    const contradict = one(client({ ports: [45_000, 22], at: 5 }), server({ ports: [22, 45_000], at: 0 }));
    expect(agree.openedBy).toEqual(['port', 'start']);
    expect(contradict.openedBy).toEqual(['port']);
    expect(contradict.certainty).toBeLessThan(agree.certainty);
  });
});

it('gives the largest first, as many as were asked for, and how many there are', () => {
  const rows = Array.from({ length: 30 }, (_, i) =>
    client({ ports: [40_000 + i, 22], bytes: 100 * (i + 1) }),
  );
  const { answer } = runKernel(conversationKernel, { by: 'bytes', limit: 3 }, [sited(rows)]);
  expect(answer.total).toBe(30);
  expect(answer.conversations.map(({ toServer }) => toServer.bytes)).toEqual([3000, 2900, 2800]);
});

it('has nothing to say of nothing', () => {
  expect(runKernel(conversationKernel, { by: 'bytes', limit: 3 }, []).answer).toEqual({
    conversations: [],
    total: 0,
  });
});

it('refuses a limit that nobody could look at', () => {
  const ask = (limit: number): unknown => runKernel(conversationKernel, { by: 'bytes', limit }, []);
  expect(() => ask(0)).toThrow('From 1 to 10000 conversations');
  expect(() => ask(10_001)).toThrow('From 1 to 10000 conversations');
});

it('answers the same however the flows are shared among threads, and in whatever order', () => {
  const random = seededRandom(3);
  const hosts = ['10.0.0.1', '10.0.0.2', CLIENT, SERVER, '2001:db8::7'];
  const batches = Array.from({ length: 6 }, () =>
    sited(
      Array.from({ length: 200 }, (): Said => ({
        from: hosts[random() % 5] ?? '',
        to: hosts[random() % 5] ?? '',
        ports: [[22, 80, 45_000, 50_000][random() % 4] ?? 0, [22, 80, 45_000, 50_000][random() % 4] ?? 0],
        at: random() % 100_000,
        flags: random() % 32,
        protocol: random() % 2 === 0 ? 6 : 17,
        bytes: random() % 10_000,
        by: `192.0.2.${1 + (random() % 3)}`,
      })),
    ),
  );
  const question = { by: 'bytes', limit: 25 } as const;
  const all = runKernel(conversationKernel, question, batches).answer;
  const shared = (shares: readonly (readonly number[])[]) =>
    runKernel(conversationKernel, question, batches, { shares }).answer;
  expect(
    shared([
      [5, 1, 3],
      [4, 0, 2],
    ]),
  ).toEqual(all);
  expect(shared([[0], [1], [2], [3, 4, 5], []])).toEqual(all);
});

describeShared('the recorded sessions', () => {
  interface Session {
    readonly views: readonly { readonly tuple: { src: string; sport: number; dst: string; dport: number } }[];
  }

  it.each(['a_paper_v5', 'b_3ss_v9_40bg', 'c_mixed_skew', 'e_control_direct', 'f1_telnet'])(
    '%s: whoever is named as the opener with any certainty is the one of the truth',
    (scenario) => {
      const folder = sharedPath('lab', scenario) ?? '';
      const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as {
        chain: Session[];
        other_sessions: Session[];
      };
      const { chunks } = read(readFileSync(join(folder, 'export.pcap')));
      const batches = chunks.map(({ batch }) => ({
        ...batch,
        sites: batch.exporters.map(({ address }) => address),
      }));
      const { conversations } = runKernel(conversationKernel, { by: 'flows', limit: 10_000 }, batches).answer;
      const opened = new Map(
        conversations.map((c) => [`${c.client}:${c.clientPort} > ${c.server}:${c.serverPort}`, c.certainty]),
      );
      let right = 0;
      const wrong: string[] = [];
      for (const { tuple } of [...truth.chain, ...truth.other_sessions].flatMap(({ views }) => views)) {
        const there = `${tuple.src}:${tuple.sport} > ${tuple.dst}:${tuple.dport}`;
        const back = `${tuple.dst}:${tuple.dport} > ${tuple.src}:${tuple.sport}`;
        if (opened.has(there)) right++;
        else if ((opened.get(back) ?? 0) > 0.65) wrong.push(`${there} (${opened.get(back)})`);
      }
      expect(wrong).toEqual([]);
      expect(right).toBeGreaterThan(5);
    },
    60_000,
  );
});
